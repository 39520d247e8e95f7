/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one-line format, as sourcelist.cc (ParseFileOldStyle, ParseLine) reads it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pve-repo/sources_impl.h"
#include "pve-repo/uri.h"
#include "pvecommon/buf.h"

/* One line in the reading. */
struct line {
	struct repo_sources *s;
	struct repo_file *f;
	const char *p, *end; /* what is left, without comment and blanks around */
	const char *why;     /* what is wrong with it */
	struct repo_entry e;
	size_t cap[4], options_cap;
};

static bool is_space(char c)
{
	return isspace((unsigned char)c);
}

static bool is_edge(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_space(struct line *l)
{
	while (l->p < l->end && is_space(*l->p))
		l->p++;
}

/* Where a word that begins at p ends; NULL when a quote or bracket stays open. */
static const char *word_end(const char *p, const char *end)
{
	for (; p < end && !is_space(*p); p++) {
		if (*p == '"')
			p = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (p && *p == '[')
			p = memchr(p + 1, ']', (size_t)(end - p - 1));
		if (!p)
			return NULL;
	}
	return p;
}

static unsigned hex(char c)
{
	return (unsigned)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

static char *decode(struct line *l, const char *p, const char *end)
{
	char *text = pve_arena_alloc(&l->s->mem, (size_t)(end - p) + 1), *to = text;

	while (p < end) {
		if (*p == '%' && p + 2 < end && isxdigit((unsigned char)p[1]) &&
		    isxdigit((unsigned char)p[2])) {
			*to++ = (char)(hex(p[1]) << 4 | hex(p[2]));
			p += 3;
		} else {
			if (*p != '"')
				*to++ = *p;
			p++;
		}
	}
	return text;
}

/* strutl.cc, ParseQuoteWord: the next word, and the blanks behind it are skipped.  NULL when
 * there is none. */
static char *take_word(struct line *l, const char **from, const char **to)
{
	const char *end = l->p < l->end ? word_end(l->p, l->end) : NULL;

	if (!end)
		return NULL;
	*from = l->p;
	*to = end;
	l->p = end;
	skip_space(l);
	return decode(l, *from, *to);
}

static size_t offset(const struct line *l, const char *p)
{
	return (size_t)(p - l->f->text.p);
}

/* --- options ------------------------------------------------------------------------ */

/* "key=value" becomes the option. */
static bool split_option(struct line *l, struct repo_option *o, char *text)
{
	char *eq = strchr(text, '=');
	const char *key;

	if (!eq) {
		l->why = "an option in brackets has no '='";
		return false;
	}
	*eq = '\0';
	if (!text[0] || !eq[1]) {
		l->why = text[0] ? "an option in brackets has no value"
				 : "an option in brackets has no name";
		return false;
	}
	key = repo_option_key(REPO_LIST, text);
	o->known = key != NULL;
	o->key = key ? key : text;
	o->name = text;
	o->value = eq + 1;
	return true;
}

static bool take_option(struct line *l)
{
	const char *from = NULL, *to = NULL;
	char *text = take_word(l, &from, &to);
	struct repo_option *o;
	size_t len;

	if (!text) {
		l->why = "the brackets of the options do not end";
		return false;
	}
	len = strlen(text);
	if (len < 3) {
		l->why = "an option in brackets is too short";
		return false;
	}
	if (text[len - 1] == ']') {
		/* The bracket may stand without a blank before it; then what follows it has been
		 * skipped and is gone back to. */
		while (l->p > from && (l->p == l->end || *l->p != ']'))
			l->p--;
		if (*l->p != ']') {
			l->why = "the brackets of the options do not end";
			return false;
		}
		text[len - 1] = '\0';
		if (to > l->p)
			to = l->p;
	}
	l->e.option = pve_grow(l->e.option, l->e.noptions, &l->options_cap, sizeof(*o));
	o = &l->e.option[l->e.noptions];
	*o = (struct repo_option){.at = offset(l, from), .len = (size_t)(to - from), .line = l->e.line};
	if (!split_option(l, o, text))
		return false;
	l->e.noptions++;
	return true;
}

static bool take_options(struct line *l)
{
	l->e.options_at = offset(l, l->p);
	l->p++;
	skip_space(l);
	while (l->p == l->end || *l->p != ']')
		if (!take_option(l))
			return false;
	l->p++;
	l->e.options_len = offset(l, l->p) - l->e.options_at;
	skip_space(l);
	return true;
}

/* --- words -------------------------------------------------------------------------- */

static bool add_word(struct line *l, struct repo_words *w, size_t *cap)
{
	const char *from = NULL, *to = NULL;
	const char *text = take_word(l, &from, &to);

	if (!text)
		return false;
	repo_read_word(w, cap, text, offset(l, from), (size_t)(to - from));
	return true;
}

static bool no_word(struct line *l, const char *what)
{
	l->why = l->p < l->end ? "a quote or bracket does not end" : what;
	return false;
}

static bool take_words(struct line *l)
{
	struct repo_entry *e = &l->e;

	if (!add_word(l, &e->uris, &l->cap[1]))
		return no_word(l, "there is no URI");
	if (!add_word(l, &e->suites, &l->cap[2]))
		return no_word(l, "there is no suite");
	if (!strchr(e->uris.v[0].text, ':')) {
		l->why = "the URI has no ':'";
		return false;
	}
	while (add_word(l, &e->components, &l->cap[3]))
		;
	if (repo_suite_is_flat(e->suites.v[0].text)) {
		l->why = "a suite that ends in '/' takes no components";
		return e->components.n == 0;
	}
	return e->components.n || no_word(l, "there is no component");
}

/* "deb [...] URI suite component..."; false and l->why, and nothing to free, when it is none. */
static bool read_entry(struct line *l)
{
	const char *type = l->p, *to = type;

	while (to < l->end && *to != ' ' && *to != '\t' && *to != '\v')
		to++;
	if (to == l->end || to == type) {
		l->why = "the type is not followed by anything";
		return false;
	}
	repo_read_word(&l->e.types, &l->cap[0],
		       pve_arena_memdup(&l->s->mem, type, (size_t)(to - type)), offset(l, type),
		       (size_t)(to - type));
	if (!repo_type_known(l->e.types.v[0].text)) {
		l->why = "the type is neither deb nor deb-src";
		return false;
	}
	l->p = to;
	skip_space(l);
	if (l->p < l->end && *l->p == '[' && !take_options(l))
		return false;
	return take_words(l);
}

/* --- lines -------------------------------------------------------------------------- */

/* Sets the line to its text without comment and without blanks around.  A '#' with more '['
 * than ']' before it begins no comment. */
static void trim_line(struct line *l, const char *from, const char *end)
{
	long open = 0;

	l->p = from;
	for (l->end = from; l->end < end && *l->end != '\0'; l->end++) {
		if (*l->end == '#' && open <= 0)
			break;
		open += *l->end == '[';
		open -= *l->end == ']';
	}
	while (l->p < l->end && is_edge(*l->p))
		l->p++;
	while (l->p < l->end && is_edge(l->end[-1]))
		l->end--;
}

static void done(struct line *l)
{
	free(l->e.types.v);
	free(l->e.uris.v);
	free(l->e.suites.v);
	free(l->e.components.v);
	free(l->e.option);
}

static void keep_entry(struct line *l, bool enabled)
{
	struct repo_entry *e = repo_read_entry(l->s, l->f);

	l->e.file = l->f;
	*e = l->e;
	e->enabled = enabled;
	repo_read_keep(l->s, &e->types);
	repo_read_keep(l->s, &e->uris);
	repo_read_keep(l->s, &e->suites);
	repo_read_keep(l->s, &e->components);
	if (e->noptions) {
		e->option = pve_arena_copy(&l->s->mem, l->e.option,
					   l->e.noptions * sizeof(*e->option));
		free(l->e.option);
	}
	repo_read_last(e);
}

/* "http:", "cdrom:": prose has no such word in third place. */
static bool has_scheme(const char *uri)
{
	const char *p = uri;

	while (isalnum((unsigned char)*p) || (*p && strchr("+-.", *p)))
		p++;
	return p > uri && isalpha((unsigned char)uri[0]) && *p == ':';
}

/* A line behind '#' is an entry when all of it reads as one; else it is prose. */
static void read_comment(struct line *l, const char *from, const char *end)
{
	const char *p = from;

	while (p < end && (*p == '#' || is_edge(*p)))
		p++;
	trim_line(l, p, end);
	if (l->p == l->end || !read_entry(l) || !has_scheme(l->e.uris.v[0].text)) {
		done(l);
		return;
	}
	l->e.hash_len = l->e.types.v[0].at - l->e.at;
	keep_entry(l, false);
}

static void read_line(struct repo_sources *s, struct repo_file *f, unsigned number, size_t at,
		      size_t len)
{
	struct line l = {.s = s, .f = f};
	const char *from = f->text.p + at, *end = from + len, *p = from;

	l.e.line = l.e.number = number;
	l.e.at = at;
	l.e.len = len;
	if (end > from && end[-1] == '\n')
		end--;
	while (p < end && is_edge(*p))
		p++;
	if (p < end && *p == '#') {
		read_comment(&l, from, end);
		return;
	}
	trim_line(&l, from, end);
	if (l.p == l.end)
		return;
	if (read_entry(&l)) {
		keep_entry(&l, true);
		return;
	}
	repo_read_refuse(s, f, number, "%s", l.why);
	done(&l);
}

void repo_read_list(struct repo_sources *s, struct repo_file *f)
{
	size_t at = 0;

	for (unsigned number = 1; at < f->text.len; number++) {
		const char *eol = memchr(f->text.p + at, '\n', f->text.len - at);
		size_t len = eol ? (size_t)(eol - f->text.p) + 1 - at : f->text.len - at;

		read_line(s, f, number, at, len);
		at += len;
	}
}
