/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_JOURNAL_H
#define PVECOMMON_JOURNAL_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "pvecommon/plan.h"

/*
 * The journal of the executor as bytes.  Inside the library only.
 *
 *     pve-tools journal 1 LF
 *     netstrings (N ":" bytes ","): tool, pid, time, number of steps, then each step's
 *     fields; vectors are preceded by their length
 *     "end" LF
 *     records, one line each, appended while the plan runs:
 *         begin I     run or call step I is about to start
 *         done I      it has ended well
 *         undone I    its inverse has ended well
 *         rollback 0  from here on the plan is being undone
 *
 * Everything up to "end" is put in place in one piece before the first step.  A last
 * record that was cut off is ignored.
 */
struct pve_journal_mark {
	bool begun, done, undone;
};

struct pve_journal {
	struct pve_plan plan;
	struct pve_journal_mark *marks; /* one for each step; in the plan's arena */
	bool rollback;
	pid_t pid;
	time_t time;
	const char *tool;
};

void pve_journal_format(const struct pve_plan *plan, const char *tool, pid_t pid, time_t t,
			struct pve_buf *out);
/* Every length is checked; anything that pve_journal_format would not write is PVE_DATA
 * with the offset.  *journal is valid, and ends with pve_journal_done, only on success. */
int pve_journal_parse(struct pve_span bytes, struct pve_journal *journal, struct pve_err *e);
void pve_journal_done(struct pve_journal *journal);

#endif
