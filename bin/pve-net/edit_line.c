/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the lines that edit_set.c decided on. */
#include "edit_part.h"

void edit_option_delete(struct edit_set *set, struct edit_part *p, uint32_t n)
{
	const struct net_option *o = &p->s->opt[n];

	p->gone[n] = true;
	net_batch_delete(edit_batch(set->ed, p->s->head->file), o->line, o->line + o->nlines - 1);
}

/* What a template engine fills in is not ours to overwrite. */
static bool is_expression(struct edit_set *set, const struct net_option *o)
{
	struct pve_span text = o->stanza->head->file->text;

	if (!o->value.len || !memmem(o->value.p, o->value.len, "${", 2) ||
	    net_key_is_hook(o->key) || !memchr(text.p, '%', text.len))
		return false;
	edit_complain(set->ed, PVE_DATA, "%s:%u: %.*s is computed by a template: change it by hand",
		      o->stanza->head->file->path, o->line, PVE_SPAN_ARG(o->key->spelling));
	return true;
}

void edit_option_replace(struct edit_set *set, const struct net_option *o, struct pve_span value)
{
	const struct net_file *f = o->stanza->head->file;
	const char *begin = net_line_text(f, o->line).p;
	PVE_BUF text = {0};

	if (pve_span_same(o->value, value) || is_expression(set, o))
		return;
	if (o->nlines == 1 && o->value.len) {
		/* All up to the value stays, aligned as it was. */
		pve_buf_add(&text, begin, (size_t)(o->value.p - begin));
	} else {
		pve_buf_span(&text, net_line_indent(f, o->line));
		pve_buf_span(&text, o->key->spelling);
		pve_buf_putc(&text, ' ');
	}
	pve_buf_span(&text, value);
	net_batch_replace(edit_batch(set->ed, f), o->line, o->line + o->nlines - 1,
			  (struct pve_span){pve_buf_str(&text), text.len});
}

static bool is_addressing(const struct net_key *k)
{
	return k->id >= NET_K_ADDRESS && k->id <= NET_K_GATEWAY;
}

/* Below which line of the stanza a new option goes: the last of its own kind; an address first
 * of all, a gateway below the address; others below the last that is no hook.  Not below a
 * blank line, where Proxmox VE does not see it. */
static uint32_t place_of(const struct edit_set *set, const struct net_stanza *s)
{
	const struct net_key *key = set->change->key;
	uint32_t at = s->line + edit_head_lines(s) - 1;

	for (uint32_t i = 0; i < s->nopts; i++) {
		const struct net_option *o = &s->opt[i];
		bool same = o->key->id == key->id && key->id > NET_K_KNOWN;

		if (same ||
		    (!o->after_blank &&
		     (is_addressing(key) ? key->id != NET_K_ADDRESS && is_addressing(o->key)
					 : net_key_is_hook(key) || !net_key_is_hook(o->key))))
			at = o->line + o->nlines - 1;
	}
	return at;
}

static bool is_ovs(const struct edit_set *set)
{
	for (const struct edit_part *p = set->part; p; p = p->next)
		if (p->s && net_stanza_find(p->s, NET_K_OVS_TYPE))
			return true;
	return false;
}

static void insert_in_new(struct edit_set *set, struct edit_part *p, struct pve_span value)
{
	const struct net_stanza *first = set->part->s;
	struct pve_span indent = edit_indent(first->head->file, first);

	p->body =
		pve_arena_printf(&set->ed->mem, "%s%.*s%s %.*s\n", p->body ? p->body : "",
				 PVE_SPAN_ARG(indent), set->change->spelling, PVE_SPAN_ARG(value));
}

void edit_option_insert(struct edit_set *set, struct edit_part *p, struct pve_span value)
{
	const struct net_stanza *s = p->s;
	PVE_BUF text = {0};

	p->added++;
	if (!s) {
		insert_in_new(set, p, value);
		return;
	}
	pve_buf_span(&text, edit_indent(s->head->file, s));
	pve_buf_puts(&text, edit_spelling(set->ed, s, set->change->spelling, is_ovs(set)));
	pve_buf_putc(&text, ' ');
	pve_buf_span(&text, value);
	net_batch_insert(edit_batch(set->ed, s->head->file), place_of(set, s) + 1,
			 (struct pve_span){pve_buf_str(&text), text.len});
}

/* --- heads ---------------------------------------------------------------------- */

struct method_map {
	const char *method;
};

static const char *map_method(void *data, unsigned index, struct pve_span word)
{
	const struct method_map *m = data;

	(void)word;
	return index == 3 ? m->method : NULL;
}

static void write_head(struct edit_set *set, const struct edit_part *p)
{
	struct method_map m = {p->method};

	if (!p->s->head->method.len) {
		edit_complain(set->ed, PVE_DATA,
			      "%s:%u: this iface line has no method to change; do it by hand",
			      p->s->head->file->path, p->s->line);
		return;
	}
	edit_words(set->ed, p->s->head->file, p->s->line, edit_head_lines(p->s), false, map_method, &m);
}

/* With the blank line above, so that no two are left together. */
static void drop_part(struct edit_set *set, const struct edit_part *p)
{
	const struct net_file *f = p->s->head->file;
	uint32_t from = p->s->lead;

	if (from > 1 && f->line[from - 2].kind == NET_LINE_BLANK)
		from--;
	net_batch_delete(edit_batch(set->ed, f), from, p->s->last);
}

static void insert_lines(struct net_batch *b, uint32_t at, struct pve_span text)
{
	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		net_batch_insert(b, at, (struct pve_span){text.p, n});
		text.p += n + !!end;
		text.len -= n + !!end;
	}
}

/* Below the last stanza of the interface that is of the same family, or else of any; one that
 * goes leaves its place. */
static void write_new(struct edit_set *set, struct edit_part *p)
{
	const struct net_stanza *behind = set->part->s;
	bool found = false;
	PVE_BUF text = {0};

	for (const struct edit_part *q = set->part; q; q = q->next)
		if (q->s && (!found || strcmp(q->family, p->family) == 0)) {
			found |= strcmp(q->family, p->family) == 0;
			behind = q->s;
		}
	pve_buf_printf(&text, "\niface %s %s %s\n%s", set->iface, p->family, p->method,
		       p->body ? p->body : "");
	insert_lines(edit_batch(set->ed, behind->head->file), behind->last + 1,
		     (struct pve_span){text.data, text.len});
}

void edit_parts_write(struct edit_set *set)
{
	/* The first part is never new: net_edit_set refuses an interface without a stanza. */
	if (!set->part->s)
		return;
	for (struct edit_part *p = set->part; p; p = p->next) {
		if (!p->s)
			write_new(set, p);
		else if (p->dropped)
			drop_part(set, p);
		else if (strcmp(p->method, p->was) != 0)
			write_head(set, p);
	}
}
