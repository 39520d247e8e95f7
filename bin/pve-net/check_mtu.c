/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_impl.h"

#define ETHERNET_MTU 1500
/* Deeper than any sane stack; a circle of interfaces is a finding of its own. */
#define MAX_DEPTH 16

/* What each interface ends up with, so that a port that many share is computed once. */
struct mtus {
	struct check *c;
	uint32_t *known; /* by check_index; 0: not yet */
};

static bool valid(uint32_t mtu)
{
	return mtu >= 68 && mtu <= 65535;
}

/* Does its MTU come from a device of its own, so that it is that of Ethernet when the file
 * says nothing?  Of a tap or a tunnel nobody knows. */
static bool is_ethernet(const struct net_iface *i)
{
	return i->type == NET_T_ETH || i->type == NET_T_BOND || i->type == NET_T_DUMMY ||
	       i->type == NET_T_VETH || (i->nstanzas && i->type == NET_T_UNKNOWN);
}

/* The bond whose slave it is; it pushes its MTU down on all of them. */
static const struct net_iface *bond_of(const struct net_iface *i)
{
	for (const struct net_edge *e = i->upper; e; e = e->next_upper)
		if (e->relation == NET_SLAVE && e->upper->type == NET_T_BOND)
			return e->upper;
	return NULL;
}

static uint32_t effective(struct mtus *m, const struct net_iface *i, unsigned depth);

/* A bridge that is told nothing follows its smallest port. */
static uint32_t smallest_port(struct mtus *m, const struct net_iface *bridge, unsigned depth)
{
	uint32_t min = UINT32_MAX;

	for (const struct net_edge *e = bridge->lower; e; e = e->next_lower) {
		uint32_t mtu = effective(m, e->lower, depth + 1);

		if (mtu && mtu < min)
			min = mtu;
	}
	return min == UINT32_MAX ? ETHERNET_MTU : min;
}

static uint32_t compute(struct mtus *m, const struct net_iface *i, unsigned depth)
{
	const struct net_iface *bond = bond_of(i);

	if (bond)
		return effective(m, bond, depth + 1);
	if (valid(i->mtu))
		return i->mtu;
	if (i->type == NET_T_VLAN && i->lower)
		return effective(m, i->lower->lower, depth + 1);
	if (i->type == NET_T_BRIDGE)
		return smallest_port(m, i, depth);
	return is_ethernet(i) ? ETHERNET_MTU : 0;
}

/* The MTU that the interface ends up with; 0: not known. */
static uint32_t effective(struct mtus *m, const struct net_iface *i, unsigned depth)
{
	uint32_t *known = &m->known[check_index(m->c->model, i)];

	if (!*known && depth < MAX_DEPTH)
		*known = compute(m, i, depth);
	return *known;
}

static void range(struct check *c, const struct net_iface *i, const struct net_option *o)
{
	/* Loopback has 65536, and the file may say so. */
	if (!valid(i->mtu) && i->type != NET_T_LOOPBACK)
		check_opt(c, CHECK_MTU_INVALID, o, "%s: %.*s is no MTU from 68 to 65535", i->name,
			  CHECK_VALUE(o));
}

static bool has_ipv6(const struct net_iface *i)
{
	for (const struct net_addr *a = i->addr; a; a = a->next)
		if (a->family == AF_INET6)
			return true;
	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_eq(i->stanza[n]->head->family, "inet6"))
			return true;
	return false;
}

/* IPV6_MIN_MTU: below that the kernel drops IPv6 from the interface (addrconf_notify). */
static void ipv6(struct check *c, const struct net_iface *i, const struct net_option *o)
{
	if (valid(i->mtu) && i->mtu < 1280 && has_ipv6(i))
		check_fix(check_opt(c, CHECK_MTU_IPV6, o,
				    "%s has the MTU %u, but IPv6 needs 1280: its IPv6 addresses go "
				    "away",
				    i->name, i->mtu),
			  "set", i->name, "mtu=1280");
}

/* A VLAN or a bridge cannot carry more than what it stands on. */
static void chain(struct mtus *m, const struct net_iface *i, const struct net_option *o)
{
	enum net_relation relation = i->type == NET_T_BRIDGE ? NET_PORT : NET_RAW;

	if (i->type != NET_T_BRIDGE && i->type != NET_T_VLAN)
		return;
	for (const struct net_edge *e = i->lower; e; e = e->next_lower) {
		uint32_t below = effective(m, e->lower, 0);

		if (e->relation != relation || !below || below >= i->mtu)
			continue;
		check_fix(check_opt(m->c, CHECK_MTU_CHAIN, o,
				    "%s has the MTU %u, but %s below it has %u: %s", i->name,
				    i->mtu, e->lower->name, below,
				    i->type == NET_T_BRIDGE ? "larger packets are lost"
							    : "the kernel refuses it"),
			  "set", i->name, "mtu=%u", below);
		return;
	}
}

/* When a slave joins, the kernel sets it to the MTU of the bond (bond_enslave). */
static void slave(struct mtus *m, const struct net_iface *i, const struct net_option *o)
{
	const struct net_iface *bond = bond_of(i);
	uint32_t mtu = bond ? effective(m, bond, 0) : 0;

	if (mtu && mtu < i->mtu)
		check_fix(
			check_opt(m->c, CHECK_MTU_BOND, o,
				  "%s has the MTU %u, but becomes a slave of %s, which sets it to "
				  "%u",
				  i->name, i->mtu, bond->name, mtu),
			"set", bond->name, "mtu=%u", i->mtu);
}

void check_mtu(struct check *c)
{
	size_t n = c->model->nifaces + c->model->nmentions;
	struct mtus m = {c, pve_calloc(n + 1, sizeof(*m.known))};

	for (n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];
		const struct net_option *o = net_iface_find(i, NET_K_MTU);

		if (!o || !o->value.len || !check_owns(i, o))
			continue;
		range(c, i, o);
		ipv6(c, i, o);
		if (valid(i->mtu)) {
			chain(&m, i, o);
			slave(&m, i, o);
		}
	}
	free(m.known);
}
