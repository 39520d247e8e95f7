/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_INITRD_H
#define PVE_BOOT_INITRD_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/sys.h"

/* What an initial RAM disk holds. */
struct initrd {
	uint64_t size;     /* bytes of the file */
	uint64_t files;    /* in all of its archives */
	uint64_t archives; /* microcode before the rest makes two */
	bool compressed;
	bool has_init; /* there is a program to start; without, only a kernel with all drivers
			* for its root in it comes up */
};

/* Reads all of a file on the host, as the kernel would: archives of cpio one behind the other, of
 * which the last may be compressed, which libarchive undoes.  PVE_DATA with the reason when it is
 * empty, cut or broken anywhere; i may be NULL. */
int initrd_check(struct pve_sys *sys, const char *path, struct initrd *i, struct pve_err *e);

#endif
