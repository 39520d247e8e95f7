/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_STAGING_H
#define PVE_NET_STAGING_H

#include "edit.h"
#include "pvecommon/apply.h"
#include "stage.h"
#include "template.h"

/* The commands that change the staged configuration, each in cmd_NAME.c; their option tables,
 * option structs and columns too. */
int net_cmd_get(struct pve_ctx *ctx);
int net_cmd_set(struct pve_ctx *ctx);
int net_cmd_add(struct pve_ctx *ctx);
int net_cmd_remove(struct pve_ctx *ctx);
int net_cmd_rename(struct pve_ctx *ctx);
int net_cmd_template(struct pve_ctx *ctx);
int net_cmd_diff(struct pve_ctx *ctx);
int net_cmd_revert(struct pve_ctx *ctx);
int net_cmd_pin(struct pve_ctx *ctx);

/* What all that edit have in common; it comes first in the options of each. */
struct net_edit_opts {
	bool force;  /* options that nobody knows, and new critical findings, are taken */
	bool rebase; /* merge what is staged into a live file that changed underneath */
};
#define NET_EDIT_OPTIONS                                                                           \
	{'f', "force", PVE_OPT_FLAG, offsetof(struct net_edit_opts, force),                        \
	 .help = "take unknown options, and what check calls critical"},                           \
	{                                                                                          \
		'r', "rebase", PVE_OPT_FLAG, offsetof(struct net_edit_opts, rebase),               \
			.help = "merge with a live file that changed since it was staged"          \
	}

struct net_get_opts {
	bool live; /* the live files, not what is staged */
};
struct net_add_opts {
	struct net_edit_opts edit;
	const char *type;
};
struct net_remove_opts {
	struct net_edit_opts edit;
	bool cascade;
};
struct net_template_opts {
	struct net_edit_opts edit;
	struct pve_strv nics;
	const char *bridge, *bond, *mode, *hash, *vlan;
	const char *address, *gateway, *guests, *bond_address, *bridge_nic;
};
struct net_diff_opts {
	bool meaning;
};
struct net_pin_opts {
	struct net_edit_opts edit;
	const char *mac; /* NULL: that of the link */
};
#define NET_GET_NCOLS 6
#define NET_DIFF_NCOLS 4
extern const struct pve_opt net_get_options[], net_set_options[], net_add_options[],
	net_remove_options[], net_template_options[], net_diff_options[], net_pin_options[];
extern const struct pve_col net_get_cols[NET_GET_NCOLS], net_diff_cols[NET_DIFF_NCOLS];

/* Further lines of their help. */
#define NET_SET_MORE                                                                               \
	"OPTION= removes an option; OPTION+=VALUE and OPTION-=VALUE add to a list and\n"           \
	"take from it: address, bridge-ports, bond-slaves, hooks.  method=, method6=\n"            \
	"and autostart=yes|no|hotplug stand for the iface and auto lines."
#define NET_TEMPLATE_MORE                                                                          \
	"bridged      --nic NIC --address A/N --gateway G\n"                                       \
	"routed       --nic NIC --address A/N --gateway G --guests A/N\n"                          \
	"masquerade   likewise; the guests' addresses are private\n"                               \
	"bond         --nic A --nic B --bond-address A/N --bridge-nic C --address A/N ...\n"       \
	"bond-bridge  --nic A --nic B --address A/N --gateway G\n"                                 \
	"vlan, vlan-aware  --nic NIC --vlan ID --address A/N --gateway G\n"                        \
	"vlan-bond    --nic A --nic B --vlan ID --address A/N --gateway G"

/*
 * One editing command, in cmd_edit.c:
 *
 *     if (net_editing_begin(ctx, &x) < 0) return -1;
 *     edit x.ed, perhaps net_editing_put other files
 *     return net_editing_end(ctx, &x);
 *
 * begin takes the lock and reads what is staged; end refuses what is wrong, reads the result
 * again, checks it, and stages it.  Zero-initialise the struct; net_editing_done ends it.
 */
struct net_editing {
	struct pve_change change;
	struct net_stage stage;
	struct net_conf conf; /* as it is staged so far */
	bool reread;          /* conf is what will be staged */
	struct net_edit ed;
};

int net_editing_begin(struct pve_ctx *ctx, struct net_editing *x);
/* Stages bytes for a file that is none of interfaces(5). */
int net_editing_put(struct pve_ctx *ctx, struct net_editing *x, const char *path,
		    struct pve_span bytes);
/* The host's firewall, where it names an interface. */
int net_editing_firewall(struct pve_ctx *ctx, struct net_editing *x, const char *old,
			 const char *name);
/* Says which other files name the interface. */
void net_editing_elsewhere(struct pve_ctx *ctx, struct net_editing *x, const char *name);
int net_editing_end(struct pve_ctx *ctx, struct net_editing *x);
void net_editing_done(struct net_editing *x);

#define NET_EDITING PVE_CLEANUP(net_editing_done) struct net_editing

#endif
