/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interfaces that go, and what names them. */
#include "edit_impl.h"

#include "pvecommon/strv.h"

struct removal {
	struct net_edit *ed;
	bool cascade;
	struct pve_strv names; /* all that goes; the first was asked for */
	bool *gone;            /* of each line of the file at work */
};

static bool goes(const struct removal *r, struct pve_span name)
{
	for (size_t i = 0; i < r->names.n; i++)
		if (pve_span_eq(name, r->names.v[i]))
			return true;
	return false;
}

/* --- who stands on it ----------------------------------------------------------- */

static bool names_word(struct pve_span list, const char *name)
{
	struct pve_span w;

	while ((w = pve_span_word(&list)).len)
		if (pve_span_eq(w, name))
			return true;
	return false;
}

/* Is the stanza's interface nothing without the other? */
static bool depends(const struct net_stanza *s, const char *lower)
{
	const struct net_option *o = net_stanza_find(s, NET_K_VLAN_RAW_DEVICE);

	return o ? pve_span_eq(o->value, lower) : edit_stands_on(s->name, lower);
}

/* Everything that stands on what goes, until there is no more. */
static void find_dependents(struct removal *r)
{
	const struct net_conf *c = r->ed->conf;

	for (size_t i = 0; i < r->names.n; i++)
		for (size_t n = 0; n < c->nstanzas; n++) {
			const struct net_stanza *s = c->stanza[n];

			if (s->kind != NET_IFACE || goes(r, s->name) || !depends(s, r->names.v[i]))
				continue;
			if (r->cascade)
				pve_strv_add_span(&r->names, s->name);
			else
				edit_complain(
					r->ed, PVE_DATA,
					"%.*s stands on %s (%s:%u): remove that first, or use "
					"--cascade",
					PVE_SPAN_ARG(s->name), r->names.v[i], s->head->file->path,
					s->line);
		}
}

static const char *map_gone(void *data, unsigned index, struct pve_span word)
{
	return index && goes(data, word) ? "" : NULL;
}

static unsigned kept_words(const struct removal *r, struct pve_span list)
{
	struct pve_span w;
	unsigned n = 0;

	while ((w = pve_span_word(&list)).len)
		n += !goes(r, w);
	return n;
}

/* Takes the names out of one option of somebody who stays. */
static void clear_option(struct removal *r, const struct net_option *o)
{
	const struct net_file *f = o->stanza->head->file;
	struct net_batch *b = edit_batch(r->ed, f);
	PVE_BUF text = {0};

	if (kept_words(r, o->value)) {
		edit_words(r->ed, f, o->line, o->nlines, false, map_gone, r);
	} else if (o->key->id == NET_K_BRIDGE_PORTS) {
		pve_buf_span(&text, net_line_indent(f, o->line));
		pve_buf_span(&text, o->key->spelling);
		pve_buf_puts(&text, " none");
		net_batch_replace(b, o->line, o->line + o->nlines - 1,
				  (struct pve_span){text.data, text.len});
	} else {
		net_batch_delete(b, o->line, o->line + o->nlines - 1);
	}
}

static void check_option(struct removal *r, const struct net_stanza *s, const struct net_option *o)
{
	for (size_t i = 0; i < r->names.n; i++) {
		if (!names_word(o->value, r->names.v[i]))
			continue;
		if (r->cascade)
			clear_option(r, o);
		else
			edit_complain(r->ed, PVE_DATA,
				      "%.*s has %s in %.*s (%s:%u): take it out first, or use "
				      "--cascade",
				      PVE_SPAN_ARG(s->name), r->names.v[i],
				      PVE_SPAN_ARG(o->key->spelling), s->head->file->path, o->line);
		return;
	}
}

static bool contains(struct pve_span text, const char *name)
{
	PVE_BUF out = {0};

	return net_rename_words(text, name, "x", &out) > 0;
}

static void check_stanza(struct removal *r, const struct net_stanza *s)
{
	if (s->head->inherits.len && goes(r, s->head->inherits))
		edit_complain(r->ed, PVE_DATA, "%.*s inherits from %.*s (%s:%u)",
			      PVE_SPAN_ARG(s->name), PVE_SPAN_ARG(s->head->inherits), s->head->file->path,
			      s->line);
	for (uint32_t i = 0; i < s->nopts; i++) {
		const struct net_option *o = &s->opt[i];

		if (edit_is_reference(o->key))
			check_option(r, s, o);
		else if (net_key_is_hook(o->key) && contains(o->value, r->names.v[0]))
			edit_note(r->ed, "%s:%u: this hook of %.*s names %s", s->head->file->path,
				  o->line, PVE_SPAN_ARG(s->name), r->names.v[0]);
	}
}

/* --- lines that go -------------------------------------------------------------- */

static void mark(struct removal *r, uint32_t from, uint32_t to)
{
	for (; from <= to; from++)
		r->gone[from - 1] = true;
}

/* A comment at the head of the file speaks of the file. */
static uint32_t lead_of(const struct net_stanza *s)
{
	return s->lead == 1 && s->line > 1 ? s->line : s->lead;
}

static bool all_go(const struct removal *r, const struct net_stanza *s)
{
	return s->args_len && !kept_words(r, net_stanza_args(s));
}

static void mark_stanza(struct removal *r, const struct net_stanza *s)
{
	if (s->kind == NET_IFACE && goes(r, s->name)) {
		if (!edit_computed(r->ed, s))
			mark(r, lead_of(s), s->last);
	} else if (s->kind == NET_AUTO || s->kind == NET_ALLOW || s->kind == NET_NO_AUTO_DOWN ||
		   s->kind == NET_NO_SCRIPTS) {
		if (all_go(r, s))
			mark(r, lead_of(s), s->last);
		else
			edit_words(r->ed, s->head->file, s->line, edit_head_lines(s), false, map_gone, r);
	}
}

static bool blank(const struct net_file *f, uint32_t line)
{
	return line && line <= f->nlines && f->line[line - 1].kind == NET_LINE_BLANK;
}

/* Of the blank lines around a run that goes, one run is enough. */
static void delete_run(struct net_batch *b, uint32_t from, uint32_t to)
{
	const struct net_file *f = b->f;

	if (from == 1 || blank(f, from - 1)) {
		if (blank(f, to + 1))
			to++;
		else if (to == f->nlines && from > 1)
			from--;
	}
	net_batch_delete(b, from, to);
}

static void remove_from(struct removal *r, const struct net_file *f)
{
	r->gone = pve_calloc(f->nlines + 1, sizeof(*r->gone));
	for (uint32_t i = 0; i < f->nstanzas; i++)
		mark_stanza(r, &f->stanza[i]);
	for (uint32_t i = 0; i < f->nlines; i++) {
		uint32_t from = i + 1;

		if (!r->gone[i])
			continue;
		while (i + 1 < f->nlines && r->gone[i + 1])
			i++;
		delete_run(edit_batch(r->ed, f), from, i + 1);
	}
	free(r->gone);
}

void net_edit_remove(struct net_edit *ed, const char *iface, bool cascade)
{
	struct removal r = {.ed = ed, .cascade = cascade};
	const struct net_conf *c = ed->conf;

	if (!edit_defined(ed, iface)) {
		edit_complain(ed, PVE_DATA, "%s: no such interface", iface);
		return;
	}
	pve_strv_add(&r.names, iface);
	find_dependents(&r);
	for (size_t i = 0; i < c->nstanzas; i++)
		if (c->stanza[i]->kind == NET_IFACE && !goes(&r, c->stanza[i]->name))
			check_stanza(&r, c->stanza[i]);
	for (size_t i = 0; i < c->nfiles && !ed->code; i++)
		remove_from(&r, c->file[i]);
	for (size_t i = 1; i < r.names.n; i++)
		edit_note(ed, "%s goes, too: it stands on what is removed", r.names.v[i]);
	pve_strv_done(&r.names);
}
