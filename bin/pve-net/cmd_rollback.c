/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>

#include "apply.h"
#include "hold.h"
#include "probe_gen.h"
#include "pvecommon/exec_hold.h"
#include "pvecommon/num.h"

const struct pve_opt net_rollback_options[] = {
	{0, "at-deadline", PVE_OPT_FLAG, offsetof(struct net_rollback_opts, at_deadline),
	 .help = "wait until nothing awaits confirmation, and undo what nobody confirms"},
	{'c', "confirm", PVE_OPT_DURATION, offsetof(struct net_rollback_opts, confirm), "SECONDS",
	 "undo it then, unless 'pve-net confirm' comes before", .min = 1, .max = NET_CONFIRM_MAX},
	{'f', "force", PVE_OPT_FLAG, offsetof(struct net_rollback_opts, force),
	 .help = "guests may lose their network"},
	{'m', "message", PVE_OPT_STR, offsetof(struct net_rollback_opts, message), "TEXT",
	 "the reason, for history"},
	{0},
};

/* With --dry-run: what would be undone, last step first. */
static int preview(const struct pve_held *held)
{
	PVE_BUF text = {0};

	for (size_t i = held->plan.n; i-- > 0;) {
		const struct pve_step *s = &held->plan.v[i];

		pve_buf_puts(&text, "undo: ");
		pve_step_format(s, &text);
		pve_buf_putc(&text, '\n');
	}
	fputs(pve_buf_str(&text), stdout);
	return 0;
}

/* 1: there was something held, and it was undone, or a run that was interrupted, and what it had
 * left was mended; 0: there is neither. */
static int undo_held(struct pve_ctx *ctx)
{
	struct pve_exec_opts opts;
	PVE_HELD held = {0};

	if (pve_exec_held(&ctx->sys, NET_APPLY_TOOL, &held, &ctx->err) < 0)
		return -1;
	if (!held.plan.n)
		return 0;
	if (ctx->dry_run)
		return preview(&held) < 0 ? -1 : 1;
	net_hold_opts(ctx, &opts);
	if (pve_exec_revert(&ctx->sys, &opts, &ctx->err) == 0) {
		net_hold_warn_staged(ctx);
		return 1;
	}
	return ctx->err.code == PVE_NOTHERE && held.state == PVE_HELD_NONE ? 1 : -1;
}

/* Are the files what the generation says? */
static int is_live(struct pve_sys *sys, const struct net_gen *g, bool *live, struct pve_err *e)
{
	NET_GEN now = {0};
	struct net_conf c;
	int ret;

	if (net_conf_read(&c, sys, NET_INTERFACES, e) < 0)
		return -1;
	ret = net_gen_take(sys, &c, NULL, &now, e);
	net_conf_done(&c);
	*live = ret == 0 && net_gen_same(&now, g);
	return ret;
}

/* The generation before the newest; the newest, when the files were changed since. */
static int find_before(struct pve_ctx *ctx, unsigned *number)
{
	NET_GEN_STORE store = {0};
	NET_GEN newest = {0};
	bool live;

	if (net_gen_list(&ctx->sys, &store, &ctx->err) < 0)
		return -1;
	if (!store.n)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "nothing was applied yet, so there is nothing to go back to");
	*number = store.number[store.n - 1];
	if (net_gen_read(&ctx->sys, *number, &newest, &ctx->err) < 0 ||
	    is_live(&ctx->sys, &newest, &live, &ctx->err) < 0)
		return -1;
	if (!live)
		return 0;
	if (store.n < 2)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "generation %u is the only one: there is none before it",
				   *number);
	*number = store.number[store.n - 2];
	return 0;
}

static int go_to(struct pve_ctx *ctx, unsigned number)
{
	const struct net_rollback_opts *opts = ctx->opts;
	PVE_FREE char *via = pve_asprintf("rollback %u", number);
	NET_GEN target = {0};
	const struct net_apply_job job = {
		.via = via,
		.message = opts->message,
		.target = &target,
		.view = NET_VIEW_STAGED,
		.confirm = opts->confirm,
		.force = opts->force,
		.verbose = ctx->log.level >= PVE_LOG_INFO,
	};

	if (net_gen_read(&ctx->sys, number, &target, &ctx->err) < 0)
		return -1;
	return net_apply_run(ctx, &job);
}

int net_cmd_rollback(struct pve_ctx *ctx)
{
	const struct net_rollback_opts *opts = ctx->opts;
	uint64_t wanted = 0;
	unsigned number = 0;
	int undone;

	if (opts->at_deadline && (ctx->operands.n || opts->confirm || ctx->dry_run))
		return pve_err_set(&ctx->err, PVE_USAGE, "rollback --at-deadline stands alone");
	if (opts->at_deadline)
		return net_watchdog_wait(ctx);
	if (ctx->operands.n) {
		if (pve_num_u64(ctx->operands.v[0], 1, UINT_MAX, &wanted, &ctx->err) < 0)
			return pve_err_prefix(&ctx->err, "rollback");
		return go_to(ctx, (unsigned)wanted);
	}
	undone = undo_held(ctx);
	if (undone)
		return undone < 0 ? -1 : 0;
	return find_before(ctx, &number) < 0 ? -1 : go_to(ctx, number);
}
