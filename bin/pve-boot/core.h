/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_CORE_H
#define PVE_BOOT_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * GRUB where the firmware is a BIOS.  The boot sector of the disk has the number of the sector at
 * which the core image begins, in the BIOS boot partition; the first sector of that has where the
 * rest of it is (GRUB's include/grub/i386/pc/boot.h, and boot.S and diskboot.S that go by it).
 *
 * grub-bios-setup always writes the core image to the start of the partition, over the one that is
 * in use.  But that partition is many times as large.  So here it is halved: the new image goes to
 * the half that is not in use, and then one sector, the boot sector, switches over.
 */
#define BOOT_SECTOR 512

/* A run of sectors of 512 bytes on the disk. */
struct boot_sectors {
	uint64_t first, n;
};

/* Where a core image of some bytes has to go.  part: the BIOS boot partition; sector: the boot
 * sector as it is; used: what the boot sector leads to, as by boot_core_sectors, n 0 when that is
 * no core image.  false: there is no half for it that is not in use. */
bool boot_core_slot(const struct boot_sectors *part, const struct boot_sectors *used,
		    uint64_t bytes, uint64_t *slot);
/* The sector that a boot sector of GRUB leads to; 0: it is none of GRUB's. */
uint64_t boot_core_start(struct pve_span sector);
/* How many sectors a core image has, by its own first one; 0: it is none, or not in one piece. */
uint64_t boot_core_sectors(struct pve_span first, uint64_t start);
/* The image as it has to be at that sector, in whole sectors, added to out.  PVE_DATA when it is
 * none. */
int boot_core_place(struct pve_span core, uint64_t slot, struct pve_buf *out, struct pve_err *e);
/* The boot sector that starts it: code from boot.img, and what is not code (the parameters of a
 * file system, the serial number and the partitions of the MBR) as it was.  PVE_DATA when boot.img
 * is none. */
int boot_core_sector(struct pve_span boot_img, struct pve_span was, uint64_t slot,
		     char sector[BOOT_SECTOR], struct pve_err *e);

#endif
