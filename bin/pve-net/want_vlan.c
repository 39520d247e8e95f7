/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VLAN tables of VLAN-aware bridges, as ifupdown2 fills them: bridge-vids and bridge-pvid of
 * the bridge hold for each port that has none of its own; bridge-access makes a port an
 * untagged member of one VLAN.  A VLAN on the bridge itself needs its id in the bridge's own
 * table, which ifupdown2 does and the kernel does not.
 */
#include "pvecommon/num.h"
#include "want_impl.h"

static void parse_vids(struct net_wanting *w, const struct net_option *o, struct net_vids *v)
{
	struct pve_span bad = {"", 0};

	if (net_vids_parse(o->value, v, &bad, NULL) < 0)
		net_want_say(w, PVE_ERROR, o, "'%.*s' is no VLAN id or range from 1 to 4094",
			     PVE_SPAN_ARG(bad));
}

static unsigned parse_id(struct net_wanting *w, const struct net_option *o)
{
	uint64_t n;

	if (pve_num_span(o->value, 4094, &n) == 0)
		return (unsigned)n;
	net_want_say(w, PVE_ERROR, o, "'%.*s' is no VLAN id", PVE_SPAN_ARG(o->value));
	return 1;
}

static bool takes_untagged(const struct net_iface *i)
{
	bool yes = true;

	for (size_t n = 0; n < i->nopts; n++)
		if (strcmp(i->opt[n]->key->name, "bridge-allow-untagged") == 0)
			net_want_bool(i->opt[n]->value, &yes);
	return yes;
}

static const struct net_option *own_or(const struct net_iface *port, const struct net_iface *bridge,
				       enum net_key_id id)
{
	const struct net_option *o = net_iface_find(port, id);

	return o ? o : net_iface_find(bridge, id);
}

static void want_port(struct net_wanting *w, struct net_link *port, const struct net_iface *bridge)
{
	const struct net_iface *i = port->iface;
	const struct net_option *access = net_iface_find(i, NET_K_BRIDGE_ACCESS), *o;
	struct net_vlans *t = net_link_vlans(w->want, port);

	t->pvid = 1;
	if (access) {
		t->pvid = parse_id(w, access);
	} else {
		if ((o = own_or(i, bridge, NET_K_BRIDGE_VIDS)))
			parse_vids(w, o, &t->all);
		if ((o = own_or(i, bridge, NET_K_BRIDGE_PVID)))
			t->pvid = parse_id(w, o);
		if (!takes_untagged(i))
			t->pvid = 0;
	}
	if (t->pvid) {
		net_vids_set(&t->all, t->pvid, true);
		net_vids_set(&t->untagged, t->pvid, true);
	}
}

/* vmbr0.5 on vmbr0. */
static void want_self(struct net_wanting *w, const struct net_link *vlan)
{
	struct net_link *bridge = net_state_find(w->want, net_link_text(vlan, PVE_NL_LOWER));
	unsigned id = (unsigned)net_link_number(vlan, PVE_NL_VLAN_ID, 0);

	if (!bridge || strcmp(bridge->kind, "bridge") != 0 ||
	    !net_link_number(bridge, PVE_NL_BR_FILTERING, 0))
		return;
	net_vids_set(&net_link_vlans(w->want, bridge)->all, id, true);
}

void net_want_vlans(struct net_wanting *w)
{
	for (size_t n = 0; n < w->want->n; n++) {
		struct net_link *l = w->want->link[n], *master;

		if (l->gone)
			continue;
		if (strcmp(l->kind, "vlan") == 0)
			want_self(w, l);
		master = net_state_find(w->want, net_link_text(l, PVE_NL_MASTER));
		if (master && strcmp(master->kind, "bridge") == 0 &&
		    net_link_number(master, PVE_NL_BR_FILTERING, 0))
			want_port(w, l, master->iface);
	}
}
