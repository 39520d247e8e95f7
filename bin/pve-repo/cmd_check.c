/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"
#include "check_fetched.h"
#include "repo.h"

const struct pve_opt repo_check_options[] = {
	{'s', "suite", PVE_OPT_STR, offsetof(struct repo_check_opts, suite), "RELEASE",
	 .help = "and whether the host can move to this release"},
	{0},
};

/* What cannot be read leaves a question, but not all of them. */
static void unknown(struct pve_ctx *ctx, struct pve_findings *found, const struct pve_err *e)
{
	pve_log_err(&ctx->log, e);
	found->unknown = true;
}

static void check_host(struct pve_ctx *ctx, const struct repo_host *h, struct repo_facts *facts,
		       struct repo_aptconf *conf, struct pve_findings *found)
{
	struct pve_arena mem = {0};
	struct pve_err e = {0};

	facts->host = h;
	facts->suite = repo_suite_find(h->codename);
	if (facts->suite)
		facts->all = repo_standards(facts->suite, &mem);
	if (repo_facts_read(facts, &ctx->sys, &mem, &e) < 0)
		unknown(ctx, found, &e);
	if (repo_aptconf_read(conf, &ctx->sys, &e) < 0)
		unknown(ctx, found, &e);
	else
		facts->conf = conf;
	repo_check(facts, found);
	if (facts->conf && repo_check_fetched_host(h, conf, &ctx->sys, found, &e) < 0)
		unknown(ctx, found, &e);
	pve_arena_done(&mem);
}

int repo_cmd_check(struct pve_ctx *ctx)
{
	const struct repo_check_opts *opts = ctx->opts;
	struct pve_findings found = {0};
	struct repo_facts facts = {0};
	struct repo_aptconf conf = {0};
	struct repo_host h;
	struct pve_err e = {0};
	int code;

	facts.next = opts->suite ? repo_suite_find(opts->suite) : NULL;
	if (opts->suite && !facts.next)
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is no release that is known here",
				   opts->suite);
	if (repo_host_read(&h, &ctx->sys, &e) == 0) {
		check_host(ctx, &h, &facts, &conf, &found);
		repo_aptconf_done(&conf);
		repo_host_done(&h);
	} else {
		unknown(ctx, &found, &e);
	}
	code = pve_findings_report(ctx, &found);
	pve_findings_done(&found);
	return code;
}
