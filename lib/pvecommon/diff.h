/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DIFF_H
#define PVECOMMON_DIFF_H

#include "pvecommon/buf.h"

/*
 * The difference of two texts as a unified diff with three lines of context, as patch(1)
 * reads it (POSIX diff -u): "--- OLD", "+++ NEW", hunks.  Adds nothing when the texts are
 * the same.  A last line without its end is marked "\ No newline at end of file".
 *
 * The shortest edit script is found (Myers 1986, "An O(ND) Difference Algorithm and Its
 * Variations") when it has at most PVE_DIFF_EDITS lines; beyond that the differing middle
 * part is shown as replaced as a whole, so that time and memory stay bounded.
 */
#define PVE_DIFF_EDITS 1000

void pve_diff(struct pve_span before, struct pve_span after, const char *before_name,
	      const char *after_name, struct pve_buf *out);

#endif
