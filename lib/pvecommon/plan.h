/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_PLAN_H
#define PVECOMMON_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"

/*
 * A plan: what a command is about to change, as an ordered list of steps.  Building one
 * changes nothing and makes no system call.  The executor (exec.h) carries it out.
 *
 * Rules a plan must keep, checked by pve_plan_verify:
 *  1. Paths are absolute and mean the root of the struct pve_sys that it runs against.
 *  2. A path is the target of at most one file step (write, remove, mkdir).
 *  3. A run or call step without an inverse must be harmless to repeat: an interrupted
 *     plan that has begun such a step is completed, not reverted.
 *  4. An inverse must be harmless when its step had no effect yet.
 */
enum pve_step_kind {
	PVE_STEP_WRITE,  /* a file gets new content */
	PVE_STEP_REMOVE, /* a file or symbolic link goes away */
	PVE_STEP_MKDIR,
	PVE_STEP_RUN,    /* a program; never a shell */
	PVE_STEP_CALL,   /* a function of the tool, by name */
};

enum pve_step_state {
	PVE_STEP_PENDING, /* not reached */
	PVE_STEP_DONE,
	PVE_STEP_UNDONE,
	PVE_STEP_FAILED,  /* did not work; nothing of it remains */
	PVE_STEP_KEPT,    /* done, and has no inverse */
	PVE_STEP_FOREIGN, /* left alone: somebody else has changed the file since */
	PVE_STEP_STUCK,   /* its inverse failed */
};

/* All pointers live in the plan's arena. */
struct pve_step {
	enum pve_step_kind kind;
	const char *target;          /* file steps: path; run and call: what they act on */
	const char *why;             /* one clause for the administrator */

	/* The guard of a file step: what the planner saw there.  A step whose target looks
	 * otherwise when the plan is applied stops the plan before anything is changed. */
	bool existed;
	bool any;                    /* remove: whatever is there; was is not looked at */
	struct pve_span was;         /* its bytes, when existed */

	struct pve_span content;     /* write */
	mode_t mode;                 /* write, mkdir: for a new one; else the old one's stays */

	const char *const *argv;     /* run: argument vector; call: name and arguments */
	const char *const *undo;     /* the inverse, of the same kind; NULL: none */
	const char *const *guard;    /* of the same kind; success means "go on"; NULL: none */
	unsigned timeout_ms;         /* run: 0 for none */

	enum pve_step_state state;   /* set by the executor */
};

struct pve_plan {
	struct pve_arena arena;
	bool borrows; /* set by a caller whose was and content outlive the plan: no copies */
	struct pve_step *v;
	size_t n, cap;
};

/* Each adds a step at the end and returns it, valid until the next step is added.  All
 * arguments are copied, but see borrows.
 *
 * was: the bytes that were read, NULL when there was no such file.  A write that would
 * change no byte adds nothing and returns NULL. */
struct pve_step *pve_plan_write(struct pve_plan *plan, const char *path,
				const struct pve_span *was, struct pve_span content, mode_t mode,
				const char *why, ...) __attribute__((format(printf, 6, 7)));
/* was: NULL when the content does not matter (also for a symbolic link). */
struct pve_step *pve_plan_remove(struct pve_plan *plan, const char *path,
				 const struct pve_span *was, const char *why, ...)
	__attribute__((format(printf, 4, 5)));
struct pve_step *pve_plan_mkdir(struct pve_plan *plan, const char *path, mode_t mode,
				const char *why, ...) __attribute__((format(printf, 4, 5)));
/* undo may be NULL (rule 3). */
struct pve_step *pve_plan_run(struct pve_plan *plan, const char *target,
			      const char *const *argv, const char *const *undo, const char *why,
			      ...) __attribute__((format(printf, 5, 6)));
struct pve_step *pve_plan_call(struct pve_plan *plan, const char *target,
			       const char *const *argv, const char *const *undo, const char *why,
			       ...) __attribute__((format(printf, 5, 6)));
/* Sets the guard of the step that was added last. */
void pve_plan_guard(struct pve_plan *plan, const char *const *guard);

/* Checks the rules above; a breach is PVE_FAILED and names the step. */
int pve_plan_verify(const struct pve_plan *plan, struct pve_err *e);

/* The verb and object of a step, "write /etc/network/interfaces.new", added to out; control
 * characters are written as ?. */
void pve_step_format(const struct pve_step *step, struct pve_buf *out);
/* A word for the state: "done", "undone", "not reached", ... */
const char *pve_step_state_name(enum pve_step_state state);
/* The plan as --dry-run and the log show it: one line a step, "verb object: why". */
void pve_plan_format(const struct pve_plan *plan, struct pve_buf *out);
void pve_plan_done(struct pve_plan *plan);

#define PVE_PLAN PVE_CLEANUP(pve_plan_done) struct pve_plan

#endif
