/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph.h"

#include "pvecommon/text.h"

/* A tree deeper than this is cut: no host has one, but a broken file may. */
#define MAX_DEPTH 32

/* --- nodes and arcs ------------------------------------------------------------ */

static struct net_node *add_node(struct net_graph *g, const char *name, const struct net_iface *i,
				 const struct pve_nl_link *l)
{
	struct net_node *n = pve_arena_alloc(&g->mem, sizeof(*n));

	n->name = name;
	n->iface = i;
	n->link = l;
	n->type = i ? i->type : NET_T_UNKNOWN;
	if (n->type == NET_T_UNKNOWN && l)
		n->type = net_type_of_link(l);
	n->upper_end = &n->upper;
	g->node = pve_grow(g->node, g->nnodes, &g->nodes_cap, sizeof(struct net_node *));
	g->node[g->nnodes++] = n;
	pve_map_set(&g->by_name, pve_span(name), n);
	/* The kernel's own name finds it too, when the files use an altname. */
	if (l && !pve_map_get(&g->by_name, pve_span(l->name)))
		pve_map_set(&g->by_name, pve_span(l->name), n);
	return n;
}

static struct net_node *find(const struct net_graph *g, const char *name)
{
	return pve_map_get(&g->by_name, pve_span(name));
}

/* The same relation may be told several times, by the files and by the kernel. */
static void add_arc(struct net_graph *g, struct net_node *lower, struct net_node *upper,
		    enum net_relation relation, bool live_only)
{
	struct net_arc *a;

	if (relation == NET_RAW ? upper->under == lower : lower->master == upper)
		return;
	if (relation == NET_RAW)
		upper->under = lower;
	else
		lower->master = upper;
	a = pve_arena_alloc(&g->mem, sizeof(*a));
	*a = (struct net_arc){.to = upper, .relation = relation, .live_only = live_only};
	*lower->upper_end = a;
	lower->upper_end = &a->next;
	upper->nlower++;
}

static void add_configured(struct net_graph *g, const struct net_host *h,
			   struct net_iface *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_node(g, list[i]->name, list[i], net_host_link(h, list[i]->name));
}

static void add_configured_arcs(struct net_graph *g, struct net_iface *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (const struct net_edge *e = list[i]->lower; e; e = e->next_lower)
			add_arc(g, find(g, e->lower->name), find(g, e->upper->name), e->relation,
				false);
}

static void add_live_arcs(struct net_graph *g, const struct net_host *h,
			  const struct pve_nl_link *l)
{
	const struct pve_nl_link *master = net_host_link_at(h, l->master);
	const struct pve_nl_link *lower = net_host_link_at(h, l->lower);
	struct net_node *n = find(g, l->name), *other;

	other = master ? find(g, master->name) : NULL;
	if (n && other)
		add_arc(g, n, other, other->type == NET_T_BOND ? NET_SLAVE : NET_PORT, true);
	/* The peers of a veth pair name one another. */
	other = lower && strcmp(l->kind, "veth") != 0 ? find(g, lower->name) : NULL;
	if (n && other)
		add_arc(g, other, n, NET_RAW, true);
}

void net_graph_read(struct net_graph *g, const struct net_host *h, bool all)
{
	const struct net_model *m = &h->model;

	*g = (struct net_graph){0};
	add_configured(g, h, m->iface, m->nifaces);
	add_configured(g, h, m->mention, m->nmentions);
	for (size_t i = 0; i < h->live.nlinks; i++) {
		const struct pve_nl_link *l = &h->live.link[i];

		if (!find(g, l->name) && (all || !net_link_is_foreign(h, l)))
			add_node(g, l->name, NULL, l);
	}
	add_configured_arcs(g, m->iface, m->nifaces);
	add_configured_arcs(g, m->mention, m->nmentions);
	for (size_t i = 0; i < h->live.nlinks; i++)
		add_live_arcs(g, h, &h->live.link[i]);
}

void net_graph_done(struct net_graph *g)
{
	free(g->node);
	pve_map_done(&g->by_name);
	pve_arena_done(&g->mem);
	*g = (struct net_graph){0};
}

const char *net_relation_name(enum net_relation r)
{
	static const char *const names[] = {
		[NET_PORT] = "port", [NET_SLAVE] = "slave", [NET_RAW] = "on"};

	return names[r];
}

/* --- the tree ------------------------------------------------------------------ */

/* Adds a visit and returns its number + 1. */
static uint32_t visit(struct net_walk *w, struct net_node *n, uint32_t parent,
		      const struct net_arc *arc, unsigned depth)
{
	enum net_visit_kind kind = NET_VISIT_FULL;

	if (n->visit)
		kind = n->open ? NET_VISIT_LOOP : NET_VISIT_AGAIN;
	else if (depth >= MAX_DEPTH)
		kind = NET_VISIT_DEEP;
	w->v = pve_grow(w->v, w->n, &w->cap, sizeof(*w->v));
	w->v[w->n++] = (struct net_visit){n, kind, parent, arc};
	return (uint32_t)w->n;
}

static void walk(struct net_walk *w, struct net_node *n, uint32_t number, unsigned depth)
{
	if (w->v[number - 1].kind != NET_VISIT_FULL)
		return;
	n->visit = number;
	n->open = true;
	for (const struct net_arc *a = n->upper; a; a = a->next)
		walk(w, a->to, visit(w, a->to, number, a, depth + 1), depth + 1);
	n->open = false;
}

void net_graph_walk(struct net_graph *g, struct net_walk *w)
{
	*w = (struct net_walk){0};
	for (size_t i = 0; i < g->nnodes; i++)
		if (!g->node[i]->nlower)
			walk(w, g->node[i], visit(w, g->node[i], 0, NULL, 0), 0);
	/* What is left stands in circles, or too deep. */
	for (size_t i = 0; i < g->nnodes; i++)
		if (!g->node[i]->visit)
			walk(w, g->node[i], visit(w, g->node[i], 0, NULL, 0), 0);
}

void net_walk_done(struct net_walk *w)
{
	free(w->v);
	*w = (struct net_walk){0};
}

/* --- Graphviz ------------------------------------------------------------------ */

/* A quoted string of the DOT language; its only escape is \" but labels know \\ too. */
static void dot_quote(struct pve_buf *out, const char *s)
{
	PVE_BUF safe = {0};

	pve_text_safe(&safe, pve_span(s));
	for (size_t i = 0; i < safe.len; i++) {
		if (safe.data[i] == '"' || safe.data[i] == '\\')
			pve_buf_putc(out, '\\');
		pve_buf_putc(out, safe.data[i]);
	}
}

static const char *dot_style(const struct net_node *n)
{
	if (!n->iface)
		return ", style=dotted";
	return n->iface->nstanzas ? "" : ", style=dashed";
}

static void dot_node(struct pve_buf *out, const struct net_node *n)
{
	pve_buf_puts(out, "\t\"");
	dot_quote(out, n->name);
	pve_buf_puts(out, "\" [label=\"");
	dot_quote(out, n->name);
	pve_buf_printf(out, "\\n%s", net_type_name(n->type));
	for (const struct net_addr *a = n->iface ? n->iface->addr : NULL; a; a = a->next) {
		pve_buf_puts(out, "\\n");
		dot_quote(out, a->text);
	}
	pve_buf_printf(out, "\"%s];\n", dot_style(n));
}

void net_graph_dot(const struct net_graph *g, struct pve_buf *out)
{
	pve_buf_puts(out, "digraph network {\n\trankdir=LR;\n\tnode [shape=box];\n");
	for (size_t i = 0; i < g->nnodes; i++)
		dot_node(out, g->node[i]);
	for (size_t i = 0; i < g->nnodes; i++)
		for (const struct net_arc *a = g->node[i]->upper; a; a = a->next) {
			pve_buf_puts(out, "\t\"");
			dot_quote(out, g->node[i]->name);
			pve_buf_puts(out, "\" -> \"");
			dot_quote(out, a->to->name);
			pve_buf_printf(out, "\" [label=\"%s\"%s];\n",
				       net_relation_name(a->relation),
				       a->live_only ? ", style=dotted" : "");
		}
	pve_buf_puts(out, "}\n");
}
