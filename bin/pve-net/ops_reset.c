/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An option that was configured and is no more: back to what the kernel has without it. */
#include "ops_impl.h"

static const struct {
	enum pve_nl_attr attr;
	uint64_t n;
	const char *s;
} usual[] = {
	{PVE_NL_MTU, 1500, NULL},
	{PVE_NL_ALIAS, 0, ""},
	{PVE_NL_MASTER, 0, ""},
	/* drivers/net/bonding/bond_main.c: bond_check_params */
	{PVE_NL_BOND_MODE, 0, NULL},
	{PVE_NL_BOND_MIIMON, 0, NULL},
	{PVE_NL_BOND_UPDELAY, 0, NULL},
	{PVE_NL_BOND_DOWNDELAY, 0, NULL},
	{PVE_NL_BOND_USE_CARRIER, 1, NULL},
	{PVE_NL_BOND_ARP_INTERVAL, 0, NULL},
	{PVE_NL_BOND_ARP_TARGETS, 0, ""},
	{PVE_NL_BOND_ARP_VALIDATE, 0, NULL},
	{PVE_NL_BOND_ARP_ALL, 0, NULL},
	{PVE_NL_BOND_PRIMARY, 0, ""},
	{PVE_NL_BOND_RESELECT, 0, NULL},
	{PVE_NL_BOND_FAIL_OVER_MAC, 0, NULL},
	{PVE_NL_BOND_XMIT, 0, NULL},
	{PVE_NL_BOND_RESEND_IGMP, 1, NULL},
	{PVE_NL_BOND_PEER_NOTIF, 1, NULL},
	{PVE_NL_BOND_ALL_ACTIVE, 0, NULL},
	{PVE_NL_BOND_MIN_LINKS, 0, NULL},
	{PVE_NL_BOND_LP_INTERVAL, 1, NULL},
	{PVE_NL_BOND_PACKETS, 1, NULL},
	{PVE_NL_BOND_LACP_RATE, 0, NULL},
	{PVE_NL_BOND_AD_SELECT, 0, NULL},
	{PVE_NL_BOND_AD_PRIO, 65535, NULL},
	{PVE_NL_BOND_AD_KEY, 0, NULL},
	{PVE_NL_BOND_AD_SYSTEM, 0, "00:00:00:00:00:00"},
	{PVE_NL_BOND_TLB_DYNAMIC, 1, NULL},
	/* net/bridge/br_device.c: br_dev_setup; br_if.c: new_nbp */
	{PVE_NL_BR_FD, 1500, NULL},
	{PVE_NL_BR_HELLO, 200, NULL},
	{PVE_NL_BR_MAXAGE, 2000, NULL},
	{PVE_NL_BR_AGEING, 30000, NULL},
	{PVE_NL_BR_STP, 0, NULL},
	{PVE_NL_BR_PRIO, 32768, NULL},
	{PVE_NL_BR_FILTERING, 0, NULL},
	{PVE_NL_BR_PROTO, 0x8100, NULL},
	{PVE_NL_BR_PVID, 1, NULL},
	{PVE_NL_BR_MCROUTER, 1, NULL},
	{PVE_NL_BR_MCSNOOP, 1, NULL},
	{PVE_NL_BR_MCQUERIER, 0, NULL},
	{PVE_NL_BR_VLAN_STATS, 0, NULL},
	{PVE_NL_PORT_PRIO, 32, NULL},
	{PVE_NL_PORT_HAIRPIN, 0, NULL},
	{PVE_NL_PORT_FAST_LEAVE, 0, NULL},
	{PVE_NL_PORT_LEARNING, 1, NULL},
	{PVE_NL_PORT_FLOOD, 1, NULL},
	{PVE_NL_PORT_MCROUTER, 1, NULL},
	{PVE_NL_PORT_MCFLOOD, 1, NULL},
	{PVE_NL_PORT_BCFLOOD, 1, NULL},
	{PVE_NL_PORT_NEIGH_SUPPRESS, 0, NULL},
	{PVE_NL_PORT_ISOLATED, 0, NULL},
	{PVE_NL_VXLAN_TTL, 0, NULL},
	{PVE_NL_VXLAN_TOS, 0, NULL},
	{PVE_NL_VXLAN_LEARNING, 1, NULL},
	{PVE_NL_VXLAN_AGEING, 300, NULL},
};

bool net_attr_default(enum pve_nl_attr a, struct pve_nl_value *v)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i].attr == a) {
			*v = (struct pve_nl_value){.attr = a, .n = usual[i].n, .s = usual[i].s};
			return true;
		}
	return false;
}

#define MODES(m) (1u << (m))

/* The modes of a bond in which the kernel takes an option, which in another mode means nothing
 * (drivers/net/bonding/bond_options.c, unsuppmodes); it keeps the value without use.  In modes
 * from 802.3ad on it sets bond-miimon by itself. */
static unsigned modes_of(enum pve_nl_attr a)
{
	if (a >= PVE_NL_BOND_LACP_RATE && a <= PVE_NL_BOND_AD_SYSTEM)
		return MODES(4);
	if (a >= PVE_NL_BOND_ARP_INTERVAL && a <= PVE_NL_BOND_ARP_ALL)
		return MODES(0) | MODES(1) | MODES(2) | MODES(3);
	switch (a) {
	case PVE_NL_BOND_MIIMON:
		return MODES(0) | MODES(1) | MODES(2) | MODES(3);
	case PVE_NL_BOND_PRIMARY:
	case PVE_NL_BOND_RESELECT:
		return MODES(1) | MODES(5) | MODES(6);
	case PVE_NL_BOND_PACKETS:
		return MODES(0);
	case PVE_NL_BOND_TLB_DYNAMIC:
		return MODES(5);
	default:
		return ~0u;
	}
}

static bool is_of_other_mode(const struct net_link *want, enum pve_nl_attr a)
{
	return !(modes_of(a) & MODES(net_link_number(want, PVE_NL_BOND_MODE, 0)));
}

static void reset_link(struct net_link *want, const struct net_link *owned,
		       const struct net_link *now)
{
	struct pve_nl_value v;

	for (unsigned i = 0; i < owned->nvalues; i++) {
		enum pve_nl_attr a = owned->value[i].attr;
		const struct pve_nl_value *is = net_link_value(now, a);

		if (net_link_value(want, a) || !is || !net_attr_default(a, &v) ||
		    !pve_nl_value_same(is, &owned->value[i]) || is_of_other_mode(want, a))
			continue;
		/* A VLAN takes its MTU from below, and a slave from its bond. */
		if (a == PVE_NL_MTU && (strcmp(now->kind, "vlan") == 0 ||
					*net_link_text(want, PVE_NL_MASTER)))
			continue;
		if (pve_nl_attr_is_text(a))
			net_link_set_text(want, a, v.s);
		else
			net_link_set_number(want, a, v.n);
	}
	/* Without monitoring there are no delays to be set, not even to none. */
	if (!net_link_number(want, PVE_NL_BOND_MIIMON, 1)) {
		net_link_unset(want, PVE_NL_BOND_UPDELAY);
		net_link_unset(want, PVE_NL_BOND_DOWNDELAY);
	}
}

void net_ops_reset(struct net_planner *p)
{
	for (size_t i = 0; i < p->want->n; i++) {
		struct net_link *want = p->want->link[i];
		const struct net_link *owned = net_op_owned(p, want->name);
		const struct net_link *now = net_state_find(p->now, want->name);

		if (!want->gone && owned && now && strcmp(owned->kind, want->kind) == 0)
			reset_link(want, owned, now);
	}
}
