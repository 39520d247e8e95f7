/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ops_impl.h"

/* Deeper than the kernel stacks devices: a circle. */
#define MAX_DEPTH 16

const char *net_risk_name(enum net_risk r)
{
	static const char *const names[] = {"none", "blip", "outage", "guest loss"};

	return names[r];
}

/* --- operations ---------------------------------------------------------------- */

struct net_operation *net_op_add(struct net_planner *p, enum net_risk risk, const char *object,
			  const char *words, const char *undo, const char *why, ...)
{
	struct net_ops *o = p->ops;
	struct net_operation *op;
	va_list ap;

	o->v = pve_grow(o->v, o->n, &o->cap, sizeof(*o->v));
	op = &o->v[o->n++];
	*op = (struct net_operation){.object = pve_arena_strdup(&o->mem, object),
			      .action = "",
			      .risk = risk,
			      .words = words,
			      .undo = undo};
	va_start(ap, why);
	op->why = pve_arena_vprintf(&o->mem, why, ap);
	va_end(ap);
	return op;
}

void net_op_action(struct net_planner *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	p->ops->v[p->ops->n - 1].action = pve_arena_vprintf(&p->ops->mem, fmt, ap);
	va_end(ap);
}

const char *net_op_text(struct net_planner *p, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = pve_arena_vprintf(&p->ops->mem, fmt, ap);
	va_end(ap);
	return text;
}

void net_op_refuse(struct net_planner *p, const char *fmt, ...)
{
	PVE_BUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	pve_diags_add(&p->ops->diags, PVE_ERROR, NULL, 0, "%s", pve_buf_str(&text));
}

void net_op_warn(struct net_planner *p, const char *fmt, ...)
{
	PVE_BUF text = {0};
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	pve_diags_add(&p->ops->diags, PVE_WARNING, NULL, 0, "%s", pve_buf_str(&text));
}

/* --- who owns what ------------------------------------------------------------- */

const struct net_link *net_op_owned(const struct net_planner *p, const char *name)
{
	return p->opts->owned ? net_state_find(p->opts->owned, name) : NULL;
}

bool net_link_is_ours(const struct net_state *want, const struct net_state *owned, const char *name)
{
	const struct net_link *l = net_state_find(want, name);

	/* One without an interface is there because a foreign thing needs it. */
	return (l && l->iface) || (owned && net_state_find(owned, name));
}

bool net_op_ours(const struct net_planner *p, const char *name)
{
	return net_link_is_ours(p->want, p->opts->owned, name);
}

const char *net_op_foreign_on(struct net_planner *p, const struct net_link *l)
{
	PVE_BUF names = {0};

	for (size_t i = 0; i < p->now->n; i++) {
		const struct net_link *on = p->now->link[i];
		bool stands = strcmp(net_link_text(on, PVE_NL_MASTER), l->name) == 0 ||
			      (strcmp(on->kind, "veth") != 0 &&
			       strcmp(net_link_text(on, PVE_NL_LOWER), l->name) == 0);

		if (!on->gone && stands && !net_op_ours(p, on->name))
			pve_buf_printf(&names, "%s%s", names.len ? ", " : "", on->name);
	}
	return names.len ? net_op_text(p, "%s", pve_buf_str(&names)) : NULL;
}

/* --- order --------------------------------------------------------------------- */

static bool lift(struct net_link *upper, const struct net_link *lower)
{
	if (!upper || !lower || upper->depth > lower->depth || lower->depth > MAX_DEPTH)
		return false;
	upper->depth = lower->depth + 1;
	return true;
}

/* A link is one deeper than the deepest that it stands on. */
static void find_depths(const struct net_state *s)
{
	static const enum pve_nl_attr lowers[] = {PVE_NL_LOWER, PVE_NL_VXLAN_DEV};
	bool more = true;

	for (unsigned turn = 0; more && turn <= MAX_DEPTH; turn++) {
		more = false;
		for (size_t i = 0; i < s->n; i++) {
			struct net_link *l = s->link[i];

			if (l->gone)
				continue;
			for (size_t k = 0; k < 2; k++)
				more |= lift(l, net_state_find(s, net_link_text(l, lowers[k])));
			more |= lift(net_state_find(s, net_link_text(l, PVE_NL_MASTER)), l);
		}
	}
}

static int below_first(const void *a, const void *b)
{
	const struct net_link *x = *(struct net_link *const *)a, *y = *(struct net_link *const *)b;

	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int above_first(const void *a, const void *b)
{
	return below_first(b, a);
}

static void sort_wanted(struct net_planner *p)
{
	find_depths(p->want);
	p->n = 0;
	p->up = pve_arena_alloc(&p->ops->mem, p->want->n * sizeof(struct net_link *));
	for (size_t i = 0; i < p->want->n; i++) {
		if (p->want->link[i]->depth > MAX_DEPTH)
			net_op_refuse(p, "%s: stands on itself", p->want->link[i]->name);
		if (!p->want->link[i]->gone)
			p->up[p->n++] = p->want->link[i];
	}
	if (p->n)
		qsort(p->up, p->n, sizeof(*p->up), below_first);
}

static bool is_named(const struct net_planner *p, const char *name)
{
	return net_state_find(p->want, name) ||
	       (p->opts->model && net_model_find(p->opts->model, name));
}

/* ovs-vsctl has deleted it by then. */
static bool goes_with_ovs(struct net_planner *p, const struct net_link *owned)
{
	struct net_link *now = net_state_find(p->now, owned->name);

	if (strcmp(owned->kind, NET_KIND_OVS) != 0)
		return false;
	if (now && p->opts->ovs)
		now->gone = true;
	return true;
}

static void sort_obsolete(struct net_planner *p)
{
	const struct net_state *owned = p->opts->owned;

	if (!owned)
		return;
	find_depths(owned);
	p->old = pve_arena_alloc(&p->ops->mem, owned->n * sizeof(struct net_link *));
	for (size_t i = 0; i < owned->n; i++)
		if (!owned->link[i]->gone && !is_named(p, owned->link[i]->name) &&
		    !goes_with_ovs(p, owned->link[i]))
			p->old[p->nold++] = owned->link[i];
	if (p->nold)
		qsort(p->old, p->nold, sizeof(*p->old), above_first);
}

void net_ops_plan(struct net_ops *ops, struct net_state *want, struct net_state *now,
		  const struct net_ops_opts *opts)
{
	struct net_planner p = {.ops = ops, .want = want, .now = now, .opts = opts};

	*ops = (struct net_ops){0};
	net_ops_reset(&p);
	sort_wanted(&p);
	sort_obsolete(&p);
	net_ops_links(&p);
	/* Foreign links that stood on one that is made anew are wanted back. */
	sort_wanted(&p);
	net_ops_restored(&p);
	net_ops_masters(&p);
	net_ops_vlans(&p);
	net_ops_mtus(&p);
	net_ops_sysctls(&p);
	net_ops_addresses(&p);
	net_ops_obsolete(&p);
}

void net_ops_done(struct net_ops *ops)
{
	pve_diags_done(&ops->diags);
	free(ops->v);
	pve_arena_done(&ops->mem);
	*ops = (struct net_ops){0};
}
