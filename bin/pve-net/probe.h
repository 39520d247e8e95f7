/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_H
#define PVE_NET_PROBE_H

#include "model.h"
#include "pveio/nl.h"

/*
 * The host as the commands see it: what is configured and what is.
 */
struct net_host {
	struct net_conf conf;
	struct net_model model;
	struct pve_nl_snapshot live; /* empty when there is nothing to read it from */
	bool have_live;
	struct pve_map link; /* name or altname -> struct pve_nl_link */
};

/* Which part of the kernel's state is wanted: links always, PVE_NL_ADDRS, PVE_NL_ROUTES.
 *
 * On the host itself the state comes from netlink.  With --root it comes from what
 * scripts/capture-host left there (DIR/netlink/{link,addr,route}.json, as "ip -d -j"
 * prints), else from DIR/sys/class/net (names, MAC, MTU, state), else there is none.
 * A configuration that cannot be read is an error; live state that cannot be read is not,
 * it is missing (have_live). */
int net_host_read(struct net_host *h, struct pve_sys *sys, unsigned want, struct pve_err *e);
void net_host_done(struct net_host *h);

/* By name or altname; NULL when there is none. */
const struct pve_nl_link *net_host_link(const struct net_host *h, const char *name);
/* Does the name look like one that Proxmox VE, a container engine or a VPN makes at run
 * time: tap100i0, fwbr100i0, vmbr0v5, docker0, ...?  Such links are never configured here. */
bool net_name_is_foreign(const char *name);

#endif
