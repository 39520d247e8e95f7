/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The health log of NVMe is taken apart, whatever is in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pveio/nvme.h"

static void fields(void **state)
{
	unsigned char log[PVE_NVME_HEALTH_LEN] = {[0] = 5, [1] = 0x3b, [2] = 0x01, [3] = 90,
						  [4] = 10, [5] = 107, [32] = 1, [33] = 1,
						  [48] = 2, [112] = 7, [128] = 0x10, [129] = 0x27,
						  [144] = 3, [160] = 4, [176] = 9, [192] = 11,
						  [196] = 12};
	struct pve_smart s;

	(void)state;
	pve_smart_init(&s);
	pve_nvme_health_parse(&s, log);
	assert_int_equal(s.state, PVE_SMART_READ);
	assert_int_equal(s.passed, 0);
	assert_int_equal(s.nvme.critical, 5);
	assert_int_equal(s.temperature, 0x13b - 273);
	assert_int_equal(s.nvme.spare, 90);
	assert_int_equal(s.nvme.spare_threshold, 10);
	assert_int_equal(s.nvme.used, 107);
	assert_int_equal(s.nvme.read, 257);
	assert_int_equal(s.nvme.written, 2);
	assert_int_equal(s.cycles, 7);
	assert_int_equal(s.hours, 10000);
	assert_int_equal(s.nvme.unsafe_shutdowns, 3);
	assert_int_equal(s.nvme.media_errors, 4);
	assert_int_equal(s.error_count, 9);
	assert_int_equal(s.nvme.warning_minutes, 11);
	assert_int_equal(s.nvme.critical_minutes, 12);
	pve_smart_done(&s);
}

/* Counters have 128 bits; a temperature of zero is none. */
static void extremes(void **state)
{
	unsigned char log[PVE_NVME_HEALTH_LEN];
	struct pve_smart s;

	(void)state;
	for (size_t i = 0; i < sizeof(log); i++)
		log[i] = 0xff;
	pve_smart_init(&s);
	pve_nvme_health_parse(&s, log);
	assert_true(s.nvme.media_errors == INT64_MAX);
	assert_true(s.hours == INT64_MAX);
	assert_int_equal(s.temperature, PVE_SMART_NO_TEMPERATURE);
	pve_smart_done(&s);
	for (size_t i = 0; i < sizeof(log); i++)
		log[i] = 0;
	pve_smart_init(&s);
	pve_nvme_health_parse(&s, log);
	assert_int_equal(s.passed, 1);
	assert_int_equal(s.temperature, PVE_SMART_NO_TEMPERATURE);
	pve_smart_done(&s);
}

static void no_such_device(void **state)
{
	unsigned char log[PVE_NVME_HEALTH_LEN];
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_nvme_health_read(log, "/dev/null", &e), -1);
	assert_int_not_equal(e.code, 0);
	assert_int_equal(pve_nvme_health_read(log, "/dev/nonexistent", &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(extremes),
		cmocka_unit_test(no_such_device),
	};

	return cmocka_run_group_tests_name("nvme", tests, NULL, NULL);
}
