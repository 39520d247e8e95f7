/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_LAYOUT_H
#define PVE_BOOT_LAYOUT_H

#include "pvecommon/err.h"
#include "pveio/gpt.h"

/* The partitions of a disk that a Proxmox VE host can boot from. */
#define BOOT_LAYOUT_PARTS 3
#define BOOT_ESP_SIZE (512ull << 20)     /* of the installer's, on small disks */
#define BOOT_ESP_SIZE_MIN (256ull << 20) /* below that the stock tool refuses a partition */

struct boot_layout {
	uint64_t esp_size; /* bytes, whole MiB */
	uint64_t hdsize;   /* bytes from the start of the disk that the third partition may reach;
			    * 0: all of it */
};

/* The three of the guide: 1 BIOS boot below the first MiB, 2 ESP from there, 3 for ZFS up to the
 * end.  disk: its sectors, and the bounds of a new table.  Fails with PVE_USAGE when they do not
 * fit, and says what is too large. */
int boot_layout_plan(const struct pve_gpt *disk, const struct boot_layout *want,
		     struct pve_gpt_part part[BOOT_LAYOUT_PARTS], struct pve_err *e);
/* The same partitions as another disk has, with GUIDs of their own, added to *part, n of them; to
 * be freed.  The last one, when it reaches the end of the other disk, reaches the end here, too.
 * Fails with PVE_DATA when the other disk has no partitions, other sectors, or too many of them. */
int boot_layout_like(const struct pve_gpt *disk, const struct pve_gpt *like,
		     struct pve_gpt_part **part, size_t *n, struct pve_err *e);
/* For people: "BIOS boot", "ESP", "ZFS", or the GUID. */
const char *boot_type_name(const char *type);

#endif
