/* SPDX-License-Identifier: GPL-3.0-or-later */
/* add, enable, disable, remove, repair. */
#include <string.h>

#include "add.h"
#include "change.h"
#include "check.h"
#include "repo.h"
#include "select.h"

#define NARROW(field) offsetof(struct repo_narrow, field)

const struct pve_opt repo_narrow_options[] = {
	{'c', "component", PVE_OPT_LIST, NARROW(components), "NAME",
	 .help = "only this component of the entry"},
	{'s', "suite", PVE_OPT_LIST, NARROW(suites), "NAME", .help = "only this suite of it"},
	{'u', "uri", PVE_OPT_LIST, NARROW(uris), "URI", .help = "only this URI of it"},
	{'t', "type", PVE_OPT_LIST, NARROW(types), "TYPE", .help = "only deb or deb-src of it"},
	{0},
};

const struct pve_opt repo_add_options[] = {
	{'1', "only", PVE_OPT_FLAG, offsetof(struct repo_add_opts, only),
	 .help = "disable the other repositories of the same product"},
	{'a', "archive", PVE_OPT_FLAG, offsetof(struct repo_add_opts, archive),
	 .help = "of a retired release: at the archive host"},
	{'s', "suite", PVE_OPT_STR, offsetof(struct repo_add_opts, suite), "RELEASE",
	 .help = "for this release instead of the host's own"},
	{0},
};

/* --- add --------------------------------------------------------------------------------- */

static const struct repo_standard *find_handle(struct repo_work *w, const char *handle)
{
	const struct repo_standard *r = repo_standard_find(w->all, handle);
	PVE_BUF names = {0};

	if (r)
		return r;
	for (r = w->all; r->handle; r++)
		pve_buf_printf(&names, "%s%s", names.len ? ", " : "", r->handle);
	pve_err_set(&w->ctx->err, PVE_USAGE, "%s has no repository '%s'; there are %s",
		    w->suite->codename, handle, pve_buf_str(&names));
	return NULL;
}

static int add_one(struct repo_work *w, struct repo_adding *a, const char *handle)
{
	const struct repo_add_opts *opts = w->ctx->opts;
	const struct repo_standard *r = find_handle(w, handle);
	const char *uri = NULL;
	struct repo_kind k;

	if (!r)
		return -1;
	if (opts->archive) {
		repo_classify(&k, r->uri, r->suite_name, r->components);
		uri = repo_archive_uri(&k, r->uri, &w->mem);
	}
	if (opts->only && repo_select_others(a->s, r, REPO_DISABLE, a->edits, &w->ctx->err) < 0)
		return -1;
	return repo_add(a, r, uri, &w->ctx->err);
}

int repo_cmd_add(struct pve_ctx *ctx)
{
	const struct repo_add_opts *opts = ctx->opts;
	REPO_WORK w = {0};
	struct repo_adding a;

	if (repo_work_begin(&w, ctx, opts->suite) < 0)
		return -1;
	if (!w.suite)
		return pve_err_set(&ctx->err, PVE_DATA,
				   "%s/etc/os-release names no release that is known here (%s); say "
				   "which with --suite",
				   ctx->sys.root, *w.host.codename ? w.host.codename : "none");
	a = (struct repo_adding){&w.host.sources, w.edits, &w.draft};
	for (size_t i = 0; i < ctx->operands.n; i++)
		if (add_one(&w, &a, ctx->operands.v[i]) < 0)
			return -1;
	repo_work_draft(&w, "which repositories apt uses");
	return repo_work_end(&w);
}

/* --- enable, disable, remove, repair ---------------------------------------------------------------- */

static int change(struct pve_ctx *ctx, enum repo_change how, const char *why)
{
	REPO_WORK w = {0};

	if (repo_work_begin(&w, ctx, NULL) < 0)
		return -1;
	for (size_t i = 0; i < ctx->operands.n; i++)
		if (repo_select_change(&w.host.sources, w.all, ctx->operands.v[i], ctx->opts, how,
				       w.edits, &ctx->err) <= 0)
			return -1;
	repo_work_draft(&w, why);
	return repo_work_end(&w);
}

int repo_cmd_enable(struct pve_ctx *ctx)
{
	return change(ctx, REPO_ENABLE, "apt uses the repository");
}

int repo_cmd_disable(struct pve_ctx *ctx)
{
	return change(ctx, REPO_DISABLE, "apt uses the repository no more");
}

/* Where the operand is a setting of apt.conf that has apt verify nothing: 1, and its value becomes
 * the good one; 0 when it is none. */
static int repair_setting(struct repo_work *w, struct repo_aptconf *conf, const char *operand)
{
	for (size_t i = 0; i < conf->n; i++) {
		const struct repo_aptconf_item *item = &conf->v[i];
		PVE_FREE char *place =
			pve_asprintf("%s:%u", item->file ? item->file : "", item->line);
		struct repo_edits edits = {0};
		PVE_BUF old = {0}, now = {0};
		struct pve_span was, text;
		const char *good;

		if (strcmp(place, operand) != 0 || !item->file || !item->len ||
		    !repo_setting_opens(conf, item, &good))
			continue;
		for (size_t k = 0; k < w->draft.n; k++)
			if (strcmp(w->draft.v[k].path, item->file) == 0)
				return pve_err_set(&w->ctx->err, PVE_USAGE,
						   "%s: one setting of a file at a time", item->file);
		if (repo_probe_file(&w->ctx->sys, item->file, &old, NULL, &w->ctx->err) < 0)
			return -1;
		was = (struct pve_span){pve_arena_memdup(&w->mem, pve_buf_str(&old), old.len), old.len};
		if (item->at + item->len > was.len)
			return pve_err_set(&w->ctx->err, PVE_AGAIN, "%s was changed just now",
					   item->file);
		repo_edit_add(&edits, item->at, item->len, good);
		repo_edits_apply(&edits, was, &now);
		repo_edits_done(&edits);
		text = (struct pve_span){pve_buf_str(&now), now.len};
		repo_draft_set(&w->draft, item->file, &was, &text, "apt verifies again");
		return 1;
	}
	return 0;
}

static int repair(struct repo_work *w, struct repo_aptconf *conf)
{
	struct pve_ctx *ctx = w->ctx;

	for (size_t i = 0; i < ctx->operands.n; i++) {
		const char *operand = ctx->operands.v[i];
		int rc = repair_setting(w, conf, operand);

		if (rc < 0 || (rc == 0 && repo_select_repair(&w->host.sources, operand, w->edits,
							     &ctx->err) < 0))
			return -1;
	}
	repo_work_draft(w, "the entry becomes what it looks like");
	return repo_work_end(w);
}

int repo_cmd_repair(struct pve_ctx *ctx)
{
	REPO_WORK w = {0};
	struct repo_aptconf conf = {0};
	int rc;

	if (repo_work_begin(&w, ctx, NULL) < 0 || repo_aptconf_read(&conf, &ctx->sys, &ctx->err) < 0)
		return -1;
	rc = repair(&w, &conf);
	repo_aptconf_done(&conf);
	return rc;
}

int repo_cmd_remove(struct pve_ctx *ctx)
{
	return change(ctx, REPO_REMOVE, "the entry goes");
}
