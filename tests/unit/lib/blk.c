/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block devices: the list agrees with sysfs; images are recognised by what is in them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "pveio/blk.h"
#include "pvecommon/udevdb.h"
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

/* Another version of udev's format is left to libudev. */
static void record_has_a_version(void **state)
{
	static const struct {
		const char *text;
		unsigned version;
	} cases[] = {{"I:1\nE:ID_BUS=ata\nV:1\n", PVE_UDEV_VERSION},
		     {"V:2\nE:ID_BUS=ata\n", 2},
		     {"E:ID_BUS=ata\n", 0},
		     {"V:x\nE:ID_BUS=ata\n", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_arena mem = {0};
		struct pve_udev_record r = {.mem = &mem};

		pve_udev_record_parse(&r, pve_span(cases[i].text));
		assert_int_equal(r.version, cases[i].version);
		assert_string_equal(pve_udev_get(&r, "ID_BUS"), "ata");
		pve_udev_record_done(&r);
		pve_arena_done(&mem);
	}
}

/* In the directory of a disk only what is named after it and a number is a partition. */
static void partitions_have_the_disks_name(void **state)
{
	static const char *const dirs[] = {"sys",
					   "sys/block",
					   "sys/block/sda",
					   "sys/block/sda/sda1",
					   "sys/block/sda/sda15",
					   "sys/block/sda/sdab",
					   "sys/block/sda/sda1x",
					   "sys/block/sda/sda",
					   "sys/block/nvme0n1",
					   "sys/block/nvme0n1/nvme0n1p2",
					   "sys/block/nvme0n1/nvme0n12",
					   "sys/block/nvme0n1/nvme0n1p",
					   "sys/block/mmcblk0",
					   "sys/block/mmcblk0/mmcblk0boot0",
					   "sys/block/mmcblk0/mmcblk0p1"};
	static const char *const names[] = {"mmcblk0", "mmcblk0p1", "nvme0n1", "nvme0n1p2",
					    "sda",     "sda1",      "sda15"};
	static const unsigned numbers[] = {0, 1, 0, 2, 0, 1, 15};
	struct pve_blk_list list;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		assert_int_equal(mkdirat(s.sys.root_fd, dirs[i], 0755), 0);
	assert_int_equal(pve_blk_list_read(&list, &s.sys, NULL), 0);
	assert_int_equal(list.n, sizeof(names) / sizeof(*names));
	for (size_t i = 0; i < list.n; i++) {
		assert_string_equal(list.dev[i].name, names[i]);
		assert_int_equal(list.dev[i].partno, numbers[i]);
		assert_int_equal(list.dev[i].partition, numbers[i] > 0);
	}
	pve_blk_list_free(&list);
	scratch_done(&s);
}

/* Time that passes by itself: a second with each look at the clock. */
static int64_t hurried(struct pve_sys *sys, clockid_t clock)
{
	int64_t *seconds = sys->test;

	(void)clock;
	return (*seconds)++ * 1000000000;
}

static void a_node_that_does_not_come_is_given_up(void **state)
{
	struct pve_err e = {0};
	int64_t seconds = 0;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	s.sys.now = hurried;
	s.sys.test = &seconds;
	assert_int_equal(pve_blk_wait(&s.sys, "/sda2", 20, &e), -1);
	assert_int_equal(e.code, PVE_AGAIN);
	assert_string_equal(e.msg, "/sda2 has not appeared within 20 s (udevadm info /sda2)");
	assert_in_range(seconds, 20, 25);
	scratch_put(&s, "/sda2", "", 0644);
	assert_int_equal(pve_blk_wait(&s.sys, "/sda2", 20, &e), 0);
	scratch_done(&s);
}

/* A rescue shell or a container: nobody makes links or records, so none is waited for.  Where udev
 * runs: tests/vm/boot-read.sh. */
static void without_udev_a_node_is_enough(void **state)
{
	struct pve_err e = {0};
	int64_t seconds = 0;
	struct scratch s;
	PVE_FREE char *node = NULL;

	(void)state;
	scratch_new(&s);
	node = pve_asprintf("%s/sdz1", s.dir);
	s.sys.rooted = false;
	s.sys.now = hurried;
	s.sys.test = &seconds;
	if (pve_blk_udev_runs(&s.sys) || mknod(node, S_IFBLK | 0600, makedev(8, 250)) < 0) {
		print_message("# skip without_udev_a_node_is_enough: udev runs, or no node can be made\n");
		scratch_done(&s);
		skip();
	}
	assert_int_equal(pve_blk_udev_check(&s.sys, &e), 0);
	assert_int_equal(pve_blk_wait(&s.sys, node, 20, &e), 0);
	assert_in_range(seconds, 0, 2);
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_agrees_with_sysfs),
		cmocka_unit_test(record_has_a_version),
		cmocka_unit_test(partitions_have_the_disks_name),
		cmocka_unit_test(images_are_recognised),
		cmocka_unit_test(an_unreadable_device_is_an_error),
		cmocka_unit_test(a_node_that_does_not_come_is_given_up),
		cmocka_unit_test(without_udev_a_node_is_enough),
	};

	return cmocka_run_group_tests_name("blk", tests, NULL, NULL);
}
