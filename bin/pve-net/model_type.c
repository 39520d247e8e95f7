/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of interface a stanza describes. */
#include "model_impl.h"

static bool has_prefix(const struct net_iface *i, const char *prefix)
{
	for (size_t n = 0; n < i->nopts; n++)
		if (strncmp(i->opt[n]->key->name, prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

static bool has_method(const struct net_iface *i, const char *method)
{
	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_eq(i->stanza[n]->head->method, method))
			return true;
	return false;
}

static enum net_type ovs_type(const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_OVS_TYPE);

	if (!o)
		return NET_T_UNKNOWN;
	if (pve_span_eq(o->value, "OVSTunnel"))
		return NET_T_TUNNEL;
	for (enum net_type t = NET_T_OVS_BRIDGE; t <= NET_T_OVS_INT_PORT; t++)
		if (pve_span_eq(o->value, net_type_name(t)))
			return t;
	return NET_T_UNKNOWN;
}

/* By options that only one type has, in the order of Proxmox VE's own reader. */
static enum net_type type_of_options(const struct net_iface *i)
{
	bool have[NET_K_MAP + 1] = {0};
	enum net_type t;

	for (size_t n = 0; n < i->nopts; n++)
		have[i->opt[n]->key->id] = true;
	if (have[NET_K_BRIDGE_PORTS] || have[NET_K_BRIDGE_VLAN_AWARE] || have[NET_K_BRIDGE_STP] ||
	    have[NET_K_BRIDGE_FD])
		return NET_T_BRIDGE;
	t = have[NET_K_OVS_TYPE] ? ovs_type(i) : NET_T_UNKNOWN;
	if (t != NET_T_UNKNOWN)
		return t;
	if (have[NET_K_BOND_SLAVES] || have[NET_K_BOND_MODE])
		return NET_T_BOND;
	if (have[NET_K_VLAN_RAW_DEVICE] && !strchr(i->name, ':'))
		return NET_T_VLAN;
	if (have[NET_K_VXLAN_ID])
		return NET_T_VXLAN;
	return have[NET_K_TABLE] && has_prefix(i, "vrf-table") ? NET_T_VRF : NET_T_UNKNOWN;
}

static enum net_type type_of_link(const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_LINK_TYPE);

	if (o && pve_span_eq(o->value, "dummy"))
		return NET_T_DUMMY;
	return o && pve_span_eq(o->value, "veth") ? NET_T_VETH : NET_T_UNKNOWN;
}

static enum net_type type_of_method(const struct net_iface *i)
{
	if (has_method(i, "loopback"))
		return NET_T_LOOPBACK;
	if (has_method(i, "tunnel") || has_method(i, "v4tunnel") || has_method(i, "6to4") ||
	    has_prefix(i, "tunnel-"))
		return NET_T_TUNNEL;
	return has_method(i, "ppp") || has_method(i, "wvdial") ? NET_T_PPP : NET_T_UNKNOWN;
}

enum net_type net_model_type(const struct net_iface *i)
{
	enum net_type t = type_of_options(i);

	if (t == NET_T_UNKNOWN)
		t = type_of_link(i);
	if (t == NET_T_UNKNOWN)
		t = net_type_of_name(i->name);
	/* A NIC's own name says little: "enc0" may be a tunnel. */
	if (t == NET_T_UNKNOWN || t == NET_T_ETH) {
		enum net_type by_method = type_of_method(i);

		t = by_method == NET_T_UNKNOWN ? t : by_method;
	}
	return t;
}
