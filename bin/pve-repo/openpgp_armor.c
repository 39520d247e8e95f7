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
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One line of base64 (RFC 4648); bits that are left over go with *acc and *nbits. */
static int decode_line(struct pve_span line, struct pve_buf *out, uint32_t *acc, unsigned *nbits)
{
	for (size_t i = 0; i < line.len; i++) {
		int v = sextet(line.p[i]);

		if (line.p[i] == '=' && i + 2 >= line.len)
			return 0;
		if (v < 0)
			return -1;
		*acc = *acc << 6 | (uint32_t)v;
		*nbits += 6;
		if (*nbits >= 8) {
			*nbits -= 8;
			pve_buf_putc(out, (char)(*acc >> *nbits & 0xff));
		}
	}
	return 0;
}

/* RFC 9580, section 6.1.1. */
static uint32_t crc24(struct pve_span s)
{
	uint32_t crc = 0xb704ce;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (uint32_t)(unsigned char)s.p[i] << 16;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x800000 ? 0x1864cfb : 0);
	}
	return crc & 0xffffff;
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
		if (!pve_span_eq(take_line(&text), begin))
			continue;
		if (read_block(&text, end, out) < 0)
			return -1;
		n++;
	}
	return n;
}
