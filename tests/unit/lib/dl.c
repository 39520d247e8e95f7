/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pvecommon/dl.h"

static void finds_what_is_there(void **state)
{
	double (*cosine)(double x) = NULL;
	double (*root)(double x) = NULL;
	const struct pve_dl_sym want[] = {{"cos", &cosine}, {"sqrt", &root}};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_dl_load("libm.so.6", "the C library", want, 2, &e), 0);
	assert_true(cosine(0) == 1);
	assert_true(root(9) == 3);
}

static void tells_what_is_not_there(void **state)
{
	double (*cosine)(double x) = NULL;
	void (*other)(void) = NULL;
	const struct pve_dl_sym want[] = {{"cos", &cosine}, {"cosine_of", &other}};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_dl_load("libm.so.6", "the C library", want, 2, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_string_equal(e.msg, "the C library has no cosine_of");
	assert_null(other);
	assert_int_equal(pve_dl_load("libno-such.so.1", "that", want, 2, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_non_null(strstr(e.msg, "that cannot be loaded: libno-such.so.1: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_there),
		cmocka_unit_test(tells_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
