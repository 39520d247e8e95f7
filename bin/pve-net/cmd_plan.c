/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apply.h"

static int run(struct pve_ctx *ctx, struct net_delta *d)
{
	const struct net_plan_opts *opts = ctx->opts;
	struct net_delta_opts o = {.view = opts->live ? NET_VIEW_LIVE : NET_VIEW_STAGED,
				   .force = opts->force};
	const struct net_apply_job job = {.via = "apply", .view = o.view, .force = o.force};
	PVE_PLAN plan = {0};

	if (net_delta_read(d, &ctx->sys, &o, &ctx->err) < 0)
		return -1;
	if ((!opts->live && net_stage_check(&d->stage, &ctx->err) < 0) ||
	    net_delta_check(d, &ctx->err) < 0)
		return -1;
	net_apply_warn(ctx, d);
	if (net_apply_plan(&plan, d, &job, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (!plan.n)
		pve_log_line(&ctx->log, PVE_LOG_INFO, "nothing to do");
	return net_apply_print(ctx, d, &plan);
}

int net_cmd_plan(struct pve_ctx *ctx)
{
	struct net_delta d = {0};
	int ret = run(ctx, &d);

	net_delta_done(&d);
	return ret;
}
