/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "change.h"
#include "repo.h"
#include "suite.h"

const struct pve_opt repo_suite_options[] = {
	{'a', "archive", PVE_OPT_FLAG, offsetof(struct repo_suite_opts, archive),
	 .help = "of a retired release: at the archive hosts"},
	{'f', "force", PVE_OPT_FLAG, offsetof(struct repo_suite_opts, force),
	 .help = "also to a release that is not the next one, or an earlier one"},
	{0},
};

/* One release at a time is all that is supported. */
static int check_step(struct repo_work *w, const struct repo_suite *to)
{
	const struct repo_suite_opts *opts = w->ctx->opts;
	int from = repo_suite_order(w->host.codename), n = repo_suite_order(to->codename);

	if (opts->force || from < 0 || n == from || n == from + 1)
		return 0;
	return pve_err_set(&w->ctx->err, PVE_USAGE,
			   "this host has %s; the way to %s leads over %s (--force goes at once)",
			   w->host.codename, to->codename,
			   n > from ? repo_suites[from + 1].codename : "a new installation");
}

static void tell(struct repo_work *w, const struct repo_move *m)
{
	for (size_t i = 0; i < m->said.n; i++) {
		PVE_FREE char *line = pve_diag_format(&m->said.v[i]);

		if (m->said.v[i].severity != PVE_ERROR)
			pve_log_line(&w->ctx->log, PVE_LOG_WARNING, "%s", line);
	}
}

int repo_cmd_suite(struct pve_ctx *ctx)
{
	const struct repo_suite_opts *opts = ctx->opts;
	REPO_WORK w = {0};
	PVE_CLEANUP(repo_move_done) struct repo_move m = {0};

	if (repo_work_begin(&w, ctx, ctx->operands.v[0]) < 0 || check_step(&w, w.suite) < 0)
		return -1;
	m.s = &w.host.sources;
	m.to = w.suite;
	m.archive = opts->archive;
	m.edits = w.edits;
	repo_move(&m);
	tell(&w, &m);
	if (pve_diags_err(&m.said, &ctx->err) < 0)
		return -1;
	if (w.suite->pve > 9)
		pve_log_line(&ctx->log, PVE_LOG_WARNING,
			     "Proxmox VE %u was not known when this program was made: what it has "
			     "may differ", w.suite->pve);
	repo_work_draft(&w, "the host moves to another release");
	return repo_work_end(&w);
}
