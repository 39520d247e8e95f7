/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_impl.h"

static const struct net_edge *raw(const struct net_iface *i)
{
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (e->relation == NET_RAW)
			return e;
	return NULL;
}

static bool is_service_tag(const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VLAN_PROTOCOL);

	return o && o->value.len == 7 && !strncasecmp(o->value.p, "802.1ad", 7);
}

static void protocol(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VLAN_PROTOCOL);

	if (!o || !check_owns(i, o) || is_service_tag(i) ||
	    (o->value.len == 6 && !strncasecmp(o->value.p, "802.1q", 6)))
		return;
	check_fix(check_opt(c, CHECK_VLAN_PROTOCOL, o,
			    "%s: the VLAN protocol %.*s is neither 802.1q nor 802.1ad", i->name,
			    CHECK_VALUE(o)),
		  "set", i->name, "vlan-protocol=802.1q");
}

/* The option when there is one, else the head of the stanza. */
static void complain(struct check *c, enum check_id id, const struct net_iface *i,
		     enum net_key_id key, const char *message)
{
	const struct net_option *o = net_iface_find(i, key);

	if (o)
		check_opt(c, id, o, "%s", message);
	else
		check_stanza(c, id, i->stanza[0], "%s", message);
}

static void id(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VLAN_ID);
	bool dotted;
	size_t len;
	int tag;

	if ((o && check_number(o) < 0) || i->vlan_id < 1 || i->vlan_id > 4094) {
		complain(c, CHECK_VLAN_ID, i, NET_K_VLAN_ID,
			 pve_arena_printf(&c->mem, "%s has no VLAN id from 1 to 4094", i->name));
		return;
	}
	dotted = net_name_vlan(i->name, &len, &tag);
	if (o && dotted && check_number(o) != tag)
		check_opt(c, CHECK_VLAN_ID, o,
			  "%s has the VLAN id %.*s, but its name says %d: engines differ in which "
			  "they take",
			  i->name, CHECK_VALUE(o), tag);
}

static void parent(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VLAN_RAW_DEVICE);
	size_t len;
	int tag;

	if (!raw(i)) {
		check_stanza(c, CHECK_VLAN_PARENT, i->stanza[0],
			     "%s is a VLAN without vlan-raw-device: it cannot be made", i->name);
		return;
	}
	if (o && net_name_vlan(i->name, &len, &tag) &&
	    (o->value.len != len || memcmp(o->value.p, i->name, len) != 0))
		check_fix(check_opt(c, CHECK_VLAN_PARENT, o,
				    "%s stands on %.*s by its option but on %.*s by its name",
				    i->name, CHECK_VALUE(o), (int)len, i->name),
			  "set", i->name, "vlan-raw-device=");
}

/* A VLAN device is its parent, tag and protocol; the kernel takes no second name for one. */
static void twice(struct check *c, struct pve_map *seen, struct net_iface *i)
{
	const struct net_edge *e = raw(i);
	struct net_iface *first;
	uint32_t device[3];
	struct pve_span key;

	if (!e)
		return;
	device[0] = (uint32_t)check_index(c->model, e->lower);
	device[1] = (uint32_t)i->vlan_id;
	device[2] = is_service_tag(i);
	key = (struct pve_span){pve_arena_memdup(&c->mem, device, sizeof(device)), sizeof(device)};
	first = pve_map_get(seen, key);
	if (!first) {
		pve_map_set(seen, key, i);
		return;
	}
	check_stanza(c, CHECK_VLAN_DUPLICATE, i->stanza[0],
		     "%s is VLAN %d of %s, which %s is already (%s:%u): the kernel refuses it",
		     i->name, i->vlan_id, e->lower->name, first->name, first->stanza[0]->head->file->path,
		     first->stanza[0]->line);
}

static void stacked(struct check *c, const struct net_iface *i)
{
	const struct net_edge *e = raw(i);
	struct pve_finding *f;

	if (!e || e->lower->type != NET_T_VLAN || is_service_tag(e->lower))
		return;
	f = check_stanza(c, CHECK_VLAN_STACKED, i->stanza[0],
			 "%s is a VLAN on the VLAN %s, whose outer tag is not 802.1ad: many "
			 "switches drop two 802.1q tags",
			 i->name, e->lower->name);
	if (e->lower->nstanzas)
		check_fix(f, "set", e->lower->name, "vlan-protocol=802.1ad");
}

void check_vlans(struct check *c)
{
	struct pve_map seen = {0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		struct net_iface *i = c->model->iface[n];

		if (i->type == NET_T_UNKNOWN && net_iface_find(i, NET_K_VLAN_ID))
			parent(c, i);
		if (i->type != NET_T_VLAN)
			continue;
		protocol(c, i);
		id(c, i);
		parent(c, i);
		twice(c, &seen, i);
		stacked(c, i);
	}
	pve_map_done(&seen);
}
