/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_TEMPLATE_H
#define PVE_NET_TEMPLATE_H

#include "edit.h"
#include "pvecommon/strv.h"

/*
 * The eight set-ups of the Proxmox VE Administration Guide, "Network Configuration", as stanzas.
 * Pure.
 */
struct net_template {
	const struct net_template_kind *kind;
	struct pve_strv nics;     /* of the bridge, or slaves of the bond */
	const char *bridge;       /* vmbr0 */
	const char *bond;         /* bond0 */
	const char *mode, *hash;  /* of the bond; NULL: 802.3ad, layer2+3 */
	const char *vlan;         /* id; NULL: 5 as in the guide */
	const char *address;      /* of the host, with prefix */
	const char *gateway;      /* or NULL */
	const char *guests;       /* address of the bridge to guests that are routed */
	const char *bond_address; /* of a bond that is no port of the bridge */
	const char *bridge_nic;   /* the port of the bridge beside such a bond */
};

/* NULL when there is none of that name.  All names, for help: net_template_kinds. */
const struct net_template_kind *net_template_find(const char *name);
#define NET_TEMPLATE_KINDS "bridged routed masquerade bond bond-bridge vlan vlan-aware vlan-bond"

/* Adds the stanzas to the end of the main file.  A NIC that has a stanza already keeps it, if that
 * gives it no address; every other interface must be new.  What is missing or wrong is complained
 * of in ed, naming the options of the command line. */
void net_template_apply(struct net_edit *ed, const struct net_template *t);

#endif
