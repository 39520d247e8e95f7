/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/mem.h"
#include "pvecommon/textfile.h"
#include "pvecommon/textfile_impl.h"

/* Files of systemd: key = value lines, with sections and continued lines (ini), or without
 * both (sysctl.d).  One scanner serves both. */

struct scan {
	struct pve_span s;
	size_t i;
	struct pve_span section;
	size_t content; /* where the last line ends that is not blank, with those it goes on with */
	bool continues; /* "\" at the end of a line joins the next one */
	bool open;      /* the file ended in such a line */
};

struct item {
	struct textfile_hit at;
	struct pve_span name;
	size_t before;         /* scan.content before it */
	bool comment, section; /* commented out; a section's header, whose name is name */
};

/* What is asked for, and what a scan found. */
struct query {
	const char *section; /* NULL: a sysctl, whose '.' and '/' are alike */
	const char *key;
	struct item set, comment; /* the last of each */
	size_t section_end;       /* line behind the section's last line that is not blank; or 0 */
	bool open;
};

static bool is_space(char c)
{
	return pve_is_blank(c) || c == '\r';
}

static struct textfile_range trim(struct pve_span s, struct textfile_range r)
{
	while (r.from < r.to && is_space(s.p[r.from]))
		r.from++;
	while (r.to > r.from && is_space(s.p[r.to - 1]))
		r.to--;
	return r;
}

static bool is_comment(struct pve_span line)
{
	return line.len && (line.p[0] == '#' || line.p[0] == ';');
}

/* The end of the line at i, or of those that it goes on with.  Comment lines in between are
 * passed over, as systemd.syntax(7) says. */
static size_t end_of(struct scan *sc, size_t i)
{
	size_t end = textfile_line_end(sc->s, i);
	bool goes_on = sc->continues && end > i && sc->s.p[end - 1] == '\\';

	while (goes_on && end < sc->s.len) {
		size_t from = end + 1;
		struct textfile_range line;

		end = textfile_line_end(sc->s, from);
		line = trim(sc->s, (struct textfile_range){from, end});
		if (!is_comment(textfile_part(sc->s, line)))
			goes_on = end > from && sc->s.p[end - 1] == '\\';
	}
	sc->open = goes_on;
	return end;
}

static bool take_pair(struct pve_span s, struct textfile_range line, struct item *it)
{
	size_t end = textfile_line_end((struct pve_span){s.p, line.to}, line.from);
	const char *eq = memchr(s.p + line.from, '=', end - line.from);
	struct textfile_range name;

	if (!eq)
		return false;
	name = trim(s, (struct textfile_range){line.from, (size_t)(eq - s.p)});
	it->name = textfile_part(s, name);
	it->at.all = line;
	it->at.value = trim(s, (struct textfile_range){(size_t)(eq - s.p) + 1, line.to});
	it->at.found = name.to > name.from;
	return it->at.found;
}

/* The next section, assignment or commented-out assignment; false at the end. */
static bool next_item(struct scan *sc, struct item *it)
{
	while (sc->i < sc->s.len) {
		struct textfile_range line = {sc->i, textfile_line_end(sc->s, sc->i)};
		struct pve_span text;
		size_t skip;

		*it = (struct item){.before = sc->content};
		if (sc->i == 0 && pve_span_starts(textfile_part(sc->s, line), "\xef\xbb\xbf"))
			line.from += 3;
		line = trim(sc->s, line);
		text = textfile_part(sc->s, line);
		skip = is_comment(text) ? textfile_comment_len(text, "#;") : 0;
		it->comment = skip > 0;
		line.from += skip;
		if (!it->comment)
			line.to = end_of(sc, sc->i);
		if (text.len)
			sc->content = line.to;
		sc->i = (it->comment ? textfile_line_end(sc->s, sc->i) : line.to) + 1;
		line = trim(sc->s, line);
		if (text.len > 1 && text.p[0] == '[' && text.p[text.len - 1] == ']') {
			it->at.all = line;
			it->name = (struct pve_span){text.p + 1, text.len - 2};
			it->section = true;
			return true;
		}
		if (line.from < line.to && take_pair(sc->s, line, it))
			return true;
	}
	return false;
}

/* The two spellings of a sysctl name as one: see textfile.h. */
static void normalise(struct pve_span name, struct pve_buf *b)
{
	bool swap = false, seen = false;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if ((c == '.' || c == '/') && !seen) {
			seen = true;
			swap = c == '.';
		}
		if (swap && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		pve_buf_putc(b, c);
	}
}

static bool same_sysctl(struct pve_span name, const char *key)
{
	PVE_BUF a = {0}, b = {0};

	if (name.len && name.p[0] == '-')
		name = (struct pve_span){name.p + 1, name.len - 1};
	normalise(name, &a);
	normalise(pve_span(key), &b);
	return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static bool matches(const struct scan *sc, const struct query *q, const struct item *it)
{
	if (!q->section)
		return same_sysctl(it->name, q->key);
	return pve_span_eq(sc->section, q->section) && pve_span_eq(it->name, q->key);
}

static struct scan scan_of(struct pve_span s, const struct query *q)
{
	return (struct scan){.s = s, .continues = q->section != NULL};
}

static void look(const struct pve_textfile *t, struct pve_span s, struct query *q)
{
	struct scan sc = scan_of(s, q);
	struct item it;

	while (next_item(&sc, &it)) {
		if (it.section && q->section) {
			if (pve_span_eq(sc.section, q->section))
				q->section_end = textfile_line_at(t, it.before, NULL) + 1;
			sc.section = it.name;
		} else if (!it.section && matches(&sc, q, &it)) {
			*(it.comment ? &q->comment : &q->set) = it;
		}
	}
	if (q->section && pve_span_eq(sc.section, q->section))
		q->section_end = textfile_line_at(t, sc.content, NULL) + 1;
	q->open = sc.open;
}

/* The value with continued lines joined by blanks, as systemd joins them. */
static struct pve_span value_of(struct pve_textfile *t, struct pve_span s,
				const struct textfile_range r)
{
	size_t i = r.from;
	PVE_BUF b = {0};

	while (i < r.to) {
		size_t end = textfile_line_end((struct pve_span){s.p, r.to}, i);
		struct textfile_range line = trim(s, (struct textfile_range){i, end});
		bool skip = i > r.from && is_comment(textfile_part(s, line));

		if (!skip && end < r.to) {
			pve_buf_add(&b, s.p + i, end - i - 1);
			pve_buf_putc(&b, ' ');
		} else if (!skip) {
			pve_buf_add(&b, s.p + i, end - i);
		}
		i = end + 1;
	}
	return pve_span_trim((struct pve_span){pve_arena_memdup(&t->memory, b.data, b.len), b.len});
}

static bool find(struct pve_textfile *t, struct query *q, struct pve_setting *s)
{
	PVE_BUF all = {0};
	struct pve_span text;

	textfile_join(t, &all);
	text = (struct pve_span){all.data, all.len};
	look(t, text, q);
	if (!q->set.at.found)
		return false;
	s->value = value_of(t, text, q->set.at.value);
	s->line = textfile_line_at(t, q->set.at.all.from, NULL);
	s->computed = false;
	return true;
}

static int check(const struct query *q, struct pve_err *e)
{
	for (const char *c = q->key; *c; c++)
		if (textfile_is_control(*c) || strchr(" =", *c))
			return pve_err_set(e, PVE_USAGE, "'%s' is no name of a setting", q->key);
	if (!*q->key || strchr("#;[-", *q->key))
		return pve_err_set(e, PVE_USAGE, "'%s' is no name of a setting", q->key);
	for (const char *c = q->section; c && *c; c++)
		if (textfile_is_control(*c) || strchr("[]", *c))
			return pve_err_set(e, PVE_USAGE, "'%s' is no name of a section",
					   q->section);
	return 0;
}

/* Nothing is assigned: see textfile.h for the place. */
static void set_new(struct pve_textfile *t, struct pve_span s, struct query *q,
		    struct pve_span value)
{
	size_t i = q->section ? q->section_end : t->n;
	PVE_BUF b = {0};

	pve_buf_printf(&b, "%s%s%.*s", q->key, q->section ? "=" : " = ", PVE_SPAN_ARG(value));
	if (q->comment.at.found) {
		i = textfile_line_at(t, q->comment.at.all.from, NULL) + 1;
		if (pve_span_same(value_of(t, s, q->comment.at.value), value)) {
			textfile_uncomment(t, q->comment.at.all.from);
			return;
		}
	} else if (q->section && !i) {
		PVE_FREE char *header = pve_asprintf("[%s]", q->section);

		if (t->n && pve_span_trim(t->v[t->n - 1].text).len)
			textfile_insert(t, t->n, (struct pve_span){0});
		textfile_insert(t, t->n, pve_span(header));
		i = t->n;
	}
	textfile_insert(t, i, (struct pve_span){b.data, b.len});
}

static int set(struct pve_textfile *t, struct query *q, struct pve_span value, struct pve_err *e)
{
	PVE_BUF all = {0};
	struct pve_span s;

	if (check(q, e) < 0 || textfile_check_value(q->key, value, true, e) < 0)
		return -1;
	if (q->section && value.len && value.p[value.len - 1] == '\\')
		return pve_err_set(e, PVE_USAGE, "the value of %s ends in a backslash", q->key);
	textfile_join(t, &all);
	s = (struct pve_span){all.data, all.len};
	look(t, s, q);
	if (q->open)
		return pve_err_set(e, PVE_DATA, "cannot set %s: the file ends in a continued line",
				   q->key);
	if (!q->set.at.found)
		set_new(t, s, q, value);
	else if (!pve_span_same(value_of(t, s, q->set.at.value), value))
		textfile_replace(t, q->set.at.value, value);
	return 0;
}

/* Removes all assignments, or all but the one that wins.  From the end to the start, so that
 * the places of those before stay right. */
static int drop(struct pve_textfile *t, struct query *q, bool keep_last, struct pve_err *e)
{
	struct textfile_range *v = NULL;
	size_t n = 0, cap = 0;
	PVE_BUF all = {0};
	struct scan sc;
	struct item it;

	if (check(q, e) < 0)
		return -1;
	textfile_join(t, &all);
	sc = scan_of((struct pve_span){all.data, all.len}, q);
	while (next_item(&sc, &it)) {
		if (it.section && q->section) {
			sc.section = it.name;
		} else if (!it.section && !it.comment && matches(&sc, q, &it)) {
			v = pve_grow(v, n, &cap, sizeof(*v));
			v[n++] = it.at.all;
		}
	}
	n -= keep_last && n;
	while (n)
		textfile_delete_range(t, v[--n]);
	free(v);
	return 0;
}

bool pve_textfile_sysctl_find(struct pve_textfile *t, const char *key, struct pve_setting *s)
{
	return find(t, &(struct query){.key = key}, s);
}

int pve_textfile_sysctl_set(struct pve_textfile *t, const char *key, struct pve_span value,
			    struct pve_err *e)
{
	return set(t, &(struct query){.key = key}, value, e);
}

int pve_textfile_sysctl_remove(struct pve_textfile *t, const char *key, struct pve_err *e)
{
	return drop(t, &(struct query){.key = key}, false, e);
}

bool pve_textfile_ini_find(struct pve_textfile *t, const char *section, const char *key,
			   struct pve_setting *s)
{
	return find(t, &(struct query){.section = section, .key = key}, s);
}

int pve_textfile_ini_set(struct pve_textfile *t, const char *section, const char *key,
			 struct pve_span value, struct pve_err *e)
{
	return set(t, &(struct query){.section = section, .key = key}, value, e);
}

int pve_textfile_ini_remove(struct pve_textfile *t, const char *section, const char *key,
			    struct pve_err *e)
{
	return drop(t, &(struct query){.section = section, .key = key}, false, e);
}

int pve_textfile_ini_set_only(struct pve_textfile *t, const char *section, const char *key,
			      struct pve_span value, struct pve_err *e)
{
	struct query q = {.section = section, .key = key};

	return set(t, &q, value, e) < 0 ? -1 : drop(t, &q, true, e);
}

void pve_textfile_ini_list(struct pve_textfile *t, const char *section, const char *key,
			   struct pve_strv *values)
{
	struct query q = {.section = section, .key = key};
	PVE_BUF all = {0};
	PVE_STRV list = {0};
	struct pve_span v;
	struct scan sc;
	struct item it;

	textfile_join(t, &all);
	sc = scan_of((struct pve_span){all.data, all.len}, &q);
	while (next_item(&sc, &it)) {
		if (it.section)
			sc.section = it.name;
		if (it.section || it.comment || !matches(&sc, &q, &it))
			continue;
		v = value_of(t, sc.s, it.at.value);
		if (!v.len)
			pve_strv_done(&list);
		else
			pve_strv_add_span(&list, v);
	}
	for (size_t i = 0; i < list.n; i++)
		pve_strv_add(values, list.v[i]);
}
