/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of every change: read, draft, verify, plan, show or apply. */
#include <string.h>

#include "change.h"
#include "pveio/digest.h"
#include "pvecommon/fs.h"
#include "repo.h"

int repo_work_begin(struct repo_work *w, struct pve_ctx *ctx, const char *codename)
{
	w->ctx = ctx;
	if (pve_ctx_begin(ctx, NULL, NULL, &w->change) < 0 ||
	    repo_host_read(&w->host, &ctx->sys, &ctx->err) < 0)
		return -1;
	w->edits = pve_calloc(w->host.sources.nfiles + 1, sizeof(*w->edits));
	w->suite = repo_suite_find(codename ? codename : w->host.codename);
	if (codename && !w->suite)
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is no release that is known here",
				   codename);
	if (w->suite)
		w->all = repo_standards(w->suite, &w->mem);
	return 0;
}

struct repo_edits *repo_work_edits(struct repo_work *w, const struct repo_file *f)
{
	size_t i = 0;

	while (w->host.sources.file[i] != f)
		i++;
	return &w->edits[i];
}

void repo_work_draft(struct repo_work *w, const char *why)
{
	for (size_t i = 0; i < w->host.sources.nfiles; i++)
		repo_draft_edit(&w->draft, w->host.sources.file[i], &w->edits[i], "%s", why);
}

/* --- the record ------------------------------------------------------------------------ */

static int make_record(struct repo_work *w, struct pve_buf *out)
{
	const struct repo_draft *d = &w->draft;
	PVE_FREE char(*text)[PVE_DIGEST_TEXT] = pve_calloc(d->n + 1, sizeof(*text));
	PVE_FREE const char **digest = pve_calloc(d->n + 1, sizeof(*digest));
	PVE_BUF command = {0};

	for (size_t i = 0; i < d->n; i++) {
		digest[i] = text[i];
		if (!d->v[i].remove && pve_digest(PVE_DIGEST_SHA256, d->v[i].text, text[i],
						  &w->ctx->err) < 0)
			return -1;
	}
	pve_buf_puts(&command, w->ctx->cmd->name);
	for (size_t i = 0; i < w->ctx->operands.n; i++)
		pve_buf_printf(&command, " %s", w->ctx->operands.v[i]);
	for (size_t i = 0; i < command.len; i++)
		if (command.data[i] == '\n')
			command.data[i] = ' ';
	repo_undo_format(d, digest, pve_buf_str(&command), out);
	return 0;
}

/* Each directory that the draft writes into, and that of the record. */
static void plan_dirs(struct repo_work *w, struct pve_plan *plan)
{
	struct pve_sys *sys = &w->ctx->sys;

	for (size_t i = 0; i < w->draft.n; i++)
		if (!w->draft.v[i].remove && strstr(w->draft.v[i].path, REPO_SOURCE_PARTS "/") &&
		    !pve_fs_exists(sys, REPO_SOURCE_PARTS)) {
			pve_plan_mkdir(plan, REPO_SOURCE_PARTS, 0755, "for the file in it");
			break;
		}
	if (!pve_fs_exists(sys, REPO_UNDO_DIR)) {
		if (!pve_fs_exists(sys, "/var/lib"))
			pve_plan_mkdir(plan, "/var/lib", 0755, "for the directory in it");
		pve_plan_mkdir(plan, REPO_UNDO_DIR, 0700, "for what \"pve-repo undo\" needs");
	}
}

static int plan_record(struct repo_work *w, struct pve_plan *plan)
{
	PVE_BUF record = {0};
	struct pve_span was;
	bool there;

	if (make_record(w, &record) < 0 ||
	    repo_probe_file(&w->ctx->sys, REPO_UNDO, &w->undo, &there, &w->ctx->err) < 0)
		return -1;
	was = (struct pve_span){w->undo.data, w->undo.len};
	pve_plan_write(plan, REPO_UNDO, there ? &was : NULL,
		       (struct pve_span){record.data, record.len}, 0600,
		       "so that \"pve-repo undo\" can take this back");
	return 0;
}

/* --- the end --------------------------------------------------------------------------- */

static bool changes_anything(const struct repo_draft *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].remove || !d->v[i].existed || !pve_span_same(d->v[i].was, d->v[i].text))
			return true;
	return false;
}

int repo_work_end(struct repo_work *w)
{
	struct pve_ctx *ctx = w->ctx;
	PVE_PLAN plan = {0};
	PVE_BUF diff = {0};
	bool changes = changes_anything(&w->draft);

	if (changes) {
		if (repo_draft_verify(&w->draft, &w->host.sources, &ctx->err) < 0)
			return -1;
		plan_dirs(w, &plan);
		repo_draft_plan(&w->draft, &plan);
		if (plan_record(w, &plan) < 0)
			return -1;
	}
	if (pve_ctx_apply(ctx, &w->change, &plan) < 0)
		return -1;
	if (ctx->dry_run && !ctx->out.no_header && !ctx->out.json) {
		repo_draft_diff(&w->draft, &diff);
		fputs(pve_buf_str(&diff), stdout);
	}
	return 0;
}

void repo_work_done(struct repo_work *w)
{
	repo_draft_done(&w->draft);
	for (size_t i = 0; w->edits && i < w->host.sources.nfiles; i++)
		repo_edits_done(&w->edits[i]);
	free(w->edits);
	repo_host_done(&w->host);
	pve_buf_done(&w->undo);
	pve_arena_done(&w->mem);
	pve_change_done(&w->change);
}
