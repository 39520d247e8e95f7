/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"

static void empty_is_a_string(void **state)
{
	PVE_BUF b = {0};
	PVE_FREE char *s = NULL;

	(void)state;
	assert_string_equal(pve_buf_str(&b), "");
	s = pve_buf_take(&b);
	assert_string_equal(s, "");
	pve_buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
}

static void all_bytes_are_kept(void **state)
{
	PVE_BUF b = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		pve_buf_putc(&b, (char)i);
	assert_int_equal(b.len, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], (char)i);
	assert_int_equal(b.data[1000], 0);
}

/* The NUL behind the text must have room at every length. */
static void printf_at_each_length(void **state)
{
	(void)state;
	for (int n = 0; n < 300; n++) {
		PVE_BUF b = {0};

		pve_buf_puts(&b, "ab");
		pve_buf_printf(&b, "%*s", n, "");
		assert_int_equal(b.len, (size_t)n + 2);
		assert_int_equal(strlen(b.data), b.len);
		assert_true(b.cap > b.len);
	}
}

static void reserve_then_write(void **state)
{
	PVE_BUF b = {0};
	char *p;

	(void)state;
	pve_buf_span(&b, pve_span("head"));
	p = pve_buf_reserve(&b, 5000);
	memset(p, 'x', 5000);
	b.len += 5000;
	pve_buf_putc(&b, '.');
	assert_int_equal(b.len, 5005);
	assert_memory_equal(b.data, "headxx", 6);
	assert_string_equal(b.data + 5002, "xx.");
}

static void take_empties(void **state)
{
	PVE_BUF b = {0};
	PVE_FREE char *s = NULL;

	(void)state;
	pve_buf_puts(&b, "one");
	s = pve_buf_take(&b);
	assert_string_equal(s, "one");
	assert_null(b.data);
	pve_buf_puts(&b, "two");
	assert_string_equal(pve_buf_str(&b), "two");
}

static void spans(void **state)
{
	struct pve_span rest = pve_span("  one\ttwo  "), none = {0};

	(void)state;
	assert_true(pve_span_eq(pve_span_trim(pve_span(" \t a b \r\n")), "a b"));
	assert_int_equal(pve_span_trim(pve_span(" \r\n\t")).len, 0);
	assert_true(pve_span_eq(pve_span_word(&rest), "one"));
	assert_true(pve_span_eq(pve_span_word(&rest), "two"));
	assert_int_equal(pve_span_word(&rest).len, 0);
	assert_true(pve_span_eq(none, ""));
	assert_true(pve_span_same(none, pve_span("")));
	assert_true(pve_span_starts(none, ""));
	assert_false(pve_span_starts(pve_span("ab"), "abc"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_string),     cmocka_unit_test(all_bytes_are_kept),
		cmocka_unit_test(printf_at_each_length), cmocka_unit_test(reserve_then_write),
		cmocka_unit_test(take_empties),          cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
