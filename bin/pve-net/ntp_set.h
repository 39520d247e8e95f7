/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_NTP_SET_H
#define PVE_NET_NTP_SET_H

#include "probe_ntp.h"
#include "probe_ntp_conf.h"
#include "pvecommon/cmd.h"

/* What "ntp set" and "ntp reset" do, in cmd_ntp_set.c. */

#define NTP_TIMEOUT_MS 2000

/* Makes the daemon use these servers and no others: a drop-in of timesyncd, which replaces the
 * list; of chrony a file of its own, and NTP_MARK in front of what the files below /etc have. */
int net_ntp_set(struct pve_ctx *ctx, const struct pve_strv *servers);
/* Takes all that back. */
int net_ntp_reset(struct pve_ctx *ctx);

/* Why the answer, or its absence, is no good.  The caller frees it. */
char *net_ntp_fault(const struct ntp_query *q);

#endif
