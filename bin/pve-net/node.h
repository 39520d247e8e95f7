/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_NODE_H
#define PVE_NET_NODE_H

#include "pvecommon/cmd.h"

/* The commands of pve-net that are not about /etc/network/interfaces, each in cmd_NAME.c;
 * their option tables, option structs and columns too. */
#define NET_EXPLAIN_NCOLS 8
#define NET_IPV6_NCOLS 4
#define NET_NTP_NCOLS 13
#define NET_WAKE_NCOLS 6
#define NET_WOL_NCOLS 4

int net_cmd_explain(struct pve_ctx *ctx);
extern const struct pve_col net_explain_cols[NET_EXPLAIN_NCOLS];

int net_cmd_ipv6(struct pve_ctx *ctx);
extern const struct pve_col net_ipv6_cols[NET_IPV6_NCOLS];

int net_cmd_ntp(struct pve_ctx *ctx);
struct net_ntp_opts {
	bool keep; /* set: leave the other servers of chrony in use */
};
extern const struct pve_opt net_ntp_options[];
extern const struct pve_col net_ntp_cols[NET_NTP_NCOLS];

int net_cmd_wake(struct pve_ctx *ctx);
struct net_wake_opts {
	const char *interface; /* NULL: that of the local node's property, else all */
	const char *broadcast; /* NULL: that of the local node's property, else 255.255.255.255 */
	uint64_t count;        /* packets for each MAC and interface; 0: 3 */
};
extern const struct pve_opt net_wake_options[];
extern const struct pve_col net_wake_cols[NET_WAKE_NCOLS];

int net_cmd_wol(struct pve_ctx *ctx);
extern const struct pve_col net_wol_cols[NET_WOL_NCOLS];

#endif
