/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_EXEC_IMPL_H
#define PVECOMMON_EXEC_IMPL_H

#include "pvecommon/exec.h"
#include "pvecommon/journal.h"
#include "pvecommon/strv.h"

/* Inside the library only: a plan under way, forward and back. */

#define JOURNAL_DIR "/var/lib/pve-tools"

struct pve_exec {
	struct pve_sys *sys;
	const struct pve_exec_opts *opts;
	char *journal;        /* path of the journal */
	int lock;
	int records;          /* the journal, open for appending; -1: none */
	struct pve_strv made; /* directories made for the journal, outermost first; to go again */
	int64_t deadline;     /* of the plan under way, see journal.h; 0: it is not to be held */
	bool other_boot;      /* that plan was begun before the system was last started */
};

/* Takes the lock and looks for no journal.  NULL on failure. */
struct pve_exec *pve_exec_new(struct pve_sys *sys, const struct pve_exec_opts *opts,
			      struct pve_err *e);
void pve_exec_tell(struct pve_exec *x, enum pve_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void pve_exec_tell_steps(struct pve_exec *x, enum pve_level level, const struct pve_plan *plan);

/* Makes the directory of the journal where it is missing. */
int pve_exec_make_dir(struct pve_exec *x, struct pve_err *e);
/* Puts the plan's journal in place, and opens it for records.  open_records alone is for one
 * that is there already; it sets space aside, so that records do not need any later. */
int pve_exec_start_journal(struct pve_exec *x, const struct pve_plan *plan, struct pve_err *e);
int pve_exec_open_records(struct pve_exec *x, struct pve_err *e);
/* A word and a number of journal.h, synced. */
int pve_exec_record(struct pve_exec *x, const char *word, size_t i, struct pve_err *e);
int pve_exec_end_journal(struct pve_exec *x, struct pve_err *e);
void pve_exec_remove_made(struct pve_exec *x);

/* A signal that asks the process to end is waiting: PVE_FAILED. */
int pve_exec_check_signals(struct pve_err *e);
/* Is it a plan that one rename carries out, and that nobody is to confirm?  Then replace does it
 * without a journal: 1, it is done; 0, it takes a journal after all, and nothing was changed; -1. */
bool pve_exec_is_replace(const struct pve_exec *x, const struct pve_plan *plan);
int pve_exec_replace(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e);

int pve_exec_do_step(struct pve_exec *x, struct pve_step *step, size_t i, struct pve_err *e);
/* Undoes what had any chance to happen, last one first.  A step that failed is undone as
 * well: it may have had part of its effect.  Returns -1, with the first reason, when an
 * inverse failed. */
int pve_exec_undo(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e);
/* Everything is done: what was kept for the way back goes, the journal last. */
int pve_exec_settle(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e);
/* A failed plan: back to where it started, and the reason with what it led to.  -1. */
int pve_exec_give_up(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e);

/* Brings the run that the journal is of to its end, if there is a journal.  A held plan
 * whose time is not over is PVE_AGAIN. */
int pve_exec_recover(struct pve_exec *x, struct pve_err *e);

#endif
