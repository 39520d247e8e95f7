/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_GUESTS_H
#define PVE_NET_GUESTS_H

#include "state.h"

/*
 * Which VLANs the ports of guests belong to, by the configuration of Proxmox VE: what a
 * bridge needs to know when it begins to filter.  Pure.
 */
struct net_guest_port {
	unsigned guest, nic;   /* tap100i0: 100, 0 */
	unsigned tag;          /* 0: none */
	struct net_vids trunks; /* empty: none given */
};

struct net_guests {
	struct net_guest_port *v;
	size_t n, cap;
};

/* Reads the "netN:" lines of a guest's configuration (qemu-server(5), pct.conf(5)), up to
 * the first section (snapshot). */
void net_guests_parse(struct net_guests *g, unsigned guest, struct pve_span text);
void net_guests_done(struct net_guests *g);
/* tap100i0, veth101i0, fwpr100p0 and the like: false when the name is none of these. */
bool net_guest_of_name(const char *name, unsigned *guest, unsigned *nic);
/* The table that Proxmox VE gives such a port when it plugs it: false when nothing is known
 * about the port. */
bool net_guest_vlans(const struct net_guests *g, const char *port, struct net_vlans *table);

#endif
