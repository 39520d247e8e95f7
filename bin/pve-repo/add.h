/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_ADD_H
#define PVE_REPO_ADD_H

#include "pve-repo/draft.h"
#include "pve-repo/edit.h"
#include "pve-repo/table.h"

/* Adding a standard repository.  Pure. */
struct repo_adding {
	const struct repo_sources *s;
	struct repo_edits *edits; /* one for each file of s */
	struct repo_draft *draft; /* for files that are not there yet */
};

/* One that is there is enabled; else it is added to its file, in the form of its release.  uri:
 * instead of the table's, or NULL. */
int repo_add(struct repo_adding *a, const struct repo_standard *r, const char *uri,
	     struct pve_err *e);
/* Is it there and enabled? */
bool repo_is_enabled(const struct repo_sources *s, const struct repo_standard *r);
/* The text of its entry: a line or a stanza. */
void repo_entry_text(const struct repo_standard *r, const char *uri, struct pve_buf *out);

#endif
