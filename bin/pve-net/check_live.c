/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration against the links that there are. */
#include "check_impl.h"

#include <net/if_arp.h>

#include "probe.h"

static const struct pve_nl_link *find(const struct check *c, const char *name)
{
	return pve_map_get(c->facts->link, pve_span(name));
}

/* A device of its own that carries Ethernet: what Proxmox VE calls a physical NIC. */
static bool is_nic(const struct pve_nl_link *l)
{
	return l->type == ARPHRD_ETHER && !*l->kind && !net_name_is_foreign(l->name);
}

static bool is_named(const struct check *c, const struct pve_nl_link *l)
{
	if (net_model_find(c->model, l->name))
		return true;
	for (unsigned n = 0; n < l->naltnames; n++)
		if (net_model_find(c->model, l->altname[n]))
			return true;
	return false;
}

/* The NIC that no stanza names when there is exactly one: where another is missing, it is
 * most likely that one under a new name. */
static const struct pve_nl_link *only_unused(const struct check *c)
{
	const struct pve_nl_link *one = NULL;

	for (size_t n = 0; n < c->facts->live->nlinks; n++) {
		const struct pve_nl_link *l = &c->facts->live->link[n];

		if (!is_nic(l) || is_named(c, l))
			continue;
		if (one)
			return NULL;
		one = l;
	}
	return one;
}

static void unused(struct check *c)
{
	for (size_t n = 0; n < c->facts->live->nlinks; n++) {
		const struct pve_nl_link *l = &c->facts->live->link[n];

		if (is_nic(l) && !is_named(c, l))
			check_fix(check_at(c, CHECK_NIC_UNUSED, c->conf->file[0]->path, 1,
					   "no stanza names the NIC %s (%s)", l->name, l->mac),
				  "add", l->name, "--type eth");
	}
}

static void missing(struct check *c, const struct net_iface *i, const struct pve_nl_link *spare)
{
	const struct net_edge *e = i->upper;
	const char *hint = spare ? pve_arena_printf(&c->mem, "; %s (%s) is there and has no stanza",
						    spare->name, spare->mac)
				 : "";
	struct pve_finding *f = NULL;

	if (i->type != NET_T_ETH || find(c, i->name) ||
	    (i->nstanzas && i->start != NET_START_AUTO && !e))
		return;
	while (e && !e->opt)
		e = e->next_upper;
	if (i->nstanzas)
		f = check_stanza(c, CHECK_LINK_MISSING, i->stanza[0], "there is no NIC %s%s",
				 i->name, hint);
	else if (e)
		f = check_opt(c, CHECK_LINK_MISSING, e->opt,
			      "%s needs the NIC %s, which is not there%s", e->upper->name, i->name,
			      hint);
	if (f && spare)
		check_fix(f, "rename", i->name, "%s", spare->name);
}

/* The engines look for a link of that very name and make one, or wait for it. */
static void altname(struct check *c, const struct net_iface *i)
{
	const struct pve_nl_link *l = find(c, i->name);

	if (l && strcmp(l->name, i->name) != 0)
		check_fix(check_stanza(c, CHECK_NAME_ALTNAME, i->stanza[0],
				       "%s is an alternative name of the link %s, which not every "
				       "engine looks up",
				       i->name, l->name),
			  "rename", i->name, "%s", l->name);
}

/* The kernel's name for what the stanza makes; NULL: nothing, or no matter. */
static const char *kind_of(enum net_type t)
{
	switch (t) {
	case NET_T_BRIDGE:
		return "bridge";
	case NET_T_BOND:
		return "bond";
	case NET_T_VLAN:
		return "vlan";
	case NET_T_VXLAN:
		return "vxlan";
	case NET_T_DUMMY:
		return "dummy";
	default:
		return NULL;
	}
}

static void kind(struct check *c, const struct net_iface *i, const struct pve_nl_link *l)
{
	const char *want = kind_of(i->type);

	if (want && strcmp(l->name, i->name) != 0)
		check_stanza(c, CHECK_LINK_KIND, i->stanza[0],
			     "%s is another name of the NIC %s: no %s of this name can be made",
			     i->name, l->name, want);
	else if (want && strcmp(l->kind, want) != 0)
		check_stanza(c, CHECK_LINK_KIND, i->stanza[0],
			     "%s is a %s here, but the kernel has a %s of this name", i->name, want,
			     *l->kind ? l->kind : "NIC");
	else if (i->type == NET_T_ETH && check_word_in(pve_span(l->kind), "bridge bond vlan"))
		check_stanza(c, CHECK_LINK_KIND, i->stanza[0],
			     "%s is a NIC here, but the kernel has a %s of this name", i->name,
			     l->kind);
}

static void max_mtu(struct check *c, const struct net_iface *i, const struct pve_nl_link *l)
{
	const struct net_option *o = net_iface_find(i, NET_K_MTU);

	if (o && is_nic(l) && l->max_mtu && i->mtu > l->max_mtu)
		check_fix(check_opt(c, CHECK_MTU_MAX, o,
				    "%s has the MTU %u, but its driver takes no more than %u",
				    i->name, i->mtu, l->max_mtu),
			  "set", i->name, "mtu=%u", l->max_mtu);
}

static bool is_port(const struct net_iface *bridge, const char *name)
{
	for (const struct net_edge *e = bridge->lower; e; e = e->next_lower)
		if (!strcmp(e->lower->name, name))
			return true;
	return false;
}

static struct pve_span index_key(const int *index)
{
	return (struct pve_span){(const char *)index, sizeof(*index)};
}

/* The ports of running guests keep the MTU they were plugged in with. */
static void guests(struct check *c)
{
	const struct pve_nl_snapshot *live = c->facts->live;
	struct pve_map by_index = {0}, said = {0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		struct net_iface *i = c->model->iface[n];
		const struct pve_nl_link *l = find(c, i->name);

		if (i->type == NET_T_BRIDGE && i->mtu && l)
			pve_map_set(&by_index, index_key(&l->index), i);
	}
	for (size_t n = 0; by_index.n && n < live->nlinks; n++) {
		const struct pve_nl_link *l = &live->link[n];
		struct net_iface *i =
			l->master ? pve_map_get(&by_index, index_key(&l->master)) : NULL;

		if (!i || l->mtu >= i->mtu || pve_map_get(&said, pve_span(i->name)) ||
		    is_port(i, l->name))
			continue;
		pve_map_set(&said, pve_span(i->name), i);
		check_opt(
			c, CHECK_MTU_GUEST, net_iface_find(i, NET_K_MTU),
			"%s has the MTU %u, but its port %s has %u: larger packets to it are lost",
			i->name, i->mtu, l->name, l->mtu);
	}
	pve_map_done(&by_index);
	pve_map_done(&said);
}

void check_live(struct check *c)
{
	const struct pve_nl_link *spare;

	if (!c->facts->link || !c->conf->nfiles)
		return;
	spare = only_unused(c);
	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];
		const struct pve_nl_link *l = find(c, i->name);

		missing(c, i, spare);
		altname(c, i);
		if (l) {
			kind(c, i, l);
			max_mtu(c, i, l);
		}
	}
	for (size_t n = 0; n < c->model->nmentions; n++)
		missing(c, c->model->mention[n], spare);
	unused(c);
	guests(c);
}
