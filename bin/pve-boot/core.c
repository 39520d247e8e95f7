/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB's boot sector and core image for a BIOS. */
#include "core.h"

#include <string.h>

/* In the boot sector (GRUB's include/grub/i386/pc/boot.h). */
#define BPB_START 0x3      /* parameters of a file system, */
#define BPB_END 0x5a       /* which are as they were */
#define KERNEL_SECTOR 0x5c /* 8 bytes, little-endian */
#define BOOT_DRIVE 0x64    /* 0xff: the one that the BIOS says */
#define DRIVE_CHECK 0x66   /* a jump over what helps with firmware that says a floppy's number */
#define MBR_START 0x1b8    /* the disk's serial number and the partitions, */
#define MBR_END 0x1fe      /* as they were */

/* At the end of the core image's first sector: runs of sectors, backwards, a length of 0 ends. */
#define RUN 12 /* bytes: sector, 8; sectors, 2; segment, 2 */
#define RUN_START (BOOT_SECTOR - RUN)
#define RUN_SECTORS (RUN_START + 8)
#define RUN_SEGMENT (RUN_START + 10)
#define CORE_SEGMENT 0x820 /* behind the first sector, which is loaded at 0x800 */
#define SLOT_STEP 8        /* sectors: physical ones often have 4096 bytes */

static uint64_t get(const char *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return v;
}

static void put(char *p, unsigned bytes, uint64_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (char)(v >> (8 * i));
}

static bool is_boot_sector(struct pve_span s)
{
	/* boot.S begins with a jump over the parameters, and knows of no drive. */
	return s.len >= BOOT_SECTOR && get(s.p + MBR_END, 2) == 0xaa55 && s.p[0] == '\xeb' &&
	       s.p[2] == '\x90' && s.p[BOOT_DRIVE] == '\xff';
}

uint64_t boot_core_start(struct pve_span sector)
{
	return is_boot_sector(sector) ? get(sector.p + KERNEL_SECTOR, 8) : 0;
}

uint64_t boot_core_sectors(struct pve_span first, uint64_t start)
{
	uint64_t n;

	if (first.len < BOOT_SECTOR || get(first.p + RUN_SEGMENT, 2) != CORE_SEGMENT ||
	    get(first.p + RUN_START, 8) != start + 1 || get(first.p + RUN_SECTORS - RUN, 2) != 0)
		return 0;
	n = get(first.p + RUN_SECTORS, 2);
	return n ? n + 1 : 0;
}

bool boot_core_slot(const struct boot_sectors *part, const struct boot_sectors *used,
		    uint64_t bytes, uint64_t *slot)
{
	uint64_t need = (bytes + BOOT_SECTOR - 1) / BOOT_SECTOR, end = part->first + part->n;
	uint64_t half = (part->first + part->n / 2 + SLOT_STEP - 1) / SLOT_STEP * SLOT_STEP;
	const uint64_t starts[] = {part->first, half}, ends[] = {half, end};

	if (half > end)
		return false;
	for (int i = 0; i < 2; i++) {
		if (need > ends[i] - starts[i])
			continue;
		if (used->n && used->first < starts[i] + need && used->first + used->n > starts[i])
			continue;
		*slot = starts[i];
		return true;
	}
	return false;
}

int boot_core_place(struct pve_span core, uint64_t slot, struct pve_buf *out, struct pve_err *e)
{
	size_t sectors = (core.len + BOOT_SECTOR - 1) / BOOT_SECTOR, at = out->len;

	/* grub-mkimage made it for the sector behind the boot sector, and as one run. */
	if (sectors < 2 || boot_core_sectors(core, 1) != sectors)
		return pve_err_set(e, PVE_DATA,
				   "core.img is no core image of GRUB as it is known here");
	pve_buf_span(out, core);
	while ((out->len - at) % BOOT_SECTOR)
		pve_buf_putc(out, '\0');
	put(out->data + at + RUN_START, 8, slot + 1);
	return 0;
}

int boot_core_sector(struct pve_span boot_img, struct pve_span was, uint64_t slot,
		     char sector[BOOT_SECTOR], struct pve_err *e)
{
	if (boot_img.len != BOOT_SECTOR || !is_boot_sector(boot_img) || was.len < BOOT_SECTOR)
		return pve_err_set(e, PVE_DATA,
				   "boot.img is no boot sector of GRUB as it is known here");
	memcpy(sector, boot_img.p, BOOT_SECTOR);
	memcpy(sector + BPB_START, was.p + BPB_START, BPB_END - BPB_START);
	memcpy(sector + MBR_START, was.p + MBR_START, MBR_END - MBR_START);
	put(sector + KERNEL_SECTOR, 8, slot);
	/* Two instructions that do nothing in place of the jump: the help is on. */
	put(sector + DRIVE_CHECK, 2, 0x9090);
	return 0;
}
