/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/diff.h"

#include <stdint.h>

#include "pvecommon/mem.h"

#define CONTEXT 3

/* A text as lines, each with its end; only the last one may lack it. */
struct lines {
	struct pve_span *v;
	size_t n, cap;
};

static void split(struct pve_span text, struct lines *l)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		size_t n = nl ? (size_t)(nl + 1 - text.p) : text.len;

		l->v = pve_grow(l->v, l->n, &l->cap, sizeof(*l->v));
		l->v[l->n++] = (struct pve_span){text.p, n};
		text.p += n;
		text.len -= n;
	}
}

/* The edit script: which lines of each side the other lacks. */
struct script {
	const struct lines *a, *b;
	bool *gone, *came;   /* for each line of a, of b */
};

/* Myers' greedy algorithm on the parts a[from_a..+na] and b[from_b..+nb].  v[k] is how far
 * along a the furthest path on diagonal k = x - y reaches with d edits; each round of d is
 * kept, so that the path can be walked back. */
struct search {
	struct script *s;
	size_t from_a, from_b;
	long na, nb;
	long **round;        /* round[d] has 2d + 1 entries for k = -d..d */
};

static bool same(const struct search *m, long x, long y)
{
	return pve_span_same(m->s->a->v[m->from_a + (size_t)x], m->s->b->v[m->from_b + (size_t)y]);
}

/* Where the path of d edits on diagonal k starts: below (an insertion) or right of (a
 * deletion) the better of its neighbours with d - 1 edits. */
static long start_of(const struct search *m, long d, long k, bool *down)
{
	const long *last = d ? m->round[d - 1] + (d - 1) : NULL;

	if (!d) {
		*down = false;
		return 0;
	}
	*down = k == -d || (k != d && last[k - 1] < last[k + 1]);
	return *down ? last[k + 1] : last[k - 1] + 1;
}

/* How many edits are needed, or -1 when more than PVE_DIFF_EDITS. */
static long find_path(struct search *m)
{
	for (long d = 0; d <= PVE_DIFF_EDITS; d++) {
		long *now;

		m->round[d] = pve_calloc((size_t)(2 * d + 1), sizeof(long));
		now = m->round[d] + d;
		for (long k = -d; k <= d; k += 2) {
			bool down;
			long x = start_of(m, d, k, &down);

			while (x < m->na && x - k < m->nb && x - k >= 0 && same(m, x, x - k))
				x++;
			now[k] = x;
			if (x >= m->na && x - k >= m->nb)
				return d;
		}
	}
	return -1;
}

static void walk_back(struct search *m, long d)
{
	long k = m->na - m->nb;

	for (; d > 0; d--) {
		bool down;
		long x = start_of(m, d, k, &down), y = x - k;

		if (down)
			m->s->came[m->from_b + (size_t)(y - 1)] = true;
		else
			m->s->gone[m->from_a + (size_t)(x - 1)] = true;
		k = down ? k + 1 : k - 1;
	}
}

static void find_script(struct script *s)
{
	struct search m = {.s = s};
	size_t a_end = s->a->n, b_end = s->b->n;
	long edits;

	while (m.from_a < a_end && m.from_a < b_end &&
	       pve_span_same(s->a->v[m.from_a], s->b->v[m.from_a]))
		m.from_a++;
	m.from_b = m.from_a;
	while (a_end > m.from_a && b_end > m.from_b &&
	       pve_span_same(s->a->v[a_end - 1], s->b->v[b_end - 1]))
		a_end--, b_end--;
	m.na = (long)(a_end - m.from_a);
	m.nb = (long)(b_end - m.from_b);
	m.round = pve_calloc(PVE_DIFF_EDITS + 1, sizeof(*m.round));
	edits = find_path(&m);
	if (edits >= 0) {
		walk_back(&m, edits);
	} else {
		memset(s->gone + m.from_a, true, (size_t)m.na);
		memset(s->came + m.from_b, true, (size_t)m.nb);
	}
	for (size_t d = 0; d <= PVE_DIFF_EDITS; d++)
		free(m.round[d]);
	free(m.round);
}

static void put_line(struct pve_buf *out, char mark, struct pve_span line)
{
	pve_buf_putc(out, mark);
	pve_buf_span(out, line);
	if (line.p[line.len - 1] != '\n')
		pve_buf_puts(out, "\n\\ No newline at end of file\n");
}

/* A range as POSIX has it: the number is left out when it is 1, and an empty range names
 * the line before it. */
static void put_range(struct pve_buf *out, char mark, size_t from, size_t n)
{
	pve_buf_printf(out, "%c%zu", mark, n ? from + 1 : from);
	if (n != 1)
		pve_buf_printf(out, ",%zu", n);
}

/* Moves *i, *j over lines that both sides have. */
static size_t common_run(const struct script *s, size_t i, size_t j, size_t max)
{
	size_t n = 0;

	while (n < max && i + n < s->a->n && j + n < s->b->n && !s->gone[i + n] && !s->came[j + n])
		n++;
	return n;
}

/* Adds the lines of one hunk that begins at i, j and returns their numbers of lines. */
static void put_hunk(const struct script *s, size_t *i, size_t *j, struct pve_buf *out)
{
	size_t from_i = *i, from_j = *j, run;
	PVE_BUF body = {0};

	for (;;) {
		for (; *i < s->a->n && s->gone[*i]; (*i)++)
			put_line(&body, '-', s->a->v[*i]);
		for (; *j < s->b->n && s->came[*j]; (*j)++)
			put_line(&body, '+', s->b->v[*j]);
		/* Changes with at most twice the context between them share a hunk. */
		run = common_run(s, *i, *j, 2 * CONTEXT + 1);
		if (!run || run > 2 * CONTEXT || (*i + run == s->a->n && *j + run == s->b->n)) {
			if (*i > from_i || *j > from_j) {
				size_t tail = run < CONTEXT ? run : CONTEXT;

				/* The leading context is a common run, too, but no change. */
				for (; tail; tail--, (*i)++, (*j)++)
					put_line(&body, ' ', s->a->v[*i]);
			}
			break;
		}
		for (; run; run--, (*i)++, (*j)++)
			put_line(&body, ' ', s->a->v[*i]);
	}
	pve_buf_puts(out, "@@ ");
	put_range(out, '-', from_i, *i - from_i);
	pve_buf_putc(out, ' ');
	put_range(out, '+', from_j, *j - from_j);
	pve_buf_puts(out, " @@\n");
	pve_buf_add(out, body.data, body.len);
}

static void put_hunks(const struct script *s, struct pve_buf *out)
{
	size_t i = 0, j = 0;

	for (;;) {
		size_t run = common_run(s, i, j, SIZE_MAX);
		size_t lead = run < CONTEXT ? run : CONTEXT;

		i += run;
		j += run;
		if (i == s->a->n && j == s->b->n)
			return;
		i -= lead;
		j -= lead;
		put_hunk(s, &i, &j, out);
	}
}

void pve_diff(struct pve_span before, struct pve_span after, const char *before_name,
	      const char *after_name, struct pve_buf *out)
{
	struct lines a = {0}, b = {0};
	struct script s = {.a = &a, .b = &b};

	if (pve_span_same(before, after))
		return;
	split(before, &a);
	split(after, &b);
	s.gone = pve_calloc(a.n, sizeof(*s.gone));
	s.came = pve_calloc(b.n, sizeof(*s.came));
	find_script(&s);
	pve_buf_printf(out, "--- %s\n+++ %s\n", before_name, after_name);
	put_hunks(&s, out);
	free(s.gone);
	free(s.came);
	free(a.v);
	free(b.v);
}
