/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block devices: the list agrees with sysfs; images are recognised by what is in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>

#include "pveio/blk.h"
#include "scratch.h"

static void list_agrees_with_sysfs(void **state)
{
	struct pve_blk_list list;
	struct pve_err e = {0};
	struct pve_sys sys;
	struct dirent *entry;
	DIR *dir = opendir("/sys/class/block");

	(void)state;
	if (!dir) {
		print_message("# skip list_agrees_with_sysfs: no /sys/class/block here\n");
		skip();
	}
	assert_int_equal(pve_sys_init(&sys, NULL, &e), 0);
	assert_int_equal(pve_blk_list_read(&list, &sys, &e), 0);
	while ((entry = readdir(dir))) {
		const struct pve_blk_dev *dev = pve_blk_find(&list, entry->d_name);
		PVE_FREE char *path = pve_asprintf("/sys/class/block/%s/size", entry->d_name);
		PVE_FCLOSE FILE *f = fopen(path, "r");
		unsigned long long sectors;

		if (!f || fscanf(f, "%llu", &sectors) != 1)
			continue;
		if (!dev) {
			assert_true(strncmp(entry->d_name, "ram", 3) == 0 ||
				    strncmp(entry->d_name, "loop", 4) == 0 ||
				    strncmp(entry->d_name, "fd", 2) == 0);
			continue;
		}
		assert_int_equal(dev->size, sectors * 512);
		assert_true(dev->logical_sector >= 512 || dev->size == 0);
	}
	closedir(dir);
	for (size_t i = 1; i < list.n; i++)
		assert_true(strverscmp(list.dev[i - 1].name, list.dev[i].name) < 0);
	pve_blk_list_free(&list);
	pve_sys_done(&sys);
}

static void probe_bytes(const char *magic, size_t at, size_t n, struct pve_blk_probe *p)
{
	char name[] = "/tmp/pve-blk-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(ftruncate(fd, 8 << 20), 0);
	assert_int_equal(pwrite(fd, magic, n, (off_t)at), n);
	assert_int_equal(pve_blk_probe_read(fd, p, NULL), 0);
	close(fd);
}

static void images_are_recognised(void **state)
{
	struct pve_blk_probe p;

	(void)state;
	probe_bytes("", 0, 0, &p);
	assert_string_equal(p.type, "");
	assert_false(p.ambiguous);
	/* Swap space of version 1: its magic stands at the end of the first page. */
	probe_bytes("SWAPSPACE2", 4096 - 10, 10, &p);
	assert_string_equal(p.type, "");
	/* A LUKS 1 header (cryptsetup on-disk format): magic, version, and a UUID at 168. */
	{
		char header[592] = "LUKS\xba\xbe\x00\x01";

		memcpy(header + 168, "2bfec9e6-9d0e-4a4b-8a1a-0123456789ab", 36);
		probe_bytes(header, 0, sizeof(header), &p);
		assert_string_equal(p.type, "crypto_LUKS");
		assert_string_equal(p.usage, "crypto");
		assert_string_equal(p.uuid, "2bfec9e6-9d0e-4a4b-8a1a-0123456789ab");
	}
}

static void an_unreadable_device_is_an_error(void **state)
{
	struct pve_blk_probe p;
	struct pve_err e = {0};
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(pve_blk_probe_read(fd, &p, &e), -1);
	assert_int_not_equal(e.code, 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_agrees_with_sysfs),
		cmocka_unit_test(images_are_recognised),
		cmocka_unit_test(an_unreadable_device_is_an_error),
	};

	return cmocka_run_group_tests_name("blk", tests, NULL, NULL);
}
