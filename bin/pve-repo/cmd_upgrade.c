/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "pve-repo/guard.h"
#include "pvecommon/apply.h"
#include "pvecommon/run.h"
#include "repo.h"

enum { COL_PACKAGE, COL_ACTION, COL_INSTALLED, COL_CANDIDATE, COL_ORIGIN, NCOLS };

const struct pve_col repo_upgrade_cols[REPO_UPGRADE_NCOLS] = {
	{"package", PVE_T_STR, false, "name"},
	{"action", PVE_T_STR, false, "upgrade, install, configure, remove, purge"},
	{"installed", PVE_T_STR, false, "version that is there"},
	{"candidate", PVE_T_STR, false, "version that comes"},
	{"origin", PVE_T_STR, false, "where it comes from, as apt says it"},
};
_Static_assert(NCOLS == REPO_UPGRADE_NCOLS, "a column each");

struct upgrade {
	struct pve_ctx *ctx;
	bool agreed; /* this run has passed the guards and the question */
};

/* An upgrade that was interrupted is not begun again by itself: apt and dpkg know best where they
 * were, and the next upgrade is looked at as any other. */
static int dist_upgrade(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	static const char *const argv[] = {"env",          "DEBIAN_FRONTEND=noninteractive",
					   "apt-get",      "-y",
					   "-o",           "Dpkg::Options::=--force-confdef",
					   "-o",           "Dpkg::Options::=--force-confold",
					   "dist-upgrade", NULL};
	struct pve_run cmd = {.argv = argv, .inherit = true};
	struct pve_run_result res;
	struct upgrade *u = data;
	int status;

	(void)args;
	if (!u->agreed)
		return 0;
	if (pve_run(sys, &cmd, &res, e) < 0)
		return -1;
	status = res.status;
	pve_run_done(&res);
	if (status == 0)
		return 0;
	return pve_err_set(e, PVE_FAILED,
			   "apt-get ended with status %d; what it said is above, \"dpkg --audit\" "
			   "says what is left, and \"pve-repo upgrade\" goes on with it",
			   status);
}

static int print(struct pve_ctx *ctx, const struct repo_sim *sim)
{
	static const char *const actions[] = {[REPO_SIM_INSTALL] = "install",
					      [REPO_SIM_UPGRADE] = "upgrade",
					      [REPO_SIM_CONFIGURE] = "configure",
					      [REPO_SIM_REMOVE] = "remove",
					      [REPO_SIM_PURGE] = "purge"};
	struct pve_out *out =
		pve_out_new(repo_upgrade_cols, REPO_UPGRADE_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	for (size_t i = 0; i < sim->n; i++) {
		const struct repo_sim_item *x = &sim->v[i];
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, COL_PACKAGE, x->package);
		pve_row_str(row, COL_ACTION, actions[x->action]);
		pve_row_str(row, COL_INSTALLED, x->installed);
		pve_row_str(row, COL_CANDIDATE, x->candidate);
		pve_row_str(row, COL_ORIGIN, x->origin);
		if (x->action >= REPO_SIM_REMOVE)
			pve_row_color(row, "red");
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

static int ask(struct pve_ctx *ctx, const struct repo_sim *sim)
{
	size_t removed = 0;

	for (size_t i = 0; i < sim->n; i++)
		removed += sim->v[i].action >= REPO_SIM_REMOVE;
	return pve_ctx_confirm(ctx, "Upgrade %zu packages, of which %zu go away?", sim->n, removed);
}

static int upgrade(struct upgrade *u, struct repo_sim *sim)
{
	static const char *const argv[] = {"dist-upgrade", NULL};
	const struct pve_call calls[] = {{"dist-upgrade", dist_upgrade}, {0}};
	PVE_CHANGE change = {.opts.tool = "pve-repo-upgrade"};
	struct pve_ctx *ctx = u->ctx;
	PVE_PLAN plan = {0};
	struct utsname kernel;

	if (!ctx->sys.rooted && pve_ctx_begin(ctx, calls, u, &change) < 0)
		return -1;
	if (repo_sim_run(sim, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (!sim->n) {
		pve_log_line(&ctx->log, PVE_LOG_NOTICE, "nothing to upgrade");
		return 0;
	}
	if (uname(&kernel) < 0)
		kernel.release[0] = '\0';
	if (print(ctx, sim) < 0 || repo_guard(sim, kernel.release, &ctx->err) < 0)
		return -1;
	if (ctx->dry_run)
		return 0; /* the rows are the plan */
	if (ask(ctx, sim) < 0)
		return -1;
	u->agreed = true;
	pve_plan_call(&plan, "the system", argv, NULL, "apt-get dist-upgrade of %zu packages",
		      sim->n);
	if (pve_ctx_apply(ctx, &change, &plan) < 0)
		return -1;
	if (repo_brings_kernel(sim))
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "a new kernel was installed: it is used "
			     "after the next reboot");
	return 0;
}

int repo_cmd_upgrade(struct pve_ctx *ctx)
{
	struct upgrade u = {.ctx = ctx};
	struct repo_sim sim = {0};
	int rc = upgrade(&u, &sim);

	repo_sim_done(&sim);
	return rc;
}
