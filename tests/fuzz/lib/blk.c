/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes of sysfs and records of udev, whatever they hold: the input, at its zero bytes cut
 * into the files of a tree. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pveio/blk.h"
#include "pvecommon/disk.h"

#include "edits.h"

static const char *const dirs[] = {"sys",
				   "sys/block",
				   "sys/block/sda",
				   "sys/block/sda/queue",
				   "sys/block/sda/device",
				   "sys/block/sda/sda1",
				   "sys/block/dm-0",
				   "sys/block/dm-0/dm",
				   "run",
				   "run/udev",
				   "run/udev/data"};

/* The records first, as the corpus has them in front. */
static const char *const files[] = {
	"run/udev/data/b8:0", "run/udev/data/b8:1", "sys/block/sda/dev", "sys/block/sda/size",
	"sys/block/sda/sda1/dev", "sys/block/sda/sda1/size", "sys/block/sda/ro",
	"sys/block/sda/removable", "sys/block/sda/hidden", "sys/block/sda/serial",
	"sys/block/sda/wwid", "sys/block/sda/queue/logical_block_size",
	"sys/block/sda/queue/physical_block_size", "sys/block/sda/queue/rotational",
	"sys/block/sda/device/model", "sys/block/sda/device/vendor", "sys/block/sda/device/rev",
	"sys/block/sda/device/vpd_pgb1", "sys/block/dm-0/dev", "sys/block/dm-0/size",
	"sys/block/dm-0/dm/name", "sys/block/dm-0/dm/uuid",
	/* The last one may have zero bytes in it. */
	"sys/block/sda/device/vpd_pg80"};
#define NFILES (sizeof(files) / sizeof(*files))

static char root[64];

/* The tree is kept from run to run and goes with the process. */
static void remove_tree(void)
{
	char path[128];

	for (size_t i = 0; i < NFILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", root, files[i]);
		unlink(path);
	}
	for (size_t i = sizeof(dirs) / sizeof(*dirs); i > 0; i--) {
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i - 1]);
		rmdir(path);
	}
	rmdir(root);
}

static void make_tree(struct pve_sys *sys)
{
	snprintf(root, sizeof(root), "%s/pve-fuzz-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert(mkdtemp(root));
	assert(pve_sys_init(sys, root, NULL) == 0);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		assert(mkdirat(sys->root_fd, dirs[i], 0755) == 0);
	atexit(remove_tree);
}

static void put(int at, const char *name, const uint8_t *data, size_t size)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pve_sys sys;
	struct pve_disk_facts f = {0};
	struct pve_disks disks;

	if (!*root)
		make_tree(&sys);
	for (size_t i = 0; i < NFILES; i++) {
		const uint8_t *zero = size && i + 1 < NFILES ? memchr(data, 0, size) : NULL;
		size_t n = zero ? (size_t)(zero - data) : size;

		put(sys.root_fd, files[i], data, n);
		data += n + (zero != NULL);
		size -= n + (zero != NULL);
	}
	assert(pve_blk_list_read(&f.blk, &sys, NULL) == 0);
	assert(f.blk.n == 3 && pve_blk_find(&f.blk, "sda1")->partno == 1);
	pve_disk_facts_index(&f);
	pve_disks_find(&disks, &f);
	/* A disk of no size is none. */
	assert(disks.n <= 1);
	pve_disks_done(&disks);
	pve_disk_facts_done(&f);
	return 0;
}
