/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes: obsolete links for good, and those that must be made anew for a moment. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "ops_impl.h"

static bool stands_on(const struct net_link *on, const struct net_link *l)
{
	return !on->gone && strcmp(on->kind, "veth") != 0 &&
	       strcmp(net_link_text(on, PVE_NL_LOWER), l->name) == 0;
}

/* The kernel takes the ports off, and what stood on it away. */
static void model_gone(struct net_planner *p, struct net_link *l)
{
	for (size_t i = 0; i < p->now->n; i++)
		if (strcmp(net_link_text(p->now->link[i], PVE_NL_MASTER), l->name) == 0)
			net_link_set_text(p->now->link[i], PVE_NL_MASTER, "");
	l->gone = true;
}

static void emit_delete(struct net_planner *p, struct net_link *l, enum net_risk risk,
			const char *why)
{
	net_op_add(p, risk, l->name, net_op_text(p, "del\t%s\t%s\n", l->name, l->kind),
		   net_op_rebuild(p, l), "%s", why);
	net_op_action(p, "delete %s", l->kind);
	model_gone(p, l);
}

/* --- for a moment -------------------------------------------------------------- */

/* A foreign VLAN is wanted back as it is; of our own what is not configured. */
static void want_values_back(struct net_planner *p, const struct net_link *l,
			     const struct net_link *lower)
{
	struct net_link *want = net_op_want_back(p, l);
	const char *mac = net_link_text(l, PVE_NL_MAC);

	want->make = want->make || !want->iface;
	for (unsigned i = 0; i < l->nvalues; i++) {
		const struct pve_nl_value *v = &l->value[i];

		/* A VLAN has the address of what it stands on, unless it was given one. */
		if (net_link_value(want, v->attr) ||
		    (v->attr == PVE_NL_MAC && lower &&
		     strcmp(mac, net_link_text(lower, PVE_NL_MAC)) == 0) ||
		    (v->attr == PVE_NL_MASTER && net_op_owned(p, l->name) && want->iface))
			continue;
		/* The kind of a link that becomes another one has no values there. */
		if (pve_nl_attrs[v->attr].kind && strcmp(want->kind, l->kind) != 0)
			continue;
		if (v->s)
			net_link_set_text(want, v->attr, v->s);
		else
			net_link_set_number(want, v->attr, v->n);
	}
	if (!want->vlans)
		want->vlans = l->vlans;
}

static void want_addresses_back(struct net_planner *p, const struct net_link *l)
{
	const struct net_link *owned = net_op_owned(p, l->name);
	struct net_link *want = net_op_want_back(p, l);

	for (const struct net_ip *ip = l->ip; ip; ip = ip->next)
		if (ip->a.scope != RT_SCOPE_LINK && ip->a.flags & IFA_F_PERMANENT &&
		    !(owned && net_link_find_ip(owned, &ip->a)) && !net_link_find_ip(want, &ip->a))
			net_link_add_ip(p->want, want, ip);
	for (const struct net_hop *h = l->hop; h; h = h->next)
		if (h->r.protocol != RTPROT_RA && !(owned && net_link_find_hop(owned, &h->r)) &&
		    !net_link_find_hop(want, &h->r))
			net_link_add_hop(p->want, want, h);
}

/* Ports that are not ours stay with it, when it is again something with ports. */
static void want_ports_back(struct net_planner *p, const struct net_link *l)
{
	for (size_t i = 0; i < p->now->n; i++) {
		const struct net_link *port = p->now->link[i];

		if (!port->gone && strcmp(net_link_text(port, PVE_NL_MASTER), l->name) == 0 &&
		    !net_op_ours(p, port->name))
			net_link_set_text(net_op_want_back(p, port), PVE_NL_MASTER, l->name);
	}
}

bool net_ops_take_down(struct net_planner *p, struct net_link *l, const char *why)
{
	const struct net_link *lower = net_state_find(p->now, net_link_text(l, PVE_NL_LOWER));
	const char *foreign = net_op_foreign_on(p, l);
	bool ports = strcmp(l->kind, "bridge") == 0;

	if (!*l->kind) {
		net_op_refuse(p, "%s: %s, and a device cannot be deleted", l->name, why);
		return false;
	}
	if (!net_op_owned(p, l->name) && net_state_find(p->want, l->name) &&
	    strcmp(net_state_find(p->want, l->name)->kind, l->kind) != 0 && !p->opts->force) {
		net_op_refuse(p, "%s: %s, and it was not made by this configuration; delete it "
				 "first (ip link del %s), or use --force",
			      l->name, why, l->name);
		return false;
	}
	if (foreign && ports && !p->opts->force) {
		net_op_refuse(p, "%s: %s, and %s would lose it; stop them first, or use --force",
			      l->name, why, foreign);
		return false;
	}
	for (size_t i = 0; i < p->now->n; i++)
		if (stands_on(p->now->link[i], l)) {
			const struct net_link *on = p->now->link[i];

			if (strcmp(on->kind, "vlan") != 0 && !net_op_ours(p, on->name)) {
				net_op_refuse(p, "%s: %s, and %s on it would be lost", l->name, why,
					      on->name);
				return false;
			}
			if (!net_ops_take_down(p, p->now->link[i], "what it stands on is made anew"))
				return false;
		}
	want_values_back(p, l, lower);
	want_addresses_back(p, l);
	want_ports_back(p, l);
	emit_delete(p, l, foreign && ports ? NET_RISK_GUESTS : NET_RISK_OUTAGE, why);
	return true;
}

/* --- for good ------------------------------------------------------------------ */

void net_ops_delete(struct net_planner *p, struct net_link *l, const char *why)
{
	const char *foreign = net_op_foreign_on(p, l);

	if (foreign && !p->opts->force) {
		net_op_refuse(p, "%s: %s, but %s would lose it; stop or move them first, or use "
				 "--force",
			      l->name, why, foreign);
		return;
	}
	for (size_t i = 0; i < p->now->n; i++)
		if (stands_on(p->now->link[i], l))
			net_ops_delete(p, p->now->link[i], "what it stands on goes");
	emit_delete(p, l, foreign ? NET_RISK_GUESTS : NET_RISK_OUTAGE, why);
}

/* A NIC that the configuration has dropped leaves its bridge or bond, and goes down as with
 * ifdown(8). */
static void put_away(struct net_planner *p, const struct net_link *owned, struct net_link *now)
{
	const char *master = net_link_text(owned, PVE_NL_MASTER);
	struct pve_nl_value up = {.attr = PVE_NL_UP, .n = 1}, down = {.attr = PVE_NL_UP};
	const char *lost;

	if (*master && strcmp(net_link_text(now, PVE_NL_MASTER), master) == 0) {
		struct pve_nl_value none = {.attr = PVE_NL_MASTER, .s = ""};

		net_op_add(p, NET_RISK_OUTAGE, now->name, net_op_set(p, now->name, &none, 1),
			   net_op_attach(p, now), "it is not configured any more");
		net_op_action(p, "release from %s", master);
		net_link_set_text(now, PVE_NL_MASTER, "");
	}
	if (!net_link_number(now, PVE_NL_UP, 0) || !net_link_number(owned, PVE_NL_UP, 0) ||
	    net_op_foreign_on(p, now) || strcmp(now->name, "lo") == 0)
		return;
	lost = net_ops_lose(p, now);
	net_op_add(p, NET_RISK_OUTAGE, now->name, net_op_set(p, now->name, &down, 1),
		   net_op_text(p, "%s%s", net_op_set(p, now->name, &up, 1), lost),
		   "it is not configured any more");
	net_op_action(p, "down");
	net_link_set_number(now, PVE_NL_UP, 0);
}

void net_ops_obsolete(struct net_planner *p)
{
	for (size_t i = 0; i < p->nold; i++) {
		struct net_link *now = net_state_find(p->now, p->old[i]->name);

		if (!now)
			continue;
		if (!p->old[i]->make)
			put_away(p, p->old[i], now);
		else if (strcmp(now->kind, p->old[i]->kind) == 0)
			net_ops_delete(p, now, "it is not configured any more");
	}
}
