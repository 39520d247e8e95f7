/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/textfile.h"
#include "pvecommon/textfile_impl.h"

/* modprobe.d(5) as kmod reads it (libkmod-config.c): lines are first joined at "\" and LF,
 * comments too; '#' counts only as the first byte of a command.  Words end at blanks outside
 * of double quotes, as the kernel's next_arg() has it. */

struct words {
	struct pve_span s;
	size_t i;
	bool open; /* the last word has a quote that its line does not close */
};

/* One parameter of an options line. */
struct param {
	struct textfile_hit at; /* value.from == value.to and no '=': a bare name */
	size_t name_end;
	bool bare;
};

/* What is known about one parameter after reading the whole file. */
struct found {
	struct param param;                /* the last one of that name */
	struct textfile_range word_before; /* the word in front of it */
	size_t line_params;                /* how many parameters its options line has */
	size_t line_start;                 /* and where that line begins */
	size_t module_end; /* end of the last word on the module's last options line; or 0 */
	bool open;         /* the last line of the file goes on */
};

static bool is_continued(const struct words *w)
{
	return w->i + 1 < w->s.len && w->s.p[w->i] == '\\' && w->s.p[w->i + 1] == '\n';
}

/* The second of two backslashes does not continue a line. */
static bool is_escaped(const struct words *w)
{
	return w->i + 1 < w->s.len && w->s.p[w->i] == '\\' && w->s.p[w->i + 1] == '\\';
}

static bool at_line_end(const struct words *w)
{
	return w->i >= w->s.len || w->s.p[w->i] == '\n';
}

/* The next word of the same command; false at its end. */
static bool next_word(struct words *w, struct textfile_range *r)
{
	bool quoted = false;

	while (w->i < w->s.len && (pve_is_blank(w->s.p[w->i]) || is_continued(w)))
		w->i += is_continued(w) ? 2 : 1;
	r->from = w->i;
	while (!at_line_end(w) && (quoted || !pve_is_blank(w->s.p[w->i]))) {
		if (w->s.p[w->i] == '"')
			quoted = !quoted;
		w->i += is_continued(w) || is_escaped(w) ? 2 : 1;
	}
	r->to = w->i;
	if (r->to > r->from)
		w->open = quoted;
	return r->to > r->from;
}

/* Adds a word without the line ends in it. */
static void unfold(struct pve_span word, struct pve_buf *b)
{
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '\\' && i + 1 < word.len && word.p[i + 1] == '\n')
			i++;
		else
			pve_buf_putc(b, word.p[i]);
	}
}

/* '-' and '_' are the same letter in names. */
static bool same_name(struct pve_span word, const char *name)
{
	PVE_BUF b = {0};

	unfold(word, &b);
	if (b.len != strlen(name))
		return false;
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] != name[i] &&
		    !((b.data[i] == '-' || b.data[i] == '_') && (name[i] == '-' || name[i] == '_')))
			return false;
	return true;
}

static struct param param_of(struct pve_span s, struct textfile_range word)
{
	const char *eq = memchr(s.p + word.from, '=', word.to - word.from);
	struct param p = {.at.all = word, .at.found = true, .bare = !eq};

	p.name_end = eq ? (size_t)(eq - s.p) : word.to;
	p.at.value = (struct textfile_range){eq ? p.name_end + 1 : word.to, word.to};
	return p;
}

/* The parameters behind "options MODULE". */
static void read_params(struct words *w, const char *name, size_t line_start, struct found *f)
{
	struct textfile_range word, before = {f->module_end, f->module_end};
	size_t n = 0;
	bool here = false;

	while (next_word(w, &word)) {
		struct param p = param_of(w->s, word);

		n++;
		f->module_end = word.to;
		if (same_name(textfile_part(w->s, (struct textfile_range){word.from, p.name_end}),
			      name)) {
			here = true;
			f->param = p;
			f->word_before = before;
		}
		before = word;
	}
	/* What is put behind an open quote would be part of it. */
	if (n && w->open)
		f->module_end = 0;
	if (here) {
		f->line_params = n;
		f->line_start = line_start;
	}
}

static struct found look(struct pve_span s, const char *module, const char *name)
{
	struct words w = {.s = s};
	struct found f = {0};

	while (w.i < s.len) {
		struct textfile_range word, line = {w.i, w.i};

		if (next_word(&w, &word) && pve_span_eq(textfile_part(s, word), "options") &&
		    next_word(&w, &word) && same_name(textfile_part(s, word), module)) {
			f.module_end = word.to;
			read_params(&w, name, line.from, &f);
		}
		while (next_word(&w, &word))
			;
		/* A "\" as the last byte would take in a line that is appended. */
		f.open = w.i >= s.len && s.p[s.len - 1] == '\\';
		w.i++;
	}
	return f;
}

/* The value as the module gets it. */
static struct pve_span value_of(struct pve_textfile *t, struct pve_span s, const struct param *p)
{
	struct pve_span v;
	PVE_BUF b = {0};

	unfold(textfile_part(s, p->at.value), &b);
	v = (struct pve_span){pve_arena_memdup(&t->memory, b.data, b.len), b.len};
	if (v.len > 1 && v.p[0] == '"' && v.p[v.len - 1] == '"')
		v = (struct pve_span){v.p + 1, v.len - 2};
	return v;
}

bool pve_textfile_modprobe_find(struct pve_textfile *t, const char *module, const char *name,
				struct pve_setting *s)
{
	PVE_BUF all = {0};
	struct pve_span text;
	struct found f;

	textfile_join(t, &all);
	text = (struct pve_span){all.data, all.len};
	f = look(text, module, name);
	if (!f.param.at.found)
		return false;
	s->value = value_of(t, text, &f.param);
	s->line = textfile_line_at(t, f.param.at.all.from, NULL);
	s->computed = false;
	return true;
}

static int check_name(const char *name, struct pve_err *e)
{
	for (const char *c = name; *c; c++)
		if (textfile_is_control(*c) || strchr(" =\"\\#", *c))
			return pve_err_set(e, PVE_USAGE, "'%s' is no name of a module or parameter",
					   name);
	return *name ? 0 : pve_err_set(e, PVE_USAGE, "the name of a parameter is empty");
}

static int check_value(const char *name, struct pve_span v, struct pve_err *e)
{
	if (v.len && (memchr(v.p, '"', v.len) || memchr(v.p, '\\', v.len)))
		return pve_err_set(e, PVE_USAGE,
				   "the value of %s cannot hold a double quote or a backslash",
				   name);
	return textfile_check_value(name, v, false, e);
}

int pve_textfile_modprobe_set(struct pve_textfile *t, const char *module, const char *name,
			      struct pve_span value, struct pve_err *e)
{
	const char *mark = value.len && memchr(value.p, ' ', value.len) ? "\"" : "";
	PVE_BUF all = {0}, b = {0};
	struct pve_span s;
	struct found f;

	if (check_name(module, e) < 0 || check_name(name, e) < 0 || check_value(name, value, e) < 0)
		return -1;
	textfile_join(t, &all);
	s = (struct pve_span){all.data, all.len};
	f = look(s, module, name);
	if (f.param.at.found && !f.param.bare && pve_span_same(value_of(t, s, &f.param), value))
		return 0;
	if (f.open)
		return pve_err_set(e, PVE_DATA, "cannot set %s: the file ends in a continued line",
				   name);
	if (f.param.at.found) {
		pve_buf_puts(&b, f.param.bare ? "=" : "");
	} else if (f.module_end) {
		pve_buf_printf(&b, " %s=", name);
		f.param.at.value = (struct textfile_range){f.module_end, f.module_end};
	} else {
		pve_buf_printf(&b, "options %s %s=", module, name);
	}
	pve_buf_printf(&b, "%s%.*s%s", mark, PVE_SPAN_ARG(value), mark);
	if (f.param.at.found || f.module_end)
		textfile_replace(t, f.param.at.value, (struct pve_span){b.data, b.len});
	else
		textfile_insert(t, t->n, (struct pve_span){b.data, b.len});
	return 0;
}

int pve_textfile_modprobe_remove(struct pve_textfile *t, const char *module, const char *name,
				 struct pve_err *e)
{
	if (check_name(module, e) < 0 || check_name(name, e) < 0)
		return -1;
	for (;;) {
		PVE_BUF all = {0};
		struct found f;

		textfile_join(t, &all);
		f = look((struct pve_span){all.data, all.len}, module, name);
		if (!f.param.at.found)
			return 0;
		if (f.line_params > 1)
			textfile_replace(
				t, (struct textfile_range){f.word_before.to, f.param.at.all.to},
				(struct pve_span){0});
		else
			textfile_delete_range(
				t, (struct textfile_range){f.line_start, f.param.at.all.to});
	}
}
