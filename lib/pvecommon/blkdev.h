/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_BLKDEV_H
#define PVECOMMON_BLKDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pvecommon/map.h"
#include "pvecommon/mem.h"

/*
 * Block devices as facts.  Who reads them is pveio/blk.h; who draws conclusions is disk.h.
 */

/* One whole disk, partition or stacked device, as sysfs and the udev database tell it.
 * Strings are "" when not told. */
struct pve_blk_dev {
	const char *name;      /* kernel name: "sda1", "nvme0n1", "dm-0", "cciss!c0d0" */
	const char *node;      /* "/dev/sda1", "/dev/cciss/c0d0" */
	dev_t devno;
	bool partition;
	unsigned partno;       /* from 1; 0 for what is no partition */
	const char *parent;    /* name of the whole disk of a partition */
	const char *sys_path;  /* of the whole disk: "/devices/pci0000:00/.../block/sda" */
	uint64_t size;         /* bytes */
	unsigned logical_sector, physical_sector; /* bytes; of the whole disk */
	bool rotational, removable, read_only;
	bool hidden;           /* a path of a multipath NVMe device: no node of its own */
	bool cdrom;            /* ID_CDROM */
	bool known;            /* udev has a record of it */
	const char *bus;       /* ID_BUS: "ata", "scsi", "nvme", "usb", ... */
	const char *vendor, *model, *serial, *wwn, *firmware;
	int rpm;               /* revolutions a minute; 0: solid state; -1: not told */
	const char *fstype, *uuid, *label;       /* ID_FS_*, as last probed by udev */
	const char *uuid_sub;  /* ID_FS_UUID_SUB: of ZFS the guid of the vdev, in decimal */
	const char *table;     /* ID_PART_TABLE_TYPE: "gpt", "dos" */
	const char *part_type, *part_uuid;       /* ID_PART_ENTRY_* */
	const char *dm_name, *dm_uuid;           /* of device mapper: "pve-root", "LVM-..." */
	const char *md_level;  /* of software RAID: "raid1" */
	const char *slot;      /* name of its bay in an enclosure: "Slot 03" */
	const char *enclosure; /* sysfs directory of that bay, for its LED */
	const char *const *link;                 /* nlinks names below /dev */
	size_t nlinks;
	const char *const *holder;               /* nholders kernel names built upon it */
	size_t nholders;
};

struct pve_blk_list {
	struct pve_blk_dev *dev; /* by kernel name, numbers in numeric order */
	size_t n;
	struct pve_map index;    /* of pve_blk_find: name, node, link -> struct pve_blk_dev */
	struct pve_arena mem;
};

/* Makes the index, once all devices are there and in their order. */
void pve_blk_list_index(struct pve_blk_list *list);

/* By kernel name, or by node or one of its links with /dev; NULL when there is none. */
const struct pve_blk_dev *pve_blk_find(const struct pve_blk_list *list, const char *name);
void pve_blk_list_free(struct pve_blk_list *list);

#endif
