/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DEBVER_H
#define PVECOMMON_DEBVER_H

#include "pvecommon/span.h"

/*
 * Versions of Debian packages: [epoch:]upstream[-revision] (deb-version(7)).
 */

/* Less than, equal to or greater than 0 as a is older than, the same as or newer than b, in
 * the order that dpkg sorts by.  Numbers have no upper limit, the epoch neither.  Any bytes
 * have a place in the order; equal versions may differ in their bytes (1.0 and 0:1.00-0). */
int pve_debver_cmp(struct pve_span a, struct pve_span b);
/* The version without its epoch, as file names have it. */
struct pve_span pve_debver_no_epoch(struct pve_span v);

#endif
