/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files by which an administrator chooses kernels. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-boot/kernels.h"
#include "pvecommon/mem.h"

static void test_versions(void **state)
{
	static const char *const good[] = {"6.8.12-4-pve", "6.9.0-MyBuild", "6.8", "6.8.0-1~rc1-pve",
					   "6.1.0-56-amd64", "5.15.0+x_1"};
	static const char *const bad[] = {"", "-pve", "..", "6.8/../x", "6.8 x", "6.8\n", "*", "a:b"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(boot_version_valid(pve_span(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(boot_version_valid(pve_span(bad[i])));
	assert_false(boot_version_valid((struct pve_span){"6\0008", 3}));
}

static void test_manual(void **state)
{
	PVE_STRV list = {0};
	struct pve_diags d = {0};
	PVE_FREE char *joined = NULL;

	(void)state;
	boot_manual_parse(&list, pve_span("6.8.4-2-pve\n\n# keep\n 5.15.30-1-pve\t\r\n6.8.4-2-pve\n/x\n"),
			  "f", &d);
	joined = pve_strv_join(&list, " ");
	assert_string_equal("5.15.30-1-pve 6.8.4-2-pve", joined);
	assert_int_equal(1, d.n);
	assert_int_equal(6, d.v[0].line);
	pve_diags_done(&d);
}

static void test_manual_edit(void **state)
{
	static const struct {
		const char *was, *version, *want; /* want: NULL: there was nothing to do */
		bool remove;
	} cases[] = {
		{"", "6.8.4-2-pve", "6.8.4-2-pve\n", false},
		{"6.2\n6.8.4-2-pve\n", "6.5.1-1-pve", "6.2\n6.5.1-1-pve\n6.8.4-2-pve\n", false},
		{"6.2", "6.5", "6.2\n6.5\n", false},
		{"# a\n6.5\n", "6.5", NULL, false},
		{"# a\r\n6.5\r\n", "6.8", "# a\r\n6.5\r\n6.8\r\n", false},
		{"# a\n6.5\n6.8\n6.5\n", "6.5", "# a\n6.8\n", true},
		{"# 6.5\n", "6.5", NULL, true},
		{"6.5", "6.5", "", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		PVE_BUF out = {0};
		struct pve_span was = pve_span(cases[i].was);
		bool changed = cases[i].remove ? boot_manual_remove(was, cases[i].version, &out)
					       : boot_manual_add(was, cases[i].version, &out);

		assert_int_equal(cases[i].want != NULL, changed);
		assert_string_equal(cases[i].want ? cases[i].want : "", pve_buf_str(&out));
	}
}

static void test_pin(void **state)
{
	static const char *const pins[][2] = {
		{"6.8.4-2-pve\n", "6.8.4-2-pve"}, {"6.8.4-2-pve", "6.8.4-2-pve"},
		{"6.8.4-2-pve\r\nx\n", "6.8.4-2-pve"}, {" 6.8 x\n", "6.8"},
		{"", ""}, {"\n6.8\n", ""}, {"../x\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pins) / sizeof(*pins); i++)
		assert_true(pve_span_eq(boot_pin_parse(pve_span(pins[i][0])), pins[i][1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_manual_edit),
		cmocka_unit_test(test_pin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
