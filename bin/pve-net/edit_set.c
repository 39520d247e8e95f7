/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of one interface: which stanza they go to; edit_line.c writes the lines. */
#include "edit_part.h"
#include "value.h"

/* --- single options ------------------------------------------------------------- */

bool edit_refused(struct net_edit *ed, const struct net_change *c)
{
	const char *why = net_value_refusal(c->key, c->value);
	PVE_BUF safe = {0};

	if (!why)
		return false;
	for (size_t i = 0; i < c->value.len; i++)
		pve_buf_putc(&safe, (unsigned char)c->value.p[i] < ' ' || c->value.p[i] == 127
					    ? '?'
					    : c->value.p[i]);
	edit_complain(ed, PVE_USAGE, "%s=%s: %s", c->spelling, pve_buf_str(&safe), why);
	return true;
}

/* Where an option goes that the interface does not have yet. */
static struct edit_part *home_of(struct edit_set *set)
{
	static const char *const six[] = {"accept-ra",          "autoconf", "dad-attempts",
					  "dad-interval",       "privext",  "request-prefix",
					  "preferred-lifetime", NULL};

	for (size_t i = 0; six[i]; i++) {
		if (strcmp(set->change->key->name, six[i]) != 0)
			continue;
		for (struct edit_part *p = set->part; p; p = p->next)
			if (edit_part_is(p, true))
				return p;
		edit_complain(set->ed, PVE_DATA,
			      "%s has no inet6 stanza for %s: give it an address or method6=auto",
			      set->iface, six[i]);
		return NULL;
	}
	return set->part;
}

static void set_option(struct edit_set *set)
{
	const struct net_change *c = set->change;
	bool done = false;
	struct edit_part *home;
	unsigned n = 0;

	for (struct edit_part *p = set->part; p; p = p->next)
		n += edit_part_count(p, c->key, -1);
	if (net_key_is_hook(c->key) && n > 1 && c->value.len) {
		edit_complain(set->ed, PVE_USAGE,
			      "%s has %u %s commands: add one with %s+=, take one with %s-=",
			      set->iface, n, c->key->name, c->spelling, c->spelling);
		return;
	}
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (c->value.len)
			done |= edit_part_replace(set, p, -1);
		else
			edit_part_remove(set, p, -1);
	}
	if (!c->value.len || done || edit_inherits(set))
		return;
	home = home_of(set);
	if (home)
		edit_option_insert(set, home, c->value);
}

/* --- lists ---------------------------------------------------------------------- */

static bool has_word(struct pve_span list, struct pve_span word)
{
	struct pve_span w;

	while ((w = pve_span_word(&list)).len)
		if (pve_span_same(w, word))
			return true;
	return false;
}

/* The only option of that key, the last one when there are several. */
static const struct net_option *last_of(struct edit_set *set, struct edit_part **in)
{
	const struct net_option *found = NULL, *o;

	for (struct edit_part *p = set->part; p; p = p->next)
		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			if ((o = edit_part_live(p, i, set->change->key))) {
				found = o;
				*in = p;
			}
	return found;
}

static void add_words(struct edit_set *set)
{
	struct edit_part *p = NULL;
	const struct net_option *o = last_of(set, &p);
	struct pve_span rest = set->change->value, w;
	PVE_BUF all = {0};

	if (!o) {
		set_option(set);
		return;
	}
	if (!pve_span_eq(o->value, "none"))
		pve_buf_span(&all, o->value);
	while ((w = pve_span_word(&rest)).len)
		if (!has_word((struct pve_span){pve_buf_str(&all), all.len}, w)) {
			if (all.len)
				pve_buf_putc(&all, ' ');
			pve_buf_span(&all, w);
		}
	edit_option_replace(set, o, (struct pve_span){pve_buf_str(&all), all.len});
}

static const char *drop_word(void *data, unsigned index, struct pve_span word)
{
	return index && has_word(*(const struct pve_span *)data, word) ? "" : NULL;
}

static void take_words(struct edit_set *set)
{
	struct pve_span rest = set->change->value, w, left;
	struct edit_part *p = NULL;
	const struct net_option *o = last_of(set, &p);
	unsigned kept = 0;

	while ((w = pve_span_word(&rest)).len)
		if (!o || !has_word(o->value, w)) {
			edit_complain(set->ed, PVE_DATA, "%s: %.*s is not among its %s", set->iface,
				      PVE_SPAN_ARG(w), set->change->spelling);
			return;
		}
	if (!o)
		return; /* no word was given, so none was missed */
	left = o->value;
	while ((w = pve_span_word(&left)).len)
		kept += !has_word(set->change->value, w);
	if (kept)
		edit_words(set->ed, o->stanza->head->file, o->line, o->nlines, false, drop_word,
			   (void *)&set->change->value);
	else if (o->key->id == NET_K_BRIDGE_PORTS)
		edit_option_replace(set, o, pve_span("none"));
	else
		edit_option_delete(set, p, (uint32_t)(o - p->s->opt));
}

static void add_line(struct edit_set *set)
{
	struct edit_part *p = NULL;
	uint32_t n = 0;

	if (edit_find_line(set, &p, &n))
		return;
	if (!last_of(set, &p) && !edit_inherits(set))
		p = set->part;
	if (p)
		edit_option_insert(set, p, set->change->value);
}

/* --- all of it ------------------------------------------------------------------ */

static bool has_option(struct edit_set *set)
{
	for (struct edit_part *p = set->part; p; p = p->next)
		if (edit_part_count(p, set->change->key, -1))
			return true;
	return false;
}

static void change_one(struct edit_set *set)
{
	const struct net_change *c = set->change;

	if (c->pseudo == NET_P_METHOD)
		edit_set_method(set);
	else if (c->pseudo == NET_P_AUTOSTART)
		edit_autostart(set->ed, set->iface, c->value);
	else if (c->key->id == NET_K_UNKNOWN && !set->ed->force && !has_option(set))
		edit_unknown(set->ed, c);
	else if (c->op != NET_SET && net_value_kind_of(c->key) == NET_V_ONE)
		edit_complain(set->ed, PVE_USAGE, "%s has one value: use %s=", c->spelling,
			      c->spelling);
	else if (c->value.len && c->op != NET_TAKE && edit_refused(set->ed, c))
		return;
	else if (c->key->id == NET_K_ADDRESS)
		edit_change_address(set);
	else if (c->key->id == NET_K_GATEWAY && c->op == NET_SET)
		edit_set_gateway(set);
	else if (c->op == NET_SET)
		set_option(set);
	else if (net_value_kind_of(c->key) == NET_V_WORDS)
		(c->op == NET_ADD ? add_words : take_words)(set);
	else
		(c->op == NET_ADD ? add_line : edit_take_line)(set);
}

/* The method follows the addresses; a stanza that nothing is left of goes, if it is not the
 * last one. */
static void settle(struct edit_set *set)
{
	size_t left = 0;

	for (struct edit_part *p = set->part; p; p = p->next) {
		bool empty = p->s && !p->added;

		for (uint32_t i = 0; p->s && i < p->s->nopts; i++)
			empty &= p->gone[i];
		if (p->touched && p->method == p->was && edit_part_takes_addresses(p) &&
		    !edit_part_typeless(p))
			p->method = edit_part_addresses(p) ? "static" : "manual";
		p->dropped |= p->touched && empty && p != set->part;
		left += !p->dropped;
	}
	if (!left)
		edit_complain(set->ed, PVE_USAGE,
			      "%s would have no stanza left: 'pve-net remove %s' removes it",
			      set->iface, set->iface);
}

void net_edit_set(struct net_edit *ed, const char *iface, const struct net_change *c, size_t n)
{
	struct edit_set set = {.ed = ed, .iface = iface};

	if (!edit_defined(ed, iface)) {
		edit_complain(ed, PVE_DATA, "%s: no such interface", iface);
		return;
	}
	edit_parts_read(&set);
	for (unsigned pass = 0; set.part && pass < 3; pass++)
		for (size_t i = 0; i < n; i++) {
			unsigned at = c[i].pseudo == NET_P_METHOD     ? 0
				      : c[i].key->id == NET_K_ADDRESS ? 1
								      : 2;

			set.change = &c[i];
			if (at == pass)
				change_one(&set);
		}
	if (set.part)
		settle(&set);
	if (!ed->code)
		edit_parts_write(&set);
}
