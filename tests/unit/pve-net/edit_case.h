/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One edit of one file as text: what goes in, what is asked for, what comes out. */
#ifndef TESTS_EDIT_CASE_H
#define TESTS_EDIT_CASE_H

#include "pve-net/edit.h"
#include "pvecommon/strv.h"

#include <string.h>

/* Do the two readings of one text, of which a may borrow from elsewhere, say the same? */
static inline bool edit_same_reading(const struct net_file *a, const struct net_file *b)
{
	bool same = a->nlines == b->nlines && a->nstanzas == b->nstanzas && a->nopts == b->nopts &&
		    a->text.len == b->text.len && a->comments == b->comments && a->bom == b->bom;

	for (uint32_t i = 0; same && i <= a->nlines; i++)
		same = a->line[i].start == b->line[i].start && a->line[i].eol == b->line[i].eol &&
		       a->line[i].kind == b->line[i].kind;
	for (uint32_t i = 0; same && i < a->nstanzas; i++) {
		const struct net_stanza *s = &a->stanza[i], *t = &b->stanza[i];

		same = s->head->file == a && s->opt - a->opt == t->opt - b->opt && s->nopts == t->nopts &&
		       s->lead == t->lead && s->line == t->line && s->last == t->last &&
		       s->kind == t->kind && pve_span_same(s->name, t->name) &&
		       pve_span_same(net_stanza_args(s), net_stanza_args(t)) &&
		       pve_span_same(s->head->word, t->head->word) &&
		       pve_span_same(s->head->tail, t->head->tail) &&
		       s->no_auto_down == t->no_auto_down && s->no_scripts == t->no_scripts &&
		       s->autostart == t->autostart && s->hotplug == t->hotplug;
	}
	for (uint32_t i = 0; same && i < a->nopts; i++) {
		const struct net_option *o = &a->opt[i], *p = &b->opt[i];

		same = o->stanza - a->stanza == p->stanza - b->stanza && o->line == p->line &&
		       o->nlines == p->nlines && o->after_blank == p->after_blank &&
		       o->key->id == p->key->id && pve_span_same(o->key->spelling, p->key->spelling) &&
		       pve_span_same(o->value, p->value);
	}
	return same;
}

/* When the edit can bring its own reading up to date: is it that of its result?  Returns whether it
 * can; *same is true when not. */
static inline bool edit_rereads(struct net_edit *ed, struct net_conf *conf, struct pve_span now,
				bool *same)
{
	bool can = net_edit_reread(ed, conf, 0, now);
	struct net_conf anew;

	*same = true;
	if (!can)
		return false;
	net_conf_parse(&anew, "f", now);
	*same = edit_same_reading(conf->file[0], anew.file[0]);
	net_conf_done(&anew);
	return true;
}

/* Carries out "set IFACE CHANGE...", "add ...", "remove IFACE", "remove! IFACE" (with cascade) or
 * "rename OLD NEW"; "set! ..." with force.  Words stand between '|'.  The result is the new text,
 * or the error lines behind "error CODE: ".  notes (may be NULL) gets the notes. */
static inline char *edit_text(const char *text, const char *command, struct pve_buf *notes)
{
	struct pve_buf out = {0};
	struct pve_strv word = {0};
	struct net_change c[16] = {0};
	struct net_conf conf;
	struct net_edit ed;
	struct pve_err e = {0};
	const char *verb;
	size_t n = 0;

	pve_strv_split(&word, pve_span(command), "|");
	verb = word.v[0];
	net_conf_parse(&conf, "f", pve_span(text));
	net_edit_init(&ed, &conf);
	ed.force = strcmp(verb, "set!") == 0;
	for (size_t i = 2; i < word.n && strcmp(verb, "rename") != 0; i++)
		if (net_change_parse(&ed, word.v[i], &c[n++], &e) < 0)
			break;
	if (!e.code) {
		if (strncmp(verb, "set", 3) == 0)
			net_edit_set(&ed, word.v[1], c, n);
		else if (strcmp(verb, "add") == 0)
			net_edit_add(&ed, word.v[1], NET_T_UNKNOWN, c, n);
		else if (strncmp(verb, "remove", 6) == 0)
			net_edit_remove(&ed, word.v[1], verb[6] == '!');
		else
			net_edit_rename(&ed, word.v[1], word.v[2]);
		net_edit_err(&ed, &e);
	}
	if (e.code)
		pve_buf_printf(&out, "error %d: %s", e.code, e.msg);
	else
		net_edit_format(&ed, 0, &out);
	if (notes)
		pve_buf_add(notes, ed.notes.data, ed.notes.len);
	pve_buf_puts(&out, "");
	net_edit_done(&ed);
	net_conf_done(&conf);
	pve_strv_done(&word);
	return pve_buf_take(&out);
}

#endif
