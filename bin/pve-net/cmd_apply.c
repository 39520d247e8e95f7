/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apply.h"
#include "calls.h"

struct apply {
	struct pve_ctx *ctx;
	struct net_delta delta;
	struct net_delta_opts opts;
	struct net_run run;
	struct pve_exec_opts exec_opts;
	struct pve_exec *exec;
};

static void tell(void *to, enum pve_level level, const char *line)
{
	pve_log_line(to, level, "%s", line);
}

static int verify(struct pve_sys *sys, void *to, struct pve_err *e)
{
	struct apply *a = to;

	return net_delta_verify(&a->delta, sys, &a->opts, e);
}

/* The lock comes before everything is read. */
static int begin(struct apply *a)
{
	struct pve_ctx *ctx = a->ctx;

	if (ctx->sys.rooted && !ctx->dry_run)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "apply changes the running system: not with --root");
	if (ctx->dry_run)
		return 0;
	a->run = (struct net_run){.verify = verify, .verify_to = a};
	a->exec_opts = (struct pve_exec_opts){.tool = NET_APPLY_TOOL,
					      .calls = net_apply_calls,
					      .data = &a->run,
					      .wait_s = (unsigned)ctx->wait,
					      .tell = tell,
					      .tell_to = &ctx->log};
	a->exec = pve_exec_open(&ctx->sys, &a->exec_opts, &ctx->err);
	return a->exec ? 0 : -1;
}

static int run(struct apply *a)
{
	struct pve_ctx *ctx = a->ctx;
	PVE_PLAN plan = {0};

	if (begin(a) < 0 || net_delta_read(&a->delta, &ctx->sys, &a->opts, &ctx->err) < 0)
		return -1;
	if ((a->opts.view == NET_VIEW_STAGED && net_stage_check(&a->delta.stage, &ctx->err) < 0) ||
	    net_delta_check(&a->delta, &ctx->err) < 0)
		return -1;
	net_apply_warn(ctx, &a->delta);
	if (net_apply_plan(&plan, &a->delta, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (!plan.n)
		pve_log_line(&ctx->log, PVE_LOG_INFO, "nothing to do");
	if (ctx->dry_run)
		return net_apply_print(ctx, &a->delta, &plan);
	return pve_exec_apply(a->exec, &plan, &ctx->err);
}

int net_cmd_apply(struct pve_ctx *ctx)
{
	const struct net_plan_opts *opts = ctx->opts;
	struct apply a = {.ctx = ctx,
			  .opts = {.view = opts->live ? NET_VIEW_LIVE : NET_VIEW_STAGED,
				   .force = opts->force}};
	int ret = run(&a);

	pve_exec_close(a.exec);
	net_run_done(&a.run);
	net_delta_done(&a.delta);
	return ret;
}
