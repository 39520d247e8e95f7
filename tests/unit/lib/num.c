/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pvecommon/num.h"

#define K ((uint64_t)1024)

static void u64(void **state)
{
	static const char *const bad[] = {"",
					  "-1",
					  "+1",
					  " 1",
					  "1 ",
					  "0x1",
					  "1.0",
					  "1e3",
					  "18446744073709551616",
					  "99999999999999999999"};
	struct pve_err e = {0};
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(pve_num_u64(bad[i], 0, UINT64_MAX, &v, &e), -1);
		assert_int_equal(e.code, PVE_USAGE);
		assert_non_null(strstr(e.msg, bad[i]));
		assert_int_equal(v, 42);
	}
	assert_int_equal(pve_num_u64("18446744073709551615", 0, UINT64_MAX, &v, &e), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(pve_num_u64("0007", 7, 7, &v, NULL), 0);
	assert_int_equal(v, 7);
	assert_int_equal(pve_num_u64("4095", 1, 4094, &v, &e), -1);
	assert_string_equal(e.msg, "'4095' is not a number from 1 to 4094");
	assert_int_equal(pve_num_u64("0", 1, 4094, &v, &e), -1);
	assert_int_equal(v, 7);
}

static void i64(void **state)
{
	int64_t v = 42;

	(void)state;
	assert_int_equal(pve_num_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &v, NULL), 0);
	assert_true(v == INT64_MIN);
	assert_int_equal(pve_num_i64("9223372036854775807", INT64_MIN, INT64_MAX, &v, NULL), 0);
	assert_true(v == INT64_MAX);
	assert_int_equal(pve_num_i64("-0", -1, 1, &v, NULL), 0);
	assert_int_equal(v, 0);
	assert_int_equal(pve_num_i64("9223372036854775808", INT64_MIN, INT64_MAX, &v, NULL), -1);
	assert_int_equal(pve_num_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &v, NULL), -1);
	assert_int_equal(pve_num_i64("--1", -9, 9, &v, NULL), -1);
	assert_int_equal(pve_num_i64("-", -9, 9, &v, NULL), -1);
	assert_int_equal(pve_num_i64("-10", -9, 9, &v, NULL), -1);
	assert_int_equal(v, 0);
}

static void span(void **state)
{
	uint64_t v = 42;

	(void)state;
	assert_int_equal(pve_num_span((struct pve_span){"123456", 3}, 123, &v), 0);
	assert_int_equal(v, 123);
	assert_int_equal(pve_num_span((struct pve_span){"124", 3}, 123, &v), -1);
	assert_int_equal(pve_num_span((struct pve_span){0}, 9, &v), -1);
	assert_int_equal(pve_num_span((struct pve_span){"1\0", 2}, 99, &v), -1);
	assert_int_equal(v, 123);
}

static void sizes(void **state)
{
	static const struct {
		const char *s;
		uint64_t bytes;
	} good[] = {
		{"0", 0},
		{"512", 512},
		{"512B", 512},
		{"1K", K},
		{"1k", K},
		{"1KB", K},
		{"1KiB", K},
		{"1.5G", K * K * K * 3 / 2},
		{"8GiB", 8 * K * K * K},
		{"0.1K", 102},
		{"0.999999999999999M", 1048575},
		{"15E", 15 * K * K * K * K * K * K},
		{"15.999999999E", 18446744072556630111u},
		{"18446744073709551615", UINT64_MAX},
	};
	static const char *const bad[] = {"",     "K",   "-1K", "1 K", "1KK",
					  "1Ki",  "1iB", "1.",  ".5G", "1.5",
					  "1.5B", "1X",  "16E", "1BB", "18446744073709551616",
					  "1.G"};
	struct pve_err e;
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(pve_num_size(good[i].s, 0, UINT64_MAX, &v, &e), 0);
		assert_true(v == good[i].bytes);
	}
	v = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(pve_num_size(bad[i], 0, UINT64_MAX, &v, &e), -1);
	assert_int_equal(v, 42);
	assert_int_equal(pve_num_size("1G", K, K * K, &v, &e), -1);
	assert_string_equal(e.msg, "size 1G is not between 1.0K and 1.0M");
}

static void durations(void **state)
{
	static const struct {
		const char *s;
		uint64_t seconds;
	} good[] = {{"0", 0},       {"90", 90},        {"90s", 90},
		    {"5min", 300},  {"1h30min", 5400}, {"1h30min5s", 5405},
		    {"2d", 172800}, {"1w", 604800},    {"1h1h", 7200}};
	static const char *const bad[] = {"",
					  "s",
					  "1h30",
					  "1m",
					  "1 h",
					  "-1s",
					  "1h-1s",
					  "1.5h",
					  "30 min",
					  "1hmin",
					  "18446744073709551616",
					  "18446744073709551615w",
					  "18446744073709551615s1s"};
	struct pve_err e;
	uint64_t v = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(pve_num_duration(bad[i], 0, UINT64_MAX, &v, &e), -1);
	assert_int_equal(v, 42);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(pve_num_duration(good[i].s, 0, UINT64_MAX, &v, &e), 0);
		assert_int_equal(v, good[i].seconds);
	}
	assert_int_equal(pve_num_duration("1h", 1, 60, &v, &e), -1);
	assert_string_equal(e.msg, "duration 1h is not from 1 to 60 seconds");
}

static void size_texts(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0B"},
		{1, "1B"},
		{1023, "1023B"},
		{K, "1.0K"},
		{K + 51, "1.0K"},
		{K + 52, "1.1K"},
		{10188, "9.9K"},
		{10189, "10K"},
		{10 * K, "10K"},
		{10 * K + 511, "10K"},
		{10 * K + 512, "11K"},
		{1023 * K + 511, "1023K"},
		{1023 * K + 512, "1.0M"},
		{1024 * K - 1, "1.0M"},
		/* 1023.99M, 1023.49M and 1023.5M */
		{1073731338, "1.0G"},
		{1073207050, "1023M"},
		{1023 * K * K + 512 * K, "1.0G"},
		{512 * K * K, "512M"},
		{UINT64_MAX, "16E"},
	};
	char text[PVE_SIZE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(pve_num_size_text(cases[i].bytes, text), cases[i].text);
}

static void time_texts(void **state)
{
	char text[PVE_TIME_TEXT];

	(void)state;
	assert_string_equal(pve_num_time_text(0, text), "1970-01-01T00:00:00Z");
	assert_string_equal(pve_num_time_text(1795479226, text), "2026-11-24T00:13:46Z");
	assert_string_equal(pve_num_time_text(-1, text), "1969-12-31T23:59:59Z");
	/* A year that does not fit is given in seconds. */
	assert_string_equal(pve_num_time_text(INT64_MAX, text), "9223372036854775807");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64),        cmocka_unit_test(i64),
		cmocka_unit_test(span),       cmocka_unit_test(sizes),
		cmocka_unit_test(durations),  cmocka_unit_test(size_texts),
		cmocka_unit_test(time_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
