/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_BLK_H
#define PVEIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"

/*
 * Block devices, over libudev and libblkid.  Nothing is ever written to a device.
 */

/* One whole disk, partition or stacked device, as sysfs and the udev database tell it.
 * Strings are "" when not told. */
struct pve_blk_dev {
	const char *name;      /* kernel name: "sda1", "nvme0n1", "dm-0" */
	const char *node;      /* "/dev/sda1" */
	dev_t devno;
	bool partition;
	unsigned partno;       /* from 1; 0 for what is no partition */
	const char *parent;    /* name of the whole disk of a partition */
	uint64_t size;         /* bytes */
	unsigned logical_sector, physical_sector; /* bytes; of the whole disk */
	bool rotational, removable, read_only;
	const char *bus;       /* ID_BUS: "ata", "scsi", "nvme", "usb", ... */
	const char *model, *serial, *wwn;
	const char *fstype, *uuid, *label;       /* ID_FS_*, as last probed by udev */
	const char *part_type, *part_uuid;       /* ID_PART_ENTRY_* */
	const char *const *link;                 /* nlinks names below /dev/disk */
	size_t nlinks;
	const char *const *holder;               /* nholders kernel names built upon it */
	size_t nholders;
};

struct pve_blk_list {
	struct pve_blk_dev *dev; /* by kernel name, numbers in numeric order */
	size_t n;
	struct pve_arena mem;
};

/* All block devices but empty loop, ram and floppy devices.  Needs no privilege and opens
 * no device.  Without a udev database (no udevd has run) what it would tell is "". */
int pve_blk_list_read(struct pve_blk_list *list, struct pve_err *e);
void pve_blk_list_free(struct pve_blk_list *list);
/* By kernel name or node; NULL when there is none. */
const struct pve_blk_dev *pve_blk_find(const struct pve_blk_list *list, const char *name);

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
