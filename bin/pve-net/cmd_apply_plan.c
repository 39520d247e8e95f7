/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <syslog.h>

#include "apply.h"

#include "calls.h"
#include "probe_hook.h"
#include "pvecommon/run.h"

enum { COL_STEP, COL_RISK, COL_OBJECT, COL_ACTION, COL_WHY };

const struct pve_col net_plan_cols[NET_PLAN_NCOLS] = {
	{"step", PVE_T_INT, false, "number, in the order of execution"},
	{"risk", PVE_T_STR, false, "none, blip, outage, guest loss"},
	{"object", PVE_T_STR, false, "interface or file"},
	{"action", PVE_T_STR, false, "what is done to it"},
	{"why", PVE_T_STR, false, "the reason"},
};

const struct pve_opt net_plan_options[] = {
	{'f', "force", PVE_OPT_FLAG, offsetof(struct net_plan_opts, force),
	 .help = "guests may lose their network"},
	{0, "live", PVE_OPT_FLAG, offsetof(struct net_plan_opts, live),
	 .help = "the files as they are, not what is staged"},
	{0},
};

const struct pve_opt net_apply_options[] = {
	{'c', "confirm", PVE_OPT_DURATION, offsetof(struct net_apply_opts, confirm), "SECONDS",
	 "undo it then, unless 'pve-net confirm' comes before", .min = 1, .max = NET_CONFIRM_MAX},
	{'e', "engine", PVE_OPT_CHOICE, offsetof(struct net_apply_opts, engine), "ENGINE",
	 "what applies it: native ifupdown2 reboot", NET_ENGINES},
	{'f', "force", PVE_OPT_FLAG, offsetof(struct net_apply_opts, force),
	 .help = "guests may lose their network"},
	{0, "live", PVE_OPT_FLAG, offsetof(struct net_apply_opts, live),
	 .help = "the files as they are, not what is staged"},
	{'m', "message", PVE_OPT_STR, offsetof(struct net_apply_opts, message), "TEXT",
	 "the reason, for history"},
	{0},
};

static int call_reload(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	static const char *const argv[] = {"ifreload", "-a", NULL};
	const struct pve_run cmd = {.argv = argv, .timeout_ms = 300000};

	struct pve_err why = {0};

	(void)data;
	if (strcmp(args[1], "skip") == 0 || pve_run_ok(sys, &cmd, NULL, &why) == 0)
		return 0;
	if (strcmp(args[1], "again") != 0)
		return pve_err_set(e, why.code, "%s", why.msg);
	syslog(LOG_DAEMON | LOG_ERR, "pve-net: the files are back, but the kernel may not be: %s",
	       why.msg);
	return 0;
}

const struct pve_call net_apply_calls[] = {
	NET_OPS_CALLS,
	{NET_HOOK_CALL, net_hook_call, true},
	{NET_RELOAD_CALL, call_reload, true},
	{NULL, NULL, false},
};

/* --- rows ---------------------------------------------------------------------- */

static const char *risk_color(enum net_risk r)
{
	static const char *const colors[] = {NULL, "yellow", "red", "red"};

	return colors[r];
}

static void op_rows(struct pve_out *out, const struct net_ops *ops, int *n)
{
	for (size_t i = 0; i < ops->n; i++) {
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_int(row, COL_STEP, ++*n);
		pve_row_str(row, COL_RISK, net_risk_name(ops->v[i].risk));
		pve_row_str(row, COL_OBJECT, ops->v[i].object);
		pve_row_str(row, COL_ACTION, ops->v[i].action);
		pve_row_str(row, COL_WHY, ops->v[i].why);
		pve_row_color(row, risk_color(ops->v[i].risk));
	}
}

/* "change" of "change /etc/network/interfaces". */
static void step_row(struct pve_out *out, const struct pve_step *s, int *n)
{
	struct pve_row *row = pve_out_row(out, NULL);
	PVE_BUF text = {0};

	pve_step_format(s, &text);
	if (s->kind != PVE_STEP_CALL && s->kind != PVE_STEP_RUN)
		text.data[strcspn(text.data, " ")] = '\0';
	pve_row_int(row, COL_STEP, ++*n);
	pve_row_str(row, COL_RISK, net_risk_name(NET_RISK_NONE));
	pve_row_str(row, COL_OBJECT, s->target);
	pve_row_str(row, COL_ACTION, pve_buf_str(&text));
	pve_row_str(row, COL_WHY, s->why);
}

int net_apply_print(struct pve_ctx *ctx, const struct net_delta *d, const struct pve_plan *plan)
{
	struct pve_out *out = pve_out_new(net_plan_cols, NET_PLAN_NCOLS, &ctx->out, &ctx->err);
	int n = 0, ret;

	if (!out)
		return -1;
	for (size_t i = 0; i < plan->n; i++) {
		const struct pve_step *s = &plan->v[i];

		if (s->kind == PVE_STEP_CALL && strcmp(s->argv[0], "net-ops") == 0)
			op_rows(out, &d->ops, &n);
		else
			step_row(out, s, &n);
	}
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

static void warn_all(struct pve_ctx *ctx, const struct pve_diags *diags)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct pve_diag *d = &diags->v[i];
		PVE_FREE char *line = d->file ? pve_diag_format(d) : pve_strdup(d->msg);

		if (d->severity == PVE_WARNING)
			pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
}

void net_apply_warn(struct pve_ctx *ctx, const struct net_delta *d)
{
	warn_all(ctx, &d->diags);
	warn_all(ctx, &d->ops.diags);
}
