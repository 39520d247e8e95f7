/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the partitions of a bootable disk lie. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pve-boot/layout.h"

#define GIB (1ull << 30)
#define MIB (1ull << 20)

/* An empty disk of that size; the bounds are those of a GPT with 128 entries. */
static struct pve_gpt disk(uint64_t size, unsigned sector)
{
	uint64_t table = 16384 / sector + 1;

	return (struct pve_gpt){.sector = sector,
				.sectors = size / sector,
				.first = table + 1,
				.last = size / sector - 2 - table + 1};
}

#define assert_part(p, number, from, to, guid)                                                     \
	do {                                                                                       \
		assert_int_equal((p).no, number);                                                  \
		assert_int_equal((p).first, from);                                                 \
		assert_int_equal((p).last, to);                                                    \
		assert_string_equal((p).type, guid);                                               \
	} while (0)

static void as_the_installer_does(void **state)
{
	const struct boot_layout want = {.esp_size = BOOT_ESP_SIZE};
	struct pve_gpt d = disk(32 * GIB, 512);
	struct pve_gpt_part p[BOOT_LAYOUT_PARTS];
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), 0);
	assert_part(p[0], 1, 34, 2047, PVE_GPT_BIOS_BOOT);
	assert_part(p[1], 2, 2048, 2048 + 1048576 - 1, PVE_GPT_ESP);
	assert_part(p[2], 3, 1050624, 32 * GIB / 512 - 34, PVE_GPT_ZFS);
}

static void sectors_of_4096_bytes(void **state)
{
	const struct boot_layout want = {.esp_size = BOOT_ESP_SIZE, .hdsize = 8 * GIB};
	struct pve_gpt d = disk(32 * GIB, 4096);
	struct pve_gpt_part p[BOOT_LAYOUT_PARTS];
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), 0);
	assert_part(p[0], 1, 6, 255, PVE_GPT_BIOS_BOOT);
	assert_part(p[1], 2, 256, 256 + 131072 - 1, PVE_GPT_ESP);
	assert_part(p[2], 3, 256 + 131072, 8 * GIB / 4096 - 1, PVE_GPT_ZFS);
}

static void what_does_not_fit(void **state)
{
	struct boot_layout want = {.esp_size = BOOT_ESP_SIZE};
	struct pve_gpt d = disk(513 * MIB, 512);
	struct pve_gpt_part p[BOOT_LAYOUT_PARTS];
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), -1);
	assert_int_equal(e.code, PVE_USAGE);
	assert_non_null(strstr(e.msg, "behind an ESP of 512M: 513M in all"));
	d = disk(GIB, 512);
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), 0);
	want.hdsize = 513 * MIB;
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), -1);
	want.hdsize = 2 * GIB;
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), -1);
	assert_string_equal(e.msg, "--hdsize 2.0G: the disk has only 1.0G");
	want = (struct boot_layout){.esp_size = UINT64_MAX / MIB * MIB};
	assert_int_equal(boot_layout_plan(&d, &want, p, &e), -1);
}

static void like_another_disk(void **state)
{
	const struct boot_layout want = {.esp_size = BOOT_ESP_SIZE};
	struct pve_gpt healthy = disk(4 * GIB, 512), larger = disk(5 * GIB, 512);
	struct pve_gpt smaller = disk(3 * GIB, 512), other = disk(5 * GIB, 4096);
	struct pve_gpt_part p[BOOT_LAYOUT_PARTS], *like = NULL;
	struct pve_err e = {0};
	size_t n = 0;

	(void)state;
	boot_layout_plan(&healthy, &want, p, &e);
	strcpy(p[1].guid, "01234567-89ab-cdef-0123-456789abcdef");
	assert_int_equal(boot_layout_like(&larger, &healthy, &like, &n, &e), -1);
	healthy.label = PVE_GPT_GPT;
	healthy.part = p;
	healthy.n = 3;
	assert_int_equal(boot_layout_like(&larger, &healthy, &like, &n, &e), 0);
	assert_int_equal(n, 3);
	assert_part(like[1], 2, 2048, 1050623, PVE_GPT_ESP);
	assert_string_equal(like[1].guid, "");
	assert_part(like[2], 3, 1050624, 5 * GIB / 512 - 34, PVE_GPT_ZFS);
	free(like);
	/* The last one takes what there is, so a disk that is a little smaller will do. */
	assert_int_equal(boot_layout_like(&smaller, &healthy, &like, &n, &e), 0);
	assert_int_equal(like[2].last, 3 * GIB / 512 - 34);
	free(like);
	assert_int_equal(boot_layout_like(&other, &healthy, &like, &n, &e), -1);
	assert_non_null(strstr(e.msg, "sectors of 4096 bytes, and of 512"));
	/* One that did not reach the end has the size that somebody chose. */
	p[2].last = 7 * GIB / 2 / 512;
	assert_int_equal(boot_layout_like(&larger, &healthy, &like, &n, &e), 0);
	assert_int_equal(like[2].last, 7 * GIB / 2 / 512);
	free(like);
	assert_int_equal(boot_layout_like(&smaller, &healthy, &like, &n, &e), -1);
	assert_non_null(strstr(e.msg, "too small: partition 3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_installer_does),
		cmocka_unit_test(sectors_of_4096_bytes),
		cmocka_unit_test(what_does_not_fit),
		cmocka_unit_test(like_another_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
