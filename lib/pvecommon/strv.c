/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/strv.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"

#define DISTANCE_MAX 63

void pve_strv_take(struct pve_strv *l, char *s)
{
	l->v = pve_grow(l->v, l->n + 1, &l->cap, sizeof(*l->v));
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void pve_strv_add(struct pve_strv *l, const char *s)
{
	pve_strv_take(l, pve_strdup(s));
}

void pve_strv_add_span(struct pve_strv *l, struct pve_span s)
{
	pve_strv_take(l, s.len ? pve_strndup(s.p, s.len) : pve_strdup(""));
}

void pve_strv_addf(struct pve_strv *l, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_strv_take(l, s);
}

void pve_strv_split(struct pve_strv *l, struct pve_span s, const char *seps)
{
	size_t start = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && (s.p[i] == '\0' || !strchr(seps, s.p[i])))
			continue;
		if (i > start)
			pve_strv_add_span(l, (struct pve_span){s.p + start, i - start});
		start = i + 1;
	}
}

bool pve_strv_has(const struct pve_strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void pve_strv_sort(struct pve_strv *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
}

void pve_strv_uniq(struct pve_strv *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (kept && strcmp(l->v[kept - 1], l->v[i]) == 0)
			free(l->v[i]);
		else
			l->v[kept++] = l->v[i];
	}
	if (l->n)
		l->v[kept] = NULL;
	l->n = kept;
}

char *pve_strv_join(const struct pve_strv *l, const char *sep)
{
	struct pve_buf b = {0};

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			pve_buf_puts(&b, sep);
		pve_buf_puts(&b, l->v[i]);
	}
	return pve_buf_take(&b);
}

void pve_strv_done(struct pve_strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct pve_strv){0};
}

static size_t min2(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t pve_str_distance(const char *a, const char *b)
{
	/* Three rows of the edit matrix: two back (for a swap), the last, the current. */
	size_t row[3][DISTANCE_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > DISTANCE_MAX || nb > DISTANCE_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t same = a[i - 1] == b[j - 1] ? 0 : 1;

			now[j] = min2(last[j - 1] + same, 1 + min2(last[j], now[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min2(now[j], before[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

const char *pve_str_nearest(const char *word, const char *const *candidates)
{
	size_t best = min2(strlen(word) / 3 + (strlen(word) < 3), 2) + 1;
	const char *found = NULL;

	for (; *candidates; candidates++) {
		size_t d = pve_str_distance(word, *candidates);

		if (d < best) {
			best = d;
			found = *candidates;
		}
	}
	return found;
}
