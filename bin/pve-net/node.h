/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_NODE_H
#define PVE_NET_NODE_H

#include "pvecommon/cmd.h"

/* The commands of pve-net that are not about /etc/network/interfaces, each in cmd_NAME.c;
 * their option tables, option structs and columns too. */
int net_cmd_explain(struct pve_ctx *ctx);
extern const struct pve_col net_explain_cols[];
extern const size_t net_explain_ncols;

int net_cmd_ipv6(struct pve_ctx *ctx);
extern const struct pve_col net_ipv6_cols[];
extern const size_t net_ipv6_ncols;

#endif
