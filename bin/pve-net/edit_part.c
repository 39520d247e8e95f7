/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stanzas of an interface under edit, and the lines that they have. */
#include "edit_part.h"

bool edit_part_typeless(const struct edit_part *p)
{
	return !p->family[0];
}

struct edit_part *edit_part_add(struct edit_set *set, const struct net_stanza *s,
				const char *family, const char *method)
{
	struct edit_part *p = pve_arena_alloc(&set->ed->mem, sizeof(*p));

	p->s = s;
	p->family = family;
	p->was = p->method = method;
	if (s)
		p->gone = pve_arena_alloc(&set->ed->mem, s->nopts * sizeof(*p->gone));
	*set->end = p;
	set->end = &p->next;
	return p;
}

void edit_parts_read(struct edit_set *set)
{
	struct pve_arena *mem = &set->ed->mem;
	const struct net_stanza *s;
	size_t at = 0;

	set->end = &set->part;
	while ((s = edit_next(set->ed, set->iface, &at)))
		if (!edit_computed(set->ed, s))
			edit_part_add(
				set, s,
				pve_arena_memdup(mem, s->head->family.p, s->head->family.len),
				pve_arena_memdup(mem, s->head->method.p, s->head->method.len));
}

bool edit_part_is(const struct edit_part *p, bool inet6)
{
	return edit_part_typeless(p) || strcmp(p->family, inet6 ? "inet6" : "inet") == 0;
}

bool edit_part_takes_addresses(const struct edit_part *p)
{
	return edit_part_typeless(p) || strcmp(p->method, "static") == 0 ||
	       strcmp(p->method, "manual") == 0;
}

const struct net_option *edit_part_live(const struct edit_part *p, uint32_t n,
					const struct net_key *key)
{
	const struct net_option *o = &p->s->opt[n];

	if (p->gone[n] || o->key->id != key->id)
		return NULL;
	return key->id > NET_K_KNOWN || strcmp(o->key->name, key->name) == 0 ? o : NULL;
}

/* An address or gateway line by what it holds; what is no literal belongs to its stanza. */
static bool of_family(const struct edit_part *p, const struct net_option *o, bool inet6)
{
	struct net_addr a = {0};

	if (net_addr_parse(o->value, &a))
		return (a.family == AF_INET6) == inet6;
	return edit_part_is(p, inet6);
}

unsigned edit_part_count(const struct edit_part *p, const struct net_key *key, int family)
{
	unsigned n = 0;
	const struct net_option *o;

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if ((o = edit_part_live(p, i, key)) && (family < 0 || of_family(p, o, family)))
			n++;
	return n;
}

const struct net_key edit_address_key = {"address", NET_K_ADDRESS};

unsigned edit_part_addresses(const struct edit_part *p)
{
	return edit_part_count(p, &edit_address_key, -1) + p->added_addresses;
}

bool edit_part_replace(struct edit_set *set, struct edit_part *p, int family)
{
	const struct net_option *o;
	bool done = false;

	for (uint32_t i = p->s ? p->s->nopts : 0; i > 0; i--) {
		o = edit_part_live(p, i - 1, set->change->key);
		if (!o || (family >= 0 && !of_family(p, o, family)))
			continue;
		if (done)
			edit_option_delete(set, p, i - 1);
		else
			edit_option_replace(set, o, set->change->value);
		done = true;
	}
	return done;
}

void edit_part_remove(struct edit_set *set, struct edit_part *p, int family)
{
	const struct net_option *o;

	for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
		if ((o = edit_part_live(p, i, set->change->key)) &&
		    (family < 0 || of_family(p, o, family)))
			edit_option_delete(set, p, i);
}

static bool same_value(const struct net_option *o, struct pve_span value)
{
	struct net_addr a = {0}, b = {0};

	if (pve_span_same(o->value, value))
		return true;
	if (o->key->id != NET_K_ADDRESS || !net_addr_parse(o->value, &a) ||
	    !net_addr_parse(value, &b))
		return false;
	return a.family == b.family && memcmp(&a.bytes, &b.bytes, sizeof(a.bytes)) == 0 &&
	       (a.prefix == b.prefix || a.prefix < 0 || b.prefix < 0);
}

bool edit_find_line(struct edit_set *set, struct edit_part **in, uint32_t *n)
{
	const struct net_option *o;

	for (struct edit_part *p = set->part; p; p = p->next)
		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			if ((o = edit_part_live(p, i, set->change->key)) &&
			    same_value(o, set->change->value)) {
				*in = p;
				*n = i;
				return true;
			}
	return false;
}

void edit_take_line(struct edit_set *set)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (!edit_find_line(set, &p, &n)) {
		edit_complain(set->ed, PVE_DATA, "%s has no %s %.*s", set->iface,
			      set->change->spelling, PVE_SPAN_ARG(set->change->value));
		return;
	}
	if (set->change->key->id == NET_K_ADDRESS)
		p->touched = true;
	edit_option_delete(set, p, n);
}

bool edit_inherits(struct edit_set *set)
{
	for (struct edit_part *p = set->part; p; p = p->next) {
		const struct net_stanza *parent;
		size_t at = 0;

		if (!p->s || !p->s->head->inherits.len || set->ed->force)
			continue;
		while ((parent = edit_next(set->ed,
					   pve_arena_memdup(&set->ed->mem, p->s->head->inherits.p,
							    p->s->head->inherits.len),
					   &at)))
			for (uint32_t i = 0; i < parent->nopts; i++)
				if (parent->opt[i].key->id == set->change->key->id &&
				    set->change->key->id > NET_K_KNOWN) {
					edit_complain(set->ed, PVE_DATA,
						      "%s inherits %s from %.*s (%s:%u): set it "
						      "there; --force sets it here, too",
						      set->iface, set->change->spelling,
						      PVE_SPAN_ARG(p->s->head->inherits),
						      parent->head->file->path, parent->opt[i].line);
					return true;
				}
	}
	return false;
}
