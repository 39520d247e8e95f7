/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_BLK_H
#define PVEIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pvecommon/blkdev.h"
#include "pvecommon/err.h"
#include "pvecommon/sys.h"

/*
 * Block devices, over libudev and libblkid.  Nothing is ever written to a device.
 */

/* All block devices but empty loop, ram and floppy devices, in the order of their kernel
 * names.  Needs no privilege and opens no device.
 *
 * They come from sys/block/DISK[/PARTITION] and run/udev/data/bMAJOR:MINOR, with --root as
 * scripts/capture-host leaves them; on the host itself from libudev, when the format of that
 * file is not the one that pvecommon/udevdb.h reads.  What udev would tell is "" where it has
 * no record.
 * Fails with PVE_NOTHERE when there is no /sys/block. */
int pve_blk_list_read(struct pve_blk_list *list, struct pve_sys *sys, struct pve_err *e);

/* Does udev run, which makes the links below /dev/disk?  Below a root nobody makes any. */
bool pve_blk_udev_runs(struct pve_sys *sys);
/* Fails with PVE_NOTHERE when it runs, but libudev cannot be loaded to wait for it. */
int pve_blk_udev_check(struct pve_sys *sys, struct pve_err *e);
/* Waits until a node or link below /dev is there, and udev, where it runs, has dealt with that
 * device; up to seconds, then PVE_AGAIN.  PVE_NOTHERE when udev runs, but libudev cannot be loaded. */
int pve_blk_wait(struct pve_sys *sys, const char *node, unsigned seconds, struct pve_err *e);

/* What the first and last sectors of a device or image say it is. */
struct pve_blk_probe {
	char type[32];    /* "vfat", "ext4", "LVM2_member", "zfs_member"; "" when nothing known */
	char usage[16];   /* "filesystem", "raid", "crypto", "other"; "" likewise */
	char uuid[64], label[256];
	char table[16];   /* partition table: "gpt", "dos"; "" */
	char table_uuid[64];
	bool ambiguous;   /* several contradictory signatures: type is "" then */
};

/* Reads the device or image behind fd, which must be readable; its offset may move.  Fails
 * with PVE_FAILED when it cannot be read. */
int pve_blk_probe_read(int fd, struct pve_blk_probe *probe, struct pve_err *e);

#endif
