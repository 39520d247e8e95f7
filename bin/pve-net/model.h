/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_MODEL_H
#define PVE_NET_MODEL_H

#include <netinet/in.h>

#include "source.h"

/*
 * What a configuration means: interfaces, and how they stand on one another.  Pure; every
 * value keeps the option that it was read from, so that whoever complains can name file
 * and line: opt->stanza->file->path, opt->line.
 *
 * All of it borrows the configuration and lives in the model's arena.
 */
enum net_type {
	NET_T_UNKNOWN,
	NET_T_LOOPBACK,
	NET_T_ETH,
	NET_T_BOND,
	NET_T_VLAN,
	NET_T_BRIDGE,
	NET_T_ALIAS, /* eth0:1 */
	NET_T_VXLAN,
	NET_T_DUMMY,
	NET_T_TUNNEL,
	NET_T_PPP,
	NET_T_VETH,
	NET_T_VRF,
	NET_T_OVS_BRIDGE,
	NET_T_OVS_BOND,
	NET_T_OVS_PORT,
	NET_T_OVS_INT_PORT,
};

/* Of one interface of several classes the first that applies, in this order. */
enum net_start {
	NET_START_NO,
	NET_START_AUTO,    /* auto, allow-auto, allow-ovs */
	NET_START_HOTPLUG, /* allow-hotplug */
	NET_START_CLASS,   /* any other allow-CLASS, as allow-vmbr0 of Open vSwitch ports */
};

enum net_relation {
	NET_PORT,  /* of a bridge: bridge-ports, ovs_ports, ovs_bridge */
	NET_SLAVE, /* of a bond: bond-slaves, bond-master, ovs_bonds */
	NET_RAW,   /* under a VLAN, an alias, or the physdev of a VXLAN */
};

/* upper stands on lower. */
struct net_edge {
	struct net_iface *upper, *lower;
	enum net_relation relation;
	const struct net_option *opt; /* that says so; NULL when the name does (eno1.5) */
	struct net_edge *next_lower;  /* of upper */
	struct net_edge *next_upper;  /* of lower */
};

struct net_addr {
	struct net_addr *next;
	const char *text;      /* as written, with "/prefix" when one is known */
	int family;            /* AF_INET, AF_INET6 by its form; 0: no literal */
	int prefix;            /* bits; -1: none given, or not a valid one */
	struct in6_addr bytes; /* network order; IPv4 in the first four bytes */
	const struct net_option *opt;
	const struct net_option *mask; /* the netmask option that gave prefix, or NULL */
};

/* What most interfaces have nothing of. */
struct net_rare {
	struct net_addr *gateway;     /* in reading order; prefix means nothing */
	const char *const *port_word; /* words of bridge-ports, bond-slaves, ovs_ports that are no
				       * names: all, glob, regex, patterns; "none" among others */
	uint32_t nport_words;
	const char *bond_mode;        /* "802.3ad", digits translated; as written when it is no
				       * mode; NULL: none given */
	const char *comment;          /* lines joined by newlines; NULL: none */
};

/* There may be thousands, so they are packed: pointers first, then what is small. */
struct net_iface {
	const char *name;
	const struct net_stanza *start_at; /* the auto or allow- line; or the iface stanza */
	const struct net_stanza **stanza;  /* its iface stanzas in reading order */
	const struct net_option **opt;     /* all options of those stanzas in reading order,
					    * inherited ones (other stanza) before own */
	struct net_addr *addr;             /* in reading order */
	struct net_edge *lower;            /* what it stands on, in reading order */
	struct net_edge *upper;            /* what stands on it */
	const struct net_rare *rare;       /* never NULL */

	uint32_t nstanzas; /* 0: only named by others (model->mention) */
	uint32_t nopts;
	uint32_t order; /* in model->iface or model->mention */
	uint32_t mtu;   /* bytes; 0: none given, or not a number */
	int vlan_id;    /* as written, may be out of range; -1: none */
	enum net_type type : 8;
	enum net_start start : 8;
	bool vlan_aware : 1;
};

/* An auto or allow- word for which there is no stanza. */
struct net_orphan {
	const char *name;
	const struct net_stanza *stanza;
};

struct net_model {
	const struct net_conf *conf;
	struct net_iface **iface; /* those with a stanza, in order of the first of them */
	size_t nifaces;
	struct net_iface **mention; /* those that are only named by another's option */
	size_t nmentions;
	struct net_orphan *orphan;
	size_t norphans;
	size_t mentions_cap, orphans_cap;
	struct pve_map by_name; /* both */
	size_t near;            /* there: the last one that an auto line named */
	const struct net_option **opt; /* of all interfaces, one behind the other */
	struct pve_arena mem;
};

/* Never fails; nonsense is left out or marked as said above.  conf is borrowed. */
void net_model_read(struct net_model *m, const struct net_conf *conf);
void net_model_done(struct net_model *m);

/* NULL when the name is neither defined nor mentioned. */
struct net_iface *net_model_find(const struct net_model *m, const char *name);
/* The last option with that id, or NULL.  net_iface_next goes through all of them: prev is
 * NULL for the first. */
const struct net_option *net_iface_find(const struct net_iface *i, enum net_key_id id);
const struct net_option *net_iface_next(const struct net_iface *i, enum net_key_id id,
					const struct net_option *prev);
/* Is it of its own stanza, not inherited? */
bool net_iface_owns(const struct net_iface *i, const struct net_option *opt);

/* "bridge", "eth", "OVSBridge", ...: as the API of Proxmox VE calls them. */
const char *net_type_name(enum net_type t);
/* A bridge, bond or port of Open vSwitch? */
bool net_type_is_ovs(enum net_type t);
/* "yes", "hotplug", "class", "no". */
const char *net_start_name(enum net_start s);
/* Type by name alone: lo, X:N, X.N, bondN, dummyN, enN.. and so on. */
enum net_type net_type_of_name(const char *name);
/* What a dotted name says: "eno1.5" gives id 5 and the length of "eno1"; "eno1.5.7" id 7
 * and "eno1.5".  Returns false when there is no number behind the last dot. */
bool net_name_vlan(const char *name, size_t *parent_len, int *id);

/* Literals.  text need not be trimmed.  Returns false when it is no address. */
bool net_addr_parse(struct pve_span text, struct net_addr *a);
/* Bits of a netmask: "255.255.255.0", "24", "ffff:ffff::"; -1 when it is none. */
int net_mask_bits(struct pve_span text, int family);
/* Is b inside the prefix of a?  Both of one family, a with a prefix. */
bool net_addr_covers(const struct net_addr *a, const struct net_addr *b);

/* A set of VLAN ids. */
struct net_vids {
	uint64_t bit[64]; /* id n: bit[n / 64] >> n % 64 */
};
/* "2-4094 10,20": ranges and ids between blanks and commas.  Returns 0, or -1 and sets *bad
 * to the first piece that is no id from 1 to 4094, or is reversed; the good ones are in
 * the set in both cases.  overlap (may be NULL) tells whether an id was given twice. */
int net_vids_parse(struct pve_span text, struct net_vids *v, struct pve_span *bad, bool *overlap);

static inline bool net_vids_has(const struct net_vids *v, unsigned id)
{
	return id < 4096 && v->bit[id / 64] >> id % 64 & 1;
}

#endif
