/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_EXEC_HOLD_H
#define PVECOMMON_EXEC_HOLD_H

#include "pvecommon/exec.h"

/*
 * A plan that was applied with hold_s and waits to be confirmed.
 *
 * Its deadline is a time of CLOCK_BOOTTIME, which goes on while the machine sleeps and which
 * nobody can set, together with the id of the boot: after a restart it is over.
 */
enum pve_held_state {
	PVE_HELD_NONE,    /* there is no plan, or one that is not to be held */
	PVE_HELD_RUNNING, /* under way, or interrupted: not all of it is done */
	PVE_HELD_WAITING, /* done, and not confirmed yet */
	PVE_HELD_OVER,    /* not confirmed in time: to be undone */
	PVE_HELD_LEFT,    /* confirmed, or being undone; the run that did that was interrupted */
};

struct pve_held {
	enum pve_held_state state;
	pid_t pid;           /* of the run that applied it */
	time_t since;        /* when that began */
	time_t until;        /* the deadline by the wall clock of now; 0 in another boot */
	int64_t left_ns;     /* until the deadline; <= 0: over */
	struct pve_plan plan;
};

/* Looks at what is held and changes nothing; needs no lock.  *held ends with pve_held_done. */
int pve_exec_held(struct pve_sys *sys, const char *tool, struct pve_held *held,
		  struct pve_err *e);
void pve_held_done(struct pve_held *held);

/* Makes the held plan final.  PVE_NOTHERE when none is held.  When its time is over, or the run
 * that applied it has died before all was done, it is undone instead, and PVE_FAILED. */
int pve_exec_confirm(struct pve_sys *sys, const struct pve_exec_opts *opts, struct pve_err *e);
/* Undoes the held plan now, call steps included.  PVE_NOTHERE when none is held, and then
 * nothing but what an interrupted run may have left is mended. */
int pve_exec_revert(struct pve_sys *sys, const struct pve_exec_opts *opts, struct pve_err *e);

#define PVE_HELD PVE_CLEANUP(pve_held_done) struct pve_held

#endif
