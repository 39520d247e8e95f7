/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_NOTIFY_H
#define PVE_REPO_NOTIFY_H

#include "pve-repo/refresh.h"
#include "pve-repo/updates.h"

/*
 * The mail about new packages, composed as a node of Proxmox VE 8 and 9 does it, and the one about
 * repositories that fail.  What was told is kept in a file, so that each version of a package and
 * each failure is told once.
 */
#define REPO_NOTIFY_STATE "/var/lib/pve-tools/pve-repo.notified"

struct repo_told { /* lines of the state file */
	struct pve_strv line;
};

struct repo_mail {
	const char *from, *to; /* addresses */
	const char *host;      /* fully qualified */
	time_t date;
};

void repo_told_read(struct repo_told *t, struct pve_span text);
/* What is to be told: updates that are neither held nor phased out, in a version that was not told
 * yet; at the end of pick their positions in u. */
size_t repo_notify_updates(const struct repo_updates *u, const struct repo_told *t, size_t *pick);
/* Likewise failures: positions in r. */
size_t repo_notify_failures(const struct repo_refreshes *r, const struct repo_told *t,
			    size_t *pick);
/* The file as it is to be afterwards: what is told now and what was told and still holds.  muted:
 * updates are not told now, so of them only the latter. */
void repo_told_format(const struct repo_updates *u, const struct repo_refreshes *r,
		      const struct repo_told *t, bool muted, struct pve_buf *out);
/* Whole messages (RFC 5322) with headers; that about updates as text and as HTML (RFC 2046,
 * multipart/alternative), as the stock node sends it. */
void repo_mail_updates(const struct repo_mail *m, const struct repo_updates *u, const size_t *pick,
		       size_t n, struct pve_buf *out);
void repo_mail_failures(const struct repo_mail *m, const struct repo_refreshes *r,
			const size_t *pick, size_t n, struct pve_buf *out);
/* The mail address of root@pam in user.cfg, and email_from in datacenter.cfg; NULL: none.  In the
 * arena. */
const char *repo_user_mail(struct pve_arena *mem, struct pve_span user_cfg);
const char *repo_mail_from(struct pve_arena *mem, struct pve_span datacenter_cfg);
/* package-updates of "notify" in datacenter.cfg: is a mail about updates wanted?  "auto", which is
 * the default: with an active subscription.  *why, unless NULL: what says so. */
bool repo_notify_wanted(struct pve_span datacenter_cfg, bool subscribed, const char **why);
/* The name with its domain, by the lines of /etc/hosts. */
const char *repo_fqdn(struct pve_arena *mem, const char *hostname, struct pve_span hosts);
void repo_told_done(struct repo_told *t);

#endif
