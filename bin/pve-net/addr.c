/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, masks and VLAN sets: text to numbers. */
#include <arpa/inet.h>

#include "model.h"
#include "pvecommon/num.h"

/* Copies a span for inet_pton, which wants a string.  False when it cannot be a literal. */
static bool to_text(struct pve_span s, char text[INET6_ADDRSTRLEN])
{
	if (!s.len || s.len >= INET6_ADDRSTRLEN || memchr(s.p, '\0', s.len))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return true;
}

static int parse_literal(struct pve_span s, struct in6_addr *bytes)
{
	char text[INET6_ADDRSTRLEN];
	int family = s.len && memchr(s.p, ':', s.len) ? AF_INET6 : AF_INET;
	struct in6_addr b = {0};

	if (!to_text(s, text) || inet_pton(family, text, &b) != 1)
		return 0;
	*bytes = b;
	return family;
}

bool net_addr_parse(struct pve_span text, struct net_addr *a)
{
	struct pve_span t = pve_span_trim(text), mask = {NULL, 0};
	const char *slash = t.len ? memchr(t.p, '/', t.len) : NULL;

	if (slash) {
		mask.p = slash + 1;
		mask.len = t.len - (size_t)(mask.p - t.p);
		t.len = (size_t)(slash - t.p);
	}
	a->family = parse_literal(t, &a->bytes);
	a->prefix = slash && a->family ? net_mask_bits(mask, a->family) : -1;
	return a->family != 0;
}

/* Ones, then zeros only. */
static int contiguous_bits(const unsigned char *b, int max)
{
	int n = 0;

	while (n < max && b[n / 8] & 0x80 >> n % 8)
		n++;
	for (int i = n; i < max; i++)
		if (b[i / 8] & 0x80 >> i % 8)
			return -1;
	return n;
}

int net_mask_bits(struct pve_span text, int family)
{
	int max = family == AF_INET6 ? 128 : 32;
	struct in6_addr bytes;
	uint64_t n;

	if (pve_num_span(text, (uint64_t)max, &n) == 0)
		return (int)n;
	if (parse_literal(text, &bytes) != family)
		return -1;
	return contiguous_bits(bytes.s6_addr, max);
}

bool net_addr_covers(const struct net_addr *a, const struct net_addr *b)
{
	int whole = a->prefix / 8, rest = a->prefix % 8;

	if (a->family != b->family || !a->family || a->prefix < 0)
		return false;
	if (memcmp(a->bytes.s6_addr, b->bytes.s6_addr, (size_t)whole) != 0)
		return false;
	return !rest || (a->bytes.s6_addr[whole] ^ b->bytes.s6_addr[whole]) >> (8 - rest) == 0;
}

/* "N" or "N-M"; false when it is no range of VLAN ids. */
static bool parse_range(struct pve_span piece, uint64_t *from, uint64_t *to)
{
	const char *dash = memchr(piece.p, '-', piece.len);
	struct pve_span low = piece, high = piece;

	if (dash) {
		low.len = (size_t)(dash - piece.p);
		high.p = dash + 1;
		high.len = piece.len - low.len - 1;
	}
	return pve_num_span(low, 4094, from) == 0 && pve_num_span(high, 4094, to) == 0 && *from &&
	       *from <= *to;
}

int net_vids_parse(struct pve_span text, struct net_vids *v, struct pve_span *bad, bool *overlap)
{
	int rc = 0;

	*v = (struct net_vids){0};
	if (overlap)
		*overlap = false;
	while (text.len) {
		struct pve_span piece = {text.p, 0};
		uint64_t from, to;

		while (piece.len < text.len && !strchr(" \t,", piece.p[piece.len]))
			piece.len++;
		text.p += piece.len + (piece.len < text.len);
		text.len -= piece.len + (piece.len < text.len);
		if (!piece.len)
			continue;
		if (!parse_range(piece, &from, &to)) {
			if (rc == 0 && bad)
				*bad = piece;
			rc = -1;
			continue;
		}
		for (uint64_t id = from; id <= to; id++) {
			if (overlap && net_vids_has(v, (unsigned)id))
				*overlap = true;
			v->bit[id / 64] |= UINT64_C(1) << id % 64;
		}
	}
	return rc;
}
