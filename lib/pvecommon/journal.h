/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_JOURNAL_H
#define PVECOMMON_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "pvecommon/plan.h"

/*
 * The journal of the executor as bytes.  Inside the library only.
 *
 *     pve-tools journal 3 LF
 *     netstrings (N ":" bytes ","): tool, pid, time, deadline, boot, number of steps, then
 *     each step's fields; vectors are preceded by their length, and content is what stands
 *     between as many bytes of was, at its begin and at its end, as two numbers say
 *     "end" LF
 *     records, one line each, appended while the plan runs:
 *         begin I     run or call step I is about to start
 *         done I      it has ended well
 *         undone I    its inverse has ended well
 *         rollback 0  from here on the plan is being undone
 *         held 0      all steps have ended well; the plan waits to be confirmed
 *         confirmed 0 it stays: only what was kept for the way back is left to go
 *
 * Everything up to "end" is put in place in one piece before the first step.  A last
 * record that was cut off is ignored.
 */
struct pve_journal_mark {
	bool begun, done, undone;
};

struct pve_journal_head {
	const char *tool;
	pid_t pid;        /* of the process that began the plan */
	time_t time;      /* when */
	int64_t deadline; /* nanoseconds of CLOCK_BOOTTIME, until when the plan must be confirmed;
			   * 0: it is settled as soon as it is done */
	const char *boot; /* id of the boot that this clock belongs to; "" when not known */
};

struct pve_journal {
	struct pve_journal_head head;   /* its strings in the plan's arena */
	struct pve_plan plan;
	struct pve_journal_mark *marks; /* one for each step; in the plan's arena */
	bool rollback, held, confirmed;
};

void pve_journal_format(const struct pve_plan *plan, const struct pve_journal_head *head,
			struct pve_buf *out);
/* Every length is checked; anything that pve_journal_format would not write is PVE_DATA
 * with the offset.  *journal is valid, and ends with pve_journal_done, only on success. */
int pve_journal_parse(struct pve_span bytes, struct pve_journal *journal, struct pve_err *e);
void pve_journal_done(struct pve_journal *journal);

#endif
