/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_HOOK_H
#define PVE_NET_HOOK_H

#include "model.h"
#include "pvecommon/plan.h"

/*
 * Hooks: the commands of pre-up, up, down and post-down, and the scripts in
 * /etc/network/if-*.d, run for interfaces whose stanzas have changed, as ifupdown 0.8.41 runs
 * them: by /bin/sh -c, with nothing in the environment but what interfaces(5) names; scripts
 * behind the commands on the way up, before them on the way down; on the way up the first
 * failure stops everything, on the way down failures are passed over.  Pure.
 *
 * A phase of one stanza is one step, and its inverse is the opposite phase: what pre-up did is
 * undone by post-down, what up did by down.
 */
enum net_hook_phase { NET_PRE_UP, NET_POST_UP, NET_PRE_DOWN, NET_POST_DOWN, NET_HOOK_PHASES };

/* The name by which the executor knows the call: "hook MUST NAME=VALUE... -- COMMAND...", where
 * MUST is "must" or "may" fail. */
#define NET_HOOK_CALL "hook"

/* Paths of the scripts, in the order in which they run. */
struct net_hook_scripts {
	struct pve_strv dir[NET_HOOK_PHASES];
};

/* "/etc/network/if-pre-up.d" and so on; of NET_POST_UP it is if-up.d, of NET_PRE_DOWN if-down.d. */
const char *net_hook_dir(enum net_hook_phase phase);
/* Is it a script of bridge-utils, bridge-vlan, ifenslave or vlan?  Those make and take down what
 * pve-net sets up itself; on the way down they would take guests off their bridge. */
bool net_hook_script_is_ours(const char *name);

/* The environment of a phase, NAME=VALUE each, added to env. */
void net_hook_env(const struct net_iface *i, const struct net_stanza *st,
		  enum net_hook_phase phase, bool verbose, struct pve_strv *env);

/* Do they say the same: stanzas, families, methods, options and values in their order?  Where
 * they stand, comments and spelling of keys do not count. */
bool net_iface_same(const struct net_iface *a, const struct net_iface *b);

/* Adds the steps that come before, and those that come after the change of the kernel, of all
 * interfaces that start at boot and are not the same in both models.  Of one that is the same
 * only those of the way up, and only when it was down: after a boot, say.
 *   before: pre-down of the old one; when there is a new one as well, post-down of the old one;
 *           pre-up of the new one
 *   after:  post-down of an old one that is no more; up of the new one */
struct net_hook_change {
	const struct net_model *old, *want;
	const struct net_hook_scripts *scripts;
	const struct pve_map *started; /* by name, those that were down and come up; or NULL */
	bool verbose;
};
void net_hook_plan_before(struct pve_plan *plan, const struct net_hook_change *c);
void net_hook_plan_after(struct pve_plan *plan, const struct net_hook_change *c);

void net_hook_scripts_done(struct net_hook_scripts *s);

#endif
