/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/convert.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/uri.h"
#include "pvecommon/strv.h"

struct conversion {
	const struct repo_sources *s;
	const struct repo_file *f;
	struct pve_buf *out;
	struct pve_diags *d;
	bool after_stanza; /* an empty line is needed before anything else */
};

static void refuse(struct conversion *c, const struct repo_entry *e, const char *why,
		   const char *what)
{
	pve_diags_add(c->d, PVE_ERROR, e->file->path, e->line, "%s%s%s", why, *what ? ": " : "", what);
}

/* --- meaning ---------------------------------------------------------------------------- */

/* The options that count, in one order; blanks separate keys as commas do. */
static char *options_text(const struct repo_entry *e)
{
	PVE_STRV l = {0};

	for (size_t i = 0; i < e->noptions; i++) {
		const struct repo_option *o = &e->option[i];
		PVE_FREE char *one = NULL;

		if (!o->known || !o->last)
			continue;
		one = pve_asprintf("%s=%s", o->key, o->value);
		for (char *p = one; strcmp(o->key, "signed-by") == 0 && *p; p++)
			if (isspace((unsigned char)*p))
				*p = ',';
		pve_strv_add(&l, one);
	}
	pve_strv_sort(&l);
	return pve_strv_join(&l, "|");
}

/* Each repository of the entry, in one line. */
static void meaning(const struct repo_sources *s, const struct repo_entry *e, struct pve_strv *l)
{
	PVE_FREE char *options = options_text(e);
	struct pve_arena mem = {0};

	for (size_t y = 0; y < e->types.n; y++)
		for (size_t u = 0; u < e->uris.n; u++)
			for (size_t n = 0; n < e->suites.n; n++) {
				const char *suite = e->suites.v[n].text;
				size_t k = 0;

				if (e->file->format == REPO_SOURCES || repo_suite_is_flat(suite))
					suite = repo_subst(suite, "$(ARCH)", s->arch, &mem);
				do {
					pve_strv_addf(l, "%d|%s|%s|%s|%s|%s", e->enabled,
						      e->types.v[y].text, e->uris.v[u].text, suite,
						      k < e->components.n ? e->components.v[k].text : "",
						      options);
				} while (++k < e->components.n);
			}
	pve_arena_done(&mem);
}

static bool means_the_same(const struct conversion *c, const struct repo_entry *e,
			   enum repo_format to, const struct pve_buf *text)
{
	struct repo_sources again = {.arch = c->s->arch};
	PVE_STRV was = {0};
	PVE_STRV is = {0};
	bool same;

	repo_sources_add(&again, to == REPO_SOURCES ? "/x.sources" : "/x.list",
			 (struct pve_span){text->data, text->len});
	meaning(c->s, e, &was);
	for (size_t i = 0; i < again.nentries; i++)
		meaning(&again, again.entry[i], &is);
	same = !again.diags.errors && was.n == is.n;
	for (size_t i = 0; same && i < was.n; i++)
		same = strcmp(was.v[i], is.v[i]) == 0;
	repo_sources_done(&again);
	return same;
}

/* --- lines to stanzas ------------------------------------------------------------------------ */

static void field(struct pve_buf *b, const char *name, const struct repo_words *w)
{
	if (!w->n)
		return;
	pve_buf_printf(b, "%s:", name);
	for (size_t i = 0; i < w->n; i++)
		pve_buf_printf(b, " %s", w->v[i].text);
	pve_buf_putc(b, '\n');
}

static bool is_field_name(const char *name)
{
	static const char *const own[] = {"Types", "URIs", "Suites", "Components", "Enabled"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcasecmp(own[i], name) == 0)
			return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
			return false;
	return *name && *name != '-';
}

/* What apt ignores in a line must not become a field that it heeds. */
static bool option_to_field(struct conversion *c, const struct repo_entry *e,
			    const struct repo_option *o, struct pve_buf *b)
{
	const char *name = o->known ? repo_option_field(o->key) : o->name;

	if (o->known && !name) {
		refuse(c, e, "only a line can have this option", o->name);
		return false;
	}
	if (!o->known && !is_field_name(name)) {
		refuse(c, e, "the option cannot be a field", o->name);
		return false;
	}
	pve_buf_printf(b, "%s: ", name);
	for (const char *p = o->value; *p; p++)
		pve_buf_putc(b, o->known && repo_option_is_list(o->key) && *p == ',' ? ' ' : *p);
	pve_buf_putc(b, '\n');
	return true;
}

static bool entry_to_stanza(struct conversion *c, const struct repo_entry *e, struct pve_buf *b)
{
	field(b, "Types", &e->types);
	field(b, "URIs", &e->uris);
	field(b, "Suites", &e->suites);
	field(b, "Components", &e->components);
	for (size_t i = 0; i < e->noptions; i++)
		if (!option_to_field(c, e, &e->option[i], b))
			return false;
	if (!e->enabled)
		pve_buf_puts(b, "Enabled: no\n");
	return true;
}

static void separate(struct conversion *c)
{
	if (c->after_stanza)
		pve_buf_putc(c->out, '\n');
	c->after_stanza = false;
}

static void convert_line_entry(struct conversion *c, const struct repo_entry *e)
{
	struct pve_span tail = repo_entry_tail(e);
	PVE_BUF text = {0};

	separate(c);
	if (tail.len && tail.p[0] != '#')
		refuse(c, e, "apt does not read the end of this line: a quote or bracket stays open", "");
	if (tail.len) {
		pve_buf_span(c->out, tail);
		pve_buf_putc(c->out, '\n');
	}
	if (!entry_to_stanza(c, e, &text))
		return;
	if (!means_the_same(c, e, REPO_SOURCES, &text))
		refuse(c, e, "a stanza cannot say what this line says", "");
	pve_buf_add(c->out, pve_buf_str(&text), text.len);
	c->after_stanza = true;
}

static unsigned line_number(struct pve_span t, size_t at)
{
	unsigned n = 1;

	for (size_t i = 0; i < at; i++)
		n += t.p[i] == '\n';
	return n;
}

/* A comment stands in the first column of a stanza file; an empty line is one there. */
static void convert_other_line(struct conversion *c, size_t at, size_t len)
{
	struct pve_span line = pve_span_trim((struct pve_span){c->f->text.p + at, len});

	if (line.len && line.p[0] != '#')
		pve_diags_add(c->d, PVE_ERROR, c->f->path, line_number(c->f->text, at),
			      "apt passes over this line, which belongs to no entry");
	if (line.len)
		separate(c);
	c->after_stanza = false;
	pve_buf_span(c->out, line);
	pve_buf_putc(c->out, '\n');
}

/* --- stanzas to lines --------------------------------------------------------------------------- */

/* What is special in a line is written as %HH. */
static void word(struct pve_buf *b, const char *text)
{
	for (; *text; text++)
		if (strchr("\"[]#%", *text) || (unsigned char)*text <= ' ')
			pve_buf_printf(b, "%%%02X", (unsigned char)*text);
		else
			pve_buf_putc(b, *text);
}

static bool option_to_line(struct conversion *c, const struct repo_entry *e,
			   const struct repo_option *o, struct pve_buf *b)
{
	bool key = strcmp(o->key, "signed-by") == 0;
	PVE_BUF value = {0};

	if (key && strstr(o->value, "-----BEGIN")) {
		refuse(c, e, "a line cannot hold the key itself: put it into a file", "");
		return false;
	}
	if (!*o->value) {
		refuse(c, e, "a line cannot have an empty option", o->name);
		return false;
	}
	for (const char *p = o->value; *p; p++)
		if (!key || !isspace((unsigned char)*p))
			pve_buf_putc(&value, *p);
		else if (value.len && value.data[value.len - 1] != ',')
			pve_buf_putc(&value, ',');
	pve_buf_printf(b, "%s%s=", b->len ? " " : "", o->key);
	word(b, pve_buf_str(&value));
	return true;
}

static bool options_to_line(struct conversion *c, const struct repo_entry *e, struct pve_buf *b)
{
	for (size_t i = 0; i < e->noptions; i++)
		if (e->option[i].known && e->option[i].last &&
		    !option_to_line(c, e, &e->option[i], b))
			return false;
	return true;
}

static void lines(const struct repo_entry *e, const char *options, struct pve_buf *b)
{
	for (size_t y = 0; y < e->types.n; y++)
		for (size_t u = 0; u < e->uris.n; u++)
			for (size_t n = 0; n < e->suites.n; n++) {
				pve_buf_printf(b, "%s%s ", e->enabled ? "" : "# ",
					       e->types.v[y].text);
				if (*options)
					pve_buf_printf(b, "[%s] ", options);
				word(b, e->uris.v[u].text);
				pve_buf_putc(b, ' ');
				word(b, e->suites.v[n].text);
				for (size_t k = 0; k < e->components.n; k++) {
					pve_buf_putc(b, ' ');
					word(b, e->components.v[k].text);
				}
				pve_buf_putc(b, '\n');
			}
}

/* Adds lines with '#' before each; those that are comments already stay as they are. */
static void as_comment(struct pve_buf *out, struct pve_span text)
{
	while (text.len) {
		const char *eol = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, eol ? (size_t)(eol - text.p) : text.len};

		text.p += line.len + (eol != NULL);
		text.len -= line.len + (eol != NULL);
		if (line.len && line.p[line.len - 1] == '\r')
			line.len--;
		pve_buf_printf(out, "%s%.*s\n", line.len && line.p[0] == '#' ? "" : "# ",
			       PVE_SPAN_ARG(line));
	}
}

/* Comments within the stanza, and fields that apt does not heed, go above the lines. */
static void keep_comments(struct conversion *c, const struct repo_entry *e)
{
	struct pve_span t = e->file->text;
	size_t at = e->at;

	while (at < e->at + e->len) {
		const char *eol = memchr(t.p + at, '\n', t.len - at);
		size_t len = eol ? (size_t)(eol - t.p) + 1 - at : t.len - at;

		if (t.p[at] == '#')
			as_comment(c->out, (struct pve_span){t.p + at, len});
		at += len;
	}
	for (size_t i = 0; i < e->noptions; i++)
		if (!e->option[i].known || !e->option[i].last)
			as_comment(c->out, (struct pve_span){t.p + e->option[i].at, e->option[i].len});
}

static void convert_stanza(struct conversion *c, const struct repo_entry *e)
{
	PVE_BUF options = {0};
	PVE_BUF text = {0};

	keep_comments(c, e);
	if (!options_to_line(c, e, &options))
		return;
	lines(e, pve_buf_str(&options), &text);
	if (!text.len)
		refuse(c, e, "the stanza is not complete", "");
	else if (!means_the_same(c, e, REPO_LIST, &text))
		refuse(c, e, "no line can say what this stanza says", "");
	pve_buf_add(c->out, pve_buf_str(&text), text.len);
}

/* --- files ---------------------------------------------------------------------------------------- */

static const struct repo_entry *entry_at(const struct conversion *c, size_t at)
{
	for (size_t i = c->f->entry; i < c->f->entry + c->f->nentries; i++)
		if (c->s->entry[i]->at == at)
			return c->s->entry[i];
	return NULL;
}

static void convert_all(struct conversion *c, enum repo_format to)
{
	struct pve_span t = c->f->text;

	for (size_t at = 0; at < t.len;) {
		const struct repo_entry *e = entry_at(c, at);
		const char *eol = memchr(t.p + at, '\n', t.len - at);
		size_t len = eol ? (size_t)(eol - t.p) + 1 - at : t.len - at;

		if (!e)
			convert_other_line(c, at, len);
		else if (to == REPO_SOURCES)
			convert_line_entry(c, e);
		else
			convert_stanza(c, e);
		at += e ? e->len : len;
	}
}

/* The line ends of the file. */
static void restore_eol(struct conversion *c)
{
	struct pve_span t = c->f->text;
	const char *eol = t.len ? memchr(t.p, '\n', t.len) : NULL;
	PVE_BUF with = {0};

	if (!eol || eol == t.p || eol[-1] != '\r')
		return;
	for (size_t i = 0; i < c->out->len; i++) {
		if (c->out->data[i] == '\n')
			pve_buf_putc(&with, '\r');
		pve_buf_putc(&with, c->out->data[i]);
	}
	c->out->len = 0;
	pve_buf_add(c->out, pve_buf_str(&with), with.len);
}

void repo_convert(const struct repo_sources *s, const struct repo_file *f, enum repo_format to,
		  struct pve_buf *out, struct pve_diags *d)
{
	struct conversion c = {s, f, out, d, false};

	if (f->refused)
		pve_diags_add(d, PVE_ERROR, f->path, 0, "apt refuses the file: mend it first");
	else if (f->text.len && memchr(f->text.p, '\0', f->text.len))
		pve_diags_add(d, PVE_ERROR, f->path, 0, "there is a NUL byte: this is no text");
	else if (f->format == to)
		pve_buf_span(out, f->text);
	else
		convert_all(&c, to);
	if (!d->errors && f->format != to)
		restore_eol(&c);
}

char *repo_convert_path(const char *path, enum repo_format to)
{
	const char *dot = strrchr(path, '.');

	if (strcmp(path, "/etc/apt/sources.list") == 0)
		return pve_strdup("/etc/apt/sources.list.d/debian.sources");
	return pve_asprintf("%.*s%s", (int)(dot - path), path, to == REPO_SOURCES ? ".sources" : ".list");
}
