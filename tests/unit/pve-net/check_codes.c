/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of codes against what is planted and what is documented.  Runs in the tree. */
#include "../lib/codes_fixture.h"

#include "pve-net/check_codes.h"

static struct code code(int i)
{
	return (struct code){check_codes[i].name, check_codes[i].meaning, check_codes[i].severity};
}

static void table_is_whole(void **state)
{
	(void)state;
	codes_are_whole(code, CHECK_IDS, "NET-");
}

static void each_is_planted(void **state)
{
	PVE_FREE char *text = code_file("tests/hosts/broken/FINDINGS");

	(void)state;
	for (int i = 0; i < CHECK_IDS; i++) {
		PVE_FREE char *row = pve_asprintf(
			"%s\t%s\t", code_severity[check_codes[i].severity], check_codes[i].name);

		if (!strstr(text, row))
			fail_msg("%s is not in tests/hosts/broken/FINDINGS", row);
	}
}

static void each_is_documented(void **state)
{
	(void)state;
	codes_are_documented(code, CHECK_IDS, "man/pve-net.8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(each_is_planted),
		cmocka_unit_test(each_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
