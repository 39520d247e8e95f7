/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_GPT_H
#define PVEIO_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/err.h"

/*
 * GUID partition tables (UEFI specification, chapter 5) of disks and of images, over libfdisk.
 *
 * Every function takes a descriptor of the whole disk or image and a name of it for messages.
 * The descriptor stays the caller's and must be readable, and writable for what writes.  What
 * writes syncs the device, and is harmless to repeat.
 */
#define PVE_GPT_GUID 37 /* text of a GUID in lower case, with its NUL */

#define PVE_GPT_BIOS_BOOT "21686148-6449-6e6f-744e-656564454649" /* sgdisk's ef02 */
#define PVE_GPT_ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"       /* ef00 */
#define PVE_GPT_ZFS "6a898cc3-1dd2-11b2-99a6-080020736631"       /* bf01 */

struct pve_gpt_part {
	unsigned no;              /* from 1 */
	uint64_t first, last;     /* logical sectors, both inclusive */
	char type[PVE_GPT_GUID];
	char guid[PVE_GPT_GUID];  /* of this partition; "" in a wish: a new one */
	char name[72 * 3 + 1];    /* UTF-8 of up to 36 UTF-16 units; may be "" */
};

enum pve_gpt_label {
	PVE_GPT_NONE,  /* no partition table at all */
	PVE_GPT_GPT,
	PVE_GPT_MBR,   /* only an MBR; its partitions are not read */
	PVE_GPT_OTHER, /* another kind that libfdisk knows: BSD, SGI, Sun */
};

struct pve_gpt {
	enum pve_gpt_label label;
	unsigned sector;               /* bytes of a logical sector */
	uint64_t sectors;              /* of the whole disk */
	uint64_t first, last;          /* usable ones, inclusive; of a table without a GPT: those
				        * that a new one would have */
	char guid[PVE_GPT_GUID];       /* of the disk; "" without a GPT */
	struct pve_gpt_part *part;     /* n of them by number; owned */
	size_t n;
};

/* Reads the table.  What is on the disk may be anything: damage that libfdisk can mend in
 * memory (one bad copy of the two) is not an error.  Fails with the errno of a failed read. */
int pve_gpt_read(int fd, const char *name, struct pve_gpt *gpt, struct pve_err *e);
void pve_gpt_done(struct pve_gpt *gpt);
/* By number; NULL when there is none. */
const struct pve_gpt_part *pve_gpt_find(const struct pve_gpt *gpt, unsigned no);

/* Puts a new table with these partitions on the disk, in place of whatever table was there, and
 * wipes the signatures of file systems, RAID members and the like at the beginning and the end of
 * the disk and of each partition.  The GUID of the disk and those of the partitions are new,
 * unless given.  Fails with PVE_DATA when partitions overlap or lie outside. */
int pve_gpt_create(int fd, const char *name, const struct pve_gpt_part *part, size_t n,
		   struct pve_err *e);
/* Gives a partition another type.  Nothing else changes; the kernel need not read the table
 * again.  PVE_NOTHERE when there is no such partition. */
int pve_gpt_set_type(int fd, const char *name, unsigned no, const char *type, struct pve_err *e);
/* Gives the disk and every partition a new GUID, after its table was copied from another disk. */
int pve_gpt_renew(int fd, const char *name, struct pve_err *e);
/* Makes the kernel read the table of a block device again (BLKRRPART); PVE_AGAIN while a partition
 * is in use.  Nothing to do for an image. */
int pve_gpt_reread(int fd, const char *name, struct pve_err *e);

#endif
