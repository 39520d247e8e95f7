/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_NEWS_H
#define PVE_SMART_NEWS_H

#include "pvecommon/disk.h"
#include "pvecommon/findings.h"
#include "verdict.h"

/*
 * What changed for the worse between two watches.
 */
#define SMART_GONE "SMART-GONE"
#define SMART_GONE_S (30 * 86400) /* how long a disk is missed */

/* Makes the sample of a disk at this moment, and adds to news what was not told before.  One
 * that could not be asked keeps what was told, so that it is not told again afterwards.  told,
 * to which one->told will point, must live as long.  false when there is nothing to keep: the
 * disk sleeps, or has no SMART. */
bool smart_news_disk(const struct smart_case *c, const struct smart_verdict *v,
		     const struct pve_disk *d, struct smart_sample *one, struct pve_buf *told,
		     struct pve_findings *news);
/* Adds a disk that has samples but is not there any more, once; false when it was told. */
bool smart_news_gone(const struct smart_sample *last, time_t now, struct smart_sample *one,
		     struct pve_findings *news);
/* The text of a mail about the news, for people: added to body; a subject of one line. */
void smart_news_mail(const struct pve_findings *news, const char *host, struct pve_buf *subject,
		     struct pve_buf *body);

#endif
