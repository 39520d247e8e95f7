/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses against one another: the same one twice, subnets that overlap. */
#include "check_impl.h"

#include <stdlib.h>

#include "check_ip.h"

struct entry {
	const struct net_iface *iface;
	const struct net_addr *addr;
	uint32_t order; /* in reading order */
	bool duplicate; /* said already */
	/* In the second pass, first to sort, and then: */
	union {
		struct in6_addr net; /* its subnet: host bits cleared */
		struct {
			struct entry *parent; /* the smallest network around this one ... */
			struct entry *other;  /* ... and that of another interface */
		};
	};
};

struct list {
	struct entry *v;
	size_t n, cap;
};

/* eno1 and eno1:0 are one interface. */
static bool same_device(const struct entry *a, const struct entry *b)
{
	size_t n = strcspn(a->iface->name, ":");

	return n == strcspn(b->iface->name, ":") && !memcmp(a->iface->name, b->iface->name, n);
}

/* Link-local addresses mean something on their link only, and an inherited address belongs to the
 * stanza it comes from. */
static bool counts(const struct net_iface *i, const struct net_addr *a)
{
	return a->family && !check_ip_is_any(a) && !check_ip_is_link_local(a) &&
	       check_owns(i, a->opt);
}

static void collect(struct check *c, struct list *l)
{
	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		/* Each VRF has a world of its own. */
		if (net_iface_find(i, NET_K_VRF))
			continue;
		for (const struct net_addr *a = i->addr; a; a = a->next) {
			if (!counts(i, a))
				continue;
			l->v = pve_grow(l->v, l->n, &l->cap, sizeof(*l->v));
			l->v[l->n] = (struct entry){.iface = i, .addr = a, .order = (uint32_t)l->n};
			l->n++;
		}
	}
}

static int by_order(const struct entry *a, const struct entry *b)
{
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Files that a program wrote are in order already. */
static void sort(struct list *l, int (*order)(const void *, const void *))
{
	size_t n = 1;

	while (n < l->n && order(&l->v[n - 1], &l->v[n]) <= 0)
		n++;
	if (n < l->n)
		qsort(l->v, l->n, sizeof(*l->v), order);
}

static int by_address(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int cmp = check_ip_order(x->addr, y->addr);

	return cmp ? cmp : by_order(x, y);
}

static const char *place(struct check *c, const struct entry *e)
{
	return pve_arena_printf(&c->mem, "%s:%u", e->addr->opt->stanza->head->file->path,
				e->addr->opt->line);
}

/* A host route beside a subnet is how one address serves several interfaces on purpose:
 * hosting providers ask for it. */
static void duplicate(struct check *c, const struct entry *first, struct entry *again)
{
	struct pve_finding *f;

	again->duplicate = true;
	if (check_ip_is_single(first->addr) || check_ip_is_single(again->addr))
		return;
	if (again->iface == first->iface) {
		check_opt(c, CHECK_ADDRESS_DUPLICATE, again->addr->opt,
			  "%s has the address %s twice (%s)", again->iface->name, again->addr->text,
			  place(c, first));
		return;
	}
	f = check_opt(c, CHECK_ADDRESS_DUPLICATE, again->addr->opt,
		      "%s has the address %s, which %s has too (%s): one of them gets no answers",
		      again->iface->name, again->addr->text, first->iface->name, place(c, first));
	if (!again->iface->addr->next)
		check_fix(f, "set", again->iface->name, "address=");
}

static void duplicates(struct check *c, struct list *l)
{
	size_t first = 0;

	sort(l, by_address);
	for (size_t n = 1; n < l->n; n++)
		if (check_ip_same(l->v[first].addr, l->v[n].addr))
			duplicate(c, &l->v[first], &l->v[n]);
		else
			first = n;
}

/* Networks in front of all that they contain. */
static int by_network(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int cmp = x->addr->family - y->addr->family;

	if (!cmp)
		cmp = memcmp(&x->net, &y->net, sizeof(x->net));
	if (!cmp)
		cmp = x->addr->prefix - y->addr->prefix;
	return cmp ? cmp : by_order(x, y);
}

static void overlap(struct check *c, const struct entry *a, const struct entry *b)
{
	const struct entry *first = a->order < b->order ? a : b, *later = first == a ? b : a;

	check_opt(c, CHECK_ADDRESS_OVERLAP, later->addr->opt,
		  "the subnet of %s on %s overlaps that of %s on %s (%s): packets may leave by the "
		  "wrong one",
		  later->addr->text, later->iface->name, first->addr->text, first->iface->name,
		  place(c, first));
}

/* Leaves only what has a subnet with neighbours in it. */
static void keep_networks(struct list *l)
{
	size_t kept = 0;

	for (size_t n = 0; n < l->n; n++) {
		struct entry *e = &l->v[n];

		if (e->duplicate || e->addr->prefix < 0 || check_ip_is_single(e->addr))
			continue;
		e->net = check_ip_net(e->addr);
		l->v[kept++] = *e;
	}
	l->n = kept;
}

/* In that order the networks around one are a chain of parents, so that one pass finds for
 * each the smallest around it on another device. */
static void overlaps(struct check *c, struct list *l)
{
	struct entry *top = NULL;

	keep_networks(l);
	sort(l, by_network);
	for (size_t n = 0; n < l->n; n++) {
		struct entry *e = &l->v[n];

		while (top && !net_addr_covers(top->addr, e->addr))
			top = top->parent;
		e->parent = top;
		e->other = top && same_device(top, e) ? top->other : top;
		if (e->other)
			overlap(c, e->other, e);
		top = e;
	}
}

void check_subnets(struct check *c)
{
	struct list l = {0};

	collect(c, &l);
	if (l.n) {
		duplicates(c, &l);
		overlaps(c, &l);
	}
	free(l.v);
}
