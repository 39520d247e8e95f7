/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_BLK_IMPL_H
#define PVEIO_BLK_IMPL_H

#include <dirent.h>
#include <sys/types.h>

#include "pvecommon/strv.h"
#include "pvecommon/udevdb.h"
#include "pveio/blk.h"

/* Between the files blk*.c only. */

/* What is needed while the list is read. */
struct pve_blk_reader {
	struct pve_sys *sys;
	struct pve_blk_list *list;
	size_t cap;
	int block;   /* the directory /sys/block, for its links */
	bool bays;   /* there is an enclosure whose bays the kernel knows */
	int records; /* the directory /run/udev/data, or -1 */
	void *udev;  /* once it was needed */
};

/* Directories of one disk in sysfs; -1 where there is none. */
struct pve_blk_dirs {
	int base, queue, device;
};

/* blk_dev.c: a disk or a partition at the end of the list.  path: the directory of the disk in
 * sysfs; disk: the index of the whole. */
void pve_blk_add_disk(struct pve_blk_reader *r, const char *name, const char *path,
		      const struct pve_blk_dirs *d);
void pve_blk_add_partition(struct pve_blk_reader *r, size_t disk, const char *name, unsigned partno,
			   const struct pve_blk_dirs *d);
/* Is it a RAM disk, a floppy, or a loop device without a file? */
bool pve_blk_is_nothing(const char *name, int base);
/* The names in a directory that begin so, as the kernel has them in store. */
void pve_blk_names(int dir, const char *prefix, struct pve_strv *names);
/* The directory sub of base; -1 when there is none. */
int pve_blk_open_dir(struct pve_sys *sys, const char *base, const char *sub);

/* blk_udev.c: the record that libudev has of a block device, by its number.  false when there is
 * none.  handle is a struct udev of libudev; NULL, of which nothing is known, with PVE_NOTHERE when
 * that library is not there. */
void *pve_blk_udev_open(struct pve_err *e);
bool pve_blk_udev_read(void *handle, dev_t devno, struct pve_udev_record *r);
void pve_blk_udev_close(void *handle);

#endif
