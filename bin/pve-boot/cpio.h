/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_CPIO_H
#define PVE_BOOT_CPIO_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * Is a stream a whole cpio archive, or several behind each other, as the kernel takes them for its
 * initramfs?  Format "newc", with or without checksums: the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst.  Nothing is kept of it.
 */
#define CPIO_HEADER 110 /* bytes */
#define CPIO_NAME_MAX 4096

enum cpio_state { CPIO_BETWEEN, CPIO_IN_HEADER, CPIO_IN_NAME, CPIO_IN_DATA };

struct cpio {
	enum cpio_state state; /* CPIO_BETWEEN: at the start, or behind the end of an archive */
	uint64_t at;           /* bytes taken so far; archives start at multiples of four */
	uint64_t left;         /* bytes to come in this state, what fills up to four included */
	uint64_t files;        /* in all archives, the mark of the end not counted */
	uint64_t archives;     /* that came to their end */
	bool has_init;         /* one of them is named "init": it can be started */

	char header[CPIO_HEADER];
	char name[32]; /* its start: enough to tell "init" and the mark of the end */
	size_t kept;   /* bytes of name that are there */
	uint64_t data; /* bytes of the file whose name is being read */
};

/* Takes the next bytes of the stream; { 0 } is its start.  0, or -1 with PVE_DATA and the byte at
 * which it is none.  Stops between two archives at what starts none, a compressed one for
 * instance: *taken says how many bytes were taken. */
int cpio_take(struct cpio *c, struct pve_span bytes, size_t *taken, struct pve_err *e);

#endif
