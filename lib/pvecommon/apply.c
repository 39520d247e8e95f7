/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/apply.h"

#include "pvecommon/exec_hold.h"

enum { COL_STEP, COL_WHY };

static const struct pve_col plan_cols[] = {
	{"step", PVE_T_STR, false, "what is done to what"},
	{"why", PVE_T_STR, false, "the reason"},
};

static void tell(void *to, enum pve_level level, const char *line)
{
	pve_log_line(to, level, "%s", line);
}

/* What an earlier run has left lets the plan come out otherwise than a dry run says. */
static void warn_left(struct pve_ctx *ctx, const struct pve_exec_opts *o)
{
	PVE_HELD held = {0};

	if (pve_exec_interrupted(&ctx->sys, o->tool, NULL) <= 0)
		return;
	if (pve_exec_held(&ctx->sys, o->tool, &held, NULL) == 0 && held.state == PVE_HELD_WAITING)
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "a change awaits confirmation%s%s",
			     o->held_help ? ": " : "", o->held_help ? o->held_help : "");
	else
		pve_log_line(&ctx->log, PVE_LOG_WARNING,
			     "a run was interrupted; the next one that is not a dry "
			     "run mends it first, so its plan may differ");
}

int pve_ctx_begin(struct pve_ctx *ctx, const struct pve_call *calls, void *data,
		  struct pve_change *change)
{
	struct pve_exec_opts *o = &change->opts;
	struct pve_err own = {0};

	o->tool = o->tool ? o->tool : ctx->tool->name;
	o->calls = calls;
	o->data = data;
	o->tell = tell;
	o->tell_to = &ctx->log;
	if (ctx->dry_run) {
		warn_left(ctx, o);
		return 0;
	}
	o->wait_s = 0;
	change->exec = pve_exec_open(&ctx->sys, o, &own);
	if (!change->exec && own.code == PVE_AGAIN && ctx->wait) {
		pve_log_line(&ctx->log, PVE_LOG_INFO, "waiting up to %lld s: %s",
			     (long long)ctx->wait, own.msg);
		o->wait_s = (unsigned)ctx->wait;
		own = (struct pve_err){0};
		change->exec = pve_exec_open(&ctx->sys, o, &own);
	}
	if (!change->exec)
		ctx->err = own;
	return change->exec ? 0 : -1;
}

/* As text for people; as rows for -H and --json. */
static int show(struct pve_ctx *ctx, const struct pve_plan *plan)
{
	PVE_BUF text = {0};
	struct pve_out *out;
	int ret;

	if (!ctx->out.no_header && !ctx->out.json) {
		pve_plan_format(plan, &text);
		fputs(pve_buf_str(&text), stdout);
		return 0;
	}
	out = pve_out_new(plan_cols, 2, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < plan->n; i++) {
		struct pve_row *row = pve_out_row(out, NULL);
		PVE_BUF step = {0};

		pve_step_format(&plan->v[i], &step);
		pve_row_str(row, COL_STEP, pve_buf_str(&step));
		pve_row_str(row, COL_WHY, plan->v[i].why);
	}
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

int pve_ctx_apply(struct pve_ctx *ctx, struct pve_change *change, struct pve_plan *plan)
{
	if (!plan->n)
		pve_log_line(&ctx->log, PVE_LOG_INFO, "nothing to do");
	if (ctx->dry_run)
		return pve_plan_verify(plan, &ctx->err) < 0 ? -1 : show(ctx, plan);
	return pve_exec_apply(change->exec, plan, &ctx->err);
}

void pve_change_done(struct pve_change *change)
{
	pve_exec_close(change->exec);
	change->exec = NULL;
}
