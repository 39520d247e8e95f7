/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and look-ups; model_read.c makes the model. */
#include "model.h"

const char *net_type_name(enum net_type t)
{
	static const char *const names[] = {
		[NET_T_UNKNOWN] = "unknown",
		[NET_T_LOOPBACK] = "loopback",
		[NET_T_ETH] = "eth",
		[NET_T_BOND] = "bond",
		[NET_T_VLAN] = "vlan",
		[NET_T_BRIDGE] = "bridge",
		[NET_T_ALIAS] = "alias",
		[NET_T_VXLAN] = "vxlan",
		[NET_T_DUMMY] = "dummy",
		[NET_T_TUNNEL] = "tunnel",
		[NET_T_PPP] = "ppp",
		[NET_T_VETH] = "veth",
		[NET_T_VRF] = "vrf",
		[NET_T_OVS_BRIDGE] = "OVSBridge",
		[NET_T_OVS_BOND] = "OVSBond",
		[NET_T_OVS_PORT] = "OVSPort",
		[NET_T_OVS_INT_PORT] = "OVSIntPort",
	};

	return names[t];
}

bool net_type_is_ovs(enum net_type t)
{
	return t >= NET_T_OVS_BRIDGE;
}

const char *net_start_name(enum net_start s)
{
	static const char *const names[] = {
		[NET_START_NO] = "no",
		[NET_START_AUTO] = "yes",
		[NET_START_HOTPLUG] = "hotplug",
		[NET_START_CLASS] = "class",
	};

	return names[s];
}

/* Is it the prefix and then digits only, at least one? */
static bool numbered(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(name, prefix, n) == 0 && name[n] &&
	       name[n + strspn(name + n, "0123456789")] == '\0';
}

bool net_name_vlan(const char *name, size_t *parent_len, int *id)
{
	const char *dot = strrchr(name, '.');
	const char *digit;
	int n = 0;

	if (!dot || dot == name)
		return false;
	for (digit = dot + 1; *digit >= '0' && *digit <= '9' && digit - dot <= 9; digit++)
		n = n * 10 + (*digit - '0');
	if (digit == dot + 1 || *digit)
		return false;
	*parent_len = (size_t)(dot - name);
	*id = n;
	return true;
}

enum net_type net_type_of_name(const char *name)
{
	static const struct {
		const char *prefix;
		bool number; /* nothing but digits may follow */
		enum net_type type;
	} known[] = {
		{"eth", true, NET_T_ETH},   {"en", false, NET_T_ETH},     {"ib", false, NET_T_ETH},
		{"nic", true, NET_T_ETH},   {"if", true, NET_T_ETH},      {"wl", false, NET_T_ETH},
		{"bond", true, NET_T_BOND}, {"dummy", true, NET_T_DUMMY}, {"ppp", true, NET_T_PPP},
	};
	size_t parent;
	int id;

	if (strcmp(name, "lo") == 0)
		return NET_T_LOOPBACK;
	if (strchr(name, ':'))
		return NET_T_ALIAS;
	if (net_name_vlan(name, &parent, &id))
		return NET_T_VLAN;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number ? numbered(name, known[i].prefix)
				    : strncmp(name, known[i].prefix, strlen(known[i].prefix)) == 0)
			return known[i].type;
	return NET_T_UNKNOWN;
}

struct net_iface *net_model_find(const struct net_model *m, const char *name)
{
	return pve_map_get(&m->by_name, pve_span(name));
}

const struct net_option *net_iface_find(const struct net_iface *i, enum net_key_id id)
{
	for (size_t n = i->nopts; n > 0; n--)
		if (i->opt[n - 1]->key->id == id)
			return i->opt[n - 1];
	return NULL;
}

const struct net_option *net_iface_next(const struct net_iface *i, enum net_key_id id,
					const struct net_option *prev)
{
	size_t n = 0;

	if (prev)
		while (n < i->nopts && i->opt[n++] != prev)
			;
	for (; n < i->nopts; n++)
		if (i->opt[n]->key->id == id)
			return i->opt[n];
	return NULL;
}

bool net_iface_owns(const struct net_iface *i, const struct net_option *opt)
{
	for (size_t n = 0; n < i->nstanzas; n++)
		if (i->stanza[n] == opt->stanza)
			return true;
	return false;
}

void net_model_done(struct net_model *m)
{
	free(m->mention);
	free(m->orphan);
	free(m->opt);
	pve_map_done(&m->by_name);
	pve_arena_done(&m->mem);
	*m = (struct net_model){0};
}
