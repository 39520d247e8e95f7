/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who belongs to which bridge or bond, and how. */
#include "ops_impl.h"

static bool carries_addresses(const struct net_link *l)
{
	for (const struct net_ip *ip = l->ip; ip; ip = ip->next)
		if (!ip->a.scope)
			return true;
	return false;
}

/* A link that was idle loses nothing; a bridge without an address of its own may take that
 * of the new port. */
static enum net_risk risk_of(const struct net_link *port, const struct net_link *master,
			     const struct net_link *want_master)
{
	if (*net_link_text(port, PVE_NL_MASTER))
		return NET_RISK_OUTAGE;
	if (net_link_number(port, PVE_NL_UP, 0) && (carries_addresses(port) || port->hop))
		return NET_RISK_BLIP;
	if (carries_addresses(master) && want_master && !net_link_value(want_master, PVE_NL_MAC))
		return NET_RISK_BLIP;
	return NET_RISK_NONE;
}

/* A slave must be down when it comes to its bond, and takes the MTU of that. */
static void enslave_to_bond(struct net_planner *p, struct net_link *port,
			    const struct net_link *bond, enum net_risk risk)
{
	const char *back = net_op_attach(p, port);
	bool up = net_link_number(port, PVE_NL_UP, 0);
	const char *lost = up ? net_ops_lose(p, port) : "";
	uint64_t mtu = net_link_number(port, PVE_NL_MTU, 1500);
	uint64_t new = net_link_number(bond, PVE_NL_MTU, 1500);
	PVE_BUF vlans = {0};

	net_ops_mtu_follows(p, port, new, 8, &vlans);
	net_op_add(p, risk, port->name,
		   net_op_text(p, "set\t%s\tup=0\nset\t%s\tmaster=%s\nset\t%s\tup=1\n", port->name,
			       port->name, bond->name, port->name),
		   net_op_text(p, "%sset\t%s\tup=%d\tmtu=%u\n%s%s", back, port->name, up, (unsigned)mtu,
			       pve_buf_str(&vlans), lost),
		   "it is a slave of %s", bond->name);
	net_op_action(p, "enslave to %s (down, enslave, up)", bond->name);
	net_link_set_number(port, PVE_NL_UP, 1);
	net_link_set_number(port, PVE_NL_MTU, new);
}

static void new_table(struct net_planner *p, struct net_link *port, const struct net_link *bridge)
{
	unsigned pvid = (unsigned)net_link_number(bridge, PVE_NL_BR_PVID, 1);

	port->vlans = NULL;
	net_link_vlans(p->now, port)->pvid = pvid;
	if (pvid) {
		net_vids_set(&port->vlans->all, pvid, true);
		net_vids_set(&port->vlans->untagged, pvid, true);
	}
}

static void set_master(struct net_planner *p, const struct net_link *want, struct net_link *port,
		       const struct net_link *master)
{
	struct pve_nl_value v = {.attr = PVE_NL_MASTER, .s = master ? master->name : ""};
	const char *was = net_link_text(port, PVE_NL_MASTER);
	enum net_risk risk = master ? risk_of(port, master, net_state_find(p->want, master->name))
				    : NET_RISK_OUTAGE;

	(void)want;
	if (master && strcmp(master->kind, "bond") == 0) {
		enslave_to_bond(p, port, master, risk);
	} else {
		net_op_add(p, risk, port->name, net_op_set(p, port->name, &v, 1),
			   net_op_attach(p, port), master ? "it is a port of %s" : "it is no port of %s",
			   master ? master->name : was);
		net_op_action(p, master ? "attach to %s" : "release from %s",
			      master ? master->name : was);
	}
	if (master && strcmp(master->kind, "bridge") == 0)
		new_table(p, port, master);
	net_link_set_text(port, PVE_NL_MASTER, v.s);
}

static void plan_master(struct net_planner *p, const struct net_link *want)
{
	const struct pve_nl_value *v = net_link_value(want, PVE_NL_MASTER);
	struct net_link *port = net_state_find(p->now, want->name), *master = NULL;

	if (!v || !port || strcmp(net_link_text(port, PVE_NL_MASTER), v->s) == 0)
		return;
	if (*v->s && !(master = net_state_find(p->now, v->s)))
		return;
	set_master(p, want, port, master);
}

/* Flags of ports: a new port has the usual ones. */
static void plan_flags(struct net_planner *p, const struct net_link *want)
{
	struct net_link *port = net_state_find(p->now, want->name);
	struct pve_nl_value to[PVE_NL_NATTRS], from[PVE_NL_NATTRS];
	PVE_BUF text = {0};
	size_t n = 0;

	if (!port || !*net_link_text(port, PVE_NL_MASTER))
		return;
	for (unsigned i = 0; i < want->nvalues; i++) {
		const struct pve_nl_value *v = &want->value[i], *is = net_link_value(port, v->attr);
		struct pve_nl_value usual = *v;

		if (pve_nl_attrs[v->attr].place != PVE_NL_AT_PORT)
			continue;
		if (!is)
			is = net_attr_default(v->attr, &usual) ? &usual : NULL;
		if (is && pve_nl_value_same(v, is))
			continue;
		to[n] = *v;
		from[n++] = is ? *is : *v;
		pve_buf_printf(&text, "%s%s ", text.len ? ", " : "", net_want_key(v->attr));
		net_want_word(v, &text);
	}
	if (!n)
		return;
	net_op_add(p, NET_RISK_BLIP, port->name, net_op_set(p, port->name, to, n),
		   net_op_set(p, port->name, from, n), "the configuration says otherwise");
	net_op_action(p, "%s", pve_buf_str(&text));
	for (size_t i = 0; i < n; i++)
		net_link_set_number(port, to[i].attr, to[i].n);
}

/* What was a port of ours by the configuration before, and is not named by the one of now as
 * anything that is brought up. */
static void release_dropped(struct net_planner *p)
{
	const struct net_state *owned = p->opts->owned;

	for (size_t i = 0; owned && i < owned->n; i++) {
		const char *master = net_link_text(owned->link[i], PVE_NL_MASTER);
		struct net_link *port = net_state_find(p->now, owned->link[i]->name);

		if (*master && port && !owned->link[i]->gone &&
		    !net_state_find(p->want, port->name) &&
		    strcmp(net_link_text(port, PVE_NL_MASTER), master) == 0)
			set_master(p, NULL, port, NULL);
	}
}

void net_ops_masters(struct net_planner *p)
{
	release_dropped(p);
	for (size_t i = 0; i < p->n; i++)
		plan_master(p, p->up[i]);
	for (size_t i = 0; i < p->n; i++)
		plan_flags(p, p->up[i]);
}
