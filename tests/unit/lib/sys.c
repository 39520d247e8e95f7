/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "scratch.h"

static void root_must_be_a_directory(void **state)
{
	struct pve_err e = {0};
	struct pve_sys sys;

	(void)state;
	assert_int_equal(pve_sys_init(&sys, "/nonexistent", &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_string_equal(e.msg, "--root /nonexistent: No such file or directory");
	assert_int_equal(pve_sys_init(&sys, "/etc/passwd", &e), -1);
}

static void trailing_slashes_go(void **state)
{
	struct pve_sys sys;

	(void)state;
	assert_int_equal(pve_sys_init(&sys, "/tmp//", NULL), 0);
	assert_string_equal(sys.root, "/tmp");
	assert_true(sys.rooted);
	pve_sys_done(&sys);
	pve_sys_done(&sys);
	assert_int_equal(pve_sys_init(&sys, "///", NULL), 0);
	assert_string_equal(sys.root, "");
	assert_false(sys.rooted);
	assert_true(pve_sys_time(&sys) > 1700000000);
	pve_sys_done(&sys);
}

static void boot_id_of_the_tree(void **state)
{
	char id[PVE_BOOT_ID], again[PVE_BOOT_ID];
	struct scratch s;
	struct pve_sys sys;

	(void)state;
	assert_int_equal(pve_sys_init(&sys, NULL, NULL), 0);
	assert_int_equal(strlen(pve_sys_boot_id(&sys, id)), PVE_BOOT_ID - 1);
	assert_string_equal(pve_sys_boot_id(&sys, again), id);
	pve_sys_done(&sys);
	scratch_new(&s);
	assert_string_equal(pve_sys_boot_id(&s.sys, id), "");
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/proc/sys/kernel/random", NULL), 0);
	scratch_put(&s, "/proc/sys/kernel/random/boot_id", "abc\n", 0644);
	assert_string_equal(pve_sys_boot_id(&s.sys, id), "abc");
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_must_be_a_directory),
		cmocka_unit_test(trailing_slashes_go),
		cmocka_unit_test(boot_id_of_the_tree),
	};

	return cmocka_run_group_tests_name("sys", tests, NULL, NULL);
}
