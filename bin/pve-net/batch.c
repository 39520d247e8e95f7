/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "batch.h"

void net_batch_init(struct net_batch *b, const struct net_file *f)
{
	*b = (struct net_batch){.f = f};
}

void net_batch_done(struct net_batch *b)
{
	free(b->v);
	pve_arena_done(&b->mem);
	*b = (struct net_batch){0};
}

const char *net_batch_eol(const struct net_file *f, uint32_t at)
{
	if (at > 1 && at - 2 < f->nlines && f->line[at - 2].eol)
		return f->line[at - 2].eol == 2 ? "\r\n" : "\n";
	/* The line above is the unterminated last one: ask the one above that. */
	if (at > 2 && at - 3 < f->nlines && f->line[at - 3].eol == 2)
		return "\r\n";
	return at && at <= f->nlines && f->line[at - 1].eol == 2 ? "\r\n" : "\n";
}

struct pve_span net_line_indent(const struct net_file *f, uint32_t number)
{
	struct pve_span t = net_line_text(f, number);
	size_t n = 0;

	while (n < t.len && pve_is_blank(t.p[n]))
		n++;
	return (struct pve_span){t.p, n};
}

static void add(struct net_batch *b, uint32_t line, uint32_t gone, struct pve_span text)
{
	b->v = pve_grow(b->v, b->n, &b->cap, sizeof(*b->v));
	b->v[b->n] = (struct net_op){line, gone, (uint32_t)b->n, text};
	b->n++;
}

static struct pve_span with_end(struct net_batch *b, struct pve_span text, const char *eol)
{
	const char *line = pve_arena_printf(&b->mem, "%.*s%s", PVE_SPAN_ARG(text), eol);

	return pve_span(line);
}

void net_batch_delete(struct net_batch *b, uint32_t from, uint32_t to)
{
	add(b, from, to - from + 1, (struct pve_span){NULL, 0});
}

void net_batch_replace(struct net_batch *b, uint32_t from, uint32_t to, struct pve_span text)
{
	const struct net_line *last = &b->f->line[to - 1];
	static const char *const ends[] = {"", "\n", "\r\n"};

	/* An unterminated last line stays one. */
	add(b, from, to - from + 1, with_end(b, text, ends[last->eol]));
}

void net_batch_insert(struct net_batch *b, uint32_t at, struct pve_span text)
{
	add(b, at, 0, with_end(b, text, net_batch_eol(b->f, at)));
}

static int by_line(const void *a, const void *b)
{
	const struct net_op *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (!x->gone != !y->gone)
		return x->gone ? 1 : -1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void put(struct net_batch *b, struct pve_buf *out, struct pve_span text)
{
	if (!text.len)
		return;
	if (out->len && out->data[out->len - 1] != '\n')
		pve_buf_puts(out, net_batch_eol(b->f, b->f->nlines + 1));
	pve_buf_span(out, text);
}

/* The lines from..to - 1 as they are. */
static void keep(struct net_batch *b, struct pve_buf *out, uint32_t from, uint32_t to)
{
	if (from < to)
		put(b, out, net_lines_bytes(b->f, from, to));
}

/* A backslash that ends the file would continue into a line put behind it. */
static bool dangles(const struct net_file *f)
{
	const struct net_line *last = f->nlines ? &f->line[f->nlines - 1] : NULL;
	struct pve_span t = {NULL, 0};

	if (last && last->kind >= NET_LINE_HEAD && last->kind <= NET_LINE_CONTINUED)
		t = net_line_text(f, f->nlines);
	return t.len && last->eol != 2 && t.p[t.len - 1] == '\\';
}

void net_batch_format(struct net_batch *b, struct pve_buf *out)
{
	uint32_t at = 1;

	if (b->n > 1)
		qsort(b->v, b->n, sizeof(*b->v), by_line);
	pve_buf_reserve(out, b->f->text.len + 256);
	for (size_t i = 0; i < b->n; i++) {
		const struct net_op *op = &b->v[i];

		if (op->line < at) {
			if (!op->text.len && op->line + op->gone > at)
				at = op->line + op->gone;
			continue;
		}
		keep(b, out, at, op->line);
		if (op->line > b->f->nlines && at <= b->f->nlines && dangles(b->f))
			pve_buf_puts(out, b->f->line[b->f->nlines - 1].eol ? "\n" : "\n\n");
		put(b, out, op->text);
		at = op->line + op->gone;
	}
	keep(b, out, at, b->f->nlines + 1);
}
