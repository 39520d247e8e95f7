/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new name, everywhere. */
#include "edit_impl.h"

#include <ctype.h>

#include "value.h"

struct renaming {
	struct net_edit *ed;
	const char *old, *name;
	const struct net_stanza *s; /* the one at work */
	bool long_said;
};

/* The new word for one that is the old name, or a VLAN or alias on it; else NULL. */
static const char *renamed(struct renaming *r, struct pve_span word)
{
	size_t n = strlen(r->old);
	const char *to;

	if (!pve_span_eq(word, r->old) && !edit_stands_on(word, r->old))
		return NULL;
	to = pve_arena_printf(&r->ed->mem, "%s%.*s", r->name, (int)(word.len - n), word.p + n);
	if (!r->long_said && net_name_refusal(to)) {
		r->long_said = true;
		edit_complain(r->ed, PVE_USAGE, "%.*s would be called %s, which %s",
			      PVE_SPAN_ARG(word), to, net_name_refusal(to));
	}
	return to;
}

static const char *map_any(void *data, unsigned index, struct pve_span word)
{
	return index ? renamed(data, word) : NULL;
}

static const char *map_hook(void *data, unsigned index, struct pve_span word)
{
	(void)index;
	return renamed(data, word);
}

/* iface NAME FAMILY METHOD inherits OTHER: an interface may well be called "static". */
static const char *map_iface(void *data, unsigned index, struct pve_span word)
{
	struct renaming *r = data;
	bool parent = r->s->head->inherits.len && index > 1 && pve_span_same(word, r->s->head->inherits);

	return index == 1 || parent ? renamed(r, word) : NULL;
}

/* auto CUR=LOGICAL: the part behind the sign is ours.  allow-vmbr0: the class is a bridge. */
static const char *map_start(void *data, unsigned index, struct pve_span word)
{
	struct renaming *r = data;
	const char *eq = memchr(word.p, '=', word.len), *to;
	struct pve_span part = word;
	size_t skip = 0;

	if (!index)
		skip = pve_span_starts(word, "allow-") ? strlen("allow-") : word.len;
	else if (eq)
		skip = (size_t)(eq + 1 - word.p);
	part.p += skip;
	part.len -= skip;
	to = part.len ? renamed(r, part) : NULL;
	return to && skip ? pve_arena_printf(&r->ed->mem, "%.*s%s", (int)skip, word.p, to) : to;
}

static bool mentions(const struct renaming *r, struct pve_span text)
{
	PVE_BUF out = {0};

	return net_rename_words(text, r->old, r->name, &out) > 0;
}

/* Options that are read by a program of their own, as hooks are by a shell. */
static bool is_like_hook(const struct net_key *k)
{
	return net_key_is_hook(k) || k->id == NET_K_OVS_OPTIONS ||
	       strcmp(k->name, "ovs-extra") == 0;
}

static void rename_option(struct renaming *r, const struct net_option *o)
{
	const struct net_file *f = o->stanza->head->file;

	if (edit_is_reference(o->key)) {
		edit_words(r->ed, f, o->line, o->nlines, false, map_any, r);
	} else if (!mentions(r, o->value)) {
		return;
	} else if (is_like_hook(o->key)) {
		edit_words(r->ed, f, o->line, o->nlines, true, map_hook, r);
		edit_note(r->ed, "%s:%u: changed in a hook, look at it: %.*s", f->path, o->line,
			  PVE_SPAN_ARG(o->value));
	} else if (o->key->id == NET_K_MAP) {
		edit_words(r->ed, f, o->line, o->nlines, false, map_any, r);
	} else {
		edit_note(r->ed, "%s:%u: names %s and was not changed: %.*s %.*s", f->path, o->line,
			  r->old, PVE_SPAN_ARG(o->key->spelling), PVE_SPAN_ARG(o->value));
	}
}

static void rename_in(struct renaming *r, const struct net_stanza *s)
{
	edit_map *map = NULL;

	r->s = s;
	if (s->kind == NET_IFACE &&
	    (renamed(r, s->name) || (s->head->inherits.len && renamed(r, s->head->inherits))))
		map = map_iface;
	else if (s->kind == NET_AUTO || s->kind == NET_ALLOW || s->kind == NET_NO_AUTO_DOWN ||
		 s->kind == NET_NO_SCRIPTS || s->kind == NET_RENAME)
		map = map_start;
	else if (s->kind == NET_MAPPING)
		map = map_any;
	if (map == map_iface && edit_computed(r->ed, s))
		return;
	if (map)
		edit_words(r->ed, s->head->file, s->line, edit_head_lines(s), false, map, r);
	for (uint32_t i = 0; i < s->nopts; i++)
		rename_option(r, &s->opt[i]);
}

void net_edit_rename(struct net_edit *ed, const char *old, const char *name)
{
	struct renaming r = {.ed = ed, .old = old, .name = name};
	const char *why = net_name_refusal(name);
	bool mentioned = edit_defined(ed, old);

	if (why)
		edit_complain(ed, PVE_USAGE, "the name '%.40s' %s", name, why);
	else if (strcmp(old, name) != 0 && edit_defined(ed, name))
		edit_complain(ed, PVE_DATA, "%s exists already", name);
	for (size_t i = 0; i < ed->conf->nstanzas && !ed->code; i++)
		rename_in(&r, ed->conf->stanza[i]);
	for (size_t i = 0; i < ed->conf->nfiles; i++)
		mentioned |= net_edit_changes(ed, i);
	if (!mentioned && !ed->code)
		edit_complain(ed, PVE_DATA, "%s: no such interface", old);
}

/* --- other files ---------------------------------------------------------------- */

unsigned net_rename_words(struct pve_span text, const char *old, const char *name,
			  struct pve_buf *out)
{
	bool comment = false, fresh = true;
	unsigned n = 0;

	for (size_t i = 0; i < text.len;) {
		struct pve_span w = {text.p + i, 0};

		comment = fresh ? text.p[i] == '#' : comment;
		fresh = text.p[i] == '\n' || (fresh && pve_is_blank(text.p[i]));
		if (comment || !edit_in_name(text.p[i])) {
			pve_buf_putc(out, text.p[i++]);
			continue;
		}
		while (i + w.len < text.len && edit_in_name(w.p[w.len]))
			w.len++;
		i += w.len;
		if (pve_span_eq(w, old) || edit_stands_on(w, old)) {
			n++;
			pve_buf_puts(out, name);
			w.p += strlen(old);
			w.len -= strlen(old);
		}
		pve_buf_span(out, w);
	}
	return n;
}
