/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of codes against what is planted and what is documented.  Runs in the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pve-repo/check_codes.h"
#include "pvecommon/buf.h"
#include "pvecommon/mem.h"

static char *read_file(const char *path)
{
	PVE_FCLOSE FILE *f = fopen(path, "re");
	PVE_BUF b = {0};
	int byte;

	if (!f)
		fail_msg("%s cannot be read", path);
	while ((byte = getc(f)) != EOF)
		pve_buf_putc(&b, (char)byte);
	return pve_buf_take(&b);
}

static const char *const severity[] = {"info", "warning", "critical"};

static void table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < REPO_CHECK_IDS; i++) {
		const struct repo_check_code *c = &repo_check_codes[i];

		assert_non_null(c->name);
		assert_int_equal(strncmp(c->name, "REPO-", 5), 0);
		assert_true(strlen(c->meaning) > 10);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(c->name, repo_check_codes[k].name);
	}
}

static void each_is_tested(void **state)
{
	PVE_FREE char *mine = read_file("tests/cli/repo-check.bats");

	(void)state;
	for (int i = 0; i < REPO_CHECK_IDS; i++)
		if (!strstr(mine, repo_check_codes[i].name))
			fail_msg("%s is in no test", repo_check_codes[i].name);
}

static void each_is_documented(void **state)
{
	PVE_FREE char *manual = read_file("man/pve-repo.8");

	(void)state;
	for (int i = 0; i < REPO_CHECK_IDS; i++) {
		PVE_FREE char *item = pve_asprintf("\n.It Sy %s Pq %s\n", repo_check_codes[i].name,
						   severity[repo_check_codes[i].severity]);

		if (!strstr(manual, item))
			fail_msg("%s with its severity is not in man/pve-repo.8",
				 repo_check_codes[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(each_is_tested),
		cmocka_unit_test(each_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
