/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_REPAIR_H
#define PVE_REPO_REPAIR_H

#include "pve-repo/check_codes.h"
#include "pve-repo/edit.h"

/*
 * Mends an entry that apt reads otherwise than it looks, or takes without a good signature, as
 * check_trap.c and check_trust.c find it.  It becomes what it looks like; what apt does not heed
 * goes; a comment stays one.  Pure.
 */

/* Adds the edits that mend this finding in the entry.  False, and no edit, when there is nothing to
 * mend, or only its author knows what was meant. */
bool repo_repair(struct repo_edits *edits, const struct repo_entry *e, enum repo_check_id id);
/* All of them. */
bool repo_repair_all(struct repo_edits *edits, const struct repo_entry *e);

#endif
