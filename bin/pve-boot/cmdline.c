/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmdline.h"

#include <ctype.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/textfile.h"

/* Takes the next word off *rest; blanks between double quotes are part of it. */
static struct pve_span next_word(struct pve_span *rest)
{
	bool quoted = false;
	struct pve_span w;

	while (rest->len && pve_is_blank(*rest->p))
		rest->p++, rest->len--;
	for (w = (struct pve_span){rest->p, 0}; w.len < rest->len; w.len++) {
		if (w.p[w.len] == '"')
			quoted = !quoted;
		else if (!quoted && pve_is_blank(w.p[w.len]))
			break;
	}
	if (w.len)
		rest->p += w.len;
	rest->len -= w.len;
	return w;
}

static bool is_comment(struct pve_span line)
{
	line = pve_span_trim(line);
	return line.len && *line.p == '#';
}

/* NULL, or what no command line can hold. */
static const char *fault_of(struct pve_span line)
{
	size_t quotes = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] == '\r')
			return "has a carriage return (CR), which would become part of the last word";
		if (iscntrl((unsigned char)line.p[i]) && line.p[i] != '\t')
			return "has a control character";
		quotes += line.p[i] == '"';
	}
	return quotes % 2 ? "has a double quote that is not closed" : NULL;
}

static void join(struct pve_buf *out, size_t start, struct pve_span word)
{
	if (out->len > start)
		pve_buf_putc(out, ' ');
	pve_buf_span(out, word);
}

/* --- reading ------------------------------------------------------------------------------- */

int boot_cmdline_parse(struct pve_span text, const char *file, struct pve_buf *out,
		       struct pve_err *e)
{
	struct pve_diags d = {0};
	bool root = false, any = false;
	PVE_BUF line = {0};
	int ret;

	for (unsigned number = 1; text.len; number++) {
		const char *end = memchr(text.p, '\n', text.len);
		struct pve_span l = {text.p, end ? (size_t)(end - text.p) : text.len}, w;
		size_t used = l.len + (end ? 1 : 0);
		const char *fault = fault_of(l);

		if (fault && !is_comment(l))
			pve_diags_add(&d, PVE_ERROR, file, number, "%s", fault);
		while (!fault && !is_comment(l) && (w = next_word(&l)).len) {
			any = true;
			root |= pve_span_starts(w, "root=") && w.len > strlen("root=");
			join(&line, 0, w);
		}
		text.p += used;
		text.len -= used;
	}
	if (!d.errors && !any)
		pve_diags_add(&d, PVE_ERROR, file, 0, "has no command line: it is empty, or all comment");
	else if (!d.errors && !root)
		pve_diags_add(&d, PVE_ERROR, file, 0,
			      "has no root=, so the kernel would find no root file system");
	ret = pve_diags_err(&d, e);
	pve_diags_done(&d);
	if (ret == 0)
		pve_buf_add(out, line.data, line.len);
	return ret;
}

/* --- editing ------------------------------------------------------------------------------- */

static bool has_word(struct pve_span line, struct pve_span word)
{
	struct pve_span w;

	while ((w = next_word(&line)).len)
		if (pve_span_same(w, word))
			return true;
	return false;
}

/* A word of an operand: one word, whole. */
static int check_word(const char *text, struct pve_err *e)
{
	struct pve_span rest = pve_span(text), w = next_word(&rest);
	const char *fault = fault_of(pve_span(text));

	if (fault)
		return pve_err_set(e, PVE_USAGE, "'%s' %s", text, fault);
	if (!w.len || w.len != strlen(text) || *text == '#')
		return pve_err_set(e, PVE_USAGE, "'%s' is not one word of a command line", text);
	return 0;
}

static int check(const struct boot_cmdline_edit *edit, struct pve_err *e)
{
	const struct pve_strv *const lists[] = {edit->add, edit->remove};
	const char *fault = edit->set ? fault_of(pve_span(edit->set)) : NULL;

	if (fault || (edit->set && is_comment(pve_span(edit->set))))
		return pve_err_set(e, PVE_USAGE, "the command line %s",
				   fault ? fault : "begins with #, as a comment");
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; lists[k] && i < lists[k]->n; i++)
			if (check_word(lists[k]->v[i], e) < 0)
				return -1;
	return 0;
}

static bool is_removed(const struct boot_cmdline_edit *edit, struct pve_span w)
{
	for (size_t i = 0; edit->remove && i < edit->remove->n; i++)
		if (pve_span_eq(w, edit->remove->v[i]))
			return true;
	return false;
}

static void add_words(const struct boot_cmdline_edit *edit, struct pve_span all, struct pve_buf *out,
		      size_t start)
{
	for (size_t i = 0; edit->add && i < edit->add->n; i++) {
		struct pve_span w = pve_span(edit->add->v[i]);
		struct pve_span done = {out->len > start ? out->data + start : "", out->len - start};

		if (!has_word(all, w) && !has_word(done, w))
			join(out, start, w);
	}
}

/* The words of a line that stay.  A line that loses none keeps its blanks. */
static void keep_words(struct pve_span line, const struct boot_cmdline_edit *edit,
		       struct pve_buf *out)
{
	struct pve_span rest = line, w;
	bool loses = false;
	size_t start = out->len;

	while ((w = next_word(&rest)).len)
		loses |= is_removed(edit, w);
	if (!loses) {
		pve_buf_span(out, line);
		return;
	}
	while ((w = next_word(&line)).len)
		if (!is_removed(edit, w))
			join(out, start, w);
}

static int check_removed(struct pve_span all, const struct boot_cmdline_edit *edit,
			 struct pve_err *e)
{
	for (size_t i = 0; edit->remove && i < edit->remove->n; i++)
		if (!has_word(all, pve_span(edit->remove->v[i])))
			return pve_err_set(e, PVE_USAGE, "'%s' is no word of the command line",
					   edit->remove->v[i]);
	return 0;
}

int boot_cmdline_edit(struct pve_span line, const struct boot_cmdline_edit *edit,
		      struct pve_buf *out, struct pve_err *e)
{
	size_t start = out->len;

	if (check(edit, e) < 0)
		return -1;
	if (edit->set) {
		pve_buf_span(out, pve_span_trim(pve_span(edit->set)));
		return 0;
	}
	if (check_removed(line, edit, e) < 0)
		return -1;
	keep_words(line, edit, out);
	add_words(edit, line, out, start);
	return 0;
}

/* All lines that are no comments, as one. */
static void all_words(const struct pve_textfile *t, struct pve_buf *all, size_t *last)
{
	*last = t->n;
	for (size_t i = 0; i < t->n; i++) {
		if (is_comment(t->v[i].text) || !pve_span_trim(t->v[i].text).len)
			continue;
		join(all, 0, t->v[i].text);
		*last = i;
	}
}

/* Line i gets its new words, or goes when none are left. */
static void edit_line(struct pve_textfile *t, size_t i, bool last,
		      const struct boot_cmdline_edit *edit, struct pve_span all)
{
	PVE_BUF line = {0};

	keep_words(t->v[i].text, edit, &line);
	if (last)
		add_words(edit, all, &line, 0);
	if (line.len)
		pve_textfile_set(t, i, (struct pve_span){line.data, line.len}, NULL);
	else
		pve_textfile_delete(t, i);
}

/* Words of such a line could not be told apart, or not be written back. */
static int check_lines(const struct pve_textfile *t, struct pve_err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *fault = is_comment(t->v[i].text) ? NULL : fault_of(t->v[i].text);

		if (fault)
			return pve_err_set(e, PVE_DATA, "line %zu of the command line %s", i + 1, fault);
	}
	return 0;
}

static void set_line(struct pve_textfile *t, size_t last, const char *text)
{
	struct pve_span line = pve_span_trim(pve_span(text));

	if (last == t->n)
		pve_textfile_insert(t, t->n, line, NULL);
	else
		pve_textfile_set(t, last, line, NULL);
	for (size_t i = last; i-- > 0;)
		if (!is_comment(t->v[i].text) && pve_span_trim(t->v[i].text).len)
			pve_textfile_delete(t, i);
}

int boot_cmdline_edit_file(struct pve_span text, const struct boot_cmdline_edit *edit,
			   struct pve_buf *out, struct pve_err *e)
{
	struct pve_textfile t = {0};
	PVE_BUF words = {0};
	struct pve_span all;
	size_t last;
	int ret = check(edit, e);

	pve_textfile_parse(&t, text);
	all_words(&t, &words, &last);
	all = (struct pve_span){pve_buf_str(&words), words.len};
	if (ret == 0 && edit->set) {
		set_line(&t, last, edit->set);
	} else if (ret == 0 && (ret = check_lines(&t, e)) == 0 &&
		   (ret = check_removed(all, edit, e)) == 0) {
		if (last == t.n && edit->add && edit->add->n) {
			PVE_BUF line = {0};

			add_words(edit, all, &line, 0);
			pve_textfile_insert(&t, t.n, (struct pve_span){line.data, line.len}, NULL);
			last = t.n;
		}
		for (size_t i = t.n; i-- > 0;)
			if (!is_comment(t.v[i].text) && pve_span_trim(t.v[i].text).len)
				edit_line(&t, i, i == last, edit, all);
	}
	if (ret == 0)
		pve_textfile_format(&t, out);
	pve_textfile_done(&t);
	return ret;
}
