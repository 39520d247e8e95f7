/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/debver.h"

/* A version taken apart; the parts that are left out are empty. */
struct parts {
	struct pve_span epoch, upstream, revision;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where a character stands among those that are no digits: ~ before the end of the string, the
 * end before letters, letters before all else. */
static int order(char c)
{
	if (c == '~')
		return -1;
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return c;
	return (unsigned char)c + 256;
}

static struct parts split(struct pve_span v)
{
	const char *colon = v.len ? memchr(v.p, ':', v.len) : NULL;
	const char *dash;
	struct parts parts = {{"", 0}, {"", 0}, {"", 0}}; /* nothing is added to NULL */

	if (!v.len)
		return parts;

	if (colon) {
		parts.epoch = (struct pve_span){v.p, (size_t)(colon - v.p)};
		v.len -= parts.epoch.len + 1;
		v.p = colon + 1;
	}
	dash = memrchr(v.p, '-', v.len);
	parts.upstream = v;
	if (dash) {
		parts.upstream.len = (size_t)(dash - v.p);
		parts.revision = (struct pve_span){dash + 1, v.len - parts.upstream.len - 1};
	}
	return parts;
}

/* Compares the runs of other characters at both starts, and takes them off. */
static int cmp_text(struct pve_span *a, struct pve_span *b)
{
	while ((a->len && !is_digit(*a->p)) || (b->len && !is_digit(*b->p))) {
		int x = a->len && !is_digit(*a->p) ? order(*a->p) : 0;
		int y = b->len && !is_digit(*b->p) ? order(*b->p) : 0;

		if (x != y)
			return x < y ? -1 : 1;
		a->p++, a->len--;
		b->p++, b->len--;
	}
	return 0;
}

/* Takes a number without its leading zeros off the start. */
static struct pve_span digits(struct pve_span *s)
{
	struct pve_span run;

	while (s->len && *s->p == '0')
		s->p++, s->len--;
	run = (struct pve_span){s->p, 0};
	while (run.len < s->len && is_digit(s->p[run.len]))
		run.len++;
	s->p += run.len;
	s->len -= run.len;
	return run;
}

static int cmp_number(struct pve_span *a, struct pve_span *b)
{
	struct pve_span x = digits(a), y = digits(b);

	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	return x.len ? memcmp(x.p, y.p, x.len) : 0;
}

static int cmp_part(struct pve_span a, struct pve_span b)
{
	while (a.len || b.len) {
		int d = cmp_text(&a, &b);

		if (!d)
			d = cmp_number(&a, &b);
		if (d)
			return d;
	}
	return 0;
}

int pve_debver_cmp(struct pve_span a, struct pve_span b)
{
	struct parts x = split(a), y = split(b);
	int d = cmp_part(x.epoch, y.epoch);

	if (!d)
		d = cmp_part(x.upstream, y.upstream);
	return d ? d : cmp_part(x.revision, y.revision);
}

struct pve_span pve_debver_no_epoch(struct pve_span v)
{
	const char *colon = v.len ? memchr(v.p, ':', v.len) : NULL;

	if (!colon)
		return v;
	return (struct pve_span){colon + 1, v.len - (size_t)(colon + 1 - v.p)};
}
