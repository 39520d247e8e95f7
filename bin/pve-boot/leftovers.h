/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_LEFTOVERS_H
#define PVE_BOOT_LEFTOVERS_H

#include "pvecommon/strv.h"
#include "pveio/vfat.h"

/* What an interrupted run left aside (vfat.h) on an ESP, for those who write to it without a plan
 * of operations (job.h has its own way). */

/* Before the ESP is mounted.  Names aside that share their clusters with others, or lead to what is
 * damaged, are removed as names (mend.h); the others are added to asides.  PVE_DATA when anything
 * else is damaged: nothing may be written then.  No name aside: nothing is followed or written. */
int boot_leftovers_find(struct pve_sys *sys, const char *path, struct pve_strv *asides,
			struct pve_err *e);
/* And with it mounted: removes those. */
int boot_leftovers_remove(struct pve_vfat *v, const struct pve_strv *asides, struct pve_err *e);

#endif
