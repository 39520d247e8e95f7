/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pvecommon/text.h"

typedef void transform(struct pve_buf *b, struct pve_span s);

static void check(transform *f, const char *in, size_t len, const char *out)
{
	struct pve_buf b = {0};

	f(&b, (struct pve_span){in, len});
	assert_string_equal(pve_buf_str(&b), out);
	assert_int_equal(b.len, strlen(out));
	pve_buf_done(&b);
}

#define CHECK(f, in, out) check(f, in, sizeof(in) - 1, out)

static void utf8_lengths(void **state)
{
	static const struct {
		const char *s;
		size_t len;
	} cases[] = {
		{"a", 1},
		{"\xc3\xbc", 2},
		{"\xe4\xb8\xad", 3},
		{"\xf0\x9f\x90\xa7", 4},
		{"\xf4\x8f\xbf\xbf", 4},
		{"", 0},
		{"\x80", 0},
		{"\xc3", 0},
		{"\xc3(", 0},
		{"\xe4\xb8", 0},
		{"\xc0\x80", 0},         /* overlong */
		{"\xc1\xbf", 0},         /* overlong */
		{"\xe0\x9f\xbf", 0},     /* overlong */
		{"\xf0\x8f\xbf\xbf", 0}, /* overlong */
		{"\xed\xa0\x80", 0},     /* surrogate */
		{"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", 0},
		{"\xff", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(pve_utf8_len(pve_span(cases[i].s)), cases[i].len);
}

static void controls(void **state)
{
	(void)state;
	CHECK(pve_text_escape, "a\tb\nc\rd\\e\x1b[0m\x7f", "a\\tb\\nc\\rd\\\\e\\x1b[0m\\x7f");
	CHECK(pve_text_escape, "\0x\xff\xc2\x9b\xc3\xbc\xc3", "\\x00x\\xff\\xc2\\x9b\xc3\xbc\\xc3");
	CHECK(pve_text_escape, "", "");
	CHECK(pve_text_safe, "C:\\x\t\x1b", "C:\\x\\x09\\x1b");
	CHECK(pve_text_unescape, "\\t\\n\\r\\\\\\x1B\\xfF", "\t\n\r\\\x1b\xff");
	CHECK(pve_text_unescape, "\\q\\x1\\xg0\\", "\\q\\x1\\xg0\\");
	CHECK(pve_text_repair, "a\xff\xc3\xbc\xe4\xb8",
	      "a\xef\xbf\xbd\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd");
}

/* 20,000 random strings: what is escaped is one line of valid UTF-8 without controls, and
 * comes back as it was. */
static void there_and_back(void **state)
{
	struct pve_buf line = {0}, back = {0};

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		char s[24];
		size_t len = (size_t)rand() % sizeof(s), i, n;

		for (i = 0; i < len; i++)
			s[i] = rand() % 4 ? (char)rand() : "\\tnx0\xc2\xe0\xf4"[rand() % 8];
		line.len = back.len = 0;
		pve_text_escape(&line, (struct pve_span){s, len});
		for (i = 0; i < line.len; i += n) {
			unsigned char c = (unsigned char)line.data[i];

			n = pve_utf8_len((struct pve_span){line.data + i, line.len - i});
			assert_true(n > 0 && c >= 0x20 && c != 0x7f);
			assert_true(c != 0xc2 || (unsigned char)line.data[i + 1] >= 0xa0);
		}
		pve_text_unescape(&back, (struct pve_span){line.data, line.len});
		assert_int_equal(back.len, len);
		if (len)
			assert_memory_equal(back.data, s, len);
	}
	pve_buf_done(&line);
	pve_buf_done(&back);
}

static void utf16(void **state)
{
	static const struct {
		const char *units;
		size_t len; /* bytes */
		const char *utf8;
	} cases[] = {
		{"", 0, ""},
		{"a\0b\0", 4, "ab"},
		{"a\0\0\0b\0", 6, "a"},                    /* up to its NUL */
		{"a\0b", 3, "a"},                           /* half a unit */
		{"\xfc\0\x2d\x4e", 4, "\xc3\xbc\xe4\xb8\xad"},
		{"\x3d\xd8\x27\xdc", 4, "\xf0\x9f\x90\xa7"}, /* a pair */
		{"\x3d\xd8x\0", 4, "\xef\xbf\xbdx"},       /* its first half only */
		{"\x27\xdc", 2, "\xef\xbf\xbd"},            /* its second one */
		{"\x3d\xd8", 2, "\xef\xbf\xbd"},
		{"\xff\xff", 2, "\xef\xbf\xbf"},
	};
	char to[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *end = pve_utf16_put(to, (struct pve_span){cases[i].units, cases[i].len});

		assert_string_equal(to, cases[i].utf8);
		assert_ptr_equal(end, to + strlen(to));
	}
	*pve_utf8_put(to, 0x110000) = '\0';
	assert_string_equal(to, "\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_lengths),
		cmocka_unit_test(utf16),
		cmocka_unit_test(controls),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
