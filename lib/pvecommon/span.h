/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_SPAN_H
#define PVECOMMON_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* A borrowed run of bytes: not NUL-terminated, may contain any byte.  It lives as long
 * as the buffer that it points into. */
struct pve_span {
	const char *p; /* may be NULL when len is 0 */
	size_t len;
};

/* For printf: "%.*s". */
#define PVE_SPAN_ARG(s) (int)(s).len, (s).len ? (s).p : ""

static inline struct pve_span pve_span(const char *s)
{
	return (struct pve_span){s, strlen(s)};
}

static inline bool pve_span_eq(struct pve_span a, const char *s)
{
	return strlen(s) == a.len && (!a.len || memcmp(a.p, s, a.len) == 0);
}

static inline bool pve_span_same(struct pve_span a, struct pve_span b)
{
	return a.len == b.len && (!a.len || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool pve_span_starts(struct pve_span a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.len >= n && (!n || memcmp(a.p, prefix, n) == 0);
}

static inline bool pve_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without blanks, tabs, CR and LF at either end. */
static inline struct pve_span pve_span_trim(struct pve_span a)
{
	while (a.len && (pve_is_blank(a.p[0]) || a.p[0] == '\r' || a.p[0] == '\n'))
		a.p++, a.len--;
	while (a.len && (pve_is_blank(a.p[a.len - 1]) || a.p[a.len - 1] == '\r' ||
			 a.p[a.len - 1] == '\n'))
		a.len--;
	return a;
}

/* Takes the next word (a run without blanks and tabs) off *rest; an empty span when there
 * is none left. */
static inline struct pve_span pve_span_word(struct pve_span *rest)
{
	struct pve_span w;

	while (rest->len && pve_is_blank(rest->p[0]))
		rest->p++, rest->len--;
	w.p = rest->p;
	w.len = 0;
	while (w.len < rest->len && !pve_is_blank(w.p[w.len]))
		w.len++;
	if (w.len) /* not on NULL */
		rest->p += w.len;
	rest->len -= w.len;
	return w;
}

#endif
