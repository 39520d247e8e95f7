/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of one write, which needs no journal. */
#include <errno.h>

#include "pvecommon/exec_impl.h"
#include "pvecommon/exec_step.h"
#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"

bool pve_exec_is_replace(const struct pve_exec *x, const struct pve_plan *plan)
{
	return plan->n == 1 && plan->v->kind == PVE_STEP_WRITE && !x->opts->hold_s &&
	       !x->opts->armed;
}

/* The temporary file is that which a journal would have: recovery knows no other, and needs none.
 */
static int stage(struct pve_exec *x, const struct pve_step *step, struct pve_span bytes,
		 struct pve_err *e)
{
	return pve_fs_stage_beside(x->sys, step->target, x->journal, x->opts->tool, bytes,
				   step->mode, e);
}

static int commit(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	return pve_fs_commit_beside(x->sys, step->target, x->journal, x->opts->tool, e);
}

static void unstage(struct pve_exec *x)
{
	pve_fs_unstage(x->sys, x->journal, x->opts->tool, NULL);
}

/* Brings the old content back, when it is not there. */
static int put_back(struct pve_exec *x, struct pve_step *step, struct pve_err *e)
{
	enum pve_step_view view = PVE_VIEW_OTHER;
	int ret = 0;

	step->state = PVE_STEP_STUCK;
	if (pve_step_look(x, step, &view, e) < 0)
		return -1;
	if (view == PVE_VIEW_NEW && step->existed)
		ret = stage(x, step, step->was, e) < 0 ? -1 : commit(x, step, e);
	else if (view == PVE_VIEW_NEW)
		ret = pve_fs_unlink(x->sys, step->target, e);
	if (ret == 0)
		step->state = view == PVE_VIEW_OTHER ? PVE_STEP_FOREIGN : PVE_STEP_FAILED;
	return ret;
}

/* It was renamed, perhaps, but it is not sure that this outlives a power cut. */
static int give_up(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err why = {0};

	if (put_back(x, plan->v, &why) < 0)
		pve_err_prefix(e, "it could not be undone (%s)", why.msg);
	unstage(x);
	pve_exec_tell_steps(x, PVE_LOG_NOTICE, plan);
	return -1;
}

static int refuse(struct pve_exec *x, struct pve_err *e, const struct pve_err *why)
{
	unstage(x);
	*e = *why;
	return pve_err_prefix(e, "nothing was changed");
}

int pve_exec_replace(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_step *step = plan->v;
	struct pve_err why = {0};
	PVE_BUF what = {0};

	step->state = PVE_STEP_PENDING;
	if (pve_exec_make_dir(x, &why) < 0)
		return refuse(x, e, &why);
	if (stage(x, step, step->content, &why) < 0)
		return why.sys == EXDEV || why.sys == ENOENT ? 0 : refuse(x, e, &why);
	/* Right before the rename, so that nothing that somebody else writes meanwhile is lost. */
	if (pve_exec_check_signals(e) < 0 || pve_step_check(x, step, e) < 0) {
		unstage(x);
		return -1;
	}
	if (commit(x, step, &why) < 0) {
		/* Two mounts of one file system are of the same device. */
		if (why.sys == EXDEV) {
			unstage(x);
			return 0;
		}
		*e = why;
		return give_up(x, plan, e);
	}
	pve_step_format(step, &what);
	pve_exec_tell(x, PVE_LOG_INFO, "%s: %s", pve_buf_str(&what), step->why);
	step->state = PVE_STEP_DONE;
	return 1;
}
