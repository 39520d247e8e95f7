/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON is read, and what is none is told from what is cut short. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pvecommon/jsonread.h"

#include "pvecommon/buf.h"

static const char sample[] =
	" {\"a\": {\"b\": [1, {\"c\": -12}, \"x\", []], \"t\": true, \"f\": false, \"n\": null},\n"
	"  \"e\": {}, \"s\": \"a\\\"b\\\\\\/\\b\\f\\n\\r\\t\", \"u\": \"\\u0041\\u00e4\\ud83d\\ude00\\ud800.\",\n"
	"  \"twice\": 1, \"twice\": 2, \"big\": 18446744073709551615, \"r\": -3.99, \"p\": 1.5e3,\n"
	"  \"m\": 25E-1, \"low\": -9223372036854775808, \"huge\": 1e999, \"nul\": \"a\\u0000b\"} ";

static void values(void **state)
{
	struct pve_jsontext t;
	const struct pve_jsonval *o = pve_jsontext_parse(&t, pve_span(sample)), *b, *v;

	(void)state;
	assert_non_null(o);
	assert_string_equal(t.why, "");
	assert_int_equal(o->len, 13);
	assert_int_equal(o->span, t.n);
	b = pve_jsonval_at(o, "a.b");
	assert_int_equal(b->len, 4);
	v = pve_jsonval_next(b, NULL);
	assert_int_equal(pve_jsonval_int(v, 0, 9, -1), 1);
	v = pve_jsonval_next(b, v);
	assert_int_equal(pve_jsonval_int(pve_jsonval_at(v, "c"), -100, 0, 1), -12);
	v = pve_jsonval_next(b, v);
	assert_true(pve_jsonval_is(v, "x"));
	assert_false(pve_jsonval_is(v, "xy"));
	v = pve_jsonval_next(b, v);
	assert_null(pve_jsonval_next(v, NULL));
	assert_null(pve_jsonval_next(b, v));
	assert_int_equal(pve_jsonval_bool(pve_jsonval_at(o, "a.t")), 1);
	assert_int_equal(pve_jsonval_bool(pve_jsonval_at(o, "a.f")), 0);
	assert_int_equal(pve_jsonval_bool(pve_jsonval_at(o, "a.n")), -1);
	assert_null(pve_jsonval_at(o, "e.x"));
	assert_null(pve_jsonval_at(o, "a.b.c"));
	assert_null(pve_jsonval_at(o, "s.x"));
	pve_jsontext_done(&t);
}

static void numbers(void **state)
{
	static const struct {
		const char *path;
		int64_t min, max, is;
	} cases[] = {
		{"twice", 0, 9, 2},
		{"twice", 0, 1, -7},
		{"twice", 3, 9, -7},
		{"big", 0, INT64_MAX, -7},
		{"r", -10, 10, -3},
		{"p", 0, 9999, 1500},
		{"m", 0, 9999, 2},
		{"low", INT64_MIN, 0, INT64_MIN},
		{"huge", 0, INT64_MAX, -7},
		{"s", 0, INT64_MAX, -7},
		{"a", 0, INT64_MAX, -7},
		{"none", 0, INT64_MAX, -7},
	};
	struct pve_jsontext t;
	const struct pve_jsonval *o = pve_jsontext_parse(&t, pve_span(sample));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(pve_jsonval_int(pve_jsonval_at(o, cases[i].path), cases[i].min,
						 cases[i].max, -7), cases[i].is);
	pve_jsontext_done(&t);
}

/* A limit holds for what is left when the point and the power are gone. */
#define N10  "1111111111"
#define N100 N10 N10 N10 N10 N10 N10 N10 N10 N10 N10
#define Z10  "0000000000"
#define Z100 Z10 Z10 Z10 Z10 Z10 Z10 Z10 Z10 Z10 Z10

static void numbers_at_the_limit(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max, is;
	} cases[] = {
		{"100.0", 0, 100, 100},
		{"100.9", 0, 100, 100},
		{"101.0", 0, 100, -7},
		{"1e2", 0, 100, 100},
		{"1E+2", 0, 99, -7},
		{"-0.5", 0, 9, 0},
		{"9223372036854775807.0", 0, INT64_MAX, -7}, /* as a double it is 2^63 */
		{"-1e999", INT64_MIN, INT64_MAX, -7},
		{"1e-999", 0, 9, 0},
		{"0e99999999999", 0, 9, 0},
		{"9007199254740991.0", 0, INT64_MAX, 9007199254740991},
		{"7." N100 N100 N100 N100, 0, 9, 7},
		{N100 N100 N100 N100 "e-399", 0, 9, 1},
		{"0." Z100 Z100 Z100 Z100 "5e401", 0, 9, 5},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_jsontext t;
		const struct pve_jsonval *v = pve_jsontext_parse(&t, pve_span(cases[i].text));

		assert_int_equal(pve_jsonval_int(v, cases[i].min, cases[i].max, -7), cases[i].is);
		pve_jsontext_done(&t);
	}
}

/* It is not even looked at. */
static void too_long(void **state)
{
	struct pve_jsontext t;

	(void)state;
	assert_null(pve_jsontext_parse(&t, (struct pve_span){"[]", (1u << 30) + 1}));
	assert_string_equal(t.why, "it is longer than 1 GiB");
	assert_false(t.cut);
	pve_jsontext_done(&t);
}

static void strings(void **state)
{
	struct pve_jsontext t;
	const struct pve_jsonval *o = pve_jsontext_parse(&t, pve_span(sample));
	struct pve_arena mem = {0};

	(void)state;
	assert_string_equal(pve_jsonval_str(pve_jsonval_at(o, "s"), &mem), "a\"b\\/\b\f\n\r\t");
	assert_string_equal(pve_jsonval_str(pve_jsonval_at(o, "u"), &mem),
			    "A\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbd.");
	assert_string_equal(pve_jsonval_str(pve_jsonval_at(o, "nul"), &mem), "a");
	assert_null(pve_jsonval_str(pve_jsonval_at(o, "e"), &mem));
	pve_jsontext_done(&t);
	o = pve_jsontext_parse(&t, pve_span("\"\xff\""));
	assert_string_equal(pve_jsonval_str(o, &mem), "\xff");
	pve_jsontext_done(&t);
	pve_arena_done(&mem);
}

/* Wherever a text is cut, it is said to be cut; but for blanks at its end. */
static void cut_anywhere(void **state)
{
	struct pve_span text = {sample, sizeof(sample) - 2};

	(void)state;
	while (text.len--) {
		struct pve_jsontext t;

		assert_null(pve_jsontext_parse(&t, text));
		assert_true(t.cut);
		assert_string_not_equal(t.why, "");
		pve_jsontext_done(&t);
	}
}

static void what_is_none(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} cases[] = {
		{"{\n\"a\" 1}", 2},
		{"{\"a\":\n1,\n}", 3},
		{"[1,]", 1},
		{"[1 2]", 1},
		{"[1}", 1},
		{"{\"a\":1]", 1},
		{"{a:1}", 1},
		{"{1:1}", 1},
		{"01", 1},
		{"-x", 1},
		{"1.x", 1},
		{"1ex", 1},
		{"+1", 1},
		{".5", 1},
		{"trux", 1},
		{"truex", 1},
		{"nil", 1},
		{"\"\\x\"", 1},
		{"\"\\u12g4\"", 1},
		{"\"a\nb\"", 1},
		{"{} {}", 1},
		{"]", 1},
		{"<html>", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_jsontext t;

		assert_null(pve_jsontext_parse(&t, pve_span(cases[i].text)));
		assert_false(t.cut);
		assert_int_equal(t.line, cases[i].line);
		assert_string_not_equal(t.why, "");
		pve_jsontext_done(&t);
	}
}

/* A million brackets deep is as good as flat: nothing here calls itself. */
static void deep(void **state)
{
	size_t n = 1000000;
	struct pve_jsontext t;
	PVE_BUF text = {0};

	(void)state;
	memset(pve_buf_reserve(&text, 2 * n), '[', n);
	memset(text.data + n, ']', n);
	assert_non_null(pve_jsontext_parse(&t, (struct pve_span){text.data, 2 * n}));
	assert_int_equal(t.n, n);
	pve_jsontext_done(&t);
	assert_null(pve_jsontext_parse(&t, (struct pve_span){text.data, 2 * n - 1}));
	assert_true(t.cut);
	pve_jsontext_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),	cmocka_unit_test(numbers),
		cmocka_unit_test(strings),	cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(what_is_none), cmocka_unit_test(deep),
		cmocka_unit_test(too_long),	cmocka_unit_test(numbers_at_the_limit),
	};

	return cmocka_run_group_tests_name("jsonread", tests, NULL, NULL);
}
