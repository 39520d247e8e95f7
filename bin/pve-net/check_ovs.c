/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open vSwitch, VXLAN and uplink ids: what the writer of Proxmox VE refuses to save. */
#include "check_impl.h"

/* --- Open vSwitch --------------------------------------------------------------- */

static void ports(struct check *c, const struct net_iface *i)
{
	for (const struct net_edge *e = i->lower; e; e = e->next_lower) {
		const struct net_iface *p = e->lower;

		if (!e->opt || e->relation != NET_PORT || net_type_is_ovs(p->type))
			continue;
		check_opt(c, CHECK_OVS_PORT, e->opt, "%s has the port %s, which %s", i->name,
			  p->name,
			  p->nstanzas ? "has no ovs_type: Open vSwitch does not take it"
				      : "nothing defines");
	}
}

/* What stands behind "bond_mode=" in ovs_options, up to a blank. */
static bool option_value(struct pve_span options, const char *name, struct pve_span *value)
{
	struct pve_span w;

	while ((w = pve_span_word(&options)).len)
		if (pve_span_starts(w, name) && w.len > strlen(name) && w.p[strlen(name)] == '=') {
			value->p = w.p + strlen(name) + 1;
			value->len = w.len - strlen(name) - 1;
			return true;
		}
	return false;
}

static void bond(struct check *c, const struct net_iface *i)
{
	static const char modes[] =
		"active-backup balance-slb lacp-balance-slb lacp-balance-tcp balance-tcp";
	const struct net_option *o = net_iface_find(i, NET_K_OVS_OPTIONS);
	struct pve_span mode;

	if (o && option_value(o->value, "bond_mode", &mode) && !check_word_in(mode, modes))
		check_opt(c, CHECK_OVS_BOND, o,
			  "%s: %.*s is no mode of an Open vSwitch bond; active-backup, balance-slb "
			  "and lacp-balance-tcp are",
			  i->name, PVE_SPAN_ARG(mode));
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (e->opt && e->relation == NET_SLAVE && e->lower->type != NET_T_ETH)
			check_opt(c, CHECK_OVS_BOND, e->opt, "%s has the slave %s, which is no NIC",
				  i->name, e->lower->name);
}

/* Proxmox VE takes 1500 for a bridge that says nothing. */
static void mtus(struct check *c, const struct net_iface *i)
{
	uint32_t most = i->mtu ? i->mtu : 1500;

	for (const struct net_edge *e = i->lower; e; e = e->next_lower) {
		const struct net_iface *p = e->lower;
		const struct net_option *o = net_iface_find(p, NET_K_MTU);

		if (!o || !check_owns(p, o) || p->mtu <= most || e->relation == NET_RAW)
			continue;
		check_fix(check_opt(c, CHECK_MTU_OVS, o,
				    "%s has the MTU %u, but %s above it has %u: the GUI refuses the "
				    "whole file",
				    p->name, p->mtu, i->name, most),
			  "set", i->name, "mtu=%u", p->mtu);
	}
}

/* --- VXLAN ---------------------------------------------------------------------- */

static void peers(struct check *c, const struct net_iface *i)
{
	const struct net_option *group = net_iface_find(i, NET_K_VXLAN_SVCNODEIP);
	const struct net_option *remote = net_iface_find(i, NET_K_VXLAN_REMOTEIP);
	const struct net_option *device = net_iface_find(i, NET_K_VXLAN_PHYSDEV);

	if (group && remote)
		check_opt(c, CHECK_VXLAN_PEERS, group,
			  "%s has both a multicast group and remote addresses: only one of them is "
			  "used",
			  i->name);
	else if (group && !device)
		check_opt(c, CHECK_VXLAN_PEERS, group,
			  "%s has a multicast group but no vxlan-physdev: the kernel does not know "
			  "where to join it",
			  i->name);
}

static void vxlan(struct check *c, struct pve_map *seen, struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VXLAN_ID);
	int64_t id = o ? check_number(o) : -1;
	struct net_iface *first;

	if (!o)
		return;
	if (id < 1 || id > 16777215) {
		check_opt(c, CHECK_VXLAN_ID, o, "%s: %.*s is no VXLAN id from 1 to 16777215",
			  i->name, CHECK_VALUE(o));
		return;
	}
	first = pve_map_set(seen, o->value, i);
	if (first)
		check_opt(c, CHECK_VXLAN_ID, o, "%s has the VXLAN id %.*s, which %s has already",
			  i->name, CHECK_VALUE(o), first->name);
	peers(c, i);
}

/* --- uplink ids ----------------------------------------------------------------- */

static void uplink(struct check *c, struct pve_map *seen, struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_UPLINK_ID);
	struct net_iface *first;

	if (!o || !o->value.len)
		return;
	first = pve_map_set(seen, o->value, i);
	if (first)
		check_opt(c, CHECK_UPLINK, o, "%s has the uplink-id %.*s, which %s has already",
			  i->name, CHECK_VALUE(o), first->name);
	else if (i->type != NET_T_ETH && i->type != NET_T_BOND)
		check_opt(c, CHECK_UPLINK, o, "%s has an uplink-id but is neither a NIC nor a bond",
			  i->name);
}

/* --- options of bridge ports ---------------------------------------------------- */

static bool is_port_of_bridge(const struct net_iface *i)
{
	for (const struct net_edge *e = i->upper; e; e = e->next_upper)
		if (e->relation == NET_PORT)
			return true;
	return false;
}

/* A VXLAN of the SDN is the port of a bridge that another file may define. */
static void flags(struct check *c, const struct net_iface *i)
{
	static const char *const names[] = {"bridge-learning", "bridge-arp-nd-suppress",
					    "bridge-unicast-flood", "bridge-multicast-flood", NULL};

	if (i->type == NET_T_BRIDGE || is_port_of_bridge(i))
		return;
	for (size_t n = 0; n < i->nopts; n++)
		for (size_t k = 0; i->opt[n]->key->id == NET_K_KNOWN && names[k]; k++)
			if (strcmp(i->opt[n]->key->name, names[k]) == 0)
				check_opt(c, CHECK_BRIDGE_FLAG, i->opt[n],
					  "%s has %s but is the port of no bridge", i->name,
					  names[k]);
}

void check_ovs(struct check *c)
{
	struct pve_map ids = {0}, uplinks = {0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		struct net_iface *i = c->model->iface[n];

		if (i->type == NET_T_OVS_BRIDGE)
			ports(c, i);
		else if (i->type == NET_T_OVS_BOND)
			bond(c, i);
		if (i->type == NET_T_OVS_BRIDGE || i->type == NET_T_OVS_BOND)
			mtus(c, i);
		vxlan(c, &ids, i);
		uplink(c, &uplinks, i);
		flags(c, i);
	}
	pve_map_done(&ids);
	pve_map_done(&uplinks);
}
