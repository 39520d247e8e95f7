/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_EXEC_H
#define PVECOMMON_EXEC_H

#include "pvecommon/err.h"
#include "pvecommon/log.h"
#include "pvecommon/plan.h"
#include "pvecommon/sys.h"

/*
 * The executor: the one place from which the tools change a host.
 *
 * It holds the tool's lock from open to close.  A plan is applied like this: all guards
 * are checked; the journal (/var/lib/pve-tools/TOOL.journal, mode 0600: the whole plan
 * with old and new content) is put in place; the new content of every file is written
 * beside it and synced, so that a full disk is found before anything has changed; the
 * steps run in order; the journal goes.  When a step fails, those before it are undone,
 * last one first.
 *
 * A plan that does no more than to write one file takes no journal, for a rename is all or nothing
 * by itself: the new content is written and synced, in the journal's directory under a name that
 * every open clears away, the guard is checked, and it is renamed over the file.  Where that is
 * another file system, there is a journal after all.
 *
 * With hold_s, a plan that is done is not final yet: it is held.  Its journal stays, with the
 * time until when it must be confirmed (exec_hold.h).  Unless that happens, it is undone, as a
 * whole, by whoever looks next: when the time is over, after the system was started anew, or
 * when the run died in the middle.  That needs no space on the disk, and a step without an
 * inverse does not stand in its way: it is kept.
 *
 * SIGINT, SIGTERM and SIGHUP stop a plan before its next step; it is undone, and then the
 * signal has its usual effect.
 *
 * Whenever the process dies, each file is whole, old or new, and the next open finds the
 * journal: it reverts what was done, or completes the plan when all steps were done or
 * one without an inverse was begun.  A file that somebody else has changed meanwhile is
 * left as it is.
 */

/* A function that call steps may name.  args: the step's argv, args[0] is the name.  It
 * must bear being repeated, and undone before it took effect (plan.h, rules 3 and 4). */
struct pve_call {
	const char *name;
	int (*run)(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
	bool live; /* it changes only what ends with this boot, as the state of the kernel: as
		    * an inverse it is not called when the plan was begun in another boot */
};

struct pve_exec_opts {
	const char *tool;             /* name of lock, journal and temporary files */
	const struct pve_call *calls; /* ends with a NULL name; may be NULL */
	void *data;                   /* for the calls */
	unsigned wait_s;              /* how long to wait for the lock */
	unsigned hold_s;              /* seconds from the first step until which a plan must be
				       * confirmed; 0: none */
	/* Called when the journal is in place and nothing has changed yet; a failure leaves it so.
	 * For what shall see to it that a held plan is undone in time.  May be NULL. */
	int (*armed)(struct pve_sys *sys, void *data, struct pve_err *e);
	const char *held_help;        /* how to confirm and undo, for the message when a plan is
				       * held: a clause; may be NULL */
	/* Hears one line about each thing that happens: NOTICE for what an interrupted run had
	 * left and for what a failed plan leaves, INFO for each step.  May be NULL. */
	void (*tell)(void *to, enum pve_level level, const char *line);
	void *tell_to;
};

struct pve_exec;

/* Takes the lock and brings an interrupted run to its end.  Do this before reading what the
 * plan will be based on.  opts, and sys, are borrowed until close.  Fails with PVE_DENIED
 * when not root on the real host, PVE_AGAIN when locked or while a plan is held, PVE_FAILED
 * when what an interrupted run had left could not be mended; NULL then. */
struct pve_exec *pve_exec_open(struct pve_sys *sys, const struct pve_exec_opts *opts,
			       struct pve_err *e);
/* Applies a plan; the steps' states say afterwards what became of each.  0 only when all is
 * done.  A guard that does not hold is PVE_AGAIN, and nothing was changed. */
int pve_exec_apply(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e);
void pve_exec_close(struct pve_exec *x);

/* For status and check: is there a journal, of an interrupted run or of a held plan?  1, 0,
 * or -1. */
int pve_exec_interrupted(struct pve_sys *sys, const char *tool, struct pve_err *e);

#endif
