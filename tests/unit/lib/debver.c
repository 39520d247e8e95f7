/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "pvecommon/debver.h"

extern char **environ;

static int cmp(const char *a, const char *b)
{
	int x = pve_debver_cmp(pve_span(a), pve_span(b)),
	    y = pve_debver_cmp(pve_span(b), pve_span(a));

	assert_int_equal(x<0, y> 0);
	assert_int_equal(x == 0, y == 0);
	return x < 0 ? -1 : x > 0;
}

/* Each is older than the one behind it. */
static void ordered(void **state)
{
	static const char *const v[] = {
		"1a2",
		"1a10",
		"1.0~~",
		"1.0~~a",
		"1.0~",
		"1.0",
		"1.0-0+b1",
		"1.0-0+deb12u1",
		"1.0-0.1",
		"1.0-1",
		"1.0-1+b1",
		"1.0-1+deb12u1",
		"1.0-1.1",
		"1.0a",
		"1.0+",
		"1.0.",
		"1.2-1",
		"1.2-1-1",
		"1.9",
		"1.10",
		"1.18446744073709551615",
		"1.18446744073709551616",
		"1.99999999999999999999999999999999999998",
		"1.99999999999999999999999999999999999999",
		"6.4-1",
		"6.4.1",
		"8.4-0",
		"8.4.0",
		"99",
		"a",
		"1:0",
		"2:0",
		"10:0",
		"18446744073709551616:0",
	};
	size_t n = sizeof(v) / sizeof(*v);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			assert_int_equal(cmp(v[i], v[j]), i < j ? -1 : i > j);
}

static void same(void **state)
{
	(void)state;
	assert_int_equal(cmp("1.0", "1.0-0"), 0);
	assert_int_equal(cmp("1.0", "0:1.0"), 0);
	assert_int_equal(cmp("1.00", "1.0"), 0);
	assert_int_equal(cmp("1.0", "1.0-"), 0);
	assert_int_equal(cmp("", "0"), 0);
	assert_int_equal(cmp("1.0-~1", "1.0"), -1);
	assert_int_equal(cmp("1.0~bpo12", "1.0"), -1);
}

static void no_epoch(void **state)
{
	(void)state;
	assert_true(pve_span_eq(pve_debver_no_epoch(pve_span("1:2.3-4")), "2.3-4"));
	assert_true(pve_span_eq(pve_debver_no_epoch(pve_span("2.3-4")), "2.3-4"));
	assert_true(pve_span_eq(pve_debver_no_epoch(pve_span("1:")), ""));
}

/* --- beside dpkg itself ----------------------------------------------------------- */

#define PAIRS 3000

static unsigned rnd(unsigned n)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13, x ^= x >> 17, x ^= x << 5;
	return x % n;
}

/* A valid version out of few different pieces, so that two of them often begin alike. */
static void generate(char *v)
{
	static const char *const piece[] = {"0",
					    "1",
					    "01",
					    "9",
					    "10",
					    "007",
					    ".",
					    ".",
					    "+",
					    "~",
					    "a",
					    "Z",
					    "rc",
					    "+b1",
					    "+deb12u1",
					    "~bpo11+1",
					    "-",
					    "12345678901234567890123",
					    "12345678901234567890124"};
	char *p = v;
	unsigned parts = 1 + rnd(5);

	if (rnd(4) == 0)
		p += sprintf(p, "%u:", rnd(3));
	p += sprintf(p, "%u", rnd(3));
	for (unsigned i = 0; i < parts; i++)
		p += sprintf(p, "%s", piece[rnd(sizeof(piece) / sizeof(*piece))]);
	if (rnd(2))
		p += sprintf(p, "-%s", piece[rnd(16)]);
	if (p[-1] == '-')
		sprintf(p, "%u", rnd(3));
}

/* 0 when dpkg agrees. */
static int dpkg_says(const char *a, const char *op, const char *b)
{
	char *argv[] = {"dpkg", "--compare-versions", (char *)a, (char *)op, (char *)b, NULL};
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, "dpkg", NULL, NULL, argv, environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void beside_dpkg(void **state)
{
	unsigned equal = 0;

	(void)state;
	for (int i = 0; i < PAIRS; i++) {
		char a[200], b[200];
		int d;

		generate(a);
		generate(b);
		if (rnd(3) == 0) { /* differing in the end only */
			strcpy(b, a);
			strcat(b, rnd(2) ? "0" : rnd(2) ? "~" : "+b1");
		}
		d = cmp(a, b);
		equal += d == 0;
		if (dpkg_says(a, d < 0 ? "lt" : d > 0 ? "gt" : "eq", b) != 0)
			fail_msg("%s and %s: dpkg does not think that it is %d", a, b, d);
	}
	assert_true(equal > PAIRS / 100 && equal < PAIRS / 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordered),
		cmocka_unit_test(same),
		cmocka_unit_test(no_epoch),
		cmocka_unit_test(beside_dpkg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
