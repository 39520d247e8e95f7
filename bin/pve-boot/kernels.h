/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_KERNELS_H
#define PVE_BOOT_KERNELS_H

#include <stdbool.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/strv.h"

/* The files by which an administrator chooses kernels.  The stock tool reads and writes the same. */
#define BOOT_MANUAL "/etc/kernel/proxmox-boot-manual-kernels" /* versions, a line each */
#define BOOT_PIN "/etc/kernel/proxmox-boot-pin"               /* first line: boot this always */
#define BOOT_NEXT_PIN "/etc/kernel/next-boot-pin"             /* first line: boot this once */

/* Can this be a kernel's version?  Letters, digits and ". + ~ _ -", a letter or digit first, at most
 * 100: so it can be part of a file's name everywhere, and is no option. */
bool boot_version_valid(struct pve_span v);

/* The versions of the list, sorted, each once.  Empty lines and comments are passed over; what
 * cannot be a version is said in d, which may be NULL. */
void boot_manual_parse(struct pve_strv *versions, struct pve_span text, const char *file,
		       struct pve_diags *d);
/* The list's bytes with the version added or without it: no other line is touched.  add puts it
 * where the order of sort(1) wants it.  false: it was (or was not) there already, and nothing is
 * added to out. */
bool boot_manual_add(struct pve_span text, const char *version, struct pve_buf *out);
bool boot_manual_remove(struct pve_span text, const char *version, struct pve_buf *out);

/* The version of a pin: the first word of the first line.  An empty file, or one whose first line is
 * no version, pins nothing: .len is 0. */
struct pve_span boot_pin_parse(struct pve_span text);

#endif
