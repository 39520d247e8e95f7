/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_impl.h"

/* The bridge that the interface is a port of, or NULL. */
static const struct net_iface *bridge_of(const struct net_iface *i)
{
	for (const struct net_edge *e = i->upper; e; e = e->next_upper)
		if (e->relation == NET_PORT && e->upper->type == NET_T_BRIDGE)
			return e->upper;
	return NULL;
}

/* --- VLAN tables ----------------------------------------------------------------- */

/* *good is a value of which there is nothing to say: all bridges of a host mostly have the
 * same, and a set of 4,093 ids is not made in no time. */
static void vids(struct check *c, const struct net_iface *i, const struct net_option *o,
		 struct pve_span *good)
{
	struct net_vids set;
	struct pve_span bad;
	bool overlap;
	int rc;

	if (pve_span_same(o->value, *good))
		return;
	rc = net_vids_parse(o->value, &set, &bad, &overlap);
	if (rc == 0 && !overlap)
		*good = o->value;
	if (rc < 0)
		check_opt(c, CHECK_BRIDGE_VIDS, o,
			  "%s: %.*s is neither a VLAN id from 1 to 4094 nor a rising range of them",
			  i->name, (int)(bad.len > 40 ? 40 : bad.len), bad.p);
	if (overlap)
		check_opt(c, CHECK_BRIDGE_VIDS_OVERLAP, o, "%s: %.*s names some VLAN ids twice",
			  i->name, CHECK_VALUE(o));
}

/* PVID 0 is how the kernel spells "none". */
static void single_vid(struct check *c, const struct net_iface *i, const struct net_option *o)
{
	int64_t id = check_number(o), min = o->key->id == NET_K_BRIDGE_PVID ? 0 : 1;

	if (id < min || id > 4094)
		check_opt(c, CHECK_BRIDGE_VIDS, o, "%s: %.*s is no VLAN id from 1 to 4094", i->name,
			  CHECK_VALUE(o));
}

/* On a bridge itself, or on a port of one. */
static void unaware(struct check *c, const struct net_iface *i, const struct net_option *o)
{
	const struct net_iface *b = i->type == NET_T_BRIDGE ? i : bridge_of(i);

	if (b && !b->vlan_aware)
		check_fix(check_opt(c, CHECK_BRIDGE_UNAWARE, o,
				    "%s: %s does nothing because %s is not VLAN-aware", i->name,
				    o->key->name, b->name),
			  "set", b->name, "bridge-vlan-aware=yes");
}

static void vlan_options(struct check *c, const struct net_iface *i, struct pve_span *good)
{
	for (size_t n = 0; n < i->nopts; n++) {
		const struct net_option *o = i->opt[n];
		enum net_key_id id = o->key->id;

		if ((id != NET_K_BRIDGE_VIDS && id != NET_K_BRIDGE_PVID &&
		     id != NET_K_BRIDGE_ACCESS) ||
		    !o->value.len || !check_owns(i, o))
			continue;
		if (id == NET_K_BRIDGE_VIDS)
			vids(c, i, o, good);
		else
			single_vid(c, i, o);
		unaware(c, i, o);
	}
}

/* Does the bridge carry the id?  Without bridge-vids Proxmox VE assumes 2-4094. */
static bool carries(const struct net_iface *bridge, int id)
{
	const struct net_option *o = net_iface_find(bridge, NET_K_BRIDGE_VIDS);
	struct net_vids set;

	net_vids_parse(o ? o->value : pve_span("2-4094"), &set, NULL, NULL);
	return id >= 0 && net_vids_has(&set, (unsigned)id);
}

/* The kernel hands a tagged frame to the VLAN interface of the port before the bridge sees
 * it (__netif_receive_skb_core). */
static void stolen(struct check *c, const struct net_iface *bridge, const struct net_iface *port)
{
	for (const struct net_edge *v = port->upper; v; v = v->next_upper) {
		const struct net_iface *vlan = v->upper;

		if (v->relation != NET_RAW || vlan->type != NET_T_VLAN || !vlan->nstanzas ||
		    !carries(bridge, vlan->vlan_id))
			continue;
		check_fix(check_stanza(c, CHECK_BRIDGE_STOLEN, vlan->stanza[0],
				       "%s takes VLAN %d away from the guests on %s, whose port %s "
				       "it stands on",
				       vlan->name, vlan->vlan_id, bridge->name, port->name),
			  "rename", vlan->name, "%s.%d", bridge->name, vlan->vlan_id);
	}
}

/* --- ports and timers ------------------------------------------------------------ */

static bool stp(const struct net_iface *i)
{
	return check_yes(net_iface_find(i, NET_K_BRIDGE_STP));
}

static void patterns(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_BRIDGE_PORTS);

	for (size_t n = 0; o && n < i->rare->nport_words; n++) {
		if (!strcmp(i->rare->port_word[n], "none"))
			continue;
		check_opt(c, CHECK_BRIDGE_PORTS, o,
			  "%s: the ports are given as a pattern (%.20s): the GUI refuses the whole "
			  "file, and what it matches differs between engines",
			  i->name, i->rare->port_word[n]);
		return;
	}
}

/* Without STP only one port may lead to a switch. */
static void loop(struct check *c, const struct net_iface *i)
{
	const struct net_iface *first = NULL;

	if (stp(i))
		return;
	for (const struct net_edge *e = i->lower; e; e = e->next_lower) {
		if (e->relation != NET_PORT ||
		    (e->lower->type != NET_T_ETH && e->lower->type != NET_T_BOND))
			continue;
		if (first && first != e->lower && e->opt) {
			check_fix(check_opt(c, CHECK_BRIDGE_LOOP, e->opt,
					    "%s has the uplinks %s and %s without STP: a loop when "
					    "both lead to one network",
					    i->name, first->name, e->lower->name),
				  "set", i->name, "bridge-stp=on");
			return;
		}
		first = e->lower;
	}
}

struct limit {
	enum net_key_id id;
	unsigned min, max; /* seconds; net/bridge/br_private_timer.h */
	bool stp_only;
};

/* bridge-utils takes fractions of a second; their whole part is what matters here. */
static int64_t seconds(const struct net_option *o)
{
	struct net_option whole = *o;
	const char *dot = memchr(o->value.p, '.', o->value.len);

	if (dot)
		whole.value.len = (size_t)(dot - o->value.p);
	return check_number(&whole);
}

static void timers(struct check *c, const struct net_iface *i)
{
	static const struct limit limits[] = {
		{NET_K_BRIDGE_FD, 2, 30, true},
		{NET_K_BRIDGE_HELLO, 1, 10, false},
		{NET_K_BRIDGE_MAXAGE, 6, 40, false},
	};

	for (size_t n = 0; n < sizeof(limits) / sizeof(*limits); n++) {
		const struct limit *l = &limits[n];
		const struct net_option *o = net_iface_find(i, l->id);
		int64_t s;

		if (!o || !o->value.len || !check_owns(i, o))
			continue;
		s = seconds(o);
		if (s >= 0 && l->stp_only && !stp(i))
			continue;
		if (s < l->min || s > l->max)
			check_fix(
				check_opt(c, CHECK_BRIDGE_TIMER, o,
					  "%s: %s %.*s is not from %u to %u seconds%s: the kernel "
					  "refuses it",
					  i->name, o->key->name, CHECK_VALUE(o), l->min, l->max,
					  l->stp_only ? ", as STP needs it" : ""),
				"set", i->name, "%s=%u", o->key->name,
				s > l->max ? l->max : l->min);
	}
}

void check_bridges(struct check *c)
{
	struct pve_span good = {"", 0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		vlan_options(c, i, &good);
		if (i->type != NET_T_BRIDGE)
			continue;
		patterns(c, i);
		loop(c, i);
		timers(c, i);
		for (const struct net_edge *e = i->lower; e && i->vlan_aware; e = e->next_lower)
			if (e->relation == NET_PORT)
				stolen(c, i, e->lower);
	}
}
