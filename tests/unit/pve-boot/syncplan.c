/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans for one ESP: the cases of the stock tool's defects. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "syncplan_model.h"

#define M (1024ull * 1024)

static struct sync_have good(size_t i, uint64_t bytes)
{
	return (struct sync_have){names[i], false, true, SYNC_VERIFIED, SYNC_BOTH, bytes / 2, bytes / 2, 0};
}

static struct sync_want wish(size_t i, uint64_t bytes)
{
	return (struct sync_want){names[i], bytes / 2, bytes / 2, 0, false, false};
}

#define EXPECT(in, want)                                       \
	do {                                                   \
		struct pve_err own = {0};                      \
		PVE_FREE char *got = walk(in, &own);           \
		if (!got)                                      \
			fail_msg("%s", own.msg);               \
		assert_string_equal(want, got);                \
	} while (0)

static void test_nothing_to_do(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(1, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 2, want, 2, 0, M, false, false, false}), "");
}

static void test_new_kernel(void **state)
{
	struct sync_have have[] = {good(1, 10 * M), good(2, 10 * M), good(3, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 3, want, 2, 20 * M, M, false, false, false}),
	       "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); offer 6.8-8; "
	       "set the default; withdraw 6.8-5; withdraw 6.8-6; drop 6.8-5; drop 6.8-6");
	/* The menu of GRUB is written once. */
	EXPECT((&(struct sync_in){have, 3, want, 2, 20 * M, M, true, true, false}),
	       "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); "
	       "set the default; withdraw 6.8-6; drop 6.8-5; drop 6.8-6");
}

/* B1: 20 MB, two kernels of 7 MB and a new one: the stock tool copies first, and stays full. */
static void b1_a_full_esp(void **state)
{
	struct sync_have have[] = {good(1, 7 * M), good(2, 7 * M)};
	struct sync_want want[] = {wish(0, 7 * M), wish(1, 7 * M)};

	(void)state;
	EXPECT((&(struct sync_in){have, 2, want, 2, 6 * M, M, false, false, false}),
	       "withdraw 6.8-6; drop 6.8-6; copy 6.8-8 (kernel and initrd); "
	       "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

/* B1: an initrd grows beyond what is free, and there is nothing else to boot from. */
static void b1_an_initrd_grows(void **state)
{
	struct sync_have have[] = {good(0, 7 * M)};
	struct sync_want want[] = {wish(0, 11 * M)};
	struct sync_in in = {have, 1, want, 1, 9 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	have[0].same = 0;
	assert_null(walk(&in, &e));
	assert_int_equal(PVE_FAILED, e.code);
	assert_non_null(strstr(e.msg, "no room for 6.8-8: 12582912 bytes needed, 9437184 free"));
}

static void test_grows_beside_another(void **state)
{
	struct sync_have have[] = {good(0, 7 * M), good(1, 7 * M)};
	struct sync_want want[] = {wish(0, 11 * M), wish(1, 7 * M)};

	(void)state;
	have[0].same = 0;
	EXPECT((&(struct sync_in){have, 2, want, 2, 6 * M, M, false, false, false}),
	       "withdraw 6.8-8; drop 6.8-8; copy 6.8-8 (kernel and initrd); "
	       "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

static void test_evict(void **state)
{
	struct sync_have have[] = {good(1, 7 * M), good(2, 7 * M)};
	struct sync_want want[] = {wish(0, 7 * M), wish(1, 7 * M), wish(2, 7 * M)};
	struct sync_in in = {have, 2, want, 3, 4 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	want[2].spare = true;
	assert_null(walk(&in, &e));
	in.evict = true;
	EXPECT(&in, "withdraw 6.8-6; drop 6.8-6; copy 6.8-8 (kernel and initrd); "
		    "place 6.8-8 (kernel and initrd); offer 6.8-8; set the default");
}

/* B17: the pair of a version that was built again is replaced as a pair; an initrd that was made
 * anew alone. */
static void test_rebuilt(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(1, 10 * M)};
	struct sync_want want[] = {wish(0, 12 * M), wish(1, 10 * M)};
	struct sync_in in = {have, 2, want, 2, 20 * M, M, false, false, false};

	(void)state;
	have[0].same = 0;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); exchange 6.8-8 (kernel and initrd); "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
	have[0].same = SYNC_IMAGE;
	EXPECT(&in, "copy 6.8-8 (initrd); exchange 6.8-8 (initrd); drop the old 6.8-8 (initrd); "
		    "set the default");
	/* In the root of an ESP two files cannot change at once: the menu lets go of them. */
	have[0].same = 0;
	in.menu = in.split = true;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); withdraw 6.8-8; "
		    "exchange 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
}

/* A kernel that was built again, and is the only one: in the root of an ESP two files cannot change at
 * once, and nothing else is there to boot meanwhile. */
static void test_rebuilt_alone(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(0, 10 * M)};
	struct sync_want want[] = {wish(0, 12 * M), wish(1, 10 * M)};
	struct sync_in in = {have, 1, want, 1, 30 * M, M, true, true, false};
	struct pve_err e = {0};

	(void)state;
	have[0].same = 0;
	EXPECT(&in, "copy 6.8-8.twin (kernel and initrd); place 6.8-8.twin (kernel and initrd); "
		    "copy 6.8-8 (kernel and initrd); withdraw 6.8-8; "
		    "exchange 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "drop the old 6.8-8 (kernel and initrd); set the default; "
		    "withdraw 6.8-8.twin; drop 6.8-8.twin");
	/* With less room the old one goes when its twin is there. */
	in.free = 16 * M;
	EXPECT(&in, "copy 6.8-8.twin (kernel and initrd); place 6.8-8.twin (kernel and initrd); "
		    "withdraw 6.8-8; drop 6.8-8; copy 6.8-8 (kernel and initrd); "
		    "place 6.8-8 (kernel and initrd); set the default; "
		    "withdraw 6.8-8.twin; drop 6.8-8.twin");
	in.free = 12 * M;
	assert_null(walk(&in, &e));
	assert_non_null(strstr(e.msg, "no room for 6.8-8: 13631488 bytes needed, 12582912 free"));
	/* A directory that is exchanged needs no twin, but for one in which there is more. */
	in.free = 30 * M;
	in.menu = in.split = false;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); exchange 6.8-8 (kernel and initrd); "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
	have[0].split = true;
	EXPECT(&in, "copy 6.8-8.twin (kernel and initrd); place 6.8-8.twin (kernel and initrd); "
		    "offer 6.8-8.twin; copy 6.8-8 (kernel and initrd); withdraw 6.8-8; "
		    "exchange 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "drop the old 6.8-8 (kernel and initrd); set the default; "
		    "withdraw 6.8-8.twin; drop 6.8-8.twin");
	/* Nor does one when another kernel comes anyhow: that comes first. */
	in.menu = in.split = true;
	in.nwant = 2;
	EXPECT(&in, "copy 6.8-7 (kernel and initrd); place 6.8-7 (kernel and initrd); "
		    "copy 6.8-8 (kernel and initrd); withdraw 6.8-8; "
		    "exchange 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "drop the old 6.8-8 (kernel and initrd); set the default");
	/* The power was cut: the twin is what boots, and is not made again. */
	in.nwant = 1;
	in.nhave = 2;
	have[0].offered = false;
	have[1].version = "6.8-8.twin";
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); exchange 6.8-8 (kernel and initrd); "
		    "offer 6.8-8; drop the old 6.8-8 (kernel and initrd); set the default; "
		    "withdraw 6.8-8.twin; drop 6.8-8.twin");
}

/* B2, B13: what is bad in /boot, or not wanted by anybody, takes nothing away. */
static void test_unusable(void **state)
{
	struct sync_have have[] = {good(0, 10 * M)};
	struct sync_want want[] = {wish(1, 10 * M)};
	struct sync_in in = {have, 1, want, 1, 20 * M, M, false, false, false};
	struct pve_err e = {0};

	(void)state;
	want[0].unusable = true;
	EXPECT(&in, "");
	in.nwant = 0;
	assert_null(walk(&in, &e));
	assert_int_equal(PVE_FAILED, e.code);
}

/* B11: after a change of the loader, the other loader's copies go. */
static void test_other_layout(void **state)
{
	struct sync_have have[] = {good(0, 10 * M), good(0, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M)};

	(void)state;
	have[1].other_layout = true;
	EXPECT((&(struct sync_in){have, 2, want, 1, 0, 0, true, true, false}),
	       "set the default; drop 6.8-8");
}

/* Another loader is about to come: what the old one starts stays, also when space is short. */
static void test_beside(void **state)
{
	struct sync_have have[] = {good(0, 10 * M)};
	struct sync_want want[] = {wish(0, 10 * M), wish(1, 10 * M)};
	struct sync_in in = {have, 1, want, 2, 15 * M, 0, true, true, true, true};

	(void)state;
	have[0].other_layout = true;
	want[0].spare = want[1].spare = true;
	EXPECT(&in, "copy 6.8-8 (kernel and initrd); place 6.8-8 (kernel and initrd); offer 6.8-8; "
		    "set the default");
	in.free = 5 * M;
	EXPECT(&in, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_do), cmocka_unit_test(test_new_kernel),
		cmocka_unit_test(b1_a_full_esp),          cmocka_unit_test(b1_an_initrd_grows),
		cmocka_unit_test(test_grows_beside_another),
		cmocka_unit_test(test_evict),         cmocka_unit_test(test_rebuilt),
		cmocka_unit_test(test_rebuilt_alone),
		cmocka_unit_test(test_unusable),      cmocka_unit_test(test_other_layout),
		cmocka_unit_test(test_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
