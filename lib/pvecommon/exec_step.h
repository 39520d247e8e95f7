/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_EXEC_STEP_H
#define PVECOMMON_EXEC_STEP_H

#include "pvecommon/exec_impl.h"

/* Inside the library only: one step, done and undone. */

/* How a file step's target looks compared with what the step wants. */
enum pve_step_view {
	PVE_VIEW_OLD,   /* as before the step */
	PVE_VIEW_NEW,   /* as after it */
	PVE_VIEW_OTHER, /* neither: somebody else was there */
};

bool pve_step_is_file(const struct pve_step *step);
/* 0 and *view, or -1 when the target cannot be read. */
int pve_step_look(struct pve_exec *x, const struct pve_step *step, enum pve_step_view *view,
		  struct pve_err *e);
/* Fails with PVE_AGAIN when the step's guard does not hold. */
int pve_step_check(struct pve_exec *x, const struct pve_step *step, struct pve_err *e);
/* Writes the new content of a write step beside its target.  A target whose directory is
 * yet to be made is passed over.  With x->deadline the old file is kept beside it as well,
 * under a second name, so that the way back needs no space. */
int pve_step_stage(struct pve_exec *x, const struct pve_step *step, struct pve_err *e);
/* Removes what stage wrote; nothing there is fine. */
void pve_step_unstage(struct pve_exec *x, const struct pve_step *step);
/* Removes the old file's second name; nothing there is fine. */
int pve_step_drop_kept(struct pve_exec *x, const struct pve_step *step, struct pve_err *e);
/* Runs and calls are done and undone as they are told.  A file step looks first and does
 * only what is missing; one that somebody else has changed is left, and becomes
 * PVE_STEP_FOREIGN.  Both set step->state.
 * The inverse of a call that is live, in another boot, is that nothing is done. */
int pve_step_do(struct pve_exec *x, struct pve_step *step, struct pve_err *e);
int pve_step_undo(struct pve_exec *x, struct pve_step *step, struct pve_err *e);
/* Removes what was kept for the way back, when the whole plan is done. */
int pve_step_settle(struct pve_exec *x, const struct pve_step *step, struct pve_err *e);

#endif
