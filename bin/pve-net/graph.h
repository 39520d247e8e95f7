/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_GRAPH_H
#define PVE_NET_GRAPH_H

#include "probe.h"

/*
 * What stands on what: NIC -> bond -> VLAN -> bridge, out of the files and the kernel
 * together.  Pure.  Borrows the host.
 */
struct net_node {
	const char *name;
	enum net_type type;
	const struct net_iface *iface;  /* NULL: not in the files, not even mentioned */
	const struct pve_nl_link *link; /* NULL: not there, or not known */
	struct net_arc *upper;          /* what stands on it, in order */
	struct net_arc **upper_end;
	unsigned nlower;
	const struct net_node *under;  /* while reading: the last one found under it ... */
	const struct net_node *master; /* ... and the last it was found to be a port of */
	uint32_t visit;                /* of net_graph_walk: number of its full visit + 1 */
	bool open;                     /* ... which is not finished */
};

struct net_arc {
	struct net_node *to;
	struct net_arc *next;
	enum net_relation relation;
	bool live_only; /* the files do not say so */
};

struct net_graph {
	struct net_node **node; /* interfaces of the files, then those that they mention, then
				 * links of the kernel */
	size_t nnodes, nodes_cap;
	struct pve_map by_name;
	struct pve_arena mem;
};

/* all: with the links of guests (net_link_is_foreign). */
void net_graph_read(struct net_graph *g, const struct net_host *h, bool all);
void net_graph_done(struct net_graph *g);

/* One line of the tree.  A node with several below it is shown in full where it is met
 * first, and by its name only after that. */
enum net_visit_kind {
	NET_VISIT_FULL,
	NET_VISIT_AGAIN,
	NET_VISIT_LOOP, /* it stands on itself */
	NET_VISIT_DEEP, /* what stands on it is shown as a root, further down */
};

struct net_visit {
	const struct net_node *node;
	enum net_visit_kind kind;
	uint32_t parent;           /* number of the visit + 1; 0: a root */
	const struct net_arc *arc; /* from the parent; NULL for a root */
};

struct net_walk {
	struct net_visit *v; /* parents first */
	size_t n, cap;
};

/* Every node is visited in full exactly once, also those of circles. */
void net_graph_walk(struct net_graph *g, struct net_walk *w);
void net_walk_done(struct net_walk *w);

/* Graphviz; see dot(1).  Added to out. */
void net_graph_dot(const struct net_graph *g, struct pve_buf *out);

/* "port", "slave", "on". */
const char *net_relation_name(enum net_relation r);

#endif
