/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-net/merge.h"

/* The merge as a string; "conflict" when there is one. */
static char *merged(const char *base, const char *theirs, const char *ours)
{
	struct pve_buf out = {0};
	struct pve_err e = {0};

	if (net_merge("f", pve_span(base), pve_span(theirs), pve_span(ours), &out, &e) < 0) {
		assert_int_equal(e.code, PVE_DATA);
		assert_int_equal(out.len, 0);
		pve_buf_puts(&out, "conflict");
	}
	pve_buf_puts(&out, "");
	return pve_buf_take(&out);
}

#define MERGE(base, theirs, ours, want)                              \
	do {                                                         \
		PVE_FREE char *got = merged(base, theirs, ours);     \
		assert_string_equal(got, want);                      \
	} while (0)

#define LO "auto lo\niface lo inet loopback\n"
#define A "\niface a inet manual\n"
#define A9 "\niface a inet manual\n\tmtu 9000\n"
#define A8 "\niface a inet manual\n\tmtu 8000\n"
#define B "\n# of b\niface b inet manual\n"
#define B9 "\n# of b\niface b inet manual\n\tmtu 9000\n"
#define C "\niface c inet manual\n"

static void one_side(void **state)
{
	(void)state;
	MERGE(LO A B, LO A B, LO A9 B, LO A9 B);
	MERGE(LO A B, LO A9 B, LO A B, LO A9 B);
	MERGE(LO A B, LO A B, LO A B C, LO A B C);
	MERGE(LO A B, LO A B, LO B, LO B);
	MERGE("", "", LO, LO);
	MERGE(LO, LO, "", "");
}

static void both_sides(void **state)
{
	(void)state;
	MERGE(LO A B, LO A9 B, LO A B9, LO A9 B9);
	MERGE(LO A B, LO A B C, LO A9 B, LO A9 B C);
	MERGE(LO A B, LO B, LO A B9, LO B9);
	MERGE(LO A B, LO A, LO A9 B, LO A9);
	MERGE(LO, LO A, LO B, LO B A);
	/* The same on both sides is no conflict. */
	MERGE(LO A, LO A9, LO A9, LO A9);
	MERGE(LO A, LO, LO, LO);
	MERGE(LO, LO A, LO A, LO A);
}

static void conflicts(void **state)
{
	(void)state;
	MERGE(LO A B, LO A9 B, LO A8 B, "conflict");
	MERGE(LO A B, LO B, LO A8 B, "conflict");
	MERGE(LO A B, LO A9 B, LO B, "conflict");
	MERGE(LO, LO A9, LO A8, "conflict");
	MERGE("# x\n" LO, "# y\n" LO, "# z\n" LO, "conflict");
}

/* A last line without an end is neither a difference nor glued to what follows. */
static void last_line(void **state)
{
	(void)state;
	MERGE(LO "iface a inet manual", LO "iface a inet manual", LO "iface a inet manual\n" C,
	      LO "iface a inet manual\n" C);
	MERGE(LO "iface a inet manual", LO "iface a inet manual\n" C,
	      LO "iface a inet manual\n\niface b inet manual\n",
	      LO "iface a inet manual\n\niface b inet manual\n" C);
}

static void repeated(void **state)
{
	(void)state;
	MERGE(LO A A B, LO A A B9, LO A A9 B, LO A A9 B9);
	MERGE(LO A A, LO A9 A, LO A A8, LO A9 A8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_side),  cmocka_unit_test(both_sides),
		cmocka_unit_test(conflicts), cmocka_unit_test(last_line),
		cmocka_unit_test(repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
