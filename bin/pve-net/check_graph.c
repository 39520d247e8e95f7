/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands on what: ports, slaves, parents. */
#include "check_impl.h"

#include <ctype.h>

/* Where an edge is written: its option, or the head of the upper stanza when its name says
 * it.  NULL when the upper one has no stanza either. */
static struct pve_finding *at_edge(struct check *c, enum check_id id, const struct net_edge *e,
				   const char *message)
{
	if (e->opt)
		return check_opt(c, id, e->opt, "%s", message);
	if (e->upper->nstanzas)
		return check_stanza(c, id, e->upper->stanza[0], "%s", message);
	return NULL;
}

/* bond7 and vmbr7 exist only when a stanza makes them; any other name may be that of a NIC. */
static bool needs_stanza(const char *name, size_t len)
{
	static const char *const prefix[] = {"bond", "vmbr", NULL};

	for (size_t p = 0; prefix[p]; p++) {
		size_t n = strlen(prefix[p]);

		if (len <= n || strncmp(name, prefix[p], n) != 0)
			continue;
		while (n < len && isdigit((unsigned char)name[n]))
			n++;
		if (n == len)
			return true;
	}
	return false;
}

/* Of a port bond7.5 that has no stanza the engines make the VLAN themselves: look at what
 * it stands on.  The name in the arena. */
static const char *root_of(struct check *c, const char *name)
{
	char *root = pve_arena_strdup(&c->mem, name);

	root[strcspn(root, ".:")] = 0;
	return root;
}

static void undefined(struct check *c, const struct net_iface *mention)
{
	const char *root = root_of(c, mention->name);
	const struct net_iface *base = net_model_find(c->model, root);

	if ((base && base->nstanzas) || !needs_stanza(root, strlen(root)) ||
	    (c->facts->link && pve_map_get(c->facts->link, pve_span(root))))
		return;
	for (const struct net_edge *e = mention->upper; e; e = e->next_upper)
		if (at_edge(c, CHECK_PORT_UNDEFINED, e,
			    pve_arena_printf(&c->mem,
					     "%s stands on %s, which nothing defines: it does not "
					     "come up",
					     e->upper->name, mention->name)))
			return;
}

/* Only bridges and bonds own what stands below them; any number of VLANs may share it. */
static bool owns(const struct net_edge *e)
{
	return e->relation != NET_RAW;
}

static void twice(struct check *c, const struct net_iface *lower)
{
	const struct net_edge *first = NULL;

	for (const struct net_edge *e = lower->upper; e; e = e->next_upper) {
		if (!owns(e))
			continue;
		if (first && first->upper != e->upper)
			at_edge(c, CHECK_PORT_TWICE, e,
				pve_arena_printf(&c->mem,
						 "%s is a port of %s already: %s does not get it",
						 lower->name, first->upper->name, e->upper->name));
		if (!first)
			first = e;
	}
}

static void kinds(struct check *c, const struct net_edge *e)
{
	const char *upper = e->upper->name, *lower = e->lower->name;
	const char *what = e->relation == NET_SLAVE ? "slave of the bond" : "port of the bridge";

	if (!owns(e) || (e->upper->type != NET_T_BRIDGE && e->upper->type != NET_T_BOND) ||
	    e->upper == e->lower)
		return;
	if (e->lower->type == NET_T_BRIDGE || e->lower->type == NET_T_LOOPBACK)
		at_edge(c, CHECK_PORT_KIND, e,
			pve_arena_printf(&c->mem, "%s is %s: the kernel refuses it as a %s %s",
					 lower,
					 e->lower->type == NET_T_BRIDGE ? "a bridge" : "loopback",
					 what, upper));
	else if (e->relation == NET_SLAVE && e->lower->type == NET_T_BOND)
		at_edge(c, CHECK_BOND_NESTED, e,
			pve_arena_printf(&c->mem,
					 "the bond %s is a slave of the bond %s: failover "
					 "does not work through both",
					 lower, upper));
}

/* Depth-first search down the edges, with the way from the root on a stack. */
enum colour { WHITE, GREY, BLACK };

struct search {
	const struct net_model *model;
	unsigned char *colour;       /* by check_index */
	const struct net_edge **way; /* next edge to follow at each depth */
	const struct net_iface **at; /* the interface at each depth */
	size_t depth;
};

static unsigned char *colour(struct search *s, const struct net_iface *i)
{
	return &s->colour[check_index(s->model, i)];
}

static void enter(struct search *s, const struct net_iface *i)
{
	*colour(s, i) = GREY;
	s->at[s->depth] = i;
	s->way[s->depth++] = i->lower;
}

/* An edge that two names without a stanza make has no place in a file; the nearest
 * interface above it that has a stanza does. */
static void cycle(struct check *c, const struct search *s, const struct net_edge *e)
{
	const char *message =
		e->upper == e->lower
			? pve_arena_printf(&c->mem, "%s stands on itself", e->upper->name)
			: pve_arena_printf(&c->mem,
					   "%s stands on %s, which stands on %s again: neither "
					   "comes up",
					   e->upper->name, e->lower->name, e->upper->name);

	if (at_edge(c, CHECK_GRAPH_CYCLE, e, message))
		return;
	for (size_t d = s->depth; d > 0; d--)
		if (s->at[d - 1]->nstanzas) {
			check_stanza(c, CHECK_GRAPH_CYCLE, s->at[d - 1]->stanza[0], "%s", message);
			return;
		}
}

static void search(struct check *c, struct search *s, const struct net_iface *root)
{
	if (*colour(s, root) != WHITE)
		return;
	enter(s, root);
	while (s->depth) {
		const struct net_edge *e = s->way[s->depth - 1];

		if (!e) {
			*colour(s, s->at[--s->depth]) = BLACK;
			continue;
		}
		s->way[s->depth - 1] = e->next_lower;
		if (*colour(s, e->lower) == GREY)
			cycle(c, s, e);
		else if (*colour(s, e->lower) == WHITE)
			enter(s, e->lower);
	}
}

static void cycles(struct check *c)
{
	size_t n = c->model->nifaces + c->model->nmentions;
	struct search s = {
		.model = c->model,
		.colour = pve_calloc(n + 1, 1),
		.way = pve_calloc(n + 1, sizeof(*s.way)),
		.at = pve_calloc(n + 1, sizeof(*s.at)),
	};

	for (size_t i = 0; i < c->model->nifaces; i++)
		search(c, &s, c->model->iface[i]);
	free(s.colour);
	free(s.way);
	free(s.at);
}

static void check_lower(struct check *c, const struct net_iface *i)
{
	twice(c, i);
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		kinds(c, e);
}

void check_graph(struct check *c)
{
	for (size_t n = 0; n < c->model->nifaces; n++)
		check_lower(c, c->model->iface[n]);
	for (size_t n = 0; n < c->model->nmentions; n++) {
		check_lower(c, c->model->mention[n]);
		undefined(c, c->model->mention[n]);
	}
	cycles(c);
}
