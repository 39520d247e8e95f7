/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of codes against what is planted and what is documented.  Runs in the tree. */
#include <ctype.h>

#include "check_case.h"

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

/* Is the word there, with no character of a code around it? */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += n)
		if (!isalnum((unsigned char)p[n]) && p[n] != '-')
			return true;
	return false;
}

static void table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < CHECK_IDS; i++) {
		const struct check_code *c = &check_codes[i];

		assert_non_null(c->name);
		assert_int_equal(strncmp(c->name, "NET-", 4), 0);
		assert_true(strlen(c->meaning) > 10);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(c->name, check_codes[k].name);
	}
}

static void each_is_planted(void **state)
{
	static const char *const word[] = {"info", "warning", "critical"};
	PVE_FREE char *text = read_file("tests/hosts/broken/FINDINGS");

	(void)state;
	for (int i = 0; i < CHECK_IDS; i++) {
		PVE_FREE char *row = pve_asprintf("%s\t%s\t", word[check_codes[i].severity],
						  check_codes[i].name);

		if (!strstr(text, row))
			fail_msg("%s is not in tests/hosts/broken/FINDINGS", row);
	}
}

static void each_is_documented(void **state)
{
	PVE_FREE char *manual = read_file("man/pve-net.8");

	(void)state;
	for (int i = 0; i < CHECK_IDS; i++)
		if (!has_word(manual, check_codes[i].name))
			fail_msg("%s is not in man/pve-net.8", check_codes[i].name);
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
