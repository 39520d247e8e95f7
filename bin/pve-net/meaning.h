/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_MEANING_H
#define PVE_NET_MEANING_H

#include "model.h"

/*
 * The difference of two configurations as what it means: which options of which interface have
 * another value.  Order, comments, spelling and places do not count, nor does it whether a
 * prefix stands in the address or in a netmask.  Pure.
 */
struct net_difference {
	const char *iface;
	const char *option;
	const char *was, *is; /* NULL: not there */
};

struct net_differences {
	struct net_difference *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* In the order of the new one, what is gone last. */
void net_meaning_diff(const struct net_model *was, const struct net_model *is,
		      struct net_differences *d);
void net_differences_done(struct net_differences *d);

#endif
