/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "meaning.h"
#include "pvecommon/diff.h"
#include "staging.h"

enum { COL_INTERFACE, COL_OPTION, COL_OLD, COL_NEW };

const struct pve_col net_diff_cols[NET_DIFF_NCOLS] = {
	{"interface", PVE_T_STR, false, "whose option differs"},
	{"option", PVE_T_STR, false, "which one; type, method and autostart too"},
	{"old", PVE_T_STR, false, "its live value; empty: not there"},
	{"new", PVE_T_STR, false, "its staged value; empty: goes away"},
};

const struct pve_opt net_diff_options[] = {
	{'m', "meaning", PVE_OPT_FLAG, offsetof(struct net_diff_opts, meaning),
	 .help = "rows of interface, option, old and new instead of text"},
	{0},
};

static int print_text(const struct net_stage *s)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i]->staged_there)
			pve_diff(s->v[i]->live, s->v[i]->staged, s->v[i]->path,
				 s->v[i]->staged_path, &text);
	fputs(pve_buf_str(&text), stdout);
	return text.len ? PVE_FAILED : PVE_OK;
}

static int print_rows(struct pve_ctx *ctx, const struct net_differences *d)
{
	struct pve_out *out = pve_out_new(net_diff_cols, NET_DIFF_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, COL_INTERFACE, d->v[i].iface);
		pve_row_str(row, COL_OPTION, d->v[i].option);
		pve_row_str(row, COL_OLD, d->v[i].was);
		pve_row_str(row, COL_NEW, d->v[i].is);
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc < 0 ? -1 : d->n ? PVE_FAILED : PVE_OK;
}

static int print_meaning(struct pve_ctx *ctx, struct net_stage *s)
{
	struct net_conf was = {0}, is = {0};
	struct net_model was_model, is_model;
	struct net_differences d;
	int rc;

	if (net_stage_conf(s, &ctx->sys, NET_VIEW_LIVE, &was, &ctx->err) < 0)
		return -1;
	if (net_stage_conf(s, &ctx->sys, NET_VIEW_STAGED, &is, &ctx->err) < 0) {
		net_conf_done(&was);
		return -1;
	}
	net_model_read(&was_model, &was);
	net_model_read(&is_model, &is);
	net_meaning_diff(&was_model, &is_model, &d);
	rc = print_rows(ctx, &d);
	net_differences_done(&d);
	net_model_done(&was_model);
	net_model_done(&is_model);
	net_conf_done(&was);
	net_conf_done(&is);
	return rc;
}

int net_cmd_diff(struct pve_ctx *ctx)
{
	const struct net_diff_opts *opts = ctx->opts;
	PVE_CLEANUP(net_stage_done) struct net_stage stage = {0};
	bool rows = opts->meaning || ctx->out.json || ctx->out.no_header || ctx->out.columns;

	if (net_stage_read(&stage, &ctx->sys, &ctx->err) < 0)
		return -1;
	for (size_t i = 0; i < stage.n; i++)
		if (net_stage_stale(stage.v[i]))
			pve_log_line(&ctx->log, PVE_LOG_WARNING,
				     "%s changed after the staged changes were made: "
				     "'pve-net set --rebase' merges them",
				     stage.v[i]->path);
	return rows ? print_meaning(ctx, &stage) : print_text(&stage);
}
