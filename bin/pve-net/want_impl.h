/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_WANT_IMPL_H
#define PVE_NET_WANT_IMPL_H

#include "want.h"

/* Between the parts of net_want_read. */
struct net_wanting {
	struct net_state *want;
	const struct net_model *model;
	struct pve_diags *diags;
	struct pve_map attrs; /* canonical key -> struct net_want_attr */
};

/* Adds a complaint about an option. */
void net_want_say(struct net_wanting *w, enum pve_severity s, const struct net_option *o,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* want_attr.c: options that are attributes of the link. */
void net_want_attrs_init(struct net_wanting *w);
void net_want_attrs(struct net_wanting *w, struct net_link *l, const struct net_iface *i);
/* yes, on, 1, true; no, off, 0, false.  False for anything else. */
bool net_want_bool(struct pve_span v, bool *yes);

/* want_ip.c: addresses, gateways, values of sysctl. */
void net_want_addresses(struct net_wanting *w, struct net_link *l, const struct net_iface *i);
void net_want_sysctls(struct net_wanting *w, struct net_link *l, const struct net_iface *i);

/* want_vlan.c: tables of VLAN-aware bridges, when all links and masters are known. */
void net_want_vlans(struct net_wanting *w);

#endif
