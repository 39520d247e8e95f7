/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_PROBE_CHECK_H
#define PVE_BOOT_PROBE_CHECK_H

#include "check.h"
#include "pvecommon/cmd.h"

/* Reads all facts; *f must be { 0 } and ends with check_facts_done, also on failure: only when
 * the list cannot be read.  Sources that fail alone are logged; true in *unknown says that
 * something could not be found out. */
int check_facts_read(struct check_facts *f, struct pve_ctx *ctx, bool *unknown);
void check_facts_done(struct check_facts *f);

#endif
