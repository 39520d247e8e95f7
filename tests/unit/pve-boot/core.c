/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two halves of a BIOS boot partition, and what leads to them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-boot/core.h"
#include "pvecommon/mem.h"

/* The guide's partition: sectors 34 to 2047. */
static const struct boot_sectors part = {34, 2014};

static void halves(void **state)
{
	uint64_t slot = 0;

	(void)state;
	/* Nothing in use: the start.  Then they take turns. */
	assert_true(boot_core_slot(&part, &(struct boot_sectors){0}, 170000, &slot));
	assert_int_equal(slot, 34);
	assert_true(boot_core_slot(&part, &(struct boot_sectors){34, 333}, 170000, &slot));
	assert_int_equal(slot, 1048);
	assert_int_equal(slot % 8, 0);
	assert_true(boot_core_slot(&part, &(struct boot_sectors){1048, 333}, 170000, &slot));
	assert_int_equal(slot, 34);
	/* What was installed elsewhere is in nobody's way. */
	assert_true(boot_core_slot(&part, &(struct boot_sectors){1, 33}, 170000, &slot));
	assert_int_equal(slot, 34);
}

static void no_room(void **state)
{
	uint64_t slot = 0;

	(void)state;
	/* Larger than a half; the one in use reaches into the other half; a small partition. */
	assert_false(boot_core_slot(&part, &(struct boot_sectors){0}, 1015 * 512, &slot));
	assert_true(boot_core_slot(&part, &(struct boot_sectors){0}, 1014 * 512, &slot));
	assert_false(boot_core_slot(&part, &(struct boot_sectors){34, 1015}, 512, &slot));
	assert_false(boot_core_slot(&(struct boot_sectors){34, 64}, &(struct boot_sectors){34, 32},
				    33 * 512, &slot));
	assert_false(boot_core_slot(&(struct boot_sectors){34, 1}, &(struct boot_sectors){0}, 1024,
				    &slot));
}

/* Three sectors as grub-mkimage makes them: one run of two behind the first one, at sector 2. */
static void make_core(char core[3 * 512 - 100])
{
	memset(core, 'c', 3 * 512 - 100);
	memset(core + 400, 0, 112);
	memcpy(core + 500, "\x02\0\0\0\0\0\0\0\x02\0\x20\x08", 12);
}

static void placed(void **state)
{
	char core[3 * 512 - 100];
	PVE_BUF out = {0};
	struct pve_err e = {0};

	(void)state;
	make_core(core);
	assert_int_equal(boot_core_place((struct pve_span){core, sizeof(core)}, 1048, &out, &e), 0);
	assert_int_equal(out.len, 3 * 512);
	assert_memory_equal(out.data, core, 500);
	assert_memory_equal(out.data + 500, "\x19\x04\0\0\0\0\0\0\x02\0\x20\x08", 12);
	assert_memory_equal(out.data + 512, core + 512, sizeof(core) - 512);
	assert_int_equal(out.data[3 * 512 - 1], 0);
	/* And is known again where it was put, and nowhere else. */
	assert_int_equal(boot_core_sectors((struct pve_span){out.data, out.len}, 1048), 3);
	assert_int_equal(boot_core_sectors((struct pve_span){out.data, out.len}, 34), 0);
	assert_int_equal(boot_core_sectors((struct pve_span){out.data, 511}, 1048), 0);
	/* Two runs, a length that does not fit, and what is no core image. */
	core[496] = 1;
	assert_int_equal(boot_core_place((struct pve_span){core, sizeof(core)}, 34, &out, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	make_core(core);
	core[508] = 9;
	assert_int_equal(boot_core_place((struct pve_span){core, sizeof(core)}, 34, &out, &e), -1);
	assert_int_equal(boot_core_place((struct pve_span){"x", 1}, 34, &out, &e), -1);
	assert_int_equal(boot_core_place((struct pve_span){NULL, 0}, 34, &out, &e), -1);
}

static void sector(void **state)
{
	char boot[512], was[512], is[512];
	struct pve_err e = {0};

	(void)state;
	memset(boot, 'b', sizeof(boot));
	memcpy(boot, "\xeb\x63\x90", 3);
	boot[0x64] = '\xff';
	memcpy(boot + 510, "\x55\xaa", 2);
	memset(was, 'w', sizeof(was));
	assert_int_equal(boot_core_start((struct pve_span){was, sizeof(was)}), 0);
	assert_int_equal(boot_core_sector((struct pve_span){boot, 512}, (struct pve_span){was, 512},
					  1048, is, &e),
			 0);
	/* Code is the new one's; a file system's parameters, serial number and partitions are not.
	 */
	assert_memory_equal(is, "\xeb\x63\x90www", 6);
	assert_int_equal(is[0x59], 'w');
	assert_int_equal(is[0x5a], 'b');
	assert_memory_equal(is + 0x5c, "\x18\x04\0\0\0\0\0\0", 8);
	assert_memory_equal(is + 0x66, "\x90\x90", 2);
	assert_int_equal(is[0x1b7], 'b');
	assert_int_equal(is[0x1b8], 'w');
	assert_int_equal(is[0x1fd], 'w');
	assert_memory_equal(is + 510, "\x55\xaa", 2);
	assert_int_equal(boot_core_start((struct pve_span){is, sizeof(is)}), 1048);
	assert_int_equal(boot_core_sector((struct pve_span){was, 512}, (struct pve_span){was, 512},
					  1, is, &e),
			 -1);
	assert_int_equal(e.code, PVE_DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves),
		cmocka_unit_test(no_room),
		cmocka_unit_test(placed),
		cmocka_unit_test(sector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
