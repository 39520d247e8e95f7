/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_KEYS_H
#define PVE_NET_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/span.h"

/*
 * The names of options that stand in interfaces(5) stanzas.  The canonical name has
 * dashes for underscores and one name for each set of synonyms: bridge_ports is
 * bridge-ports; slaves, bond_slaves and bond-ports are bond-slaves; post-up is up and
 * pre-down is down (interfaces(5), "IFACE OPTIONS"); ovs_mtu is mtu.
 *
 * Options that a tool gives a meaning have an id; all others that some engine knows
 * (Debian's packages, ifupdown2, Proxmox VE: spec of each in keys.c) are NET_K_KNOWN, and
 * what nobody knows is NET_K_UNKNOWN.
 */
enum net_key_id {
	NET_K_UNKNOWN,
	NET_K_KNOWN,

	NET_K_ADDRESS,
	NET_K_NETMASK,
	NET_K_BROADCAST,
	NET_K_GATEWAY,
	NET_K_METRIC,
	NET_K_TABLE, /* vrf-table, table: where the routes of the stanza go */
	NET_K_VRF,
	NET_K_MTU,
	NET_K_HWADDRESS,
	NET_K_LINK_TYPE,
	NET_K_UPLINK_ID,

	NET_K_BRIDGE_PORTS,
	NET_K_BRIDGE_STP,
	NET_K_BRIDGE_FD,
	NET_K_BRIDGE_HELLO,
	NET_K_BRIDGE_MAXAGE,
	NET_K_BRIDGE_VLAN_AWARE,
	NET_K_BRIDGE_VIDS,
	NET_K_BRIDGE_PVID,
	NET_K_BRIDGE_ACCESS,
	NET_K_BRIDGE_PORTS_CONDONE_REGEX,

	NET_K_BOND_SLAVES,
	NET_K_BOND_MASTER, /* in the stanza of a slave */
	NET_K_BOND_MODE,
	NET_K_BOND_MIIMON,
	NET_K_BOND_UPDELAY,
	NET_K_BOND_DOWNDELAY,
	NET_K_BOND_XMIT_HASH_POLICY,
	NET_K_BOND_PRIMARY,
	NET_K_BOND_LACP_RATE,
	NET_K_BOND_ARP_INTERVAL,
	NET_K_BOND_ARP_IP_TARGET,
	NET_K_BOND_AD, /* any bond-ad-* option */
	NET_K_BOND_MIN_LINKS,

	NET_K_VLAN_RAW_DEVICE,
	NET_K_VLAN_ID,
	NET_K_VLAN_PROTOCOL,

	NET_K_VXLAN_ID,
	NET_K_VXLAN_LOCAL_TUNNELIP,
	NET_K_VXLAN_REMOTEIP,
	NET_K_VXLAN_SVCNODEIP,
	NET_K_VXLAN_PHYSDEV,

	NET_K_OVS_TYPE,
	NET_K_OVS_BRIDGE,
	NET_K_OVS_PORTS,
	NET_K_OVS_BONDS,
	NET_K_OVS_OPTIONS,

	NET_K_PRE_UP, /* the four hooks stand together: net_key_is_hook */
	NET_K_UP,
	NET_K_DOWN,
	NET_K_POST_DOWN,

	NET_K_SCRIPT, /* of mapping stanzas only */
	NET_K_MAP,
};

struct net_key {
	const char *name; /* canonical: "bridge-ports" */
	enum net_key_id id;
	/* Of the options of a file only, which have a key for each spelling: */
	bool weak;                /* written KEY?: a default only (ifupdown) */
	struct pve_span spelling; /* as written: "bridge_ports" */
};

/* All names that are known, canonical and synonyms ("slaves" with the key of
 * "bond-slaves"), for look-ups and for "did you mean".  Ends with a NULL spelling. */
struct net_key_name {
	const char *spelling; /* with dashes */
	struct net_key key;
};
extern const struct net_key_name net_key_names[];

/* The key of a spelling with dashes for underscores; NULL when nobody knows it. */
const struct net_key *net_key_find(const char *folded);

static inline bool net_key_is_hook(const struct net_key *k)
{
	return k->id >= NET_K_PRE_UP && k->id <= NET_K_POST_DOWN;
}

#endif
