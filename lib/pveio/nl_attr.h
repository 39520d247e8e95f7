/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NL_ATTR_H
#define PVEIO_NL_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/span.h"

/*
 * The attributes of links that can be read, compared and written, as one table: what a
 * name means to the kernel stands in nl_attr.c and nowhere else.  No I/O.
 */
enum pve_nl_attr {
	/* Of any link. */
	PVE_NL_UP,
	PVE_NL_MTU,
	PVE_NL_MAC,
	PVE_NL_ALIAS,
	PVE_NL_MASTER, /* name of the bridge, bond or VRF; "" none */
	PVE_NL_LOWER,  /* name of the device under it */
	PVE_NL_VLAN_ID,
	PVE_NL_VLAN_PROTO, /* 0x8100 802.1Q, 0x88a8 802.1ad */

	PVE_NL_BOND_MODE, /* 0 balance-rr to 6 balance-alb */
	PVE_NL_BOND_MIIMON,
	PVE_NL_BOND_UPDELAY,
	PVE_NL_BOND_DOWNDELAY,
	PVE_NL_BOND_USE_CARRIER,
	PVE_NL_BOND_ARP_INTERVAL,
	PVE_NL_BOND_ARP_TARGETS, /* "192.0.2.1,192.0.2.2" */
	PVE_NL_BOND_ARP_VALIDATE,
	PVE_NL_BOND_ARP_ALL,
	PVE_NL_BOND_PRIMARY, /* name; "" none */
	PVE_NL_BOND_RESELECT,
	PVE_NL_BOND_FAIL_OVER_MAC,
	PVE_NL_BOND_XMIT,
	PVE_NL_BOND_RESEND_IGMP,
	PVE_NL_BOND_PEER_NOTIF,
	PVE_NL_BOND_ALL_ACTIVE,
	PVE_NL_BOND_MIN_LINKS,
	PVE_NL_BOND_LP_INTERVAL,
	PVE_NL_BOND_PACKETS,
	PVE_NL_BOND_LACP_RATE,
	PVE_NL_BOND_AD_SELECT,
	PVE_NL_BOND_AD_PRIO,
	PVE_NL_BOND_AD_KEY,
	PVE_NL_BOND_AD_SYSTEM, /* MAC */
	PVE_NL_BOND_TLB_DYNAMIC,

	PVE_NL_BR_FD, /* times of bridges are in 1/100 s */
	PVE_NL_BR_HELLO,
	PVE_NL_BR_MAXAGE,
	PVE_NL_BR_AGEING,
	PVE_NL_BR_STP,
	PVE_NL_BR_PRIO,
	PVE_NL_BR_FILTERING,
	PVE_NL_BR_PROTO,
	PVE_NL_BR_PVID, /* of ports to come; 0 none */
	PVE_NL_BR_MCROUTER,
	PVE_NL_BR_MCSNOOP,
	PVE_NL_BR_MCQUERIER,
	PVE_NL_BR_VLAN_STATS,

	/* Of the port of a bridge. */
	PVE_NL_PORT_PRIO,
	PVE_NL_PORT_COST,
	PVE_NL_PORT_HAIRPIN,
	PVE_NL_PORT_FAST_LEAVE,
	PVE_NL_PORT_LEARNING,
	PVE_NL_PORT_FLOOD,
	PVE_NL_PORT_MCROUTER,
	PVE_NL_PORT_MCFLOOD,
	PVE_NL_PORT_BCFLOOD,
	PVE_NL_PORT_NEIGH_SUPPRESS,
	PVE_NL_PORT_ISOLATED,

	PVE_NL_VXLAN_ID,
	PVE_NL_VXLAN_GROUP, /* address of the group or the one remote; "" none */
	PVE_NL_VXLAN_DEV,   /* name; "" none */
	PVE_NL_VXLAN_LOCAL, /* address; "" none */
	PVE_NL_VXLAN_TTL,
	PVE_NL_VXLAN_TOS,
	PVE_NL_VXLAN_LEARNING,
	PVE_NL_VXLAN_AGEING,
	PVE_NL_VXLAN_PORT,

	PVE_NL_VRF_TABLE,
	PVE_NL_VETH_PEER, /* name; only when it is made */
	PVE_NL_NATTRS,
};

/* Where in the message it stands. */
enum pve_nl_place {
	PVE_NL_AT_LINK, /* IFLA_* */
	PVE_NL_AT_INFO, /* IFLA_LINKINFO, IFLA_INFO_DATA of the kind */
	PVE_NL_AT_PORT, /* IFLA_LINKINFO, IFLA_INFO_SLAVE_DATA of kind "bridge" */
};

enum pve_nl_form {
	PVE_NL_FLAG, /* IFF_UP in the header */
	PVE_NL_U8,
	PVE_NL_U16,
	PVE_NL_U32,
	PVE_NL_BE16,
	PVE_NL_LINK, /* index of a link; a name in text */
	PVE_NL_MACS, /* six or so bytes */
	PVE_NL_TEXT,
	PVE_NL_IP,  /* type for IPv4, type6 for IPv6 */
	PVE_NL_IPS, /* nested list of IPv4 addresses */
	PVE_NL_PEER,
};

struct pve_nl_attr_info {
	const char *name; /* "bond.miimon": stable, stands in journals and in output */
	const char *kind; /* link kind of PVE_NL_AT_INFO attributes; NULL elsewhere */
	enum pve_nl_place place;
	enum pve_nl_form form;
	int type, type6; /* IFLA_* */
	bool fixed;      /* cannot be changed: the link is made anew.  A kernel may take such a
			  * change in silence and do nothing (id of a VLAN) */
};

extern const struct pve_nl_attr_info pve_nl_attrs[PVE_NL_NATTRS];

/* A value.  Numbers are in n, with s NULL; texts, names and addresses in s. */
struct pve_nl_value {
	enum pve_nl_attr attr;
	uint64_t n;
	const char *s; /* borrowed */
};

/* Is the value of that attribute a text (s), not a number (n)? */
bool pve_nl_attr_is_text(enum pve_nl_attr a);
/* By name; PVE_NL_NATTRS when there is none. */
enum pve_nl_attr pve_nl_attr_find(struct pve_span name);
/* The attribute of a kind ("bond") or, with NULL, of bridge ports, with that IFLA_ number;
 * PVE_NL_NATTRS when it is none of the table. */
enum pve_nl_attr pve_nl_attr_of_type(const char *kind, int type);
bool pve_nl_value_same(const struct pve_nl_value *a, const struct pve_nl_value *b);

#endif
