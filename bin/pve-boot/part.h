/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_PART_H
#define PVE_BOOT_PART_H

#include "esp.h"
#include "pvecommon/disk.h"
#include "pveio/blk.h"
#include "pveio/gpt.h"

/*
 * The operand PART or DISK: a partition or a whole disk, an image file of one, or a directory that
 * stands for a mounted ESP.  What is known of it, and whether a command may touch it.
 */
struct boot_part {
	enum esp_kind kind;
	char *name;                 /* as it was given */
	char *device;               /* what that leads to, below the root */
	uint64_t size;              /* bytes; 0 of a directory */
	bool busy;                  /* the kernel gives it to nobody else: a pool, swap, ... */
	struct pve_disk_facts facts;
	const struct pve_blk_dev *dev;  /* in facts; NULL: none of the host's block devices */
	const struct pve_blk_dev *disk; /* its whole disk, or dev itself; NULL likewise */
	enum pve_gpt_label label;   /* table of the whole disk; PVE_GPT_NONE when not known */
	struct pve_err label_err;   /* why it is not; code 0: nobody asked, or it is */
	char type[PVE_GPT_GUID];    /* of the partition; "" when not known */
	struct pve_blk_probe probe; /* what is on it */
	bool fat32;                 /* its file system is vfat of 32 bits */
};

/* Reads all that.  *p must be { 0 }, and ends with boot_part_done also on failure: PVE_NOTHERE
 * when there is nothing of that name, PVE_USAGE when it is something else. */
int boot_part_read(struct boot_part *p, struct pve_sys *sys, const char *name, struct pve_err *e);
void boot_part_done(struct boot_part *p);

/* Each says why not, and what to do, as PVE_FAILED.  All pure.
 *
 * May it be an ESP?  A partition of a GPT, large enough, that nothing lies upon and that is not
 * mounted.  A directory may. */
int boot_part_check(const struct boot_part *p, struct pve_err *e);
/* May it be formatted, too?  force: although there is a file system. */
int boot_part_check_format(const struct boot_part *p, bool force, struct pve_err *e);
/* Has it a file system for an ESP, with a serial number? */
int boot_part_check_vfat(const struct boot_part *p, struct pve_err *e);
/* May it get a new partition table?  A whole disk, on which there is nothing. */
int boot_disk_check(const struct boot_part *p, struct pve_err *e);

#endif
