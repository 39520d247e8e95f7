/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_OPS_IMPL_H
#define PVE_NET_OPS_IMPL_H

#include <stdarg.h>

#include "ops.h"

/*
 * Between the parts of the planner.  now is a model of the kernel: each operation that is
 * planned is made in it, too, with all that the kernel does of its own accord, so that what
 * comes later is compared with what will be.
 */
struct net_planner {
	struct net_ops *ops;
	struct net_state *want, *now;
	const struct net_ops_opts *opts;
	struct net_link **up;  /* wanted links, what stands below first */
	size_t n;
	struct net_link **old; /* owned before, not named any more; above first */
	size_t nold;
};

/* --- ops.c --- */
/* Adds an operation.  words and undo were made in the arena of the operations. */
struct net_operation *net_op_add(struct net_planner *p, enum net_risk risk, const char *object,
			  const char *words, const char *undo, const char *why, ...)
	__attribute__((format(printf, 6, 7)));
/* Sets what people read, of the operation that was added last. */
void net_op_action(struct net_planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *net_op_text(struct net_planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void net_op_refuse(struct net_planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void net_op_warn(struct net_planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const struct net_link *net_op_owned(const struct net_planner *p, const char *name);
/* Was or is it named by the configuration? */
bool net_op_ours(const struct net_planner *p, const char *name);
/* Ports and VLANs of others on a link that is about to go, as "tap100i0, tap101i0"; NULL:
 * none. */
const char *net_op_foreign_on(struct net_planner *p, const struct net_link *l);

/* --- ops_text.c --- */
/* "set\tNAME\tA=V..." of n values, the final newline included. */
const char *net_op_set(struct net_planner *p, const char *name, const struct pve_nl_value *v,
		       size_t n);
/* What makes a link again as it is, with addresses, master and ports; several lines. */
const char *net_op_rebuild(struct net_planner *p, const struct net_link *l);
/* What brings it back to the master that it has now, with its flags and VLANs; several lines. */
const char *net_op_attach(struct net_planner *p, const struct net_link *port);
const char *net_op_ip(struct net_planner *p, const char *verb, const struct net_link *l,
		      const struct net_ip *ip);
const char *net_op_hop(struct net_planner *p, const char *verb, const struct net_link *l,
		       const struct net_hop *hop);
const char *net_op_vid(struct net_planner *p, const char *verb, const struct net_link *l,
		       bool self, unsigned from, unsigned to, unsigned flags);
const char *net_op_remote(struct net_planner *p, const char *verb, const struct net_link *l,
			  const struct pve_nl_remote *r);

/* Sets a value below /proc/sys. */
const char *net_op_sysctl(struct net_planner *p, const char *path, const char *value);

/* --- the phases, in their order --- */
void net_ops_reset(struct net_planner *p);     /* ops_reset.c: options that were removed */
void net_ops_links(struct net_planner *p);     /* ops_link.c: make and change */
void net_ops_restored(struct net_planner *p);  /* ops_link.c: foreign ones that went along */
void net_ops_masters(struct net_planner *p);   /* ops_port.c: release, enslave, flags */
void net_ops_vlans(struct net_planner *p);     /* ops_vlan.c: tables, then filtering */
void net_ops_mtus(struct net_planner *p);      /* ops_link.c: up from below, down from above */
void net_ops_sysctls(struct net_planner *p);   /* ops_ip.c */
void net_ops_addresses(struct net_planner *p); /* ops_ip.c: add, routes, remove */
void net_ops_obsolete(struct net_planner *p);  /* ops_delete.c: from above */

/* ops_delete.c: takes away a link now, that is made anew later: what stands on it, its
 * addresses and its place are wanted back, unless the configuration has dropped them.
 * False when it cannot be (a refusal was added). */
bool net_ops_take_down(struct net_planner *p, struct net_link *l, const char *why);
/* Deletes an obsolete link that is in the way of a new one. */
void net_ops_delete(struct net_planner *p, struct net_link *l, const char *why);
/* --- ops_lose.c --- */
/* The wanted link of that name; one that nobody configured is wanted from now on. */
struct net_link *net_op_want_back(struct net_planner *p, const struct net_link *l);
/* The link goes down for a moment: what the kernel forgets then is wanted back.
 * Returns the operations that give it back, for an undo. */
const char *net_ops_lose(struct net_planner *p, struct net_link *l);
/* Below an MTU of 1280 the kernel takes IPv6 off the link, without a word (addrconf_notify in
 * net/ipv6/addrconf.c).  Nothing can stay there, so now is left as it is: when an address is wanted,
 * the verification says that it went.  Adds what gives addresses, routes and what sysctl
 * had of the configuration back; what routers advertise comes back by itself. */
void net_ops_mtu_ipv6(struct net_planner *p, const struct net_link *l, uint64_t mtu,
		      struct pve_buf *undo);
/* A bond gives its MTU to its slaves, and no VLAN keeps one above that of its device.  Adds
 * what gives them back theirs, up to so many devices above one another. */
void net_ops_mtu_follows(struct net_planner *p, const struct net_link *now, uint64_t mtu,
			 unsigned depth, struct pve_buf *undo);

#endif
