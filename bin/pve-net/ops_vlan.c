/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VLAN tables of ports, and then the filtering. */
#include <linux/if_bridge.h>

#include "ops_impl.h"

static unsigned flags_of(const struct net_vlans *t, unsigned id)
{
	return (t->pvid == id ? BRIDGE_VLAN_INFO_PVID : 0u) |
	       (net_vids_has(&t->untagged, id) ? BRIDGE_VLAN_INFO_UNTAGGED : 0u);
}

/* Ids of a that b lacks or has otherwise; with only_missing the flags do not count. */
static struct net_vids difference(const struct net_vlans *a, const struct net_vlans *b,
				  bool only_missing)
{
	struct net_vids d = {{0}};

	for (unsigned i = 0; i < 64; i++) {
		uint64_t flags = only_missing ? 0 : a->untagged.bit[i] ^ b->untagged.bit[i];

		d.bit[i] = a->all.bit[i] & (~b->all.bit[i] | flags);
	}
	if (!only_missing && a->pvid != b->pvid) {
		/* The new one, and the old one, which keeps its flag when none comes. */
		if (a->pvid)
			net_vids_set(&d, a->pvid, true);
		else if (net_vids_has(&a->all, b->pvid))
			net_vids_set(&d, b->pvid, true);
	}
	return d;
}

/* Calls for each run of ids of d that have the same flags in t. */
static void for_runs(struct net_planner *p, const struct net_link *l, bool self,
		     const struct net_vids *d, const struct net_vlans *t, const char *verb,
		     struct pve_buf *out)
{
	unsigned first, last = 0;

	for (unsigned from = 1; net_vids_run(d, from, &first, &last); from = last + 1) {
		unsigned to = first;

		while (to < last && flags_of(t, to + 1) == flags_of(t, first) &&
		       flags_of(t, first) != (BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED))
			to++;
		last = to;
		pve_buf_puts(out, net_op_vid(p, verb, l, self, first, to, flags_of(t, first)));
	}
}

static void emit(struct net_planner *p, const struct net_link *l, enum net_risk risk,
		 const char *words, const char *undo, const char *what, const struct net_vids *ids,
		 const char *why)
{
	PVE_BUF text = {0};

	net_vids_format(ids, &text);
	net_op_add(p, risk, l->name, words, undo, "%s", why);
	net_op_action(p, "%s %s", what, pve_buf_str(&text));
}

static void add_ids(struct net_planner *p, struct net_link *now, const struct net_vlans *want,
		    bool self, const char *why)
{
	struct net_vids add = difference(want, now->vlans, self), had = {{0}}, new = {{0}};
	PVE_BUF words = {0};
	PVE_BUF undo = {0};
	unsigned first, last;

	if (!net_vids_run(&add, 1, &first, &last))
		return;
	for (unsigned i = 0; i < 64; i++) {
		had.bit[i] = add.bit[i] & now->vlans->all.bit[i];
		new.bit[i] = add.bit[i] & ~now->vlans->all.bit[i];
	}
	/* The old PVID loses its flag when another one comes. */
	if (now->vlans->pvid && !self)
		net_vids_set(&had, now->vlans->pvid, true);
	for_runs(p, now, self, &add, want, "vid+", &words);
	for_runs(p, now, self, &new, want, "vid-", &undo);
	for_runs(p, now, self, &had, now->vlans, "vid+", &undo);
	emit(p, now, NET_RISK_NONE, net_op_text(p, "%s", pve_buf_str(&words)),
	     net_op_text(p, "%s", pve_buf_str(&undo)), "add VLANs", &add, why);
	for (unsigned id = 1; id < 4095; id++)
		if (net_vids_has(&add, id)) {
			net_vids_set(&now->vlans->all, id, true);
			net_vids_set(&now->vlans->untagged, id, net_vids_has(&want->untagged, id));
		}
	if (!self)
		now->vlans->pvid = want->pvid;
}

/* Only what was configured before goes, or came with the port (VLAN 1). */
static void remove_ids(struct net_planner *p, struct net_link *now, const struct net_vlans *want,
		       bool self, bool all, const char *why)
{
	const struct net_link *owned = net_op_owned(p, now->name);
	struct net_vids gone = difference(now->vlans, want, true);
	PVE_BUF words = {0};
	PVE_BUF undo = {0};
	unsigned first, last;

	for (unsigned id = 1; id < 4095; id++)
		if (!all && !(id == 1 && !self) &&
		    !(owned && owned->vlans && net_vids_has(&owned->vlans->all, id)))
			net_vids_set(&gone, id, false);
	if (!net_vids_run(&gone, 1, &first, &last))
		return;
	for_runs(p, now, self, &gone, &(struct net_vlans){.pvid = 0}, "vid-", &words);
	for_runs(p, now, self, &gone, now->vlans, "vid+", &undo);
	emit(p, now, NET_RISK_OUTAGE, net_op_text(p, "%s", pve_buf_str(&words)),
	     net_op_text(p, "%s", pve_buf_str(&undo)), "remove VLANs", &gone, why);
	for (unsigned id = 1; id < 4095; id++)
		if (net_vids_has(&gone, id)) {
			net_vids_set(&now->vlans->all, id, false);
			net_vids_set(&now->vlans->untagged, id, false);
		}
}

static bool is_bridge(const struct net_link *l)
{
	return l && strcmp(l->kind, "bridge") == 0;
}

static void plan_table(struct net_planner *p, const struct net_link *want)
{
	struct net_link *now = net_state_find(p->now, want->name);
	bool self = now && is_bridge(now);

	if (!now || !want->vlans ||
	    (!self && !is_bridge(net_state_find(p->now, net_link_text(now, PVE_NL_MASTER)))))
		return;
	net_link_vlans(p->now, now);
	add_ids(p, now, want->vlans, self, "the configuration says otherwise");
	remove_ids(p, now, want->vlans, self, false, "it is not configured");
}

/* --- a bridge that begins to filter -------------------------------------------- */

/* Ports that others made would keep VLAN 1 only. */
static bool plan_foreign(struct net_planner *p, const struct net_link *bridge, bool *any)
{
	bool good = true;

	for (size_t i = 0; i < p->now->n; i++) {
		struct net_link *port = p->now->link[i];
		struct net_vlans table;

		if (port->gone || strcmp(net_link_text(port, PVE_NL_MASTER), bridge->name) != 0 ||
		    net_op_ours(p, port->name))
			continue;
		*any = true;
		net_link_vlans(p->now, port);
		if (net_guest_vlans(p->opts->guests, port->name, &table)) {
			add_ids(p, port, &table, false, "the guest's VLANs, before the bridge filters");
			remove_ids(p, port, &table, false, true, "not of the guest's VLANs");
		} else if (!p->opts->force) {
			net_op_refuse(p, "%s: VLAN filtering would leave %s with VLAN 1 alone, and "
					 "no guest's configuration says which ids it needs; detach "
					 "it, or use --force",
				      bridge->name, port->name);
			good = false;
		}
	}
	return good;
}

static void plan_filtering(struct net_planner *p, const struct net_link *want)
{
	struct net_link *now = net_state_find(p->now, want->name);
	struct pve_nl_value on = {.attr = PVE_NL_BR_FILTERING, .n = 1};
	struct pve_nl_value off = {.attr = PVE_NL_BR_FILTERING, .n = 0};
	bool guests = false;

	if (!is_bridge(now) || !net_link_number(want, PVE_NL_BR_FILTERING, 0) ||
	    net_link_number(now, PVE_NL_BR_FILTERING, 0))
		return;
	if (!plan_foreign(p, now, &guests))
		return;
	net_op_add(p, guests ? NET_RISK_OUTAGE : NET_RISK_BLIP, now->name,
		   net_op_set(p, now->name, &on, 1), net_op_set(p, now->name, &off, 1),
		   "it is configured as VLAN-aware");
	net_op_action(p, "filter VLANs");
	net_link_set_number(now, PVE_NL_BR_FILTERING, 1);
}

void net_ops_vlans(struct net_planner *p)
{
	for (size_t i = 0; i < p->n; i++)
		plan_table(p, p->up[i]);
	for (size_t i = 0; i < p->n; i++)
		plan_filtering(p, p->up[i]);
}
