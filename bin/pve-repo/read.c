/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/sources_impl.h"

/* --- for the readers ------------------------------------------------------------- */

struct repo_entry *repo_read_entry(struct repo_sources *s, struct repo_file *f)
{
	struct repo_entry *e = pve_arena_alloc(&s->mem, sizeof(*e));

	s->entry = pve_grow(s->entry, s->nentries, &s->entries_cap, sizeof(struct repo_entry *));
	s->entry[s->nentries++] = e;
	f->nentries++;
	e->file = f;
	return e;
}

void repo_read_refuse(struct repo_sources *s, struct repo_file *f, unsigned line, const char *fmt,
		      ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f->refused = true;
	pve_diags_add(&s->diags, PVE_ERROR, f->path, line, "%s", text);
}

void repo_read_word(struct repo_words *w, size_t *cap, const char *text, size_t at, size_t len)
{
	w->v = pve_grow(w->v, w->n, cap, sizeof(*w->v));
	w->v[w->n++] = (struct repo_word){text, at, len};
}

void repo_read_keep(struct repo_sources *s, struct repo_words *w)
{
	struct repo_word *v = w->v;

	if (w->n)
		w->v = pve_arena_copy(&s->mem, v, w->n * sizeof(*v));
	free(v);
}

bool repo_type_known(const char *type)
{
	return strcmp(type, "deb") == 0 || strcmp(type, "deb-src") == 0;
}

/* sourcelist.cc, ParseStanza; the last three are of apt 3. */
static const struct {
	const char *key, *field;
} options[] = {
	{"arch", "Architectures"},
	{"arch+", "Architectures-Add"},
	{"arch-", "Architectures-Remove"},
	{"lang", "Languages"},
	{"lang+", "Languages-Add"},
	{"lang-", "Languages-Remove"},
	{"target", "Targets"},
	{"target+", "Targets-Add"},
	{"target-", "Targets-Remove"},
	{"trusted", "Trusted"},
	{"check-valid-until", "Check-Valid-Until"},
	{"valid-until-min", "Valid-Until-Min"},
	{"valid-until-max", "Valid-Until-Max"},
	{"check-date", "Check-Date"},
	{"date-max-future", "Date-Max-Future"},
	{"signed-by", "Signed-By"},
	{"pdiffs", "PDiffs"},
	{"by-hash", "By-Hash"},
	{"include", "Include"},
	{"exclude", "Exclude"},
	{"snapshot", "Snapshot"},
};

/* Only lines have these (debmetaindex.cc, GetDebReleaseIndexBy). */
static const char *const line_only[] = {"allow-insecure", "allow-weak",
					"allow-downgrade-to-insecure", "inrelease-path"};

const char *repo_option_field(const char *key)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(options[i].key, key) == 0)
			return options[i].field;
	return NULL;
}

static const char *field_key(const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcasecmp(options[i].field, name) == 0)
			return options[i].key;
	return NULL;
}

const char *repo_option_key(enum repo_format format, const char *name)
{
	if (format == REPO_SOURCES)
		return field_key(name);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(options[i].key, name) == 0)
			return options[i].key;
	for (size_t i = 0; i < sizeof(line_only) / sizeof(*line_only); i++)
		if (strcmp(line_only[i], name) == 0)
			return line_only[i];
	/* "Packages=no": a target of the index by its name. */
	return isupper((unsigned char)name[0]) && !field_key(name) ? name : NULL;
}

bool repo_option_is_list(const char *key)
{
	return strncmp(key, "arch", 4) == 0 || strncmp(key, "lang", 4) == 0 ||
	       strncmp(key, "target", 6) == 0;
}

void repo_read_last(struct repo_entry *e)
{
	for (size_t i = 0; i < e->noptions; i++) {
		e->option[i].last = true;
		for (size_t k = 0; k < i; k++)
			if (strcmp(e->option[k].key, e->option[i].key) == 0)
				e->option[k].last = false;
	}
}

/* --- for everybody ----------------------------------------------------------------- */

void repo_sources_add(struct repo_sources *s, const char *path, struct pve_span text)
{
	struct repo_file *f = pve_arena_alloc(&s->mem, sizeof(*f));
	const char *dot = strrchr(path, '.');

	f->path = pve_arena_strdup(&s->mem, path);
	f->text = text;
	f->format = dot && strcmp(dot, ".sources") == 0 ? REPO_SOURCES : REPO_LIST;
	f->entry = s->nentries;
	s->file = pve_grow(s->file, s->nfiles, &s->files_cap, sizeof(struct repo_file *));
	s->file[s->nfiles++] = f;
	if (f->format == REPO_SOURCES)
		repo_read_stanzas(s, f);
	else
		repo_read_list(s, f);
}

void repo_sources_done(struct repo_sources *s)
{
	free(s->file);
	free(s->entry);
	pve_diags_done(&s->diags);
	pve_arena_done(&s->mem);
	*s = (struct repo_sources){0};
}

const struct repo_option *repo_entry_option(const struct repo_entry *e, const char *key)
{
	for (size_t i = 0; i < e->noptions; i++)
		if (e->option[i].known && e->option[i].last && strcmp(e->option[i].key, key) == 0)
			return &e->option[i];
	return NULL;
}

const struct repo_field *repo_entry_field(const struct repo_entry *e, const char *name)
{
	for (size_t i = e->nfields; i > 0; i--)
		if (strcasecmp(e->field[i - 1].name, name) == 0)
			return &e->field[i - 1];
	return NULL;
}

struct pve_span repo_entry_tail(const struct repo_entry *e)
{
	const struct repo_words *w = e->components.n ? &e->components : &e->suites;
	size_t from = w->v[w->n - 1].at + w->v[w->n - 1].len;

	return pve_span_trim(
		(struct pve_span){e->file->text.p + from, e->at + e->len - from});
}

static unsigned lines_in(struct pve_span text, size_t at, size_t len)
{
	unsigned n = 0;

	for (size_t i = at; i + 1 < at + len; i++)
		n += text.p[i] == '\n';
	return n;
}

struct repo_entry *repo_sources_find(const struct repo_sources *s, const char *path,
				     unsigned line)
{
	for (size_t i = 0; i < s->nentries; i++) {
		struct repo_entry *e = s->entry[i];

		if (strcmp(e->file->path, path) == 0 && line >= e->line &&
		    line <= e->line + lines_in(e->file->text, e->at, e->len))
			return e;
	}
	return NULL;
}

bool repo_suite_is_flat(const char *suite)
{
	size_t len = strlen(suite);

	return len && suite[len - 1] == '/';
}

bool repo_words_have(const struct repo_words *w, const char *text)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->v[i].text, text) == 0)
			return true;
	return false;
}

int repo_bool(const char *text, int otherwise)
{
	static const char *const no[] = {"no", "false", "without", "off", "disable"};
	static const char *const yes[] = {"yes", "true", "with", "on", "enable"};
	char *end;
	long n = strtol(text, &end, 0);

	if (!*end && (n == 0 || n == 1))
		return (int)n;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (strcasecmp(text, no[i]) == 0)
			return 0;
		else if (strcasecmp(text, yes[i]) == 0)
			return 1;
	return otherwise;
}

bool repo_file_name_ok(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (name[0] == '.' || !dot || (strcmp(dot, ".list") != 0 && strcmp(dot, ".sources") != 0))
		return false;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-:.", *p))
			return false;
	return true;
}
