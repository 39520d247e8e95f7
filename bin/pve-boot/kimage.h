/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_KIMAGE_H
#define PVE_BOOT_KIMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * Is a file the kernel that its name says, as a whole?  The header of a bzImage: the kernel's
 * Documentation/arch/x86/boot.rst.
 */
#define KIMAGE_HEAD 65536u /* bytes from the start that hold all that is looked at */

struct kimage {
	char version[128]; /* "6.8.12-4-pve": what uname -r will say */
	unsigned protocol; /* of the header: 0x020f is 2.15 */
	uint64_t whole;    /* bytes that the header asks for */
	bool efi;          /* the firmware and systemd-boot can start it */
};

/* Pure: head is the first KIMAGE_HEAD bytes, or all of a shorter file of size bytes.  PVE_DATA when
 * it is no kernel, or cut. */
int kimage_parse(struct kimage *k, struct pve_span head, uint64_t size, struct pve_err *e);
/* Reads the head of a file on the host and holds it against the version in its name (NULL: any).
 * PVE_DATA with the reason when it is not that kernel; k may be NULL. */
int kimage_check(struct pve_sys *sys, const char *path, const char *version, struct kimage *k,
		 struct pve_err *e);

#endif
