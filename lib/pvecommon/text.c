/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/text.h"

#include <ctype.h>
#include <stdbool.h>

static size_t sequence_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t pve_utf8_len(struct pve_span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = s.len ? sequence_len(p[0]) : 0;

	if (n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* The second byte tells overlong forms, surrogates and what is above U+10FFFF. */
	if ((n == 3 && p[0] == 0xe0 && p[1] < 0xa0) || (n == 3 && p[0] == 0xed && p[1] > 0x9f) ||
	    (n == 4 && p[0] == 0xf0 && p[1] < 0x90) || (n == 4 && p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

char *pve_utf8_put(char *to, uint32_t c)
{
	if ((c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

char *pve_utf16_put(char *to, struct pve_span units)
{
	const unsigned char *p = (const unsigned char *)units.p;
	size_t n = units.len / 2;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = p[2 * i] | (uint32_t)p[2 * i + 1] << 8, low = 0;

		if (!c)
			break;
		if (i + 1 < n)
			low = p[2 * i + 2] | (uint32_t)p[2 * i + 3] << 8;
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i++;
		}
		to = pve_utf8_put(to, c);
	}
	*to = '\0';
	return to;
}

/* Bytes at the start of s that may be shown as they are; *bad is set to the number of
 * control bytes behind them (0 at the end of s). */
static size_t plain_run(struct pve_span s, bool backslash, size_t *bad)
{
	size_t i = 0;

	*bad = 0;
	while (i < s.len) {
		unsigned char c = (unsigned char)s.p[i];
		size_t n = 1;

		if (c >= 0x80) {
			n = pve_utf8_len((struct pve_span){s.p + i, s.len - i});
			*bad = n ? n : 1;
			if (!n || (c == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0))
				return i;
		} else if (c < 0x20 || c == 0x7f || (c == '\\' && backslash)) {
			*bad = 1;
			return i;
		}
		i += n;
	}
	*bad = 0;
	return i;
}

static void add_control(struct pve_buf *b, char c, bool names)
{
	static const char plain[] = "\t\n\r\\", letters[] = "tnr\\";
	const char *found = names && c ? strchr(plain, c) : NULL;

	if (found)
		pve_buf_printf(b, "\\%c", letters[found - plain]);
	else
		pve_buf_printf(b, "\\x%02x", (unsigned char)c);
}

static void add_visible(struct pve_buf *b, struct pve_span s, bool reversible)
{
	while (s.len) {
		size_t bad, n = plain_run(s, reversible, &bad);

		pve_buf_add(b, s.p, n);
		for (size_t i = 0; i < bad; i++)
			add_control(b, s.p[n + i], reversible);
		s.p += n + bad;
		s.len -= n + bad;
	}
}

void pve_text_escape(struct pve_buf *b, struct pve_span s)
{
	add_visible(b, s, true);
}

void pve_text_safe(struct pve_buf *b, struct pve_span s)
{
	add_visible(b, s, false);
}

/* Two hexadecimal digits as a byte, or -1. */
static int hex_byte(const char *p)
{
	int v = 0;

	for (int i = 0; i < 2; i++) {
		unsigned char c = (unsigned char)p[i];

		if (!isxdigit(c))
			return -1;
		v = v * 16 + (c <= '9' ? c - '0' : tolower(c) - 'a' + 10);
	}
	return v;
}

/* Reads the sequence at a backslash: the byte it stands for into *c; returns its length, 0
 * when it is none. */
static size_t sequence(struct pve_span s, char *c)
{
	static const char plain[] = "\t\n\r\\", letters[] = "tnr\\";
	const char *found;

	if (s.len < 2 || !s.p[1])
		return 0;
	if (s.p[1] == 'x' && s.len >= 4 && hex_byte(s.p + 2) >= 0) {
		*c = (char)hex_byte(s.p + 2);
		return 4;
	}
	found = strchr(letters, s.p[1]);
	if (!found)
		return 0;
	*c = plain[found - letters];
	return 2;
}

void pve_text_unescape(struct pve_buf *b, struct pve_span s)
{
	while (s.len) {
		char c = s.p[0];
		size_t n = c == '\\' ? sequence(s, &c) : 1;

		pve_buf_putc(b, c);
		n = n ? n : 1;
		s.p += n;
		s.len -= n;
	}
}

void pve_text_repair(struct pve_buf *b, struct pve_span s)
{
	while (s.len) {
		size_t good = 0, n;

		while (good < s.len &&
		       (n = pve_utf8_len((struct pve_span){s.p + good, s.len - good})))
			good += n;
		pve_buf_add(b, s.p, good);
		s.p += good;
		s.len -= good;
		if (!s.len)
			break;
		pve_buf_puts(b, "\xef\xbf\xbd");
		s.p++;
		s.len--;
	}
}
