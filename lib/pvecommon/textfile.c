/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/textfile.h"

#include "pvecommon/textfile_impl.h"

/* Room for one more line at i. */
static struct pve_textfile_line *open_line(struct pve_textfile *t, size_t i)
{
	t->v = pve_grow(t->v, t->n, &t->cap, sizeof(*t->v));
	if (i < t->n)
		memmove(t->v + i + 1, t->v + i, (t->n - i) * sizeof(*t->v));
	t->n++;
	return &t->v[i];
}

void pve_textfile_parse(struct pve_textfile *t, struct pve_span bytes)
{
	const char *p = pve_arena_memdup(&t->memory, bytes.p, bytes.len), *end = p + bytes.len;
	size_t lf = 0, crlf = 0;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end, *next = nl ? nl + 1 : end;

		if (nl && stop > p && stop[-1] == '\r')
			stop--;
		if (nl && stop < nl)
			crlf++;
		else if (nl)
			lf++;
		*open_line(t, t->n) = (struct pve_textfile_line){{p, (size_t)(stop - p)},
								 {stop, (size_t)(next - stop)}};
		p = next;
	}
	t->eol = crlf > lf ? "\r\n" : "\n";
}

void pve_textfile_format(const struct pve_textfile *t, struct pve_buf *b)
{
	for (size_t i = 0; i < t->n; i++) {
		pve_buf_span(b, t->v[i].text);
		pve_buf_span(b, t->v[i].eol);
	}
}

void pve_textfile_done(struct pve_textfile *t)
{
	free(t->v);
	pve_arena_done(&t->memory);
	*t = (struct pve_textfile){0};
}

static struct pve_span keep(struct pve_textfile *t, struct pve_span text)
{
	return (struct pve_span){pve_arena_memdup(&t->memory, text.p, text.len), text.len};
}

static int check_line(struct pve_span text, struct pve_err *e)
{
	if (text.len && (memchr(text.p, '\n', text.len) || memchr(text.p, '\r', text.len)))
		return pve_err_set(e, PVE_USAGE, "a line of a file cannot hold an end of line");
	return 0;
}

int pve_textfile_set(struct pve_textfile *t, size_t i, struct pve_span text, struct pve_err *e)
{
	if (check_line(text, e) < 0)
		return -1;
	textfile_put(t, i, text);
	return 0;
}

int pve_textfile_insert(struct pve_textfile *t, size_t i, struct pve_span text, struct pve_err *e)
{
	if (check_line(text, e) < 0)
		return -1;
	textfile_insert(t, i, text);
	return 0;
}

void pve_textfile_delete(struct pve_textfile *t, size_t i)
{
	t->n--;
	memmove(t->v + i, t->v + i + 1, (t->n - i) * sizeof(*t->v));
}

void textfile_put(struct pve_textfile *t, size_t i, struct pve_span text)
{
	if (!pve_span_same(t->v[i].text, text))
		t->v[i].text = keep(t, text);
}

void textfile_insert(struct pve_textfile *t, size_t i, struct pve_span text)
{
	struct pve_span eol = pve_span(t->eol ? t->eol : "\n");

	if (i && i == t->n && !t->v[i - 1].eol.len)
		t->v[i - 1].eol = eol;
	text = keep(t, text);
	*open_line(t, i) = (struct pve_textfile_line){text, eol};
}

void textfile_join(const struct pve_textfile *t, struct pve_buf *all)
{
	for (size_t i = 0; i < t->n; i++) {
		if (i)
			pve_buf_putc(all, '\n');
		pve_buf_span(all, t->v[i].text);
	}
}

size_t textfile_line_at(const struct pve_textfile *t, size_t offset, size_t *column)
{
	size_t i = 0;

	while (i + 1 < t->n && offset > t->v[i].text.len)
		offset -= t->v[i++].text.len + 1;
	if (column)
		*column = offset;
	return i;
}

void textfile_replace(struct pve_textfile *t, struct textfile_range r, struct pve_span text)
{
	size_t from, to, first = textfile_line_at(t, r.from, &from);
	size_t last = textfile_line_at(t, r.to, &to);
	struct pve_span head = {t->v[first].text.p, from};
	struct pve_span tail = {t->v[last].text.p + to, t->v[last].text.len - to};
	PVE_BUF b = {0};

	pve_buf_span(&b, head);
	pve_buf_span(&b, text);
	pve_buf_span(&b, tail);
	/* The line that stays is the last one, for its end of line. */
	t->v[last].text = keep(t, (struct pve_span){b.data, b.len});
	memmove(t->v + first, t->v + last, (t->n - last) * sizeof(*t->v));
	t->n -= last - first;
}

void textfile_delete_range(struct pve_textfile *t, struct textfile_range r)
{
	size_t first = textfile_line_at(t, r.from, NULL);
	size_t next = textfile_line_at(t, r.to, NULL) + 1;

	memmove(t->v + first, t->v + next, (t->n - next) * sizeof(*t->v));
	t->n -= next - first;
}

void textfile_uncomment(struct pve_textfile *t, size_t offset)
{
	size_t column, i = textfile_line_at(t, offset, &column);

	t->v[i].text.p += column;
	t->v[i].text.len -= column;
}

bool textfile_is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

int textfile_check_value(const char *key, struct pve_span v, bool trimmed, struct pve_err *e)
{
	for (size_t i = 0; i < v.len; i++)
		if (textfile_is_control(v.p[i]))
			return pve_err_set(e, PVE_USAGE,
					   "the value of %s holds a control character", key);
	if (trimmed && v.len && (v.p[0] == ' ' || v.p[v.len - 1] == ' '))
		return pve_err_set(e, PVE_USAGE, "the value of %s begins or ends with a blank",
				   key);
	return 0;
}

size_t textfile_line_end(struct pve_span s, size_t i)
{
	const char *nl = i < s.len ? memchr(s.p + i, '\n', s.len - i) : NULL;

	return nl ? (size_t)(nl - s.p) : s.len;
}

struct pve_span textfile_part(struct pve_span s, struct textfile_range r)
{
	return (struct pve_span){s.p ? s.p + r.from : NULL, r.to - r.from};
}

size_t textfile_comment_len(struct pve_span line, const char *signs)
{
	size_t i = 0, signs_seen = 0;

	while (i < line.len &&
	       (pve_is_blank(line.p[i]) || (line.p[i] && strchr(signs, line.p[i]) && ++signs_seen)))
		i++;
	return signs_seen ? i : 0;
}
