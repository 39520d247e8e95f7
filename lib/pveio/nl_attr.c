/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/nl_attr.h"

#include <linux/if_link.h>
#include <linux/veth.h>

#define LINK(form, type) NULL, PVE_NL_AT_LINK, form, type, 0
#define BOND(form, type) "bond", PVE_NL_AT_INFO, form, IFLA_BOND_##type, 0
#define BRIDGE(form, type) "bridge", PVE_NL_AT_INFO, form, IFLA_BR_##type, 0
#define PORT(form, type) NULL, PVE_NL_AT_PORT, form, IFLA_BRPORT_##type, 0
#define VXLAN(form, type) "vxlan", PVE_NL_AT_INFO, form, IFLA_VXLAN_##type

const struct pve_nl_attr_info pve_nl_attrs[PVE_NL_NATTRS] = {
	[PVE_NL_UP] = {"up", LINK(PVE_NL_FLAG, 0), false},
	[PVE_NL_MTU] = {"mtu", LINK(PVE_NL_U32, IFLA_MTU), false},
	[PVE_NL_MAC] = {"mac", LINK(PVE_NL_MACS, IFLA_ADDRESS), false},
	[PVE_NL_ALIAS] = {"alias", LINK(PVE_NL_TEXT, IFLA_IFALIAS), false},
	[PVE_NL_MASTER] = {"master", LINK(PVE_NL_LINK, IFLA_MASTER), false},
	[PVE_NL_LOWER] = {"lower", LINK(PVE_NL_LINK, IFLA_LINK), true},
	[PVE_NL_VLAN_ID] = {"vlan.id", "vlan", PVE_NL_AT_INFO, PVE_NL_U16, IFLA_VLAN_ID, 0, true},
	[PVE_NL_VLAN_PROTO] = {"vlan.protocol", "vlan", PVE_NL_AT_INFO, PVE_NL_BE16,
			       IFLA_VLAN_PROTOCOL, 0, true},

	/* drivers/net/bonding/bond_netlink.c */
	[PVE_NL_BOND_MODE] = {"bond.mode", BOND(PVE_NL_U8, MODE), false},
	[PVE_NL_BOND_MIIMON] = {"bond.miimon", BOND(PVE_NL_U32, MIIMON), false},
	[PVE_NL_BOND_UPDELAY] = {"bond.updelay", BOND(PVE_NL_U32, UPDELAY), false},
	[PVE_NL_BOND_DOWNDELAY] = {"bond.downdelay", BOND(PVE_NL_U32, DOWNDELAY), false},
	[PVE_NL_BOND_USE_CARRIER] = {"bond.use-carrier", BOND(PVE_NL_U8, USE_CARRIER), false},
	[PVE_NL_BOND_ARP_INTERVAL] = {"bond.arp-interval", BOND(PVE_NL_U32, ARP_INTERVAL), false},
	[PVE_NL_BOND_ARP_TARGETS] = {"bond.arp-targets", BOND(PVE_NL_IPS, ARP_IP_TARGET), false},
	[PVE_NL_BOND_ARP_VALIDATE] = {"bond.arp-validate", BOND(PVE_NL_U32, ARP_VALIDATE), false},
	[PVE_NL_BOND_ARP_ALL] = {"bond.arp-all-targets", BOND(PVE_NL_U32, ARP_ALL_TARGETS), false},
	[PVE_NL_BOND_PRIMARY] = {"bond.primary", BOND(PVE_NL_LINK, PRIMARY), false},
	[PVE_NL_BOND_RESELECT] = {"bond.primary-reselect", BOND(PVE_NL_U8, PRIMARY_RESELECT), false},
	[PVE_NL_BOND_FAIL_OVER_MAC] = {"bond.fail-over-mac", BOND(PVE_NL_U8, FAIL_OVER_MAC), false},
	[PVE_NL_BOND_XMIT] = {"bond.xmit-hash-policy", BOND(PVE_NL_U8, XMIT_HASH_POLICY), false},
	[PVE_NL_BOND_RESEND_IGMP] = {"bond.resend-igmp", BOND(PVE_NL_U32, RESEND_IGMP), false},
	[PVE_NL_BOND_PEER_NOTIF] = {"bond.num-grat-arp", BOND(PVE_NL_U8, NUM_PEER_NOTIF), false},
	[PVE_NL_BOND_ALL_ACTIVE] = {"bond.all-slaves-active", BOND(PVE_NL_U8, ALL_SLAVES_ACTIVE),
				    false},
	[PVE_NL_BOND_MIN_LINKS] = {"bond.min-links", BOND(PVE_NL_U32, MIN_LINKS), false},
	[PVE_NL_BOND_LP_INTERVAL] = {"bond.lp-interval", BOND(PVE_NL_U32, LP_INTERVAL), false},
	[PVE_NL_BOND_PACKETS] = {"bond.packets-per-slave", BOND(PVE_NL_U32, PACKETS_PER_SLAVE),
				 false},
	[PVE_NL_BOND_LACP_RATE] = {"bond.lacp-rate", BOND(PVE_NL_U8, AD_LACP_RATE), false},
	[PVE_NL_BOND_AD_SELECT] = {"bond.ad-select", BOND(PVE_NL_U8, AD_SELECT), false},
	[PVE_NL_BOND_AD_PRIO] = {"bond.ad-actor-sys-prio", BOND(PVE_NL_U16, AD_ACTOR_SYS_PRIO),
				 false},
	[PVE_NL_BOND_AD_KEY] = {"bond.ad-user-port-key", BOND(PVE_NL_U16, AD_USER_PORT_KEY), false},
	[PVE_NL_BOND_AD_SYSTEM] = {"bond.ad-actor-system", BOND(PVE_NL_MACS, AD_ACTOR_SYSTEM),
				   false},
	[PVE_NL_BOND_TLB_DYNAMIC] = {"bond.tlb-dynamic-lb", BOND(PVE_NL_U8, TLB_DYNAMIC_LB), false},

	/* net/bridge/br_netlink.c */
	[PVE_NL_BR_FD] = {"bridge.fd", BRIDGE(PVE_NL_U32, FORWARD_DELAY), false},
	[PVE_NL_BR_HELLO] = {"bridge.hello", BRIDGE(PVE_NL_U32, HELLO_TIME), false},
	[PVE_NL_BR_MAXAGE] = {"bridge.maxage", BRIDGE(PVE_NL_U32, MAX_AGE), false},
	[PVE_NL_BR_AGEING] = {"bridge.ageing", BRIDGE(PVE_NL_U32, AGEING_TIME), false},
	[PVE_NL_BR_STP] = {"bridge.stp", BRIDGE(PVE_NL_U32, STP_STATE), false},
	[PVE_NL_BR_PRIO] = {"bridge.priority", BRIDGE(PVE_NL_U16, PRIORITY), false},
	[PVE_NL_BR_FILTERING] = {"bridge.vlan-filtering", BRIDGE(PVE_NL_U8, VLAN_FILTERING), false},
	[PVE_NL_BR_PROTO] = {"bridge.vlan-protocol", BRIDGE(PVE_NL_BE16, VLAN_PROTOCOL), false},
	[PVE_NL_BR_PVID] = {"bridge.default-pvid", BRIDGE(PVE_NL_U16, VLAN_DEFAULT_PVID), false},
	[PVE_NL_BR_MCROUTER] = {"bridge.mcrouter", BRIDGE(PVE_NL_U8, MCAST_ROUTER), false},
	[PVE_NL_BR_MCSNOOP] = {"bridge.mcsnoop", BRIDGE(PVE_NL_U8, MCAST_SNOOPING), false},
	[PVE_NL_BR_MCQUERIER] = {"bridge.mcquerier", BRIDGE(PVE_NL_U8, MCAST_QUERIER), false},
	[PVE_NL_BR_VLAN_STATS] = {"bridge.vlan-stats", BRIDGE(PVE_NL_U8, VLAN_STATS_ENABLED), false},

	[PVE_NL_PORT_PRIO] = {"port.priority", PORT(PVE_NL_U16, PRIORITY), false},
	[PVE_NL_PORT_COST] = {"port.cost", PORT(PVE_NL_U32, COST), false},
	[PVE_NL_PORT_HAIRPIN] = {"port.hairpin", PORT(PVE_NL_U8, MODE), false},
	[PVE_NL_PORT_FAST_LEAVE] = {"port.fast-leave", PORT(PVE_NL_U8, FAST_LEAVE), false},
	[PVE_NL_PORT_LEARNING] = {"port.learning", PORT(PVE_NL_U8, LEARNING), false},
	[PVE_NL_PORT_FLOOD] = {"port.unicast-flood", PORT(PVE_NL_U8, UNICAST_FLOOD), false},
	[PVE_NL_PORT_MCROUTER] = {"port.mcrouter", PORT(PVE_NL_U8, MULTICAST_ROUTER), false},
	[PVE_NL_PORT_MCFLOOD] = {"port.multicast-flood", PORT(PVE_NL_U8, MCAST_FLOOD), false},
	[PVE_NL_PORT_BCFLOOD] = {"port.broadcast-flood", PORT(PVE_NL_U8, BCAST_FLOOD), false},
	[PVE_NL_PORT_NEIGH_SUPPRESS] = {"port.arp-nd-suppress", PORT(PVE_NL_U8, NEIGH_SUPPRESS),
					false},
	[PVE_NL_PORT_ISOLATED] = {"port.isolated", PORT(PVE_NL_U8, ISOLATED), false},

	/* drivers/net/vxlan/vxlan_core.c */
	[PVE_NL_VXLAN_ID] = {"vxlan.id", VXLAN(PVE_NL_U32, ID), 0, true},
	[PVE_NL_VXLAN_GROUP] = {"vxlan.remote", VXLAN(PVE_NL_IP, GROUP), IFLA_VXLAN_GROUP6, true},
	[PVE_NL_VXLAN_DEV] = {"vxlan.dev", VXLAN(PVE_NL_LINK, LINK), 0, true},
	[PVE_NL_VXLAN_LOCAL] = {"vxlan.local", VXLAN(PVE_NL_IP, LOCAL), IFLA_VXLAN_LOCAL6, true},
	[PVE_NL_VXLAN_TTL] = {"vxlan.ttl", VXLAN(PVE_NL_U8, TTL), 0, false},
	[PVE_NL_VXLAN_TOS] = {"vxlan.tos", VXLAN(PVE_NL_U8, TOS), 0, false},
	[PVE_NL_VXLAN_LEARNING] = {"vxlan.learning", VXLAN(PVE_NL_U8, LEARNING), 0, false},
	[PVE_NL_VXLAN_AGEING] = {"vxlan.ageing", VXLAN(PVE_NL_U32, AGEING), 0, false},
	[PVE_NL_VXLAN_PORT] = {"vxlan.port", VXLAN(PVE_NL_BE16, PORT), 0, true},

	[PVE_NL_VRF_TABLE] = {"vrf.table", "vrf", PVE_NL_AT_INFO, PVE_NL_U32, IFLA_VRF_TABLE, 0,
			      true},
	[PVE_NL_VETH_PEER] = {"veth.peer", "veth", PVE_NL_AT_INFO, PVE_NL_PEER, VETH_INFO_PEER, 0,
			      true},
};

bool pve_nl_attr_is_text(enum pve_nl_attr a)
{
	return pve_nl_attrs[a].form >= PVE_NL_LINK;
}

enum pve_nl_attr pve_nl_attr_find(struct pve_span name)
{
	enum pve_nl_attr a = 0;

	while (a < PVE_NL_NATTRS && !pve_span_eq(name, pve_nl_attrs[a].name))
		a++;
	return a;
}

enum pve_nl_attr pve_nl_attr_of_type(const char *kind, int type)
{
	enum pve_nl_place place = kind ? PVE_NL_AT_INFO : PVE_NL_AT_PORT;
	enum pve_nl_attr a;

	for (a = 0; a < PVE_NL_NATTRS; a++) {
		const struct pve_nl_attr_info *i = &pve_nl_attrs[a];

		if ((i->type == type || (i->type6 && i->type6 == type)) && i->place == place &&
		    (!kind || strcmp(i->kind, kind) == 0))
			break;
	}
	return a;
}

bool pve_nl_value_same(const struct pve_nl_value *a, const struct pve_nl_value *b)
{
	if (a->attr != b->attr || !a->s != !b->s)
		return false;
	return a->s ? strcmp(a->s, b->s) == 0 : a->n == b->n;
}
