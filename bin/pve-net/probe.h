/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_H
#define PVE_NET_PROBE_H

#include "model.h"
#include "pveio/nl.h"

/*
 * The host as the commands see it: what is configured and what is.
 */
struct net_chain {
	uint32_t *head, *tail; /* for each link: number of its first and last item + 1 */
	uint32_t *next;        /* for each item: the next one's number + 1 */
};

struct net_host {
	struct net_conf conf;
	struct net_model model;
	struct pve_nl_snapshot live; /* empty when there is nothing to read it from */
	bool have_live;
	struct pve_map link;                     /* name or altname -> struct pve_nl_link */
	struct net_chain addrs, ports, gateways; /* of net_host_addr and so on */
};

/* want: PVE_NL_ADDRS, PVE_NL_ROUTES; links are always read.
 *
 * On the host itself the state comes from netlink.  With --root it comes from what
 * scripts/capture-host left there (DIR/netlink/{link,addr,route}.json, as "ip -d -j"
 * prints), else from DIR/sys/class/net (names, kind, MAC, MTU, state, master), else there
 * is none.
 * A configuration that cannot be read is an error, and so is live state on the host itself
 * and a broken capture; *h is empty then.  No state below --root is not: have_live. */
int net_host_read(struct net_host *h, struct pve_sys *sys, unsigned want, struct pve_err *e);
/* The live state alone, into an empty *h; the look-ups below do not work then. */
int net_host_read_live(struct net_host *h, struct pve_sys *sys, unsigned want, struct pve_err *e);
void net_host_done(struct net_host *h);

/* By name or altname; NULL when there is none. */
const struct pve_nl_link *net_host_link(const struct net_host *h, const char *name);
const struct pve_nl_link *net_host_link_at(const struct net_host *h, int index);

/* What belongs to a link: prev is NULL for the first; NULL when there is no more.
 * Addresses of global scope; links whose master it is; default routes with a gateway. */
const struct pve_nl_addr *net_host_addr(const struct net_host *h, const struct pve_nl_link *l,
					const struct pve_nl_addr *prev);
const struct pve_nl_link *net_host_port(const struct net_host *h, const struct pve_nl_link *l,
					const struct pve_nl_link *prev);
const struct pve_nl_route *net_host_gateway(const struct net_host *h, const struct pve_nl_link *l,
					    const struct pve_nl_route *prev);

/* Is the link a piece of a guest, a container engine or a VPN, made at run time: tap100i0,
 * fwbr100i0, vmbr0v5 and the VLAN under it, docker0, wg0, ...?  An interface of the files
 * may have such a name and be no such thing. */
bool net_link_is_foreign(const struct net_host *h, const struct pve_nl_link *l);
/* Does the name alone look so?  Without vmbr0v5, which the guide configures by hand. */
bool net_name_is_foreign(const char *name);
/* What the kernel says that it is. */
enum net_type net_type_of_link(const struct pve_nl_link *l);

#endif
