/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_NET_H
#define PVE_NET_NET_H

#include "model.h"
#include "probe.h"
#include "pvecommon/cmd.h"

/* The commands of pve-net, each in cmd_NAME.c; their option tables and structs too. */
int net_cmd_list(struct pve_ctx *ctx);
int net_cmd_graph(struct pve_ctx *ctx);
int net_cmd_check(struct pve_ctx *ctx);

struct net_list_opts {
	bool all; /* guests' and other foreign links too */
};

struct net_graph_opts {
	bool all; /* likewise, and lo */
	bool dot; /* Graphviz */
};

struct net_check_opts {
	bool staged; /* what is staged, not what is live */
};
extern const struct pve_opt net_check_options[];

#define NET_LIST_NCOLS 13
#define NET_GRAPH_NCOLS 8
extern const struct pve_opt net_list_options[];
extern const struct pve_col net_list_cols[NET_LIST_NCOLS];
extern const struct pve_opt net_graph_options[];
extern const struct pve_col net_graph_cols[NET_GRAPH_NCOLS];

#endif
