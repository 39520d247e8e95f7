/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_SUITE_H
#define PVE_REPO_SUITE_H

#include "pve-repo/edit.h"
#include "pve-repo/table.h"

/*
 * Moving a host to a release: the rule for every entry, enabled or not.  Pure.
 *
 * - Debian: the codename, also of "stable" and the like; the form of the security suite;
 *   components of Debian that the new release splits off (non-free-firmware beside non-free).
 * - Proxmox VE: the codename; pvetest and pve-test by release.
 * - Ceph: the codename; main becomes no-subscription from bookworm on.  A release of Ceph that the
 *   new one does not have is an error: it must be upgraded first.
 * - From trixie on, Signed-By where there is none.
 * - Retired releases at the archive hosts, if asked for; away from them otherwise.
 * - What is of somebody else stays, and is told.
 */
struct repo_move {
	const struct repo_sources *s;
	const struct repo_suite *to;
	bool archive;
	struct repo_edits *edits; /* one for each file of s */
	struct pve_diags said;    /* errors: it cannot be; warnings: what is left to others */
	struct pve_arena mem;
};

/* Fills edits and said.  Lossless where an entry stands right already. */
void repo_move(struct repo_move *m);
void repo_move_done(struct repo_move *m);

#endif
