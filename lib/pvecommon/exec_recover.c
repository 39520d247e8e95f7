/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a plan that an earlier run has left. */
#include <errno.h>

#include "pvecommon/exec_hold.h"
#include "pvecommon/exec_impl.h"
#include "pvecommon/exec_step.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

/* Sets each step's state by what the journal and the files say.  *all: everything is done and
 * may stay.  *bound: a step without an inverse was begun, so that only forward is left. */
static int find_states(struct pve_exec *x, struct pve_journal *j, bool *all, bool *bound,
		       struct pve_err *e)
{
	/* A plan that is to be held does not become final by itself. */
	bool hold = j->head.deadline;

	*all = !j->rollback && !hold;
	*bound = false;
	for (size_t i = 0; i < j->plan.n; i++) {
		struct pve_step *step = &j->plan.v[i];
		enum pve_step_view view = PVE_VIEW_OTHER;

		step->state = PVE_STEP_PENDING;
		if (pve_step_is_file(step)) {
			if (pve_step_look(x, step, &view, e) < 0)
				return -1;
			if (view != PVE_VIEW_OLD)
				step->state = view == PVE_VIEW_NEW ? PVE_STEP_DONE
								   : PVE_STEP_FOREIGN;
		} else if (j->marks[i].undone) {
			step->state = PVE_STEP_UNDONE;
		} else if (j->marks[i].done) {
			step->state = PVE_STEP_DONE;
		} else if (j->marks[i].begun) {
			step->state = PVE_STEP_FAILED;
		}
		if (step->state != PVE_STEP_DONE)
			*all = false;
		if (!pve_step_is_file(step) && j->marks[i].begun && !step->undo && !hold)
			*bound = true;
	}
	return 0;
}

/* Does what an interrupted plan has not done yet; on failure all is undone instead. */
static int complete(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	for (size_t i = 0; i < j->plan.n; i++) {
		struct pve_step *step = &j->plan.v[i];

		if (step->state == PVE_STEP_DONE || step->state == PVE_STEP_FOREIGN)
			continue;
		if (pve_exec_do_step(x, step, i, e) < 0)
			return -1;
	}
	return 0;
}

static int revert(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	int ret = pve_exec_undo(x, &j->plan, e);

	pve_exec_tell_steps(x, PVE_LOG_NOTICE, &j->plan);
	return ret < 0 ? -1 : pve_exec_end_journal(x, e);
}

/* A run that died in the middle. */
static int mend(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	char when[PVE_TIME_TEXT];
	struct pve_err why = {0};
	bool all, bound;

	if (find_states(x, j, &all, &bound, e) < 0)
		return -1;
	if (all) {
		pve_exec_tell(x, PVE_LOG_INFO,
			      "the run of %s (process %d) was done; its journal goes",
			      pve_num_time_text(j->head.time, when), (int)j->head.pid);
		return pve_exec_settle(x, &j->plan, e);
	}
	pve_exec_tell(x, PVE_LOG_NOTICE, "a run of %s (process %d) was interrupted; %s it",
		      pve_num_time_text(j->head.time, when), (int)j->head.pid,
		      bound && !j->rollback ? "completing" : "reverting");
	if (bound && !j->rollback) {
		if (complete(x, j, &why) == 0) {
			pve_exec_tell_steps(x, PVE_LOG_NOTICE, &j->plan);
			return pve_exec_settle(x, &j->plan, e);
		}
		pve_exec_tell(x, PVE_LOG_NOTICE, "that failed, so it is reverted: %s", why.msg);
	}
	return revert(x, j, e);
}

/* --- held plans ------------------------------------------------------------------- */

static enum pve_held_state state_of(struct pve_exec *x, const struct pve_journal *j)
{
	if (!j->head.deadline)
		return PVE_HELD_NONE;
	if (j->confirmed || j->rollback)
		return PVE_HELD_LEFT;
	if (!j->held)
		return PVE_HELD_RUNNING;
	return x->other_boot || x->sys->now(x->sys, CLOCK_BOOTTIME) >= j->head.deadline
		       ? PVE_HELD_OVER
		       : PVE_HELD_WAITING;
}

/* What is asked of the plan in the journal. */
enum wish { WISH_MEND, WISH_CONFIRM, WISH_REVERT };

/* The message when there is nothing to confirm or to revert. */
static int none_held(enum wish wish, struct pve_err *e)
{
	return wish == WISH_MEND
		       ? 0
		       : pve_err_set(e, PVE_NOTHERE, "there is no change that awaits confirmation");
}

static int refuse(struct pve_exec *x, const struct pve_journal *j, struct pve_err *e)
{
	int64_t left = (j->head.deadline - x->sys->now(x->sys, CLOCK_BOOTTIME)) / 1000000000;
	const char *help = x->opts->held_help;
	char since[PVE_TIME_TEXT], until[PVE_TIME_TEXT];

	return pve_err_set(e, PVE_AGAIN,
			   "the change of %s awaits confirmation until %s, another %d s%s%s",
			   pve_num_time_text(j->head.time, since),
			   pve_num_time_text(pve_sys_time(x->sys) + (time_t)left, until), (int)left,
			   help ? ": " : "", help ? help : "");
}

static int confirm(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	if (pve_exec_record(x, "confirmed", 0, e) < 0)
		return -1;
	if (pve_exec_settle(x, &j->plan, e) < 0)
		pve_exec_tell(x, PVE_LOG_NOTICE,
			      "confirmed, but not tidied up (%s); the next run tries again", e->msg);
	return 0;
}

/* Undoes a plan that nobody confirmed, or nobody may confirm any more. */
static int undo_held(struct pve_exec *x, struct pve_journal *j, const char *because,
		     enum wish wish, struct pve_err *e)
{
	char when[PVE_TIME_TEXT];
	bool all, bound;

	if (find_states(x, j, &all, &bound, e) < 0)
		return -1;
	pve_exec_tell(x, PVE_LOG_NOTICE, "the change of %s (process %d) %s; reverting it",
		      pve_num_time_text(j->head.time, when), (int)j->head.pid, because);
	if (revert(x, j, e) < 0)
		return -1;
	return wish == WISH_CONFIRM
		       ? pve_err_set(e, PVE_FAILED, "too late: the change %s, and was reverted",
				     because)
		       : 0;
}

static int fulfil(struct pve_exec *x, struct pve_journal *j, enum wish wish, struct pve_err *e)
{
	switch (state_of(x, j)) {
	case PVE_HELD_WAITING:
		if (wish == WISH_CONFIRM)
			return confirm(x, j, e);
		if (wish == WISH_REVERT)
			return undo_held(x, j, "is not wanted", wish, e);
		return refuse(x, j, e);
	case PVE_HELD_OVER:
		return undo_held(x, j,
				 x->other_boot ? "was not confirmed before the restart of the system"
					       : "was not confirmed in time",
				 wish, e);
	case PVE_HELD_RUNNING:
		return undo_held(x, j, "was interrupted", wish, e);
	case PVE_HELD_LEFT:
		if (j->confirmed)
			return pve_exec_settle(x, &j->plan, e);
		return undo_held(x, j, "was being undone", wish, e);
	case PVE_HELD_NONE:
		break;
	}
	return mend(x, j, e) < 0 ? -1 : none_held(wish, e);
}

/* 1 and *j, 0 when there is none, or -1. */
static int read_journal(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	char boot[PVE_BOOT_ID];
	struct pve_err why = {0};
	PVE_BUF bytes = {0};

	if (pve_fs_read(x->sys, x->journal, SIZE_MAX / 4, &bytes, NULL, &why) < 0) {
		if (why.sys == ENOENT || why.sys == ENOTDIR)
			return 0;
		pve_err_set(e, why.code, "%s", why.msg);
		return -1;
	}
	if (pve_journal_parse((struct pve_span){bytes.data, bytes.len}, j, e) < 0)
		return -1;
	x->deadline = j->head.deadline;
	x->other_boot = strcmp(pve_sys_boot_id(x->sys, boot), j->head.boot) != 0;
	return 1;
}

static int bring_to_end(struct pve_exec *x, enum wish wish, struct pve_err *e)
{
	struct pve_err why = {0};
	struct pve_journal j;
	int ret;

	pve_fs_unstage(x->sys, x->journal, x->opts->tool, NULL);
	ret = read_journal(x, &j, &why);
	if (ret == 0)
		return none_held(wish, e);
	if (ret > 0) {
		ret = pve_exec_open_records(x, &why);
		if (ret == 0)
			ret = fulfil(x, &j, wish, &why);
		pve_cleanup_close(&x->records);
		pve_journal_done(&j);
	}
	x->deadline = 0;
	if (ret == 0)
		return 0;
	pve_err_set(e, why.code, "%s", why.msg);
	if (why.code != PVE_AGAIN && pve_fs_exists(x->sys, x->journal))
		pve_err_prefix(e, "an interrupted run has left %s%s", x->sys->root, x->journal);
	return -1;
}

int pve_exec_recover(struct pve_exec *x, struct pve_err *e)
{
	return bring_to_end(x, WISH_MEND, e);
}

static int locked(struct pve_sys *sys, const struct pve_exec_opts *opts, enum wish wish,
		  struct pve_err *e)
{
	struct pve_exec *x = pve_exec_new(sys, opts, e);
	int ret;

	if (!x)
		return -1;
	ret = bring_to_end(x, wish, e);
	pve_exec_close(x);
	return ret;
}

int pve_exec_confirm(struct pve_sys *sys, const struct pve_exec_opts *opts, struct pve_err *e)
{
	return locked(sys, opts, WISH_CONFIRM, e);
}

int pve_exec_revert(struct pve_sys *sys, const struct pve_exec_opts *opts, struct pve_err *e)
{
	return locked(sys, opts, WISH_REVERT, e);
}

int pve_exec_held(struct pve_sys *sys, const char *tool, struct pve_held *held,
		  struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf("%s/%s.journal", JOURNAL_DIR, tool);
	struct pve_exec x = {.sys = sys, .journal = path};
	struct pve_journal j;
	int ret = read_journal(&x, &j, e);

	if (ret < 0) {
		pve_err_prefix(e, "%s%s", sys->root, path);
		return -1;
	}
	*held = (struct pve_held){0};
	if (!ret)
		return 0;
	held->state = state_of(&x, &j);
	held->pid = j.head.pid;
	held->since = j.head.time;
	if (!x.other_boot && j.head.deadline) {
		held->left_ns = j.head.deadline - sys->now(sys, CLOCK_BOOTTIME);
		held->until = pve_sys_time(sys) + (time_t)(held->left_ns / 1000000000);
	}
	held->plan = j.plan;
	return 0;
}

void pve_held_done(struct pve_held *held)
{
	pve_plan_done(&held->plan);
	*held = (struct pve_held){0};
}
