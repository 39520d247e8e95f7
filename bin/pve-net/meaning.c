/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "meaning.h"

/* One thing that can be said of an interface. */
struct fact {
	const char *option, *value;
	bool matched;
};

struct facts {
	struct fact *v;
	size_t n, cap;
};

struct compare {
	struct net_differences *d;
	struct facts was, is;
};

static void add(struct facts *f, const char *option, const char *value)
{
	f->v = pve_grow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct fact){option, value, false};
}

/* With single blanks. */
static const char *value_of(struct pve_arena *mem, struct pve_span value)
{
	struct pve_span w = pve_span_word(&value);
	const char *text = pve_arena_memdup(mem, w.p, w.len);

	while ((w = pve_span_word(&value)).len)
		text = pve_arena_printf(mem, "%s %.*s", text, PVE_SPAN_ARG(w));
	return text;
}

static void read_facts(struct pve_arena *mem, const struct net_iface *i, struct facts *f)
{
	f->n = 0;
	if (!i || !i->nstanzas)
		return;
	add(f, "type", net_type_name(i->type));
	add(f, "autostart", net_start_name(i->start));
	for (size_t n = 0; n < i->nstanzas; n++)
		if (i->stanza[n]->head->method.len)
			add(f, pve_span_eq(i->stanza[n]->head->family, "inet6") ? "method6" : "method",
			    value_of(mem, i->stanza[n]->head->method));
	for (const struct net_addr *a = i->addr; a; a = a->next)
		add(f, "address", a->text);
	for (size_t n = 0; n < i->nopts; n++) {
		const struct net_option *o = i->opt[n];

		if (o->key->id != NET_K_ADDRESS && o->key->id != NET_K_NETMASK)
			add(f, o->key->name,
			    net_key_is_hook(o->key)
				    ? pve_arena_memdup(mem, o->value.p, o->value.len)
				    : value_of(mem, o->value));
	}
}

static void match_equal(struct facts *a, struct facts *b)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (!b->v[k].matched && strcmp(a->v[i].option, b->v[k].option) == 0 &&
			    strcmp(a->v[i].value, b->v[k].value) == 0) {
				a->v[i].matched = b->v[k].matched = true;
				break;
			}
}

static void report(struct compare *c, const char *iface, const char *option, const char *was,
		   const char *is)
{
	struct net_differences *d = c->d;

	d->v = pve_grow(d->v, d->n, &d->cap, sizeof(*d->v));
	d->v[d->n++] = (struct net_difference){pve_arena_strdup(&d->mem, iface),
					       pve_arena_strdup(&d->mem, option),
					       was ? pve_arena_strdup(&d->mem, was) : NULL,
					       is ? pve_arena_strdup(&d->mem, is) : NULL};
}

/* The next one of that option that has no counterpart. */
static struct fact *unmatched(struct facts *f, const char *option)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i].matched && strcmp(f->v[i].option, option) == 0)
			return &f->v[i];
	return NULL;
}

static void compare(struct compare *c, const struct net_iface *was, const struct net_iface *is)
{
	const char *name = is ? is->name : was->name;

	read_facts(&c->d->mem, was, &c->was);
	read_facts(&c->d->mem, is, &c->is);
	match_equal(&c->was, &c->is);
	for (size_t i = 0; i < c->is.n; i++) {
		struct fact *f = &c->is.v[i], *old;

		if (f->matched)
			continue;
		old = unmatched(&c->was, f->option);
		report(c, name, f->option, old ? old->value : NULL, f->value);
		if (old)
			old->matched = true;
	}
	for (size_t i = 0; i < c->was.n; i++)
		if (!c->was.v[i].matched)
			report(c, name, c->was.v[i].option, c->was.v[i].value, NULL);
}

/* Most interfaces are the same bytes on both sides. */
static bool same_lines(const struct net_iface *a, const struct net_iface *b)
{
	if (!a || !b || a->nstanzas != b->nstanzas || a->nopts != b->nopts ||
	    a->start != b->start || a->type != b->type)
		return false;
	for (size_t i = 0; i < a->nstanzas; i++)
		if (!pve_span_same(net_stanza_args(a->stanza[i]), net_stanza_args(b->stanza[i])))
			return false;
	for (size_t i = 0; i < a->nopts; i++)
		if (!pve_span_same(a->opt[i]->key->spelling, b->opt[i]->key->spelling) ||
		    !pve_span_same(a->opt[i]->value, b->opt[i]->value))
			return false;
	return true;
}

void net_meaning_diff(const struct net_model *was, const struct net_model *is,
		      struct net_differences *d)
{
	struct compare c = {.d = d};

	*d = (struct net_differences){0};
	for (size_t i = 0; i < is->nifaces; i++) {
		const struct net_iface *old = net_model_find(was, is->iface[i]->name);

		if (!same_lines(old, is->iface[i]))
			compare(&c, old, is->iface[i]);
	}
	for (size_t i = 0; i < was->nifaces; i++) {
		const struct net_iface *new = net_model_find(is, was->iface[i]->name);

		if (!new || !new->nstanzas)
			compare(&c, was->iface[i], NULL);
	}
	free(c.was.v);
	free(c.is.v);
}

void net_differences_done(struct net_differences *d)
{
	free(d->v);
	pve_arena_done(&d->mem);
	*d = (struct net_differences){0};
}
