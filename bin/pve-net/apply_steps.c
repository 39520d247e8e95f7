/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All steps of an apply, in their order. */
#include "apply.h"
#include "calls.h"
#include "pin.h"
#include "probe_gen.h"
#include "probe_hook.h"

/* --- files --- */

/* Those of the generation to go back to.  They were never staged: the plan writes them. */
static void plan_target(struct pve_plan *plan, const struct net_delta *d)
{
	for (size_t i = 0; i < d->stage.n; i++) {
		const struct net_stage_file *f = d->stage.v[i];

		if (!f->put)
			continue;
		if (net_pin_is_path(f->path) && !f->want.len) {
			if (f->live_there)
				pve_plan_remove(plan, f->path, &f->live,
						"there was no such pin in that generation");
			continue;
		}
		for (size_t k = 0; k < f->missing.n; k++)
			pve_plan_mkdir(plan, f->missing.v[k], 0755, "for %s", f->path);
		pve_plan_write(plan, f->path, f->live_there ? &f->live : NULL, f->want,
			       f->mode & 0777, "as it was in that generation");
	}
}

static void plan_files(struct pve_plan *plan, const struct net_delta *d,
		       const struct net_apply_job *job)
{
	if (job->target)
		plan_target(plan, d);
	else if (d->view == NET_VIEW_STAGED && net_stage_pending(&d->stage))
		net_stage_plan_commit(&d->stage, plan);
}

/* --- the generation --- */

/* The plan as people read it later: of the one step of the kernel, each operation. */
static void plan_text(const struct pve_plan *plan, const struct net_ops *ops, struct pve_buf *out)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct pve_step *s = &plan->v[i];
		bool all = s->kind == PVE_STEP_CALL && strcmp(s->argv[0], "net-ops") == 0;

		for (size_t k = 0; all && k < ops->n; k++)
			pve_buf_printf(out, "%s: %s: %s\n", ops->v[k].object, ops->v[k].action,
				       ops->v[k].why);
		if (all)
			continue;
		pve_step_format(s, out);
		pve_buf_printf(out, ": %s\n", s->why);
	}
}

/* Does the plan make this directory already? */
static bool makes(const struct pve_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == PVE_STEP_MKDIR && strcmp(plan->v[i].target, path) == 0)
			return true;
	return false;
}

static int plan_generation(struct pve_plan *plan, const struct net_delta *d,
			   const struct net_apply_job *job, struct pve_sys *sys, struct pve_err *e)
{
	NET_GEN_STORE store = {0};
	NET_GEN before = {0};
	NET_GEN after = {0};
	PVE_BUF text = {0};

	if (net_gen_list(sys, &store, e) < 0 ||
	    net_gen_take(sys, &d->before, NULL, &before, e) < 0 ||
	    net_gen_take(sys, &d->conf, d->view == NET_VIEW_STAGED ? &d->stage : NULL, &after, e) < 0)
		return -1;
	plan_text(plan, &d->ops, &text);
	net_gen_sign(sys, &after, job->via, job->message);
	after.plan = (struct pve_span){pve_buf_str(&text), text.len};
	store.parent = store.parent || makes(plan, NET_GEN_PARENT);
	net_gen_plan(plan, &store, d->have_last ? &d->last : NULL, &before, &after);
	return 0;
}

/* --- all --- */

int net_apply_plan(struct pve_plan *plan, struct net_delta *d, const struct net_apply_job *job,
		   struct pve_sys *sys, struct pve_err *e)
{
	PVE_CLEANUP(net_hook_scripts_done) struct net_hook_scripts scripts = {0};
	const struct net_hook_change hooks = {.old = net_delta_in_effect(d),
					      .want = &d->model,
					      .scripts = &scripts,
					      .started = &d->started,
					      .verbose = job->verbose};
	bool native = job->engine == NET_ENGINE_NATIVE;

	if (native && net_hook_scripts_read(sys, &scripts, e) < 0)
		return -1;
	if (native) {
		net_hook_plan_before(plan, &hooks);
		net_service_plan_before(plan, &d->services, hooks.old, &d->model);
		net_ops_plan_steps(&d->ops, plan);
		net_service_plan_after(plan, &d->services, &d->model);
		net_hook_plan_after(plan, &hooks);
		plan_files(plan, d, job);
	} else if (job->engine == NET_ENGINE_REBOOT || d->ops.n ||
		   (d->view == NET_VIEW_STAGED && net_stage_pending(&d->stage)) || job->target) {
		net_engine_plan_before(plan, job->engine);
		plan_files(plan, d, job);
		net_engine_plan_after(plan, job->engine);
	}
	return plan->n ? plan_generation(plan, d, job, sys, e) : 0;
}
