/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the editing commands have in common. */
#include "check.h"
#include "probe_refs.h"
#include "pvecommon/fs.h"
#include "staging.h"

static void say_lines(struct pve_ctx *ctx, const struct pve_buf *lines)
{
	PVE_STRV each = {0};

	pve_strv_split(&each, (struct pve_span){lines->data, lines->len}, "\n");
	for (size_t i = 0; i < each.n; i++)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE, "%s", each.v[i]);
}

static int make_current(struct pve_ctx *ctx, struct net_editing *x)
{
	const struct net_edit_opts *opts = ctx->opts;

	if (net_stage_foreign(&x->stage))
		pve_log_line(
			&ctx->log, PVE_LOG_NOTICE,
			"%s was staged by another program, perhaps the GUI: this edit is added "
			"to it",
			NET_STAGED);
	return opts->rebase ? net_stage_rebase(&x->stage, &ctx->err)
			    : net_stage_check(&x->stage, &ctx->err);
}

int net_editing_begin(struct pve_ctx *ctx, struct net_editing *x)
{
	const struct net_edit_opts *opts = ctx->opts;
	struct net_stage_file *main_file;

	if (pve_ctx_begin(ctx, NULL, NULL, &x->change) < 0 ||
	    net_stage_read_lean(&x->stage, &ctx->sys, &ctx->err) < 0 || make_current(ctx, x) < 0)
		return -1;
	main_file = x->stage.v[0];
	if (!main_file->live_there && !main_file->staged_there)
		net_stage_put(&x->stage, main_file, pve_span(""));
	if (net_stage_conf(&x->stage, &ctx->sys, NET_VIEW_STAGED, &x->conf, &ctx->err) < 0)
		return -1;
	net_edit_init(&x->ed, &x->conf);
	x->ed.force = opts->force;
	return 0;
}

int net_editing_put(struct pve_ctx *ctx, struct net_editing *x, const char *path,
		    struct pve_span bytes)
{
	struct net_stage_file *f = net_stage_open(&x->stage, &ctx->sys, path, &ctx->err);

	if (!f)
		return -1;
	net_stage_put(&x->stage, f, bytes);
	return 0;
}

int net_editing_firewall(struct pve_ctx *ctx, struct net_editing *x, const char *old,
			 const char *name)
{
	struct net_stage_file *f;
	PVE_BUF text = {0};
	unsigned n;

	if (!pve_fs_exists(&ctx->sys, NET_HOST_FW))
		return 0;
	f = net_stage_open(&x->stage, &ctx->sys, NET_HOST_FW, &ctx->err);
	if (!f)
		return -1;
	n = net_rename_words(net_stage_bytes(f), old, name, &text);
	if (!n)
		return 0;
	pve_log_line(&ctx->log, PVE_LOG_NOTICE,
		     "%s: changed in the firewall, look at it: %u time%s", NET_HOST_FW, n,
		     n > 1 ? "s" : "");
	net_stage_put(&x->stage, f, (struct pve_span){text.data, text.len});
	return 0;
}

void net_editing_elsewhere(struct pve_ctx *ctx, struct net_editing *x, const char *name)
{
	PVE_BUF lines = {0};

	net_refs_read(&ctx->sys, &x->conf, name, &lines);
	say_lines(ctx, &lines);
}

/* --- the result ----------------------------------------------------------------- */

static void find(const struct net_conf *conf, struct pve_findings *found)
{
	struct check_facts facts = {0};
	struct net_model model;

	net_model_read(&model, conf);
	net_check(conf, &model, &facts, found);
	net_model_done(&model);
	check_facts_done(&facts);
}

static bool same_finding(const struct pve_finding *a, const struct pve_finding *b)
{
	return strcmp(a->code, b->code) == 0 && strcmp(a->message, b->message) == 0;
}

/* Is it among those of before?  Each of them excuses one. */
static bool was_there(struct pve_findings *before, const struct pve_finding *f)
{
	for (size_t i = 0; i < before->n; i++) {
		if (before->v[i].severity != PVE_F_CRITICAL || !same_finding(&before->v[i], f))
			continue;
		before->v[i].severity = PVE_F_INFO;
		return true;
	}
	return false;
}

static int refuse_new(struct pve_ctx *ctx, struct net_editing *x, const struct pve_findings *after)
{
	struct pve_findings old = {0};
	struct net_conf before;
	PVE_BUF lines = {0};

	if (net_stage_conf(&x->stage, &ctx->sys, NET_VIEW_BEFORE, &before, &ctx->err) < 0)
		return -1;
	find(&before, &old);
	net_conf_done(&before);
	for (size_t i = 0; i < after->n; i++) {
		const struct pve_finding *f = &after->v[i];

		if (f->severity == PVE_F_CRITICAL && !was_there(&old, f))
			pve_buf_printf(&lines, "%s%s: %s: %s", lines.len ? "\n" : "", f->code,
				       f->object, f->message);
	}
	pve_findings_done(&old);
	if (!lines.len)
		return 0;
	return pve_err_set(&ctx->err, PVE_DATA, "%s\nnothing was staged; --force stages it",
			   pve_buf_str(&lines));
}

/* Finds what is wrong with the result, read as whoever applies it will. */
static int find_result(struct pve_ctx *ctx, struct net_editing *x, struct pve_findings *found)
{
	if (!x->reread) {
		net_conf_done(&x->conf);
		if (net_stage_conf(&x->stage, &ctx->sys, NET_VIEW_STAGED, &x->conf, &ctx->err) < 0)
			return -1;
	}
	find(&x->conf, found);
	net_conf_done(&x->conf);
	return 0;
}

static int check_result(struct pve_ctx *ctx, struct net_editing *x)
{
	const struct net_edit_opts *opts = ctx->opts;
	struct pve_findings found = {0};
	size_t critical = 0;
	int rc;

	if (opts->force)
		return 0;
	if (find_result(ctx, x, &found) < 0)
		return -1;
	for (size_t i = 0; i < found.n; i++)
		critical += found.v[i].severity == PVE_F_CRITICAL;
	rc = critical ? refuse_new(ctx, x, &found) : 0;
	pve_findings_done(&found);
	return rc;
}

/* The new bytes of every file join the staging.  With thousands of interfaces most of the time is
 * that of reading them, so what is read already serves where it can. */
static int put_files(struct pve_ctx *ctx, struct net_editing *x)
{
	size_t changed = 0;

	for (size_t i = 0; i < x->conf.nfiles; i++) {
		struct net_stage_file *f;
		PVE_BUF text = {0};

		if (!net_edit_changes(&x->ed, i))
			continue;
		f = net_stage_open(&x->stage, &ctx->sys, x->conf.file[i]->path, &ctx->err);
		if (!f)
			return -1;
		net_edit_format(&x->ed, i, &text);
		net_stage_take(&x->stage, f, &text);
		x->reread = changed++ == 0 && net_edit_reread(&x->ed, &x->conf, i, f->want);
	}
	say_lines(ctx, &x->ed.notes);
	net_edit_done(&x->ed);
	return 0;
}

int net_editing_end(struct pve_ctx *ctx, struct net_editing *x)
{
	PVE_PLAN plan = {.borrows = true};

	if (net_edit_err(&x->ed, &ctx->err) < 0 || put_files(ctx, x) < 0)
		return -1;
	if (check_result(ctx, x) < 0 || net_stage_settle(&x->stage, &ctx->sys, &ctx->err) < 0)
		return -1;
	net_stage_plan_write(&x->stage, &plan);
	if (pve_ctx_apply(ctx, &x->change, &plan) < 0)
		return -1;
	if (plan.n && !ctx->dry_run)
		pve_log_line(
			&ctx->log, PVE_LOG_INFO,
			"staged: 'pve-net diff' shows it, 'pve-net apply' puts it into effect");
	return 0;
}

void net_editing_done(struct net_editing *x)
{
	net_edit_done(&x->ed);
	net_conf_done(&x->conf);
	net_stage_done(&x->stage);
	pve_change_done(&x->change);
}
