/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/simulate.h"
#include "pve-repo/updates.h"
#include "repo.h"

enum {
	COL_PACKAGE,
	COL_INSTALLED,
	COL_CANDIDATE,
	COL_ORIGIN,
	COL_SECTION,
	COL_SECURITY,
	COL_HELD,
	COL_REASON,
	COL_SOURCE,
	COL_SUITE,
	COL_PRIORITY,
};

const struct pve_col repo_updates_cols[REPO_UPDATES_NCOLS] = {
	{"package", PVE_T_STR, false, "name; with its architecture when that is a foreign one"},
	{"installed", PVE_T_STR, false, "version; empty: would be installed newly"},
	{"candidate", PVE_T_STR, false, "version that an upgrade brings"},
	{"origin", PVE_T_STR, false, "where it comes from: Debian, Proxmox, or a host"},
	{"section", PVE_T_STR, false, "admin, kernel and the like"},
	{"security", PVE_T_BOOL, false, "a security list has it, or a fix below it"},
	{"held", PVE_T_BOOL, false, "kept back by apt-mark hold"},
	{"reason", PVE_T_STR, false, "why it is a candidate, or kept back"},
	{"source", PVE_T_STR, true, "its source package"},
	{"suite", PVE_T_STR, true, "of the list that it comes from, by its codename"},
	{"priority", PVE_T_INT, true, "by which it was chosen"},
};

const struct pve_opt repo_updates_options[] = {
	{'s', "security", PVE_OPT_FLAG, offsetof(struct repo_updates_opts, security),
	 .help = "only security updates"},
	{0, "new", PVE_OPT_FLAG, offsetof(struct repo_updates_opts, added),
	 .help = "and what apt-get dist-upgrade would install newly"},
	{0},
};

static void add_row(struct pve_out *out, const struct repo_update *u)
{
	struct pve_row *row = pve_out_row(out, NULL);
	const struct repo_dist *d = u->dist;
	PVE_BUF reason = {0};

	repo_update_reason(u, &reason);
	pve_row_str(row, COL_PACKAGE, u->package);
	pve_row_str(row, COL_INSTALLED, u->installed);
	pve_row_str(row, COL_CANDIDATE, u->candidate);
	pve_row_text(row, COL_ORIGIN, u->origin);
	pve_row_text(row, COL_SECTION, u->section);
	pve_row_bool(row, COL_SECURITY, u->security);
	pve_row_bool(row, COL_HELD, u->held);
	pve_row_str(row, COL_REASON, pve_buf_str(&reason));
	pve_row_text(row, COL_SOURCE, u->source);
	if (d)
		pve_row_str(row, COL_SUITE, d->codename ? d->codename : d->suite);
	if (u->priority)
		pve_row_int(row, COL_PRIORITY, u->priority);
	if (u->security && !u->held)
		pve_row_color(row, "red");
}

void repo_state_warn(struct pve_ctx *ctx, const struct repo_state *s)
{
	for (size_t i = 0; i < s->diags.n; i++) {
		PVE_FREE char *text = pve_diag_format(&s->diags.v[i]);

		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", text);
	}
}

static int print(struct pve_ctx *ctx, const struct repo_updates *u)
{
	const struct repo_updates_opts *opts = ctx->opts;
	struct pve_out *out =
		pve_out_new(repo_updates_cols, REPO_UPDATES_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	for (size_t i = 0; i < u->n; i++)
		if (!opts->security || u->v[i].security)
			add_row(out, &u->v[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

int repo_cmd_updates(struct pve_ctx *ctx)
{
	const struct repo_updates_opts *opts = ctx->opts;
	struct repo_updates u = {0};
	struct repo_state s;
	int rc;

	if (repo_state_read(&s, &ctx->sys, &ctx->err) < 0)
		return -1;
	rc = repo_updates_read(&u, &s, &ctx->sys, &ctx->err);
	repo_state_warn(ctx, &s);
	if (rc == 0 && opts->added)
		rc = repo_simulate_new(&u, &ctx->sys, &ctx->err);
	if (rc == 0)
		rc = print(ctx, &u);
	repo_updates_done(&u);
	repo_state_done(&s);
	return rc;
}
