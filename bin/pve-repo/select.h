/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SELECT_H
#define PVE_REPO_SELECT_H

#include "pve-repo/edit.h"
#include "pve-repo/table.h"
#include "pvecommon/strv.h"

/* What an operand of enable, disable and remove means.  Pure. */
struct repo_narrow {
	struct pve_strv types, uris, suites, components; /* of options: words of the entry */
};

/* Adds the edits that change what the operand names, "HANDLE" or "FILE:LINE", narrowed to words.
 * all: the standard repositories of the host's release, for aliases; may be NULL.  edits: one for
 * each file of the sources.  Returns how many entries are meant, changed or not; 0 when nothing
 * has that name (PVE_NOTHERE in e), -1 on error.  What apt refuses can be disabled by its place. */
int repo_select_change(const struct repo_sources *s, const struct repo_standard *all,
		       const char *operand, const struct repo_narrow *narrow,
		       enum repo_change change, struct repo_edits *edits, struct pve_err *e);
/* Adds the edits that mend the entry at "FILE:LINE", see repair.h; PVE_NOTHERE when there is none, or
 * nothing to mend. */
int repo_select_repair(const struct repo_sources *s, const char *operand, struct repo_edits *edits,
		       struct pve_err *e);
/* As repo_select_change for all other repositories of the product of r: enterprise and test beside
 * no-subscription, Ceph of other releases. */
int repo_select_others(const struct repo_sources *s, const struct repo_standard *r,
		       enum repo_change change, struct repo_edits *edits, struct pve_err *e);
/* Is any word of this entry this handle's?  The first match is described in *k. */
bool repo_entry_is(const struct repo_entry *e, const char *handle, struct repo_kind *k);

#endif
