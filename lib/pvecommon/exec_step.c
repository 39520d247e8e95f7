/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/exec_step.h"

#include <errno.h>
#include <fcntl.h>

#include "pvecommon/fs.h"
#include "pvecommon/run.h"

bool pve_step_is_file(const struct pve_step *step)
{
	return step->kind != PVE_STEP_RUN && step->kind != PVE_STEP_CALL;
}

static int look_write(struct pve_exec *x, const struct pve_step *step, enum pve_step_view *view,
		      struct pve_err *e)
{
	const struct pve_span bytes[] = {step->content, step->was};
	struct pve_err why = {0};
	bool same[2];

	if (pve_fs_matches(x->sys, step->target, bytes, 2, same, &why) < 0) {
		if (why.sys == ENOENT)
			*view = step->existed ? PVE_VIEW_OTHER : PVE_VIEW_OLD;
		else if (why.code == PVE_DATA)
			*view = PVE_VIEW_OTHER;
		else
			return pve_err_set(e, why.code, "%s", why.msg);
		return 0;
	}
	if (same[0])
		*view = PVE_VIEW_NEW;
	else
		*view = step->existed && same[1] ? PVE_VIEW_OLD : PVE_VIEW_OTHER;
	return 0;
}

static int look_remove(struct pve_exec *x, const struct pve_step *step, enum pve_step_view *view,
		       struct pve_err *e)
{
	struct pve_err why = {0};
	bool same;

	if (step->any) {
		/* Its directory entry is what counts: a dangling link is there, too. */
		int fd = pve_fs_open(x->sys, step->target, O_PATH | O_NOFOLLOW, 0, &why);

		pve_cleanup_close(&fd);
		if (why.code && why.sys != ENOENT)
			return pve_err_set(e, why.code, "%s", why.msg);
		*view = why.code ? PVE_VIEW_NEW : PVE_VIEW_OLD;
		return 0;
	}
	if (pve_fs_matches(x->sys, step->target, &step->was, 1, &same, &why) == 0)
		*view = same ? PVE_VIEW_OLD : PVE_VIEW_OTHER;
	else if (why.sys == ENOENT)
		*view = PVE_VIEW_NEW;
	else if (why.code == PVE_DATA)
		*view = PVE_VIEW_OTHER;
	else
		return pve_err_set(e, why.code, "%s", why.msg);
	return 0;
}

int pve_step_look(struct pve_exec *x, const struct pve_step *step, enum pve_step_view *view,
		  struct pve_err *e)
{
	struct pve_err why = {0};
	struct stat st;

	if (step->kind == PVE_STEP_WRITE)
		return look_write(x, step, view, e);
	if (step->kind == PVE_STEP_REMOVE)
		return look_remove(x, step, view, e);
	if (pve_fs_stat(x->sys, step->target, &st, &why) == 0)
		*view = S_ISDIR(st.st_mode) ? PVE_VIEW_NEW : PVE_VIEW_OTHER;
	else if (why.sys == ENOENT)
		*view = PVE_VIEW_OLD;
	else
		return pve_err_set(e, why.code, "%s", why.msg);
	return 0;
}

/* NULL when there is no such function. */
static const struct pve_call *find_call(struct pve_exec *x, const char *name)
{
	const struct pve_call *c = x->opts->calls;

	while (c && c->name && strcmp(c->name, name) != 0)
		c++;
	return c && c->name ? c : NULL;
}

static int call(struct pve_exec *x, const char *const *args, struct pve_err *e)
{
	const struct pve_call *c = find_call(x, args[0]);

	if (c)
		return c->run(x->sys, args, x->opts->data, e);
	return pve_err_set(e, PVE_FAILED, "this version of %s does not know how to '%s'",
			   x->opts->tool, args[0]);
}

/* Did the effect of the step end with the boot that it was made in? */
static bool is_over(struct pve_exec *x, const struct pve_step *step)
{
	const struct pve_call *c =
		step->kind == PVE_STEP_CALL ? find_call(x, step->undo[0]) : NULL;

	return x->other_boot && c && c->live;
}

static int act(struct pve_exec *x, const struct pve_step *step, const char *const *argv,
	       struct pve_err *e)
{
	struct pve_run cmd = {.argv = argv, .timeout_ms = step->timeout_ms};

	if (step->kind == PVE_STEP_CALL)
		return call(x, argv, e);
	return pve_run_ok(x->sys, &cmd, NULL, e);
}

int pve_step_check(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	enum pve_step_view view = PVE_VIEW_OTHER;
	int ret;

	if (!pve_step_is_file(step)) {
		ret = step->guard ? act(x, step, step->guard, e) : 0;
		if (ret < 0 && e)
			e->code = PVE_AGAIN;
		return ret;
	}
	if (pve_step_look(x, step, &view, e) < 0)
		return -1;
	if (view == PVE_VIEW_OLD)
		return 0;
	return pve_err_set(e, PVE_AGAIN, "%s%s has changed since it was read; nothing was done",
			   x->sys->root, step->target);
}

int pve_step_stage(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	struct pve_err why = {0};

	if (step->kind != PVE_STEP_WRITE)
		return 0;
	if (pve_fs_stage(x->sys, step->target, x->opts->tool, step->content, step->mode, &why) < 0) {
		if (why.sys == ENOENT)
			return 0;
		if (e)
			*e = why;
		return -1;
	}
	return x->deadline && step->existed ? pve_fs_keep(x->sys, step->target, x->opts->tool, e)
					    : 0;
}

void pve_step_unstage(struct pve_exec *x, const struct pve_step *step)
{
	if (step->kind == PVE_STEP_WRITE)
		pve_fs_unstage(x->sys, step->target, x->opts->tool, NULL);
}

int pve_step_drop_kept(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	if (step->kind != PVE_STEP_WRITE)
		return 0;
	return pve_fs_drop_kept(x->sys, step->target, x->opts->tool, e);
}

static int do_file(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	const char *tool = x->opts->tool;

	if (step->kind == PVE_STEP_MKDIR)
		return pve_fs_mkdir(x->sys, step->target, step->mode, e);
	if (step->kind == PVE_STEP_REMOVE)
		return pve_fs_set_aside(x->sys, step->target, tool, e);
	if (pve_fs_commit(x->sys, step->target, tool, e) == 0)
		return 0;
	/* Nothing staged: its directory was not there yet, or this is a completion. */
	if (e->sys != ENOENT)
		return -1;
	return pve_fs_write(x->sys, step->target, tool, step->content, step->mode, e);
}

int pve_step_do(struct pve_exec *x, struct pve_step *step, struct pve_err *e)
{
	enum pve_step_view view = PVE_VIEW_OLD;
	int ret = 0;

	step->state = PVE_STEP_FAILED;
	if (!pve_step_is_file(step)) {
		ret = act(x, step, step->argv, e);
	} else {
		ret = pve_step_look(x, step, &view, e);
		if (ret == 0 && view == PVE_VIEW_OTHER) {
			step->state = PVE_STEP_FOREIGN;
			return pve_err_set(e, PVE_AGAIN, "%s%s was changed by somebody else",
					   x->sys->root, step->target);
		}
		if (ret == 0 && view == PVE_VIEW_OLD)
			ret = do_file(x, step, e);
	}
	if (ret == 0)
		step->state = PVE_STEP_DONE;
	return ret;
}

static int undo_file(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	const char *tool = x->opts->tool;

	switch (step->kind) {
	case PVE_STEP_MKDIR:
		return pve_fs_rmdir(x->sys, step->target, e);
	case PVE_STEP_REMOVE:
		if (!pve_fs_is_aside(x->sys, step->target, tool) && !step->any)
			return pve_fs_write(x->sys, step->target, tool, step->was, 0600, e);
		return pve_fs_put_back(x->sys, step->target, tool, e);
	default:
		if (!step->existed)
			return pve_fs_unlink(x->sys, step->target, e);
		if (x->deadline && pve_fs_restore(x->sys, step->target, tool, step->was, NULL) == 0)
			return 0;
		return pve_fs_write(x->sys, step->target, tool, step->was, step->mode, e);
	}
}

int pve_step_undo(struct pve_exec *x, struct pve_step *step, struct pve_err *e)
{
	enum pve_step_view view = PVE_VIEW_OTHER;

	step->state = PVE_STEP_STUCK;
	if (!pve_step_is_file(step)) {
		if (!step->undo) {
			step->state = PVE_STEP_KEPT;
			return 0;
		}
		if (!is_over(x, step) && act(x, step, step->undo, e) < 0)
			return -1;
		step->state = PVE_STEP_UNDONE;
		return 0;
	}
	if (pve_step_look(x, step, &view, e) < 0)
		return -1;
	if (view == PVE_VIEW_NEW && undo_file(x, step, e) < 0) {
		/* Somebody else has put something into the directory that we made. */
		if (step->kind != PVE_STEP_MKDIR || !e || e->sys != ENOTEMPTY)
			return -1;
		view = PVE_VIEW_OTHER;
	}
	if (view == PVE_VIEW_OTHER) {
		step->state = PVE_STEP_FOREIGN;
		return 0;
	}
	step->state = PVE_STEP_UNDONE;
	return 0;
}

int pve_step_settle(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	pve_step_unstage(x, step);
	if (step->kind != PVE_STEP_REMOVE)
		return 0;
	return pve_fs_drop_aside(x->sys, step->target, x->opts->tool, e);
}
