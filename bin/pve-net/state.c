/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state.h"

#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

void net_state_init(struct net_state *s)
{
	*s = (struct net_state){0};
	s->sysctl_end = &s->sysctl;
}

void net_state_done(struct net_state *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->link[i]->value);
	free(s->link);
	pve_map_done(&s->by_name);
	pve_arena_done(&s->mem);
	net_state_init(s);
}

/* --- links --------------------------------------------------------------------- */

struct net_link *net_state_find(const struct net_state *s, const char *name)
{
	struct net_link *l = pve_map_get(&s->by_name, pve_span(name));

	return l && !l->gone ? l : NULL;
}

struct net_link *net_state_add(struct net_state *s, const char *name)
{
	struct net_link *l = pve_map_get(&s->by_name, pve_span(name));

	if (l) {
		l->gone = false;
		return l;
	}
	l = pve_arena_alloc(&s->mem, sizeof(*l));
	l->name = pve_arena_strdup(&s->mem, name);
	l->kind = "";
	l->ip_end = &l->ip;
	l->hop_end = &l->hop;
	l->remote_end = &l->remote;
	l->order = (uint32_t)s->n;
	s->link = pve_grow(s->link, s->n, &s->cap, sizeof(*s->link));
	s->link[s->n++] = l;
	pve_map_set(&s->by_name, pve_span(l->name), l);
	return l;
}

/* --- attributes ---------------------------------------------------------------- */

const struct pve_nl_value *net_link_value(const struct net_link *l, enum pve_nl_attr a)
{
	for (unsigned i = 0; i < l->nvalues; i++)
		if (l->value[i].attr == a)
			return &l->value[i];
	return NULL;
}

uint64_t net_link_number(const struct net_link *l, enum pve_nl_attr a, uint64_t none)
{
	const struct pve_nl_value *v = net_link_value(l, a);

	return v ? v->n : none;
}

const char *net_link_text(const struct net_link *l, enum pve_nl_attr a)
{
	const struct pve_nl_value *v = net_link_value(l, a);

	return v && v->s ? v->s : "";
}

static void set(struct net_link *l, struct pve_nl_value v)
{
	struct pve_nl_value *old = (struct pve_nl_value *)net_link_value(l, v.attr);
	size_t cap = l->values_cap;

	if (old) {
		*old = v;
		return;
	}
	l->value = pve_grow(l->value, l->nvalues, &cap, sizeof(v));
	l->values_cap = (unsigned)cap;
	l->value[l->nvalues++] = v;
}

void net_link_set_number(struct net_link *l, enum pve_nl_attr a, uint64_t n)
{
	set(l, (struct pve_nl_value){.attr = a, .n = n});
}

void net_link_set_text(struct net_link *l, enum pve_nl_attr a, const char *text)
{
	set(l, (struct pve_nl_value){.attr = a, .s = text});
}

void net_link_unset(struct net_link *l, enum pve_nl_attr a)
{
	for (unsigned i = 0; i < l->nvalues; i++)
		if (l->value[i].attr == a) {
			l->value[i] = l->value[--l->nvalues];
			return;
		}
}

/* --- lists --------------------------------------------------------------------- */

struct net_ip *net_link_add_ip(struct net_state *s, struct net_link *l, const struct net_ip *ip)
{
	struct net_ip *new = pve_arena_alloc(&s->mem, sizeof(*new));

	*new = *ip;
	new->next = NULL;
	*l->ip_end = new;
	l->ip_end = &new->next;
	return new;
}

struct net_hop *net_link_add_hop(struct net_state *s, struct net_link *l,
				 const struct net_hop *hop)
{
	struct net_hop *new = pve_arena_alloc(&s->mem, sizeof(*new));

	*new = *hop;
	new->next = NULL;
	*l->hop_end = new;
	l->hop_end = &new->next;
	return new;
}

void net_link_add_remote(struct net_state *s, struct net_link *l, const struct pve_nl_remote *r)
{
	struct net_remote *new = pve_arena_alloc(&s->mem, sizeof(*new));

	new->r = *r;
	*l->remote_end = new;
	l->remote_end = &new->next;
}

static bool same_bytes(int family, const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, family == AF_INET6 ? 16 : 4) == 0;
}

struct net_ip *net_link_find_ip(const struct net_link *l, const struct pve_nl_addr *a)
{
	struct net_ip *i;

	for (i = l->ip; i; i = i->next)
		if (i->a.family == a->family && i->a.prefix == a->prefix &&
		    same_bytes(a->family, &i->a.bytes, &a->bytes) &&
		    same_bytes(a->family, &i->a.peer, &a->peer))
			break;
	return i;
}

struct net_hop *net_link_find_hop(const struct net_link *l, const struct pve_nl_route *r)
{
	struct net_hop *h;

	for (h = l->hop; h; h = h->next)
		if (h->r.family == r->family && h->r.prefix == r->prefix &&
		    h->r.table == r->table && h->r.metric == r->metric &&
		    h->r.has_gateway == r->has_gateway &&
		    same_bytes(r->family, &h->r.dst, &r->dst) &&
		    same_bytes(r->family, &h->r.gateway, &r->gateway))
			break;
	return h;
}

bool net_link_has_remote(const struct net_link *l, const struct pve_nl_remote *r)
{
	for (const struct net_remote *p = l->remote; p; p = p->next)
		if (p->r.family == r->family && same_bytes(r->family, &p->r.bytes, &r->bytes))
			return true;
	return false;
}

void net_link_drop_ip(struct net_link *l, const struct net_ip *ip)
{
	struct net_ip **p = &l->ip;

	while (*p && *p != ip)
		p = &(*p)->next;
	if (*p)
		*p = ip->next;
	if (l->ip_end == &ip->next)
		l->ip_end = p;
}

void net_link_drop_hop(struct net_link *l, const struct net_hop *hop)
{
	struct net_hop **p = &l->hop;

	while (*p && *p != hop)
		p = &(*p)->next;
	if (*p)
		*p = hop->next;
	if (l->hop_end == &hop->next)
		l->hop_end = p;
}

/* --- VLAN tables --------------------------------------------------------------- */

struct net_vlans *net_link_vlans(struct net_state *s, struct net_link *l)
{
	if (!l->vlans)
		l->vlans = pve_arena_alloc(&s->mem, sizeof(*l->vlans));
	return l->vlans;
}

void net_vids_set(struct net_vids *v, unsigned id, bool on)
{
	uint64_t bit = UINT64_C(1) << id % 64;

	if (id >= 4096)
		return;
	if (on)
		v->bit[id / 64] |= bit;
	else
		v->bit[id / 64] &= ~bit;
}

bool net_vids_run(const struct net_vids *v, unsigned from, unsigned *first, unsigned *last)
{
	while (from < 4096 && !net_vids_has(v, from))
		from += v->bit[from / 64] >> from % 64 ? 1 : 64 - from % 64;
	if (from >= 4096)
		return false;
	*first = from;
	while (from < 4096 && net_vids_has(v, from))
		from++;
	*last = from - 1;
	return true;
}

void net_vids_format(const struct net_vids *v, struct pve_buf *out)
{
	unsigned first, last = 0;

	for (unsigned from = 1; net_vids_run(v, from, &first, &last); from = last + 1) {
		pve_buf_printf(out, "%s%u", from > 1 ? "," : "", first);
		if (last > first)
			pve_buf_printf(out, "-%u", last);
	}
}

/* --- what is ------------------------------------------------------------------- */

/* What the kernel does not tell when there is none. */
static void set_untold(struct net_link *l, const struct pve_nl_link *from)
{
	static const enum pve_nl_attr untold[] = {PVE_NL_BOND_PRIMARY, PVE_NL_BOND_ARP_TARGETS,
						  PVE_NL_VXLAN_GROUP, PVE_NL_VXLAN_LOCAL,
						  PVE_NL_VXLAN_DEV};

	for (size_t i = 0; from->nvalues && i < sizeof(untold) / sizeof(untold[0]); i++)
		if (strcmp(pve_nl_attrs[untold[i]].kind, l->kind) == 0 &&
		    !net_link_value(l, untold[i]))
			net_link_set_text(l, untold[i], "");
}

static void read_link(struct net_state *s, const struct pve_nl_link *from, bool details)
{
	struct net_link *l = net_state_add(s, from->name);

	l->kind = from->kind;
	l->value = pve_realloc(NULL, from->nvalues + 6, sizeof(*l->value));
	l->values_cap = from->nvalues + 6;
	net_link_set_number(l, PVE_NL_UP, !!(from->flags & IFF_UP));
	net_link_set_number(l, PVE_NL_MTU, from->mtu);
	net_link_set_text(l, PVE_NL_MAC, from->mac);
	net_link_set_text(l, PVE_NL_ALIAS, from->alias);
	for (unsigned i = 0; i < from->nvalues; i++)
		l->value[l->nvalues++] = from->value[i];
	if (details)
		set_untold(l, from);
	for (unsigned i = 0; i < from->naltnames; i++)
		if (!pve_map_get(&s->by_name, pve_span(from->altname[i])))
			pve_map_set(&s->by_name, pve_span(from->altname[i]), l);
}

static void read_relations(struct net_state *s, const struct pve_nl_snapshot *live,
			   const struct pve_nl_link *from)
{
	const struct pve_nl_link *master = NULL, *lower = NULL;
	struct net_link *l = net_state_find(s, from->name);

	if (!l)
		return;
	if (from->master)
		master = pve_nl_link_by_index(live, from->master);
	if (from->lower)
		lower = pve_nl_link_by_index(live, from->lower);
	net_link_set_text(l, PVE_NL_MASTER, master ? master->name : "");
	net_link_set_text(l, PVE_NL_LOWER, lower ? lower->name : "");
	/* Either end of a pair has the other as its lower. */
	if (strcmp(l->kind, "veth") == 0 && lower)
		net_link_set_text(l, PVE_NL_VETH_PEER, lower->name);
}

static struct net_link *of_index(struct net_state *s, const struct pve_nl_snapshot *live, int index)
{
	const struct pve_nl_link *l = index ? pve_nl_link_by_index(live, index) : NULL;

	return l ? net_state_find(s, l->name) : NULL;
}

static void read_vlan(struct net_state *s, struct net_link *l, const struct pve_nl_vlan *v)
{
	struct net_vlans *table = net_link_vlans(s, l);

	for (unsigned id = v->from; id <= v->to; id++) {
		net_vids_set(&table->all, id, true);
		if (v->flags & BRIDGE_VLAN_INFO_UNTAGGED)
			net_vids_set(&table->untagged, id, true);
		if (v->flags & BRIDGE_VLAN_INFO_PVID)
			table->pvid = id;
	}
}

void net_state_read(struct net_state *s, const struct pve_nl_snapshot *live)
{
	struct net_link *l;

	net_state_init(s);
	for (size_t i = 0; i < live->nlinks; i++)
		read_link(s, &live->link[i], live->want & PVE_NL_DETAILS);
	for (size_t i = 0; i < live->nlinks; i++)
		read_relations(s, live, &live->link[i]);
	for (size_t i = 0; i < live->naddrs; i++)
		if ((l = of_index(s, live, live->addr[i].index)))
			net_link_add_ip(s, l, &(struct net_ip){.a = live->addr[i]});
	for (size_t i = 0; i < live->nroutes; i++)
		if ((live->route[i].protocol != RTPROT_KERNEL || live->route[i].has_gateway) &&
		    (l = of_index(s, live, live->route[i].oif)))
			net_link_add_hop(s, l, &(struct net_hop){.r = live->route[i]});
	for (size_t i = 0; i < live->nvlans; i++)
		if ((l = of_index(s, live, live->vlan[i].index)))
			read_vlan(s, l, &live->vlan[i]);
	for (size_t i = 0; i < live->nremotes; i++)
		if ((l = of_index(s, live, live->remote[i].index)))
			net_link_add_remote(s, l, &live->remote[i]);
}
