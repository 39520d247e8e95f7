/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/fresh.h"
#include "pve-repo/updates.h"
#include "pve-repo/verify.h"
#include "repo.h"

enum {
	COL_REPOSITORY,
	COL_PART,
	COL_STATE,
	COL_DATE,
	COL_SIGNER,
	COL_FILE,
	COL_MESSAGE,
	NCOLS,
};

const struct pve_col repo_verify_cols[REPO_VERIFY_NCOLS] = {
	{"repository", PVE_T_STR, false, "URI and suite"},
	{"part", PVE_T_STR, false, "signature, date, suite, or the list"},
	{"state", PVE_T_STR, false, "good, or what is wrong"},
	{"date", PVE_T_TIME, false, "of the Release"},
	{"signer", PVE_T_STR, true, "fingerprint of the key that signed"},
	{"file", PVE_T_STR, true, "that was looked at"},
	{"message", PVE_T_STR, false, "in words, when it is not good"},
};
_Static_assert(NCOLS == REPO_VERIFY_NCOLS, "a column each");

struct report {
	struct pve_ctx *ctx;
	struct repo_state state;
	struct repo_keys keys;
	struct pve_out *out;
	struct pve_findings found; /* for the exit code */
	time_t now;
};

static struct pve_row *add(struct report *r, const struct repo_dist *d, const char *part,
			   const char *state, const char *file)
{
	struct pve_row *row = pve_out_row(r->out, NULL);

	pve_row_fmt(row, COL_REPOSITORY, "%s %s", d->uri, d->suite);
	pve_row_str(row, COL_PART, part);
	pve_row_str(row, COL_STATE, state);
	pve_row_str(row, COL_FILE, file);
	return row;
}

static void find(struct report *r, struct pve_row *row, enum pve_finding_severity severity,
		 const char *message)
{
	pve_findings_add(&r->found, severity, "VERIFY", "", "%s", message);
	pve_row_str(row, COL_MESSAGE, message);
	pve_row_color(row, severity == PVE_F_CRITICAL  ? "red"
			   : severity == PVE_F_WARNING ? "yellow"
						       : NULL);
}

/* What apt itself lets pass is no more than a warning. */
static enum pve_finding_severity severity_of(const struct repo_dist *d, enum repo_verdict v)
{
	if (v == REPO_V_ABSENT || v == REPO_V_UNLISTED || d->trusted)
		return PVE_F_WARNING;
	return PVE_F_CRITICAL;
}

static void add_signature(struct report *r, const struct repo_dist *d)
{
	struct repo_verified v;
	struct pve_row *row;

	repo_verify_release(&v, d, &r->keys, &r->ctx->sys);
	row = add(r, d, "signature", repo_verdict_name(v.verdict), d->path);
	if (d->release.date >= 0)
		pve_row_time(row, COL_DATE, d->release.date);
	pve_row_text(row, COL_SIGNER, v.signer);
	if (v.verdict == REPO_V_UNKNOWN) {
		r->found.unknown = true;
		pve_row_str(row, COL_MESSAGE, v.why.msg);
	} else if (v.verdict != REPO_V_GOOD) {
		find(r, row, severity_of(d, v.verdict), v.why.msg);
	}
}

/* Dates and names in the Release. */
static void add_freshness(struct report *r, const struct repo_dist *d)
{
	struct repo_fresh f;

	if (!d->path)
		return;
	for (unsigned i = 0; i < REPO_FRESH_KINDS; i++) {
		struct pve_row *row;

		if (!repo_fresh_check(&f, d, (enum repo_fresh_kind)i, r->now))
			continue;
		row = add(r, d, f.part, f.state, d->path);
		if (d->release.date >= 0)
			pve_row_time(row, COL_DATE, d->release.date);
		find(r, row, f.severity, f.message);
	}
}

static void add_lists(struct report *r, const struct repo_dist *d)
{
	for (size_t i = 0; i < r->state.lists.nindexes; i++) {
		const struct repo_index *x = r->state.lists.index[i];
		struct repo_verified v;
		struct pve_row *row;

		if (x->dist != d || !x->path)
			continue;
		repo_verify_index(&v, x, &r->ctx->sys);
		row = add(r, d, x->name, repo_verdict_name(v.verdict), x->path);
		if (v.verdict != REPO_V_GOOD)
			find(r, row, severity_of(d, v.verdict), v.why.msg);
	}
}

static int run(struct report *r)
{
	struct repo_state *s = &r->state;
	struct pve_sys *sys = &r->ctx->sys;
	struct pve_err *e = &r->ctx->err;

	if (repo_host_read(&s->host, sys, e) < 0 || repo_aptconf_read(&s->conf, sys, e) < 0 ||
	    repo_lists_read(&s->lists, &s->conf, &s->host, sys, e) < 0 ||
	    repo_keys_read(&r->keys, &s->conf, &s->lists, &s->host.sources, sys, e) < 0)
		return -1;
	repo_warn_refused(r->ctx, &s->host.sources);
	r->out = pve_out_new(repo_verify_cols, NCOLS, &r->ctx->out, e);
	if (!r->out)
		return -1;
	r->now = pve_sys_time(sys);
	for (size_t i = 0; i < s->lists.ndists; i++) {
		add_signature(r, s->lists.dist[i]);
		add_freshness(r, s->lists.dist[i]);
		add_lists(r, s->lists.dist[i]);
	}
	if (pve_ctx_print(r->ctx, r->out) < 0)
		return -1;
	return pve_findings_code(&r->found);
}

int repo_cmd_verify(struct pve_ctx *ctx)
{
	struct report r = {.ctx = ctx};
	int rc = run(&r);

	pve_out_free(r.out);
	pve_findings_done(&r.found);
	repo_keys_done(&r.keys);
	repo_state_done(&r.state);
	return rc;
}
