/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/edit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- edits ------------------------------------------------------------------------------ */

void repo_edit_add(struct repo_edits *e, size_t at, size_t len, const char *text)
{
	e->v = pve_grow(e->v, e->n, &e->cap, sizeof(*e->v));
	e->v[e->n] = (struct repo_edit){at, len, pve_arena_strdup(&e->mem, text), e->n};
	e->n++;
}

static int by_place(const void *a, const void *b)
{
	const struct repo_edit *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void repo_edits_apply(struct repo_edits *e, struct pve_span file, struct pve_buf *out)
{
	size_t done = 0;

	if (e->n)
		qsort(e->v, e->n, sizeof(*e->v), by_place);
	for (size_t i = 0; i < e->n; i++) {
		size_t at = e->v[i].at, end = at + e->v[i].len;

		if (at > done)
			pve_buf_add(out, file.p + done, at - done);
		if (at >= done || end > done)
			pve_buf_puts(out, e->v[i].text);
		if (end > done)
			done = end;
	}
	if (done < file.len)
		pve_buf_add(out, file.p + done, file.len - done);
}

void repo_edits_done(struct repo_edits *e)
{
	free(e->v);
	pve_arena_done(&e->mem);
	*e = (struct repo_edits){0};
}

static bool blank(char c)
{
	return pve_is_blank(c);
}

/* --- lines ------------------------------------------------------------------------------ */

static size_t line_start(struct pve_span t, size_t at)
{
	while (at > 0 && t.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(struct pve_span t, size_t at)
{
	const char *eol = at < t.len ? memchr(t.p + at, '\n', t.len - at) : NULL;

	return eol ? (size_t)(eol - t.p) + 1 : t.len;
}

/* As the line at this place ends; when it does not, as the first one of the file. */
static const char *eol_of(struct pve_span t, size_t at)
{
	size_t end = line_end(t, at);

	if (end == 0 || t.p[end - 1] != '\n')
		end = line_end(t, 0);
	return end > 1 && t.p[end - 1] == '\n' && t.p[end - 2] == '\r' ? "\r\n" : "\n";
}

void repo_edit_insert(struct repo_edits *e, struct pve_span file, size_t at, const char *text)
{
	const char *eol = eol_of(file, at ? at - 1 : 0);
	PVE_BUF b = {0};

	if (at && file.p[at - 1] != '\n')
		pve_buf_puts(&b, eol);
	for (; *text; text++)
		if (*text == '\n')
			pve_buf_puts(&b, eol);
		else
			pve_buf_putc(&b, *text);
	repo_edit_add(e, at, 0, pve_buf_str(&b));
}

/* --- whole entries ------------------------------------------------------------------------ */

/* The '#' stands before the type, so that blanks before it stay as they are. */
static void enable_line(struct repo_edits *e, const struct repo_entry *x)
{
	size_t at = x->at;

	while (x->file->text.p[at] != '#')
		at++;
	repo_edit_add(e, at, x->at + x->hash_len - at, "");
}

/* An Enabled that ends the stanza is taken for the one that disabling put there, and goes. */
static void enable_stanza(struct repo_edits *e, const struct repo_entry *x)
{
	const struct repo_field *f = repo_entry_field(x, "Enabled");
	bool twice = false;

	for (size_t i = 0; i < x->nfields; i++)
		twice |= &x->field[i] != f && strcasecmp(x->field[i].name, "Enabled") == 0;
	if (f == &x->field[x->nfields - 1] && x->nfields > 1 && !twice)
		repo_edit_add(e, f->at, f->len, "");
	else
		repo_edit_add(e, f->value_at, f->value_len, "yes");
}

static void disable_stanza(struct repo_edits *e, const struct repo_entry *x)
{
	const struct repo_field *f = repo_entry_field(x, "Enabled");

	if (!f)
		repo_edit_insert(e, x->file->text, x->at + x->len, "Enabled: no\n");
	else
		repo_edit_add(e, f->value_at, f->value_len, f->value_len ? "no" : " no");
}

/* A stanza goes with the empty lines behind it, or, as the last one, with those before it. */
static void remove_stanza(struct repo_edits *e, const struct repo_entry *x)
{
	struct pve_span t = x->file->text;
	size_t from = x->at, to = x->at + x->len, end = to;

	while (end < t.len && (t.p[end] == '\n' || t.p[end] == '\r'))
		end = line_end(t, end);
	if (end == t.len)
		while (from >= 2 && t.p[from - 1] == '\n' &&
		       (t.p[from - 2] == '\n' ||
			(from >= 3 && t.p[from - 2] == '\r' && t.p[from - 3] == '\n')))
			from -= t.p[from - 2] == '\r' ? 2 : 1;
	repo_edit_add(e, from, end - from, "");
}

static void change_whole(struct repo_edits *e, const struct repo_entry *x, enum repo_change change)
{
	bool list = x->file->format == REPO_LIST;

	if (change == REPO_REMOVE && list)
		repo_edit_add(e, x->at, x->len, "");
	else if (change == REPO_REMOVE)
		remove_stanza(e, x);
	else if (change == REPO_ENABLE && !x->enabled && list)
		enable_line(e, x);
	else if (change == REPO_ENABLE && !x->enabled)
		enable_stanza(e, x);
	else if (change == REPO_DISABLE && x->enabled && list)
		repo_edit_add(e, x->types.v[0].at, 0, "# ");
	else if (change == REPO_DISABLE && x->enabled)
		disable_stanza(e, x);
}

/* --- what is no entry ----------------------------------------------------------------------- */

/* The next line, with its end; false behind the last one. */
static bool next_line(struct pve_span t, size_t *at, struct pve_span *line)
{
	size_t from = *at;

	*at = line_end(t, from);
	*line = (struct pve_span){t.p + from, *at - from};
	return line->len != 0;
}

/* Only such a line parts stanzas: blanks in it would not. */
static bool is_empty(struct pve_span line)
{
	while (line.len && (line.p[line.len - 1] == '\n' || line.p[line.len - 1] == '\r'))
		line.len--;
	return line.len == 0;
}

void repo_edit_lines(const struct repo_file *f, unsigned line, unsigned *first, unsigned *last)
{
	struct pve_span one;
	size_t at = 0;
	unsigned from = 1, n = 0;

	*first = *last = line;
	while (f->format == REPO_SOURCES && next_line(f->text, &at, &one)) {
		n++;
		if (!is_empty(one)) {
			*last = n >= line ? n : line;
			continue;
		}
		if (n >= line)
			break;
		from = n + 1;
	}
	if (f->format == REPO_SOURCES && from < line)
		*first = from;
}

void repo_edit_comment(struct repo_edits *e, const struct repo_file *f, unsigned line)
{
	bool stanza = f->format == REPO_SOURCES;
	unsigned first, last, n = 0;
	struct pve_span one;
	size_t at = 0;

	repo_edit_lines(f, line, &first, &last);
	while (next_line(f->text, &at, &one)) {
		size_t from = (size_t)(one.p - f->text.p), end = from + one.len;

		if (++n < first || n > last || is_empty(one))
			continue;
		while (!stanza && from < end && blank(f->text.p[from]))
			from++;
		if (f->text.p[from] != '#')
			repo_edit_add(e, from, 0, "# ");
	}
}

/* --- words ------------------------------------------------------------------------------ */

/* The words of a list whose flag is `drop` go, each with the blanks before it; one that stands
 * alone in its line goes with the line, and a first one with the blanks behind it. */
static void drop_words(struct repo_edits *e, const struct repo_entry *x, const struct repo_words *w,
		       const bool *word, bool drop)
{
	struct pve_span t = x->file->text;

	for (size_t i = 0; i < w->n; i++) {
		size_t from = w->v[i].at, to = from + w->v[i].len, start = line_start(t, from);
		size_t end = to;

		if (word[i] != drop)
			continue;
		while (from > start && blank(t.p[from - 1]))
			from--;
		while (end < t.len && (blank(t.p[end]) || t.p[end] == '\r'))
			end++;
		if (from == start && start > x->at && (end == t.len || t.p[end] == '\n'))
			to = line_end(t, end);
		else if (from == start || t.p[from - 1] == ':')
			/* The field's first word, or the first of a line of several: what follows
			 * in the line takes its place. */
			if (end < t.len && t.p[end] != '\n')
				from = w->v[i].at, to = end;
		repo_edit_add(e, from, to - from, "");
	}
}

static const struct repo_words *words_of(const struct repo_entry *x, const struct repo_part *part)
{
	switch (part->list) {
	case REPO_TYPES:
		return &x->types;
	case REPO_URIS:
		return &x->uris;
	case REPO_SUITES:
		return &x->suites;
	default:
		return &x->components;
	}
}

/* The entry's own bytes with edits of it made, without the '#' of a disabled line. */
static char *copy_entry(const struct repo_entry *x, struct repo_edits *of)
{
	PVE_BUF out = {0};

	for (size_t i = 0; i < of->n; i++)
		of->v[i].at -= x->at;
	repo_edits_apply(of, (struct pve_span){x->file->text.p + x->at, x->len}, &out);
	return pve_buf_take(&out);
}

/* One more entry behind this one, with the words of the part only, enabled or not. */
static void add_copy(struct repo_edits *e, const struct repo_entry *x, const struct repo_words *w,
		     const struct repo_part *part, enum repo_change change)
{
	struct repo_edits of = {0};
	PVE_FREE char *copy = NULL;
	PVE_BUF text = {0};
	struct pve_span t = x->file->text;
	const char *eol = eol_of(t, x->at);

	drop_words(&of, x, w, part->word, false);
	change_whole(&of, x, change);
	copy = copy_entry(x, &of);
	if (x->len && t.p[x->at + x->len - 1] != '\n')
		pve_buf_puts(&text, eol);
	if (x->file->format == REPO_SOURCES)
		pve_buf_puts(&text, eol);
	pve_buf_puts(&text, copy);
	repo_edit_add(e, x->at + x->len, 0, pve_buf_str(&text));
	repo_edits_done(&of);
}

void repo_edit_change(struct repo_edits *e, const struct repo_entry *entry, enum repo_change change,
		      const struct repo_part *part)
{
	const struct repo_words *w = words_of(entry, part);
	size_t n = 0;

	for (size_t i = 0; part->list != REPO_WHOLE && i < w->n; i++)
		n += part->word[i];
	if (part->list == REPO_WHOLE || n == w->n) {
		change_whole(e, entry, change);
		return;
	}
	if (!n || (change != REPO_REMOVE && entry->enabled == (change == REPO_ENABLE)))
		return;
	drop_words(e, entry, w, part->word, true);
	if (change != REPO_REMOVE)
		add_copy(e, entry, w, part, change);
}

/* --- options ---------------------------------------------------------------------------- */

static void option_of_line(struct repo_edits *e, const struct repo_entry *x, const char *key,
			   const char *value)
{
	const struct repo_option *o = repo_entry_option(x, key);
	PVE_FREE char *text = pve_asprintf("%s=%s", key, value);
	PVE_FREE char *whole = pve_asprintf("[%s] ", text);
	PVE_FREE char *more = pve_asprintf("%s ", text);

	if (o)
		repo_edit_add(e, o->at, o->len, text);
	else if (x->noptions)
		repo_edit_add(e, x->option[0].at, 0, more);
	else if (x->options_len)
		repo_edit_add(e, x->options_at + 1, 0, text);
	else
		repo_edit_add(e, x->uris.v[0].at, 0, whole);
}

static void option_of_stanza(struct repo_edits *e, const struct repo_entry *x, const char *key,
			     const char *value)
{
	const char *name = repo_option_field(key);
	const struct repo_field *f = repo_entry_field(x, name);
	PVE_FREE char *line = pve_asprintf("%s: %s\n", name, value);

	if (f && f->value_len)
		repo_edit_add(e, f->value_at, f->value_len, value);
	else
		repo_edit_insert(e, x->file->text, x->at + x->len, line);
}

void repo_edit_option(struct repo_edits *e, const struct repo_entry *entry, const char *key,
		      const char *value)
{
	const struct repo_option *o = repo_entry_option(entry, key);

	if (o && strcmp(o->value, value) == 0)
		return;
	if (entry->file->format == REPO_LIST)
		option_of_line(e, entry, key, value);
	else
		option_of_stanza(e, entry, key, value);
}
