/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of block devices. */
#include "pveio/blk.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "pveio/blk_impl.h"

/* The kernel names a partition after its disk, with a "p" between when that ends in a digit, and
 * its number (block/partitions/core.c); 0 for another name, which begins with the disk's too. */
static unsigned partition_number(const char *disk, const char *name)
{
	size_t n = strlen(disk);
	uint64_t partno;

	name += n;
	if (n && disk[n - 1] >= '0' && disk[n - 1] <= '9' && *name++ != 'p')
		return 0;
	return pve_num_span(pve_span(name), UINT_MAX, &partno) == 0 ? (unsigned)partno : 0;
}

static void add_partitions(struct pve_blk_reader *r, size_t disk, int base)
{
	PVE_FREE char *name = pve_strdup(r->list->dev[disk].name);
	PVE_STRV names = {0};

	pve_blk_names(base, name, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct pve_blk_dirs d = {-1, -1, -1};
		unsigned partno = partition_number(name, names.v[i]);

		if (partno)
			d.base = openat(base, names.v[i],
					O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (d.base >= 0)
			pve_blk_add_partition(r, disk, names.v[i], partno, &d);
		pve_cleanup_close(&d.base);
	}
}

static void add_one(struct pve_blk_reader *r, const char *name)
{
	PVE_FREE char *path = pve_asprintf("/sys/block/%s", name);
	struct pve_blk_dirs d = {-1, -1, -1};
	size_t at = r->list->n;

	d.base = pve_fs_open(r->sys, path, O_RDONLY | O_DIRECTORY, 0, NULL);
	/* One that vanished since its name was read is no device any more. */
	if (d.base < 0)
		return;
	if (!pve_blk_is_nothing(name, d.base)) {
		d.queue = pve_blk_open_dir(r->sys, path, "queue");
		d.device = pve_blk_open_dir(r->sys, path, "device");
		pve_blk_add_disk(r, name, path, &d);
		add_partitions(r, at, d.base);
	}
	pve_cleanup_close(&d.base);
	pve_cleanup_close(&d.queue);
	pve_cleanup_close(&d.device);
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct pve_blk_dev *)a)->name,
			  ((const struct pve_blk_dev *)b)->name);
}

/* Does the kernel's ses driver know an enclosure? */
static bool has_bays(struct pve_sys *sys)
{
	PVE_STRV names = {0};

	return pve_fs_list(sys, "/sys/class/enclosure", &names, NULL) == 0 && names.n;
}

int pve_blk_list_read(struct pve_blk_list *list, struct pve_sys *sys, struct pve_err *e)
{
	struct pve_blk_reader r = {.sys = sys, .list = list};
	PVE_STRV names = {0};

	if (pve_fs_list(sys, "/sys/block", &names, e) < 0) {
		if (e)
			e->code = PVE_NOTHERE;
		return -1;
	}
	*list = (struct pve_blk_list){0};
	r.block = pve_blk_open_dir(sys, "/sys", "block");
	r.bays = has_bays(sys);
	r.records = pve_blk_open_dir(sys, "/run/udev", "data");
	for (size_t i = 0; i < names.n; i++)
		add_one(&r, names.v[i]);
	pve_blk_udev_close(r.udev);
	pve_cleanup_close(&r.block);
	pve_cleanup_close(&r.records);
	if (list->n)
		qsort(list->dev, list->n, sizeof(*list->dev), by_name);
	pve_blk_list_index(list);
	return 0;
}

/* --- waiting ----------------------------------------------------------------------- */

bool pve_blk_udev_runs(struct pve_sys *sys)
{
	return !sys->rooted && pve_fs_exists(sys, "/run/udev/control");
}

int pve_blk_udev_check(struct pve_sys *sys, struct pve_err *e)
{
	void *udev = pve_blk_udev_runs(sys) ? pve_blk_udev_open(e) : NULL;

	if (!udev)
		return pve_blk_udev_runs(sys) ? -1 : 0;
	pve_blk_udev_close(udev);
	return 0;
}

/* A record, or no udev that could make one. */
static bool settled(struct pve_sys *sys, dev_t devno, void *udev)
{
	struct pve_arena mem = {0};
	struct pve_udev_record rec = {.mem = &mem};
	bool known;

	if (!pve_blk_udev_runs(sys))
		return true;
	known = pve_blk_udev_read(udev, devno, &rec);
	pve_udev_record_done(&rec);
	pve_arena_done(&mem);
	return known;
}

int pve_blk_wait(struct pve_sys *sys, const char *node, unsigned seconds, struct pve_err *e)
{
	int64_t end = sys->now(sys, CLOCK_MONOTONIC) + (int64_t)seconds * 1000000000;
	void *udev = sys->rooted ? NULL : pve_blk_udev_open(e);
	struct stat st;
	bool there;

	if (!udev && pve_blk_udev_runs(sys))
		return -1;
	for (;;) {
		there = pve_fs_stat(sys, node, &st, NULL) == 0;
		if (there && (!S_ISBLK(st.st_mode) || settled(sys, st.st_rdev, udev)))
			break;
		if (sys->now(sys, CLOCK_MONOTONIC) >= end) {
			pve_blk_udev_close(udev);
			return pve_err_set(
				e, PVE_AGAIN, "%s has not %s within %u s (udevadm info %s)", node,
				there ? "been dealt with by udev" : "appeared", seconds, node);
		}
		usleep(20000);
	}
	pve_blk_udev_close(udev);
	return 0;
}
