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

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* One line of base64 (RFC 4648); bits that are left over go with *acc and *nbits. */
static int decode_line(struct pve_span line, struct pve_buf *out, uint32_t *acc, unsigned *nbits)
{
	char *to = pve_buf_reserve(out, line.len + 1);
	size_t n = 0, i = 0;

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
