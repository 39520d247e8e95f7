/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/strv.h"

static void adds_and_terminates(void **state)
{
	PVE_STRV l = {0};

	(void)state;
	for (int i = 0; i < 100; i++) {
		pve_strv_addf(&l, "%d", i);
		assert_null(l.v[l.n]);
	}
	pve_strv_add_span(&l, (struct pve_span){"abcdef", 3});
	pve_strv_add_span(&l, (struct pve_span){0});
	pve_strv_take(&l, pve_strdup("taken"));
	assert_int_equal(l.n, 103);
	assert_string_equal(l.v[99], "99");
	assert_string_equal(l.v[100], "abc");
	assert_string_equal(l.v[101], "");
	assert_true(pve_strv_has(&l, "taken"));
	assert_false(pve_strv_has(&l, "100"));
}

static void splits(void **state)
{
	PVE_STRV l = {0};
	PVE_FREE char *s = NULL;

	(void)state;
	pve_strv_split(&l, pve_span(",,eno1, eno2;,eno3,"), ",; ");
	s = pve_strv_join(&l, "|");
	assert_string_equal(s, "eno1|eno2|eno3");
	pve_strv_split(&l, (struct pve_span){0}, ",");
	pve_strv_split(&l, pve_span(",;,"), ",;");
	assert_int_equal(l.n, 3);
}

static void joins_nothing(void **state)
{
	PVE_STRV l = {0};
	PVE_FREE char *s = pve_strv_join(&l, ",");

	(void)state;
	assert_string_equal(s, "");
}

static void sorts_and_drops_duplicates(void **state)
{
	PVE_STRV l = {0};
	PVE_FREE char *s = NULL;

	(void)state;
	pve_strv_sort(&l);
	pve_strv_uniq(&l);
	pve_strv_split(&l, pve_span("b a c a b a"), " ");
	pve_strv_sort(&l);
	assert_string_equal(l.v[2], "a");
	pve_strv_uniq(&l);
	assert_int_equal(l.n, 3);
	assert_null(l.v[3]);
	s = pve_strv_join(&l, "");
	assert_string_equal(s, "abc");
}

static void distances(void **state)
{
	char longest[65], b[65];

	(void)state;
	assert_int_equal(pve_str_distance("", ""), 0);
	assert_int_equal(pve_str_distance("", "abc"), 3);
	assert_int_equal(pve_str_distance("abc", ""), 3);
	assert_int_equal(pve_str_distance("list", "lsit"), 1);
	assert_int_equal(pve_str_distance("list", "lis"), 1);
	assert_int_equal(pve_str_distance("list", "mist"), 1);
	assert_int_equal(pve_str_distance("kitten", "sitting"), 3);
	/* Optimal string alignment, not Damerau: no edit between the swapped letters. */
	assert_int_equal(pve_str_distance("ca", "abc"), 3);
	memset(longest, 'a', 64);
	longest[64] = '\0';
	memset(b, 'b', 63);
	b[63] = '\0';
	assert_true(pve_str_distance(longest, "a") == SIZE_MAX);
	assert_int_equal(pve_str_distance(longest + 1, b), 63);
}

static void nearest(void **state)
{
	static const char *const words[] = {"list", "show", "check", "graph", "help", NULL};
	static const char *const none[] = {NULL};

	(void)state;
	assert_string_equal(pve_str_nearest("chekc", words), "check");
	assert_string_equal(pve_str_nearest("lst", words), "list");
	assert_string_equal(pve_str_nearest("show", words), "show");
	assert_null(pve_str_nearest("reboot", words));
	assert_null(pve_str_nearest("list", none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_terminates),
		cmocka_unit_test(splits),
		cmocka_unit_test(joins_nothing),
		cmocka_unit_test(distances),
		cmocka_unit_test(sorts_and_drops_duplicates),
		cmocka_unit_test(nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
