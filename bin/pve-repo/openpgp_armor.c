/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "openpgp.h"

#define DASHES "-----"

/* The line at the start of s, without its end; s is moved behind it. */
static struct pve_span take_line(struct pve_span *s)
{
	const char *nl = memchr(s->p, '\n', s->len);
	size_t n = nl ? (size_t)(nl - s->p) : s->len;
	struct pve_span line = {s->p, n};

	n += nl != NULL;
	s->p += n;
	s->len -= n;
	return pve_span_trim(line);
}

/* The value of a digit of base64 plus one; 0: it is none. */
static const unsigned char digits[256] = {
	['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,
	['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14,
	['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21,
	['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28,
	['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35,
	['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49,
	['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
	['/'] = 64,
};

static int sextet(char c)
{
	return digits[(unsigned char)c] - 1;
}

/* One line of base64 (RFC 4648); bits that are left over go with *acc and *nbits. */
static int decode_line(struct pve_span line, struct pve_buf *out, uint32_t *acc, unsigned *nbits)
{
	char *to = pve_buf_reserve(out, line.len + 1);
	size_t n = 0, i = 0;

	/* Groups of four, of which a line has no others as a rule. */
	for (; !*nbits && i + 4 <= line.len; i += 4) {
		int a = sextet(line.p[i]), b = sextet(line.p[i + 1]), c = sextet(line.p[i + 2]),
		    d = sextet(line.p[i + 3]);

		if ((a | b | c | d) < 0)
			break;
		to[n++] = (char)(a << 2 | b >> 4);
		to[n++] = (char)(b << 4 | c >> 2);
		to[n++] = (char)(c << 6 | d);
	}
	for (; i < line.len && line.p[i] != '='; i++) {
		int v = sextet(line.p[i]);

		if (v < 0)
			return -1;
		*acc = *acc << 6 | (uint32_t)v;
		*nbits += 6;
		if (*nbits >= 8) {
			*nbits -= 8;
			to[n++] = (char)(*acc >> *nbits & 0xff);
		}
	}
	out->len += n;
	out->data[out->len] = '\0';
	return line.len - i > 2 ? -1 : 0; /* at most two '=' fill the last group up */
}

/* RFC 9580, section 6.1.1, four bits at a time: the remainders of 0 to 15 at the top. */
static uint32_t crc24(struct pve_span s)
{
	static const uint32_t table[16] = {
		0x000000, 0x864cfb, 0x8ad50d, 0x0c99f6, 0x93e6e1, 0x15aa1a, 0x1933ec, 0x9f7f17,
		0xa18139, 0x27cdc2, 0x2b5434, 0xad18cf, 0x3267d8, 0xb42b23, 0xb8b2d5, 0x3efe2e,
	};
	uint32_t crc = 0xb704ce;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (uint32_t)(unsigned char)s.p[i] << 16;
		crc = (crc << 4 ^ table[crc >> 20 & 15]) & 0xffffff;
		crc = (crc << 4 ^ table[crc >> 20 & 15]) & 0xffffff;
	}
	return crc;
}

static bool crc_is(struct pve_span line, struct pve_span bytes)
{
	struct pve_buf sum = {0};
	uint32_t acc = 0, want;
	unsigned nbits = 0;
	bool good;

	line.p++, line.len--;
	good = decode_line(line, &sum, &acc, &nbits) == 0 && sum.len == 3;
	if (good) {
		want = (uint32_t)(unsigned char)sum.data[0] << 16 |
		       (uint32_t)(unsigned char)sum.data[1] << 8 | (unsigned char)sum.data[2];
		good = want == crc24(bytes);
	}
	pve_buf_done(&sum);
	return good;
}

/* Armor headers end at an empty line. */
static int read_block(struct pve_span *text, const char *end, struct pve_buf *out)
{
	size_t from = out->len;
	uint32_t acc = 0;
	unsigned nbits = 0;
	bool head = true;

	while (text->len) {
		struct pve_span line = take_line(text);

		if (pve_span_eq(line, end))
			return 0;
		if (pve_span_eq(line, ".")) /* how deb822 writes an empty line in a value */
			line.len = 0;
		if (head) {
			head = line.len != 0;
			if (!head || memchr(line.p, ':', line.len))
				continue;
			head = false; /* some writers leave the empty line out */
		}
		if (!line.len)
			continue;
		if (*line.p == '=') {
			if (!crc_is(line,
				    (struct pve_span){pve_buf_str(out) + from, out->len - from}))
				return -1;
		} else if (decode_line(line, out, &acc, &nbits) < 0) {
			return -1;
		}
	}
	return -1;
}

int repo_pgp_dearmor(struct pve_span text, const char *kind, struct pve_buf *out)
{
	PVE_FREE char *begin = pve_asprintf(DASHES "BEGIN %s" DASHES, kind);
	PVE_FREE char *end = pve_asprintf(DASHES "END %s" DASHES, kind);
	int n = 0;

	while (text.len) {
		/* Before it may be a long message, which is not gone through by lines. */
		const char *at = memmem(text.p, text.len, begin, strlen(begin));
		bool whole = at && (at == text.p || at[-1] == '\n' || pve_is_blank(at[-1]));

		if (!at)
			break;
		text.len -= (size_t)(at - text.p);
		text.p = at;
		if (!pve_span_eq(take_line(&text), begin) || !whole)
			continue;
		if (read_block(&text, end, out) < 0)
			return -1;
		n++;
	}
	return n;
}
