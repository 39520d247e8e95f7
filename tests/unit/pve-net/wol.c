/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/ethtool.h>

#include "pve-net/wol.h"

static void text(void **state)
{
	char t[WOL_TEXT];

	(void)state;
	assert_int_equal(WOL_MAGIC, WAKE_MAGIC);
	assert_string_equal(wol_text(0, t), "d");
	assert_string_equal(wol_text(WAKE_MAGIC, t), "g");
	assert_string_equal(wol_text(WAKE_PHY | WAKE_UCAST | WAKE_FILTER, t), "puf");
	assert_string_equal(wol_text(~0u, t), "pumbagsf");
}

static void round_trip(void **state)
{
	(void)state;
	for (unsigned m = 0; m < 256; m++) {
		char t[WOL_TEXT];
		unsigned back = ~0u;

		assert_int_equal(wol_parse(wol_text(m, t), &back), 0);
		assert_int_equal(back, m);
	}
	unsigned kept = 7;
	assert_int_equal(wol_parse("", &kept), -1);
	assert_int_equal(wol_parse("gd", &kept), -1);
	assert_int_equal(wol_parse("x", &kept), -1);
	assert_int_equal(kept, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
