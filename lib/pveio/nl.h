/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NL_H
#define PVEIO_NL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pveio/nl_attr.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * The kernel's network state through rtnetlink(7), over libnl-3.  Reading needs no
 * privilege and sees the network namespace of the process.
 */
struct pve_nl_link {
	int index;
	const char *name;
	const char *const *altname; /* naltnames of them (Linux 5.5) */
	unsigned naltnames;
	const char *kind;          /* "bridge", "bond", "vlan", ...; "" for a device of its own */
	unsigned type;             /* ARPHRD_*, e.g. 1 Ethernet, 772 loopback */
	unsigned flags;            /* IFF_*: IFF_UP as set, IFF_RUNNING when operational */
	const char *operstate;     /* "up", "down", "lowerlayerdown", "unknown", ... (RFC 2863) */
	int master;                /* index of its bridge, bond or VRF; 0: none */
	int lower;                 /* index of the device under it (IFLA_LINK); 0: none; a
				    * device of another namespace counts as none */
	uint32_t mtu;              /* bytes */
	uint32_t min_mtu, max_mtu; /* of the driver; 0: not told, or no limit */
	const char *mac;           /* "52:54:00:12:34:56"; "" when it has none */
	const char *perm_mac;      /* burnt in; "" when not told */
	int vlan_id;               /* -1 unless kind is "vlan" */
	unsigned vlan_proto;       /* 0x8100, 0x88a8; 0 unless kind is "vlan" */
	int bond_mode;             /* 0 to 6; -1 unless kind is "bond" */
	uint32_t bond_miimon;      /* ms */
	int vlan_filtering;        /* 0, 1; -1 unless kind is "bridge" */
	int stp;                   /* likewise: 0 off, 1 kernel, 2 user space */

	/* With PVE_NL_DETAILS only. */
	const char *alias;                /* "" none */
	bool port;                        /* of a bridge */
	const struct pve_nl_value *value; /* nvalues of them: of its kind and as a port */
	unsigned nvalues;
};

struct pve_nl_addr {
	int index;             /* of the link */
	int family;            /* AF_INET, AF_INET6 */
	unsigned prefix;       /* bits */
	unsigned scope;        /* RT_SCOPE_*: 0 global, 253 link, 254 host */
	uint32_t flags;        /* IFA_F_* */
	uint32_t preferred;    /* seconds; UINT32_MAX for ever, also when not told */
	struct in6_addr bytes; /* network order; IPv4 in the first four bytes */
	struct in6_addr peer;  /* the other end of a point-to-point link, else bytes */
};

/* Unicast routes of the main table, or with PVE_NL_TABLES of all. */
struct pve_nl_route {
	int family;
	unsigned prefix; /* bits of dst; 0 for a default route */
	struct in6_addr dst, gateway;
	bool has_gateway;
	int oif; /* index of the (first) outgoing link; 0: none */
	uint32_t metric;
	unsigned protocol; /* RTPROT_*: 2 kernel, 4 static, 16 dhcp, ... */
	unsigned table;    /* 254 main */
};

/* Ids in the VLAN table of the port of a bridge, or of the bridge itself. */
struct pve_nl_vlan {
	int index;
	uint16_t from, to;
	uint16_t flags; /* BRIDGE_VLAN_INFO_PVID 2, BRIDGE_VLAN_INFO_UNTAGGED 4 */
};

/* Where a VXLAN sends what it knows no other place for. */
struct pve_nl_remote {
	int index;
	int family;
	struct in6_addr bytes;
};

struct pve_nl_snapshot {
	struct pve_nl_link *link; /* in order of index */
	size_t nlinks, links_cap;
	struct pve_nl_addr *addr; /* in the kernel's order */
	size_t naddrs, addrs_cap;
	struct pve_nl_route *route;
	size_t nroutes, routes_cap;
	struct pve_nl_vlan *vlan; /* those of one link stand together */
	size_t nvlans, vlans_cap;
	struct pve_nl_remote *remote;
	size_t nremotes, remotes_cap;
	unsigned want;        /* as it was read, or for a parsed one: what it has */
	struct pve_arena mem; /* of the strings */
};

enum {
	PVE_NL_ADDRS = 1,
	PVE_NL_ROUTES = 2,
	PVE_NL_DETAILS = 4, /* every attribute of nl_attr.h, and remotes of VXLANs */
	PVE_NL_VLANS = 8,   /* VLAN tables, also of bridges that do not filter */
	PVE_NL_TABLES = 16, /* routes of all tables */
};

/* Reads all links and, as want says, more.  A dump that the kernel marks as
 * interrupted by a change is read again, up to five times, and fails with PVE_AGAIN then.
 * Fails with PVE_NOTHERE when there is no rtnetlink, else with the kernel's error; *s is
 * empty then. */
int pve_nl_snapshot_read(struct pve_nl_snapshot *s, unsigned want, struct pve_err *e);

/* One link with its details, but names of other links among its values are missing. */
int pve_nl_snapshot_read_link(struct pve_nl_snapshot *s, int index, struct pve_err *e);

/* The same from what "ip -d -j link", "ip -d -j addr" and "ip -d -j route" printed
 * (iproute2 5.0 and later); any of them may be empty.  PVE_DATA when one is no JSON
 * array; what an element lacks is as if the kernel had not told it.  Of attributes (nl_attr.h)
 * only those that have a field above are there, too. */
int pve_nl_snapshot_parse(struct pve_nl_snapshot *s, struct pve_span link, struct pve_span addr,
			  struct pve_span route, struct pve_err *e);

/* For readers of other sources: adds an empty link (perhaps moving the array), and sorts
 * them when all are there. */
struct pve_nl_link *pve_nl_link_add(struct pve_nl_snapshot *s);
void pve_nl_links_sort(struct pve_nl_snapshot *s);

void pve_nl_snapshot_free(struct pve_nl_snapshot *s);

/* By index; NULL when there is none. */
const struct pve_nl_link *pve_nl_link_by_index(const struct pve_nl_snapshot *s, int index);

#endif
