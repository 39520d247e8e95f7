/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_CHECK_H
#define PVE_BOOT_CHECK_H

#include "efivars.h"
#include "esp.h"
#include "manifest.h"
#include "pvecommon/blkdev.h"
#include "pvecommon/findings.h"

/*
 * What would keep the host from booting, or from booting what its administrator thinks.  The facts
 * are read by probe_check.c; what follows from them is pure.
 */

/* A kernel in /boot. */
struct check_kernel {
	const char *version;
	uint64_t image_size, initrd_size; /* bytes; 0: missing or empty */
	bool has_image, has_initrd;
	const char *broken_image;  /* why it is no kernel of that version; NULL: it is one */
	const char *refused;       /* why Secure Boot would not start it; NULL: it would, or is off */
	const char *broken_initrd; /* why it cannot be read to its end; NULL: it can, or nobody
				    * boots it */
};

/* A file of the host; text.data is NULL when there is none. */
struct check_text {
	struct pve_buf text;
	int64_t mtime; /* seconds since the epoch */
};

/* An ESP of the list, beside what esp.h says. */
struct check_esp {
	struct esp *esp;
	struct manifest manifest;
	struct esp_kernels kernels;
	uint64_t free; /* bytes */
	bool has_free;
	const char *refused;     /* a loader that Secure Boot would not start; NULL: none */
	const char *refused_why; /* "has no signature" */
};

struct check_facts {
	struct esp_list list;
	struct check_esp *esp;       /* list.n of them */
	struct check_kernel *kernel; /* nkernels in /boot, newest first */
	size_t nkernels, kernels_cap;
	struct pve_strv want; /* versions that a refresh brings to each ESP, newest first */
	struct check_text pin, next_pin, cmdline, running, grub, fstab, postinst, initramfs,
		debconf;
	bool removable; /* /boot/efi has EFI/BOOT/BOOTX64.EFI, and GRUB beside it */
	struct efivars vars;
	struct pve_strv gone;    /* GUIDs of partitions that boot entries name and no disk has */
	struct pve_blk_list blk; /* empty when it cannot be read */
	int64_t now, booted;     /* seconds since the epoch; booted 0: not this host */
	struct pve_arena mem;
};

/* Each adds what it finds. */
void check_esps(const struct check_facts *f, struct pve_findings *found);
void check_kernels(const struct check_facts *f, struct pve_findings *found);
void check_config(const struct check_facts *f, struct pve_findings *found);
void check_firmware(const struct check_facts *f, struct pve_findings *found);

/* By version; NULL when /boot has none. */
const struct check_kernel *check_find_kernel(const struct check_facts *f, const char *version);
/* Has a complete pair in the layout of the ESP's loader?  NULL: no. */
const struct esp_kernel *check_find_pair(const struct check_esp *e, const char *version);

#endif
