/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/refresh.h"
#include "pve-repo/updates.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"
#include "repo.h"

#define OUTPUT_MAX (4u << 20)

enum {
	COL_REPOSITORY,
	COL_STATE,
	COL_HTTP,
	COL_REASON,
	COL_FIX,
	COL_SOURCE,
	COL_SAID,
	NCOLS,
};

const struct pve_col repo_refresh_cols[REPO_REFRESH_NCOLS] = {
	{"repository", PVE_T_STR, false, "URI and suite"},
	{"state", PVE_T_STR, false, "new, same, failed; unknown: apt did not come to it"},
	{"http", PVE_T_INT, false, "status with which the server refused"},
	{"reason", PVE_T_STR, false, "why it failed"},
	{"fix", PVE_T_STR, false, "command that mends it"},
	{"source", PVE_T_STR, true, "the entry that names it, FILE:LINE"},
	{"said", PVE_T_STR, true, "what apt said"},
};
_Static_assert(NCOLS == REPO_REFRESH_NCOLS, "a column each");

struct refresh {
	const struct repo_lists *lists;
	struct repo_refreshes outcome;
	bool ran;
};

/* apt-get takes its own lock, and leaves each list as it was or as it is now. */
static int update(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	static const char *const argv[] = {"apt-get", "-q", "-o", "Acquire::Retries=1",
					   "update",  NULL};
	struct pve_run cmd = {.argv = argv, .limit = OUTPUT_MAX};
	struct refresh *r = data;
	struct pve_run_result res;
	PVE_BUF all = {0};

	(void)args;
	if (pve_run(sys, &cmd, &res, e) < 0)
		return -1;
	pve_buf_add(&all, pve_buf_str(&res.out), res.out.len);
	pve_buf_add(&all, pve_buf_str(&res.err), res.err.len);
	repo_refreshes_done(&r->outcome);
	repo_refresh_parse(&r->outcome, r->lists, (struct pve_span){pve_buf_str(&all), all.len});
	r->ran = true;
	pve_run_done(&res);
	return 0;
}

static int print(struct pve_ctx *ctx, const struct repo_refreshes *o)
{
	struct pve_out *out = pve_out_new(repo_refresh_cols, NCOLS, &ctx->out, &ctx->err);
	bool failed = o->other.n > 0;
	int rc;

	if (!out)
		return -1;
	for (size_t i = 0; i < o->n; i++) {
		const struct repo_refresh *x = &o->v[i];
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_fmt(row, COL_REPOSITORY, "%s %s", x->uri, x->suite);
		pve_row_str(row, COL_STATE, repo_fetch_name(x->state));
		if (x->http)
			pve_row_int(row, COL_HTTP, x->http);
		pve_row_text(row, COL_REASON, x->reason);
		pve_row_str(row, COL_FIX, x->fix);
		pve_row_fmt(row, COL_SOURCE, "%s:%u", x->dist->entry->file->path,
			    x->dist->entry->line);
		pve_row_text(row, COL_SAID, x->said);
		if (x->state == REPO_FETCH_FAILED)
			pve_row_color(row, "red");
		failed |= x->state == REPO_FETCH_FAILED;
	}
	for (size_t i = 0; i < o->other.n; i++)
		pve_log_line(&ctx->log, PVE_LOG_ERROR, "apt: %s", o->other.v[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc < 0 ? -1 : failed ? PVE_FAILED : 0;
}

/* So that notify can tell what failed, even when it runs later. */
static int keep(struct pve_ctx *ctx, struct pve_change *change, const struct repo_refreshes *o)
{
	PVE_PLAN plan = {0};
	PVE_BUF was = {0}, now = {0};
	struct pve_span old;
	bool there;

	if (repo_probe_file(&ctx->sys, REPO_REFRESH_STATE, &was, &there, &ctx->err) < 0)
		return -1;
	old = (struct pve_span){pve_buf_str(&was), was.len};
	repo_refresh_format(o, &now);
	pve_plan_write(&plan, REPO_REFRESH_STATE, there ? &old : NULL,
		       (struct pve_span){pve_buf_str(&now), now.len}, 0644,
		       "the outcome, for pve-repo notify");
	return pve_ctx_apply(ctx, change, &plan);
}

static int refresh(struct pve_ctx *ctx, struct refresh *r, struct repo_state *s)
{
	static const char *const argv[] = {"update", NULL};
	const struct pve_call calls[] = {{"update", update}, {0}};
	PVE_CHANGE change = {.opts.tool = "pve-repo-refresh"}; /* edits need not wait for it */
	PVE_PLAN plan = {0};

	if (ctx->sys.rooted)
		return pve_err_set(
			&ctx->err, PVE_DENIED,
			"apt-get update works on the host itself only, not below --root");
	if (pve_ctx_begin(ctx, calls, r, &change) < 0 ||
	    repo_host_read(&s->host, &ctx->sys, &ctx->err) < 0 ||
	    repo_aptconf_read(&s->conf, &ctx->sys, &ctx->err) < 0 ||
	    repo_lists_read(&s->lists, &s->conf, &s->host, &ctx->sys, &ctx->err) < 0)
		return -1;
	r->ran = false; /* an interrupted one may have been completed just now */
	if (pve_diags_err(&s->host.sources.diags, &ctx->err) < 0)
		return -1;
	pve_plan_call(&plan, s->lists.dir, argv, NULL, "apt-get update of %zu repositories",
		      s->lists.ndists);
	if (pve_ctx_apply(ctx, &change, &plan) < 0)
		return -1;
	if (!r->ran)
		return 0;
	if (keep(ctx, &change, &r->outcome) < 0)
		return -1;
	return print(ctx, &r->outcome);
}

int repo_cmd_refresh(struct pve_ctx *ctx)
{
	struct repo_state s = {0};
	struct refresh r = {.lists = &s.lists};
	int rc = refresh(ctx, &r, &s);

	repo_refreshes_done(&r.outcome);
	repo_state_done(&s);
	return rc;
}
