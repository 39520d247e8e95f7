/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deb822, as tagfile.cc (RemoveCommentsFromBuffer, Scan) and sourcelist.cc (ParseStanza) read
 * it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/sources_impl.h"
#include "pve-repo/uri.h"
#include "pvecommon/buf.h"

/* A run of the file that is no comment, and where it went. */
struct piece {
	size_t plain, file;
};

struct scan {
	struct repo_sources *s;
	struct repo_file *f;
	struct pve_buf plain; /* the file without comments, two line ends behind it */
	struct piece *piece;
	size_t npieces, pieces_cap;
	struct repo_field *field; /* of the stanza being read */
	size_t nfields, fields_cap;
	size_t stuck;   /* byte of the plain text at which apt cannot read on */
	size_t counted; /* bytes of the file whose lines are counted */
	unsigned line;  /* of that byte */
	unsigned number;
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* --- comments ----------------------------------------------------------------------- */

static void remove_comments(struct scan *c)
{
	struct pve_span t = c->f->text;
	size_t at = 0;
	bool kept = false;
	int ends = 0;

	while (at < t.len) {
		const char *eol = memchr(t.p + at, '\n', t.len - at);
		size_t len = eol ? (size_t)(eol - t.p) + 1 - at : t.len - at;

		if (t.p[at] != '#' && !kept) {
			c->piece = pve_grow(c->piece, c->npieces, &c->pieces_cap, sizeof(*c->piece));
			c->piece[c->npieces++] = (struct piece){c->plain.len, at};
		}
		kept = t.p[at] != '#';
		if (kept)
			pve_buf_add(&c->plain, t.p + at, len);
		at += len;
	}
	for (size_t i = c->plain.len; i > 0 && strchr("\r\n", c->plain.data[i - 1]) &&
				      c->plain.data[i - 1]; i--)
		ends += c->plain.data[i - 1] == '\n';
	for (; c->plain.len && ends < 2; ends++)
		pve_buf_putc(&c->plain, '\n');
}

/* Where a byte of the plain text stands in the file; at most its end. */
static size_t in_file(const struct scan *c, size_t plain)
{
	size_t lo = 0, hi = c->npieces, at;

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (c->piece[mid].plain <= plain)
			lo = mid;
		else
			hi = mid;
	}
	at = plain - c->piece[lo].plain + c->piece[lo].file;
	return at < c->f->text.len ? at : c->f->text.len;
}

/* The line of a byte of the file; asked in rising order. */
static unsigned line_at(struct scan *c, size_t at)
{
	for (; c->counted < at; c->counted++)
		c->line += c->f->text.p[c->counted] == '\n';
	return c->line + 1;
}

/* Behind the end of the line that has this byte. */
static size_t line_end(const struct scan *c, size_t at)
{
	const struct pve_span t = c->f->text;
	const char *eol = at < t.len ? memchr(t.p + at, '\n', t.len - at) : NULL;

	return eol ? (size_t)(eol - t.p) + 1 : t.len;
}

/* --- fields ------------------------------------------------------------------------- */

static void split_words(struct scan *c, struct repo_field *f, size_t from, size_t to)
{
	size_t cap = 0;

	for (size_t i = from; i < to;) {
		size_t end = i;

		while (end < to && !is_space(c->plain.data[end]))
			end++;
		if (end > i)
			repo_read_word(&f->words, &cap,
				       pve_arena_memdup(&c->s->mem, c->plain.data + i, end - i),
				       in_file(c, i), end - i);
		i = end + 1;
	}
	repo_read_keep(c->s, &f->words);
}

/* A field from its first byte, with its colon, to the first byte of the next. */
static void add_field(struct scan *c, size_t from, size_t colon, size_t value, size_t end)
{
	struct repo_field *f;
	size_t name = colon;

	while (name > from && is_space(c->plain.data[name - 1]))
		name--;
	while (end > value && is_space(c->plain.data[end - 1]))
		end--;
	c->field = pve_grow(c->field, c->nfields, &c->fields_cap, sizeof(*f));
	f = &c->field[c->nfields++];
	*f = (struct repo_field){
		.name = pve_arena_memdup(&c->s->mem, c->plain.data + from, name - from),
		.value = pve_arena_memdup(&c->s->mem, c->plain.data + value, end - value),
		.at = in_file(c, from),
	};
	f->line = line_at(c, f->at);
	f->value_at = end > value ? in_file(c, value) : in_file(c, colon) + 1;
	f->value_len = end > value ? in_file(c, end - 1) + 1 - f->value_at : 0;
	f->len = line_end(c, end > value ? in_file(c, end - 1) : in_file(c, colon)) - f->at;
	split_words(c, f, value, end);
}

/* Reads the fields of one stanza from `at`; returns where the next begins, or 0 when apt cannot
 * read on at c->stuck: there is no further ':'. */
static size_t scan_stanza(struct scan *c, size_t at)
{
	const char *t = c->plain.data;
	size_t end = c->plain.len, from = 0, colon = 0, value = 0;
	bool open = false;

	c->nfields = 0;
	while (at < end) {
		if (!is_space(t[at])) {
			const char *hit = memchr(t + at, ':', end - at);

			if (open)
				add_field(c, from, colon, value, at);
			open = hit != NULL;
			if (!hit) {
				c->stuck = at;
				return 0;
			}
			from = at;
			colon = (size_t)(hit - t);
			/* A tab may not begin the first line of a value, only its later ones. */
			for (at = colon + 1; at < end && is_space(t[at]); at++)
				if (t[at] == '\n' && (at + 1 == end || t[at + 1] != ' '))
					break;
			value = at;
		}
		while (at < end && t[at] != '\n')
			at++;
		while (at + 1 < end && t[at + 1] == '\r')
			at++;
		if (at + 1 >= end || t[at + 1] == '\n')
			break;
		at++;
	}
	if (open)
		add_field(c, from, colon, value, at);
	while (at < end && (t[at] == '\n' || t[at] == '\r'))
		at++;
	return at;
}

/* --- entries ------------------------------------------------------------------------ */

static struct repo_words words(const struct repo_entry *e, const char *name)
{
	const struct repo_field *f = repo_entry_field(e, name);

	return f ? f->words : (struct repo_words){0};
}

static const char *join(struct scan *c, const struct repo_words *w)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < w->n; i++)
		pve_buf_printf(&b, "%s%s", i ? "," : "", w->v[i].text);
	return pve_arena_memdup(&c->s->mem, pve_buf_str(&b), b.len);
}

static bool is_option(const char *name)
{
	static const char *const not[] = {"Types", "URIs", "Suites", "Components", "Enabled"};

	for (size_t i = 0; i < sizeof(not) / sizeof(*not); i++)
		if (strcasecmp(not[i], name) == 0)
			return false;
	return true;
}

static void add_options(struct scan *c, struct repo_entry *e)
{
	e->option = pve_arena_alloc(&c->s->mem, (e->nfields + 1) * sizeof(*e->option));
	for (size_t i = 0; i < e->nfields; i++) {
		const struct repo_field *f = &e->field[i];
		const char *key = repo_option_key(REPO_SOURCES, f->name);

		if (!is_option(f->name))
			continue;
		e->option[e->noptions++] = (struct repo_option){
			.key = key ? key : f->name,
			.name = f->name,
			.value = key && repo_option_is_list(key) ? join(c, &f->words) : f->value,
			.known = key != NULL,
			.at = f->at,
			.len = f->len,
			.line = f->line,
		};
	}
	repo_read_last(e);
}

/* What apt wants of a stanza that is not disabled.  NULL when it is fine. */
static const char *breach(const struct repo_entry *e)
{
	if (!e->uris.n)
		return "there is no URI (URIs)";
	if (!e->suites.n)
		return "there is no suite (Suites)";
	for (size_t i = 0; i < e->uris.n; i++)
		if (!strchr(e->uris.v[i].text, ':'))
			return "a URI has no ':'";
	for (size_t i = 0; i < e->suites.n; i++) {
		bool flat = repo_suite_is_flat(e->suites.v[i].text);

		if (flat && e->components.n)
			return "a suite that ends in '/' takes no Components";
		if (!flat && !e->components.n)
			return "there is no component (Components)";
	}
	return NULL;
}

/* The type that apt does not know, or NULL. */
static const char *unknown_type(const struct repo_entry *e)
{
	for (size_t i = 0; i < e->types.n; i++)
		if (!repo_type_known(e->types.v[i].text))
			return e->types.v[i].text;
	return NULL;
}

static void fill_entry(struct scan *c, struct repo_entry *e)
{
	const struct repo_field *enabled = repo_entry_field(e, "Enabled");
	const struct repo_field *last = &e->field[e->nfields - 1];

	e->line = e->field[0].line;
	e->number = c->number;
	e->at = e->field[0].at;
	e->len = last->at + last->len - e->at;
	e->types = words(e, "Types");
	e->uris = words(e, "URIs");
	e->suites = words(e, "Suites");
	e->components = words(e, "Components");
	e->enabled = !enabled || !enabled->value[0] || repo_bool(enabled->value, -1) != 0;
	add_options(c, e);
}

static void add_entry(struct scan *c)
{
	struct repo_entry e = {
		.file = c->f,
		.field = pve_arena_copy(&c->s->mem, c->field, c->nfields * sizeof(*c->field)),
		.nfields = c->nfields,
	};
	const char *why;

	c->number++;
	fill_entry(c, &e);
	if (!repo_entry_field(&e, "Types")) {
		repo_read_refuse(c->s, c->f, e.line, "the stanza has no field Types");
		return;
	}
	why = unknown_type(&e);
	if (why) {
		repo_read_refuse(c->s, c->f, repo_entry_field(&e, "Types")->line,
				 "the type '%.100s' is neither deb nor deb-src", why);
		return;
	}
	why = e.enabled && e.types.n ? breach(&e) : NULL;
	if (why)
		repo_read_refuse(c->s, c->f, e.line, "%s", why);
	else
		*repo_read_entry(c->s, c->f) = e;
}

void repo_read_stanzas(struct repo_sources *s, struct repo_file *f)
{
	struct scan c = {.s = s, .f = f};
	const char *nul = f->text.len ? memchr(f->text.p, '\0', f->text.len) : NULL;
	size_t at = 0;

	if (nul) {
		repo_read_refuse(s, f, line_at(&c, (size_t)(nul - f->text.p)),
				 "there is a NUL byte: this is no text");
		return;
	}
	remove_comments(&c);
	while (at < c.plain.len) {
		size_t next = scan_stanza(&c, at);

		if (!next) {
			/* Up to three bytes are lost silently (tagfile.cc, Fill). */
			if (c.plain.len - at > 3)
				repo_read_refuse(s, f, line_at(&c, in_file(&c, c.stuck)),
						 "a line has no ':', and no later one either");
			break;
		}
		if (c.nfields)
			add_entry(&c);
		at = next;
	}
	free(c.field);
	free(c.piece);
	pve_buf_done(&c.plain);
}
