/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>

#include "pvecommon/textfile.h"
#include "pvecommon/textfile_impl.h"

/* Substitutions may nest, $(a "$(b)"); beyond this depth they are read as plain text. */
#define DEPTH_MAX 16

/* Reads shell text from left to right, never twice: i only grows. */
struct scan {
	struct pve_span s;
	size_t i;
	bool computed; /* an expansion was seen since this was last cleared */
	bool unclosed; /* the end came inside a quote or substitution */
	bool chain;    /* an assignment was read, and its command goes on with one */
	bool dangling; /* the end came behind a "\": what is appended would go on there */
};

struct assignment {
	struct pve_span name;
	struct textfile_hit at;
	bool computed, comment;
	bool after, before; /* another assignment of its command: A=1 B=2 */
};

static bool at_end(const struct scan *sc)
{
	return sc->i >= sc->s.len;
}

static char peek(const struct scan *sc, size_t ahead)
{
	return sc->s.len - sc->i > ahead ? sc->s.p[sc->i + ahead] : '\0';
}

static void skip_escape(struct scan *sc)
{
	sc->dangling = sc->s.len - sc->i < 2;
	sc->i += sc->dangling ? 1 : 2;
}

/* Behind the next c, which is not escaped. */
static void skip_past(struct scan *sc, char c, bool escapes)
{
	while (!at_end(sc) && sc->s.p[sc->i] != c) {
		if (escapes && sc->s.p[sc->i] == '\\')
			skip_escape(sc);
		else
			sc->i++;
	}
	if (at_end(sc))
		sc->unclosed = true;
	else
		sc->i++;
}

static void skip_dollar(struct scan *sc, int depth);

/* Behind the closing bracket c of a substitution or the closing '"' of a string. */
static void skip_nested(struct scan *sc, char c, int depth)
{
	while (!at_end(sc) && sc->s.p[sc->i] != c) {
		char at = sc->s.p[sc->i];

		if (at == '\\') {
			skip_escape(sc);
		} else if (at == '$') {
			skip_dollar(sc, depth);
		} else if (at == '`') {
			sc->computed = true;
			sc->i++;
			skip_past(sc, '`', true);
		} else if (at == '"' && depth < DEPTH_MAX) {
			sc->i++;
			skip_nested(sc, '"', depth + 1);
		} else if (at == '\'' && c != '"') {
			sc->i++;
			skip_past(sc, '\'', false);
		} else {
			sc->i++;
		}
	}
	if (at_end(sc))
		sc->unclosed = true;
	else
		sc->i++;
}

static void skip_dollar(struct scan *sc, int depth)
{
	char next = peek(sc, 1);

	if (next == '_' || isalnum((unsigned char)next) || (next && strchr("({?#@*!$-", next)))
		sc->computed = true;
	sc->i++;
	if (depth >= DEPTH_MAX || (next != '(' && next != '{'))
		return;
	sc->i++;
	skip_nested(sc, next == '(' ? ')' : '}', depth + 1);
}

/* Behind one word: up to an unquoted blank, end of line or operator. */
static void skip_word(struct scan *sc)
{
	while (!at_end(sc)) {
		char c = sc->s.p[sc->i];

		if (c && strchr(" \t\n;&|<>()", c))
			return;
		if (c == '\\') {
			skip_escape(sc);
		} else if (c == '$') {
			skip_dollar(sc, 0);
		} else if (c == '\'') {
			sc->i++;
			skip_past(sc, '\'', false);
		} else if (c == '"') {
			sc->i++;
			skip_nested(sc, '"', 0);
		} else if (c == '`') {
			sc->computed = true;
			sc->i++;
			skip_past(sc, '`', true);
		} else {
			sc->i++;
		}
	}
}

static bool at_continuation(const struct scan *sc)
{
	return peek(sc, 0) == '\\' && peek(sc, 1) == '\n';
}

static void skip_blanks(struct scan *sc)
{
	while (!at_end(sc) && (pve_is_blank(sc->s.p[sc->i]) || at_continuation(sc)))
		sc->i += at_continuation(sc) ? 2 : 1;
}

/* To the ';' or LF behind a command, which may be several lines below. */
static void skip_command(struct scan *sc)
{
	while (!at_end(sc) && sc->s.p[sc->i] != '\n' && sc->s.p[sc->i] != ';') {
		size_t start;

		skip_blanks(sc);
		if (peek(sc, 0) == '#') {
			sc->i = textfile_line_end(sc->s, sc->i);
			return;
		}
		start = sc->i;
		skip_word(sc);
		if (sc->i == start && !at_end(sc) && sc->s.p[sc->i] != '\n' &&
		    sc->s.p[sc->i] != ';')
			sc->i++;
	}
}

/* "NAME=" at the scanner's place, which is left behind the '='. */
static bool take_name(struct scan *sc, struct pve_span *name)
{
	size_t i = sc->i;

	while (i < sc->s.len && (sc->s.p[i] == '_' || isalnum((unsigned char)sc->s.p[i])))
		i++;
	if (i == sc->i || i >= sc->s.len || sc->s.p[i] != '=' ||
	    isdigit((unsigned char)sc->s.p[sc->i]))
		return false;
	*name = textfile_part(sc->s, (struct textfile_range){sc->i, i});
	sc->i = i + 1;
	return true;
}

static void skip_export(struct scan *sc)
{
	static const char word[] = "export";
	struct pve_span rest = textfile_part(sc->s, (struct textfile_range){sc->i, sc->s.len});

	if (pve_span_starts(rest, word) && pve_is_blank(peek(sc, sizeof(word) - 1))) {
		sc->i += sizeof(word) - 1;
		skip_blanks(sc);
	}
}

/* What stands behind an assignment: "A=1 command" sets A for the command alone, but
 * "A=1 B=2" sets both. */
static bool is_lasting(struct scan ahead, struct assignment *a)
{
	size_t end = ahead.i;
	struct pve_span name;

	skip_blanks(&ahead);
	if (at_end(&ahead) || ahead.s.p[ahead.i] == '\n' || ahead.s.p[ahead.i] == ';')
		return true;
	if (ahead.i > end && ahead.s.p[ahead.i] == '#')
		return true;
	a->before = ahead.i > end && take_name(&ahead, &name);
	return a->before;
}

static bool take_assignment(struct scan *sc, struct assignment *a)
{
	size_t start = sc->i;

	a->after = sc->chain;
	if (!a->after)
		skip_export(sc);
	a->at.all.from = sc->i;
	if (!take_name(sc, &a->name))
		return false;
	sc->computed = peek(sc, 0) == '~';
	a->at.value.from = sc->i;
	skip_word(sc);
	a->at.value.to = a->at.all.to = sc->i;
	a->computed = sc->computed;
	a->at.found = !sc->unclosed && is_lasting(*sc, a);
	/* "export" belongs to all of its assignments. */
	if (!a->before)
		a->at.all.from = a->after ? a->at.all.from : start;
	return a->at.found;
}

/* A commented-out assignment: it alone on the line. */
static bool take_comment(struct scan *sc, struct assignment *a)
{
	size_t end = textfile_line_end(sc->s, sc->i);
	struct scan line = {.s = {sc->s.p, end}, .i = sc->i};

	line.i += textfile_comment_len(textfile_part(sc->s, (struct textfile_range){sc->i, end}),
				       "#");
	sc->i = end;
	a->comment = true;
	return take_assignment(&line, a) && !a->before;
}

/* The next assignment, also a commented-out one. */
static bool next_assignment(struct scan *sc, struct assignment *a)
{
	while (!at_end(sc)) {
		bool got = false, line_start = !sc->i || sc->s.p[sc->i - 1] == '\n';

		skip_blanks(sc);
		*a = (struct assignment){0};
		if (peek(sc, 0) != '#')
			got = take_assignment(sc, a);
		else if (line_start)
			got = take_comment(sc, a);
		sc->chain = got && a->before;
		if (sc->chain)
			return true;
		skip_command(sc);
		if (!at_end(sc))
			sc->i++;
		if (got)
			return true;
	}
	return false;
}

/* The last assignment of key and its last commented-out one; false when a quote is open at
 * the end of the file. */
static bool look(struct pve_span s, const char *key, struct assignment *set,
		 struct assignment *comment)
{
	struct scan sc = {.s = s};
	struct assignment a;

	*set = *comment = (struct assignment){0};
	while (next_assignment(&sc, &a))
		if (pve_span_eq(a.name, key))
			*(a.comment ? comment : set) = a;
	return !sc.unclosed && !sc.dangling;
}

/* Adds what the shell makes of a constant word. */
static void unquote(struct pve_span w, struct pve_buf *b)
{
	char quote = '\0';

	for (size_t i = 0; i < w.len; i++) {
		char c = w.p[i], next = i + 1 < w.len ? w.p[i + 1] : '\0';

		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? '\0' : c;
		} else if (c == '\\' && quote != '\'' && next &&
			   (!quote || strchr("\\\"$`\n", next))) {
			if (next != '\n')
				pve_buf_putc(b, next);
			i++;
		} else if (c != '\\' || quote || i + 1 < w.len) {
			pve_buf_putc(b, c);
		}
	}
}

/* The value as the shell sees it: a copy that lives as long as the file. */
static struct pve_span value_of(struct pve_textfile *t, struct pve_span s,
				const struct assignment *a)
{
	struct pve_span raw = textfile_part(s, a->at.value);
	PVE_BUF b = {0};

	if (a->computed)
		pve_buf_span(&b, raw);
	else
		unquote(raw, &b);
	return (struct pve_span){pve_arena_memdup(&t->memory, b.data, b.len), b.len};
}

static bool is_safe(struct pve_span v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!isalnum((unsigned char)v.p[i]) && (!v.p[i] || !strchr("_./:,@%+-", v.p[i])))
			return false;
	return v.len > 0;
}

/* Writes v in the manner of old where that can hold it, else in double quotes. */
static void quote(struct pve_span v, struct pve_span old, struct pve_buf *b)
{
	bool single = old.len > 1 && old.p[0] == '\'' && (!v.len || !memchr(v.p, '\'', v.len));

	if (is_safe(old) && is_safe(v)) {
		pve_buf_span(b, v);
		return;
	}
	pve_buf_putc(b, single ? '\'' : '"');
	for (size_t i = 0; i < v.len; i++) {
		if (!single && v.p[i] && strchr("\\\"$`", v.p[i]))
			pve_buf_putc(b, '\\');
		pve_buf_putc(b, v.p[i]);
	}
	pve_buf_putc(b, single ? '\'' : '"');
}

bool pve_textfile_sh_find(struct pve_textfile *t, const char *key, struct pve_setting *s)
{
	struct assignment set, comment;
	struct pve_span text;
	PVE_BUF all = {0};

	textfile_join(t, &all);
	text = (struct pve_span){all.data, all.len};
	look(text, key, &set, &comment);
	if (!set.at.found)
		return false;
	s->value = value_of(t, text, &set);
	s->line = textfile_line_at(t, set.at.all.from, NULL);
	s->computed = set.computed;
	return true;
}

static int check_key(const char *key, struct pve_err *e)
{
	size_t n = 0;

	while (key[n] == '_' || isalnum((unsigned char)key[n]))
		n++;
	if (!n || key[n] || isdigit((unsigned char)key[0]))
		return pve_err_set(e, PVE_USAGE, "'%s' is no name of a shell variable", key);
	return 0;
}

/* Nothing is assigned: below the commented-out line (or in its place), or at the end. */
static void set_new(struct pve_textfile *t, struct pve_span s, const char *key,
		    struct pve_span value, const struct assignment *comment)
{
	size_t i = t->n;
	PVE_BUF b = {0};

	if (comment->at.found) {
		i = textfile_line_at(t, comment->at.all.from, NULL) + 1;
		if (!comment->computed && pve_span_same(value_of(t, s, comment), value)) {
			textfile_uncomment(t, comment->at.all.from);
			return;
		}
	}
	pve_buf_printf(&b, "%s=", key);
	quote(value, (struct pve_span){0}, &b);
	textfile_insert(t, i, (struct pve_span){b.data, b.len});
}

static int open_quote(const char *key, struct pve_err *e)
{
	return pve_err_set(e, PVE_DATA,
			   "cannot change %s: the file ends inside a quote or a continued line",
			   key);
}

int pve_textfile_sh_set(struct pve_textfile *t, const char *key, struct pve_span value,
			struct pve_err *e)
{
	struct assignment set, comment;
	struct pve_span s;
	PVE_BUF all = {0}, b = {0};

	if (check_key(key, e) < 0 || textfile_check_value(key, value, false, e) < 0)
		return -1;
	textfile_join(t, &all);
	s = (struct pve_span){all.data, all.len};
	if (!look(s, key, &set, &comment))
		return open_quote(key, e);
	if (!set.at.found) {
		set_new(t, s, key, value, &comment);
	} else if (set.computed || !pve_span_same(value_of(t, s, &set), value)) {
		quote(value, textfile_part(s, set.at.value), &b);
		textfile_replace(t, set.at.value, (struct pve_span){b.data, b.len});
	}
	return 0;
}

/* Takes one assignment away with what separates it from its neighbours on the line, or with
 * its lines when it is alone there. */
static void remove_one(struct pve_textfile *t, struct pve_span s, const struct assignment *a)
{
	struct textfile_range r = a->at.all;
	size_t before = r.from;
	struct scan sc = {.s = s, .i = r.to};
	bool command = a->before;

	while (before && pve_is_blank(s.p[before - 1]))
		before--;
	skip_blanks(&sc);
	if (!command && !a->after && peek(&sc, 0) == ';') {
		sc.i++;
		skip_blanks(&sc);
		r.to = sc.i;
		command = sc.i < textfile_line_end(s, sc.i);
	}
	if (command)
		textfile_replace(t, (struct textfile_range){r.from, sc.i}, (struct pve_span){0});
	else if (a->after || (before && s.p[before - 1] == ';'))
		textfile_replace(t, (struct textfile_range){before - !a->after, r.to},
				 (struct pve_span){0});
	else
		textfile_delete_range(t, r);
}

int pve_textfile_sh_remove(struct pve_textfile *t, const char *key, struct pve_err *e)
{
	struct assignment set, comment;

	if (check_key(key, e) < 0)
		return -1;
	for (;;) {
		PVE_BUF all = {0};
		struct pve_span s;

		textfile_join(t, &all);
		s = (struct pve_span){all.data, all.len};
		if (!look(s, key, &set, &comment))
			return open_quote(key, e);
		if (!set.at.found)
			return 0;
		remove_one(t, s, &set);
	}
}
