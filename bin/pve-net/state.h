/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_STATE_H
#define PVE_NET_STATE_H

#include "model.h"
#include "pveio/nl.h"

/*
 * The network as the planner compares it.  What is wanted, what is, and what was owned at
 * the last apply are of one type; what a configuration does not say is not in it, and so
 * is not compared and not touched.  Pure.
 */
struct net_ip {
	struct net_ip *next;
	struct pve_nl_addr a; /* index means nothing */
	const char *label;    /* "eth0:1"; NULL: none of its own */
	bool has_broadcast;   /* IPv4: configured, or the usual one */
	struct in_addr broadcast;
	const struct net_option *opt; /* wanted: where it stands */
};

struct net_hop {
	struct net_hop *next;
	struct pve_nl_route r; /* oif means nothing */
	const struct net_option *opt;
};

struct net_remote {
	struct net_remote *next;
	struct pve_nl_remote r; /* index means nothing */
};

/* The VLAN table of a port, or of a bridge itself. */
struct net_vlans {
	struct net_vids all, untagged; /* untagged: leave without a tag */
	unsigned pvid;                 /* what comes in without a tag belongs to it; 0 none */
};

struct net_link {
	const char *name;
	const char *kind;           /* of rtnetlink: "bridge"; "" a device of its own */
	struct pve_nl_value *value; /* each attribute once */
	unsigned nvalues, values_cap;
	struct net_ip *ip, **ip_end;
	struct net_hop *hop, **hop_end;
	struct net_remote *remote, **remote_end;
	struct net_vlans *vlans; /* NULL: not known, not wanted */
	uint32_t order;          /* in state->link */

	/* Wanted links only. */
	const struct net_iface *iface; /* NULL: kept because a foreign thing needs it */
	bool make;                     /* can be created when it is not there */
	bool optional;                 /* allow-hotplug: nothing is wrong when it is missing */

	/* For the planner. */
	unsigned depth; /* links under it, the longest way */
	bool gone;      /* deleted */
};

/* A value below /proc/sys. */
struct net_sysctl {
	struct net_sysctl *next;
	const char *path;  /* "net/ipv4/conf/vmbr0/forwarding" */
	const char *value; /* without the final newline */
	const struct net_link *link;
};

struct net_state {
	struct net_link **link;
	size_t n, cap;
	struct pve_map by_name; /* names and altnames */
	struct net_sysctl *sysctl, **sysctl_end;
	struct pve_arena mem;
};

/* End with net_state_done.  {0} will not do. */
void net_state_init(struct net_state *s);
void net_state_done(struct net_state *s);
/* What a snapshot says; it is borrowed. */
void net_state_read(struct net_state *s, const struct pve_nl_snapshot *live);

/* By name or altname; NULL when there is none, or it is gone. */
struct net_link *net_state_find(const struct net_state *s, const char *name);
/* The link of that name, new when there is none. */
struct net_link *net_state_add(struct net_state *s, const char *name);

/* NULL when it is not there. */
const struct pve_nl_value *net_link_value(const struct net_link *l, enum pve_nl_attr a);
/* The number or text of it; when it is not there, none. */
uint64_t net_link_number(const struct net_link *l, enum pve_nl_attr a, uint64_t none);
const char *net_link_text(const struct net_link *l, enum pve_nl_attr a);
/* Set or replace.  The text is borrowed. */
void net_link_set_number(struct net_link *l, enum pve_nl_attr a, uint64_t n);
void net_link_set_text(struct net_link *l, enum pve_nl_attr a, const char *text);
void net_link_unset(struct net_link *l, enum pve_nl_attr a);

/* Each adds a copy at the end of its list. */
struct net_ip *net_link_add_ip(struct net_state *s, struct net_link *l, const struct net_ip *ip);
struct net_hop *net_link_add_hop(struct net_state *s, struct net_link *l,
				 const struct net_hop *hop);
void net_link_add_remote(struct net_state *s, struct net_link *l, const struct pve_nl_remote *r);
/* One of the list that is the same address (with its prefix and peer), the same route (but
 * for its protocol), the same place; or NULL. */
struct net_ip *net_link_find_ip(const struct net_link *l, const struct pve_nl_addr *a);
struct net_hop *net_link_find_hop(const struct net_link *l, const struct pve_nl_route *r);
bool net_link_has_remote(const struct net_link *l, const struct pve_nl_remote *r);
/* Take it out of its list. */
void net_link_drop_ip(struct net_link *l, const struct net_ip *ip);
void net_link_drop_hop(struct net_link *l, const struct net_hop *hop);

/* The table, made empty when there is none. */
struct net_vlans *net_link_vlans(struct net_state *s, struct net_link *l);
void net_vids_set(struct net_vids *v, unsigned id, bool on);
/* The next run of ids from "from" on that are in v; false when there is none. */
bool net_vids_run(const struct net_vids *v, unsigned from, unsigned *first, unsigned *last);
/* "1,5-9" added to out. */
void net_vids_format(const struct net_vids *v, struct pve_buf *out);

#endif
