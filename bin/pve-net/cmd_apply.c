/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apply.h"
#include "calls.h"
#include "hold.h"
#include "pin.h"
#include "probe_hook.h"
#include "probe_lockout.h"
#include "probe_refs.h"
#include "pvecommon/num.h"

struct apply {
	struct pve_ctx *ctx;
	const struct net_apply_job *job;
	struct net_delta delta;
	struct net_delta_opts opts;
	struct net_run run;
	struct pve_exec_opts exec_opts;
	struct pve_exec *exec;
};

static int verify(struct pve_sys *sys, void *to, struct pve_err *e)
{
	struct apply *a = to;

	return net_delta_verify(&a->delta, sys, &a->opts, e);
}

/* The lock comes before everything is read. */
static int begin(struct apply *a)
{
	struct pve_ctx *ctx = a->ctx;

	if (a->job->confirm && a->job->engine == NET_ENGINE_REBOOT)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "--confirm with --engine reboot: the restart that it waits for "
				   "would undo it");
	if (ctx->sys.rooted && !ctx->dry_run)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "%s changes the running system: not with --root",
				   ctx->cmd->name);
	if (ctx->dry_run)
		return 0;
	a->run = (struct net_run){.verify = verify, .verify_to = a};
	net_hold_opts(ctx, &a->exec_opts);
	a->exec_opts.data = &a->run;
	a->exec_opts.hold_s = (unsigned)a->job->confirm;
	a->exec_opts.armed = a->job->confirm ? net_watchdog_arm : NULL;
	a->exec = pve_exec_open(&ctx->sys, &a->exec_opts, &ctx->err);
	return a->exec ? 0 : -1;
}

/* --- what must not be cut off --- */

/* The link of an interface whose hooks are to run; "" for other steps. */
static const char *hook_link(const struct pve_step *s)
{
	if (s->kind != PVE_STEP_CALL || strcmp(s->argv[0], NET_HOOK_CALL) != 0)
		return "";
	for (const char *const *v = s->argv; *v; v++)
		if (strncmp(*v, "IFACE=", 6) == 0)
			return *v + 6;
	return "";
}

/* The first way that the plan touches, and by which link; NULL: none. */
static const struct net_way *find_way(const struct apply *a, const struct pve_plan *plan,
				      const struct net_ways *ways, const char **link)
{
	const struct net_ops *ops = &a->delta.ops;
	const struct net_way *way = NULL;

	/* ifreload goes over every interface. */
	if (a->job->engine == NET_ENGINE_IFUPDOWN2 && ways->n) {
		*link = ways->v[0].link.v[0];
		return &ways->v[0];
	}
	for (size_t i = 0; !way && i < ops->n; i++) {
		*link = ops->v[i].object;
		way = ops->v[i].risk == NET_RISK_NONE ? NULL : net_ways_touched(ways, *link);
	}
	for (size_t i = 0; !way && i < plan->n; i++) {
		*link = hook_link(&plan->v[i]);
		way = net_ways_touched(ways, *link);
	}
	return way;
}

static int check_ways(const struct apply *a, const struct pve_plan *plan)
{
	struct pve_ctx *ctx = a->ctx;
	PVE_CLEANUP(net_ways_done) struct net_ways ways = {0};
	const struct net_way *way;
	const char *link = "";

	if (a->job->confirm || ctx->yes || a->job->engine == NET_ENGINE_REBOOT)
		return 0;
	if (net_ways_read(&ways, &ctx->sys, &a->delta.host.live, &ctx->err) < 0)
		return -1;
	way = find_way(a, plan, &ways, &link);
	if (!way || net_ways_refuse(way, link, &ctx->err) == 0)
		return 0;
	if (!ctx->dry_run)
		return -1;
	pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", ctx->err.msg);
	ctx->err = (struct pve_err){0};
	return 0;
}

static int check_engine(const struct apply *a)
{
	struct pve_ctx *ctx = a->ctx;
	struct net_engine_versions v;
	struct pve_dpkg db = {0};
	int ret;

	if (a->job->engine != NET_ENGINE_IFUPDOWN2)
		return 0;
	if (pve_dpkg_read(&db, &ctx->sys, NULL, &ctx->err) < 0)
		return -1;
	net_engine_versions(&db, &v);
	ret = net_engine_check(a->job->engine, &v, &a->delta.model, &ctx->err);
	pve_dpkg_done(&db);
	return ret;
}

/* --- all of it --- */

/* A rollback brings no other file back, so what names the pinned NIC there names nothing then. */
static void say_unpinned(struct apply *a, const char *path)
{
	PVE_FREE char *name = net_pin_name_of(path);
	PVE_BUF lines = {0};
	PVE_STRV each = {0};

	net_refs_read(&a->ctx->sys, &a->delta.conf, name, &lines);
	net_refs_read_file(&a->ctx->sys, NET_HOST_FW, name, &lines);
	pve_strv_split(&each, (struct pve_span){lines.data, lines.len}, "\n");
	for (size_t i = 0; i < each.n; i++)
		pve_log_line(&a->ctx->log, PVE_LOG_WARNING, "%s", each.v[i]);
}

/* udev reads the pins in the initramfs already. */
static void say_pins(struct apply *a, const struct pve_plan *plan)
{
	bool any = false;

	for (size_t i = 0; i < plan->n; i++) {
		const struct pve_step *s = &plan->v[i];
		bool gone = s->kind == PVE_STEP_REMOVE;

		if ((!gone && s->kind != PVE_STEP_WRITE) || !net_pin_is_path(s->target))
			continue;
		any = true;
		if (gone)
			say_unpinned(a, s->target);
	}
	if (any)
		pve_log_line(&a->ctx->log, PVE_LOG_NOTICE,
			     "names of NICs change at the next boot: run 'update-initramfs -u -k "
			     "all' before it");
}

static int carry_out(struct apply *a, struct pve_plan *plan)
{
	struct pve_ctx *ctx = a->ctx;

	if (pve_exec_apply(a->exec, plan, &ctx->err) < 0)
		return -1;
	say_pins(a, plan);
	if (plan->n && a->job->confirm)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "applied, for %u seconds: 'pve-net confirm' from a new login keeps it, "
			     "else it is undone", (unsigned)a->job->confirm);
	return 0;
}

static int run(struct apply *a)
{
	struct pve_ctx *ctx = a->ctx;
	PVE_PLAN plan = {0};

	if (begin(a) < 0 || net_delta_read(&a->delta, &ctx->sys, &a->opts, &ctx->err) < 0)
		return -1;
	if ((a->opts.view == NET_VIEW_STAGED && net_stage_check(&a->delta.stage, &ctx->err) < 0) ||
	    net_delta_check(&a->delta, &ctx->err) < 0 || check_engine(a) < 0)
		return -1;
	net_apply_warn(ctx, &a->delta);
	if (net_apply_plan(&plan, &a->delta, a->job, &ctx->sys, &ctx->err) < 0 ||
	    check_ways(a, &plan) < 0)
		return -1;
	if (!plan.n)
		pve_log_line(&ctx->log, PVE_LOG_INFO, "nothing to do");
	if (ctx->dry_run)
		return net_apply_print(ctx, &a->delta, &plan);
	return carry_out(a, &plan);
}

int net_apply_run(struct pve_ctx *ctx, const struct net_apply_job *job)
{
	struct apply a = {
		.ctx = ctx,
		.job = job,
		/* Until the next boot, which ends the guests, they keep what they have. */
		.opts = {.target = job->target,
			 .view = job->view,
			 .force = job->force || job->engine == NET_ENGINE_REBOOT},
	};
	int ret = run(&a);

	pve_exec_close(a.exec);
	net_run_done(&a.run);
	net_delta_done(&a.delta);
	return ret;
}

int net_cmd_apply(struct pve_ctx *ctx)
{
	const struct net_apply_opts *opts = ctx->opts;
	const struct net_apply_job job = {
		.via = "apply",
		.message = opts->message,
		.view = opts->live ? NET_VIEW_LIVE : NET_VIEW_STAGED,
		.engine = net_engine_parse(opts->engine),
		.confirm = opts->confirm,
		.force = opts->force,
		.verbose = ctx->log.level >= PVE_LOG_INFO,
	};

	return net_apply_run(ctx, &job);
}
