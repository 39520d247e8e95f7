/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_FORMAT_H
#define PVE_BOOT_FORMAT_H

#include "part.h"
#include "pvecommon/plan.h"

#define BOOT_SERIAL_TEXT 10 /* "0A1B-2C3D" and its NUL */

/* A serial number that no file system of the host has, and no line of the list. */
int boot_serial_new(struct pve_sys *sys, const struct pve_disk_facts *facts,
		    char serial[BOOT_SERIAL_TEXT], struct pve_err *e);
/* The steps that make an empty ESP with that serial number of the partition: its type, vfat of 32
 * bits, and on the host itself the wait for its link in /dev/disk/by-uuid.  Pure but for the
 * search for mkfs.vfat. */
void boot_format_plan(struct pve_plan *plan, const struct pve_sys *sys, const struct boot_part *p,
		      const char *serial);
/* Only the step for its type, when it has another one. */
void boot_type_plan(struct pve_plan *plan, const struct boot_part *p);

#endif
