/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_LOCKOUT_H
#define PVE_NET_LOCKOUT_H

#include "pveio/nl.h"
#include "pvecommon/strv.h"

/*
 * What must not be cut off unawares: the links that carry the administrator's ssh connection,
 * the default routes, the cluster's rings and mounted network file systems, each with all that
 * it stands on.  A change that touches one of them, even briefly, wants --confirm or --yes.
 * Pure.
 */
struct net_way {
	const char *what;     /* "the ssh connection from 192.0.2.7" */
	struct pve_strv link; /* the link that carries it first, then what it stands on */
};

struct net_ways {
	struct net_way *v; /* in order of how much it would hurt */
	size_t n, cap;
	struct pve_arena mem;
};

/* Everything is borrowed; texts may be empty. */
struct net_way_facts {
	const struct pve_nl_snapshot *live; /* with addresses and routes */
	const char *ssh;                    /* SSH_CONNECTION (ssh(1)), or NULL */
	struct pve_span corosync;           /* corosync.conf(5) */
	struct pve_span mounts;             /* /proc/self/mountinfo (proc(5)) */
	struct pve_span hosts;              /* hosts(5), for rings that are given by name */
};

void net_ways_find(struct net_ways *w, const struct net_way_facts *f);
void net_ways_done(struct net_ways *w);
/* The first of them that the link carries, or NULL. */
const struct net_way *net_ways_touched(const struct net_ways *w, const char *link);
/* PVE_DENIED, which says what stands in the way of touching the link and how to go on. */
int net_ways_refuse(const struct net_way *way, const char *link, struct pve_err *e);

#endif
