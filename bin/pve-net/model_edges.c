/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands on whom. */
#include "model_impl.h"
#include "pvecommon/num.h"

/* Where the next edge of an interface goes. */
struct ends {
	struct net_edge **lower, **upper;
};

struct edges {
	struct net_model *m;
	struct ends *end; /* of each interface, then of each mention; NULL: none yet */
	size_t cap;
	size_t near; /* in the model's by_name: the last port */
};

static struct ends *ends_of(struct edges *g, struct net_iface *i)
{
	size_t n = i->nstanzas ? i->order : g->m->nifaces + i->order, old = g->cap;

	while (n >= g->cap)
		g->end = pve_grow(g->end, g->cap, &g->cap, sizeof(*g->end));
	memset(g->end + old, 0, (g->cap - old) * sizeof(*g->end));
	if (!g->end[n].lower)
		g->end[n] = (struct ends){&i->lower, &i->upper};
	return &g->end[n];
}

static void add_edge(struct edges *g, struct net_iface *upper, struct net_iface *lower,
		     enum net_relation relation, const struct net_option *opt)
{
	struct net_edge *e = pve_arena_alloc(&g->m->mem, sizeof(*e));
	struct ends *end;

	*e = (struct net_edge){.upper = upper, .lower = lower, .relation = relation, .opt = opt};
	end = ends_of(g, upper);
	*end->lower = e;
	end->lower = &e->next_lower;
	end = ends_of(g, lower);
	*end->upper = e;
	end->upper = &e->next_upper;
}

static void add_raw_edge(struct edges *g, struct net_iface *i, struct pve_span lower,
			 const struct net_option *o)
{
	add_edge(g, i, net_model_mention(g->m, lower), NET_RAW, o);
}

/* The slave names its master.  When the master names the slave too that is one edge. */
static void add_reverse_edge(struct edges *g, struct net_iface *lower, const struct net_option *o,
			     enum net_relation relation)
{
	struct net_iface *upper = net_model_mention(g->m, net_first_word(o->value));

	for (const struct net_edge *e = lower->upper; e; e = e->next_upper)
		if (e->upper == upper && e->relation == relation)
			return;
	add_edge(g, upper, lower, relation, o);
}

/* A character that makes a pattern of a word. */
static bool is_special(char c)
{
	static const bool special[256] = {['*'] = 1, ['?'] = 1, ['['] = 1, [']'] = 1, ['('] = 1,
					  [')'] = 1, ['{'] = 1, ['}'] = 1, ['|'] = 1, ['^'] = 1,
					  ['$'] = 1, ['\\'] = 1};

	return special[(unsigned char)c];
}

/* In bridge-ports, the words behind "regex" and "glob" are patterns; "noregex" ends that. */
static bool port_pattern(struct pve_span w, bool *patterns)
{
	if (pve_span_eq(w, "regex") || pve_span_eq(w, "glob"))
		return *patterns = true;
	if (pve_span_eq(w, "noregex")) {
		*patterns = false;
		return true;
	}
	if (*patterns || pve_span_eq(w, "none") || pve_span_eq(w, "all"))
		return true;
	for (size_t n = 0; n < w.len; n++)
		if (is_special(w.p[n]))
			return true;
	return false;
}

static size_t count_words(struct pve_span s)
{
	size_t n = 0;

	while (pve_span_word(&s).len)
		n++;
	return n;
}

static void add_port_word(struct net_model *m, struct net_iface *i, struct pve_span w, size_t room)
{
	struct net_rare *rare = net_model_rare(m, i);
	const char **words;

	if (!rare->nport_words || room) {
		words = pve_arena_alloc(&m->mem, (rare->nport_words + room) * sizeof(*words));
		if (rare->nport_words)
			memcpy(words, rare->port_word, rare->nport_words * sizeof(*words));
		rare->port_word = words;
	}
	words = (const char **)rare->port_word;
	words[rare->nport_words++] = pve_arena_memdup(&m->mem, w.p, w.len);
}

static void add_ports(struct edges *g, struct net_iface *i, const struct net_option *o,
		      enum net_relation relation)
{
	struct pve_span rest = o->value, w;
	size_t room = count_words(rest);
	struct net_iface *port;
	bool patterns = false;

	while ((w = pve_span_word(&rest)).len) {
		if (port_pattern(w, &patterns)) {
			add_port_word(g->m, i, w, room);
			room = 0;
		} else {
			port = pve_map_get_near(&g->m->by_name, w, &g->near);
			add_edge(g, i, port ? port : net_model_mention(g->m, w), relation, o);
		}
	}
}

static void add_edges(struct edges *g, struct net_iface *i, const struct net_option *o)
{
	switch (o->key->id) {
	case NET_K_BRIDGE_PORTS:
	case NET_K_OVS_PORTS:
		add_ports(g, i, o, NET_PORT);
		break;
	case NET_K_BOND_SLAVES:
	case NET_K_OVS_BONDS:
		add_ports(g, i, o, NET_SLAVE);
		break;
	case NET_K_VXLAN_PHYSDEV:
		if (o->value.len)
			add_raw_edge(g, i, net_first_word(o->value), o);
		break;
	default:
		break;
	}
}

static void add_reverse_edges(struct edges *g, struct net_iface *i, const struct net_option *o)
{
	if (!o->value.len)
		return;
	if (o->key->id == NET_K_BOND_MASTER)
		add_reverse_edge(g, i, o, NET_SLAVE);
	else if (o->key->id == NET_K_OVS_BRIDGE)
		add_reverse_edge(g, i, o, NET_PORT);
}

/* vlan5, vlan0005 */
static void vlan_id_of_name(struct net_iface *i)
{
	uint64_t n;

	if (i->vlan_id < 0 && strncmp(i->name, "vlan", 4) == 0 && strlen(i->name) < 14 &&
	    pve_num_span(pve_span(i->name + 4), INT32_MAX, &n) == 0)
		i->vlan_id = (int)n;
}

/* What a VLAN or an alias stands on. */
static void add_raw_device(struct edges *g, struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VLAN_RAW_DEVICE);
	const char *colon = strchr(i->name, ':');
	size_t len = 0;
	int id = -1;
	bool dotted = net_name_vlan(i->name, &len, &id);

	if (i->vlan_id < 0 && dotted)
		i->vlan_id = id;
	if (colon && colon > i->name)
		add_raw_edge(g, i, (struct pve_span){i->name, (size_t)(colon - i->name)}, NULL);
	else if (o && o->value.len)
		add_raw_edge(g, i, net_first_word(o->value), o);
	else if (dotted && i->type == NET_T_VLAN)
		add_raw_edge(g, i, (struct pve_span){i->name, len}, NULL);
	if (o)
		vlan_id_of_name(i);
}

void net_model_edges(struct net_model *m)
{
	struct edges g = {.m = m, .cap = m->nifaces + 1};

	g.end = pve_calloc(g.cap, sizeof(*g.end));
	for (size_t n = 0; n < m->nifaces; n++)
		for (size_t k = 0; k < m->iface[n]->nopts; k++)
			add_edges(&g, m->iface[n], m->iface[n]->opt[k]);
	for (size_t n = 0; n < m->nifaces; n++)
		for (size_t k = 0; k < m->iface[n]->nopts; k++)
			add_reverse_edges(&g, m->iface[n], m->iface[n]->opt[k]);
	for (size_t n = 0; n < m->nifaces; n++) {
		struct net_iface *i = m->iface[n];

		i->type = net_model_type(i);
		/* The slaves alone may say that it is a bond. */
		if (i->type == NET_T_UNKNOWN && i->lower && i->lower->relation == NET_SLAVE)
			i->type = NET_T_BOND;
		add_raw_device(&g, i);
	}
	/* A port eno1.5 without a stanza is made by every engine; its parent may be new too. */
	for (size_t n = 0; n < m->nmentions; n++) {
		m->mention[n]->type = net_type_of_name(m->mention[n]->name);
		add_raw_device(&g, m->mention[n]);
	}
	free(g.end);
}
