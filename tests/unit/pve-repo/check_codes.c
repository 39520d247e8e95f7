/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of codes against what is planted and what is documented.  Runs in the tree. */
#include "../lib/codes_fixture.h"

#include "pve-repo/check_codes.h"

static struct code code(int i)
{
	return (struct code){repo_check_codes[i].name, repo_check_codes[i].meaning,
			     repo_check_codes[i].severity};
}

static void table_is_whole(void **state)
{
	(void)state;
	codes_are_whole(code, REPO_CHECK_IDS, "REPO-");
}

static void each_is_tested(void **state)
{
	PVE_FREE char *mine = code_file("tests/cli/repo-check.bats");

	(void)state;
	for (int i = 0; i < REPO_CHECK_IDS; i++)
		if (!strstr(mine, repo_check_codes[i].name))
			fail_msg("%s is in no test", repo_check_codes[i].name);
}

static void each_is_documented(void **state)
{
	(void)state;
	codes_are_documented(code, REPO_CHECK_IDS, "man/pve-repo.8");
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
