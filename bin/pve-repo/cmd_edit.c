/* SPDX-License-Identifier: GPL-3.0-or-later */
/* add, enable, disable, remove, repair. */
#include <string.h>

#include "add.h"
#include "change.h"
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

int repo_cmd_repair(struct pve_ctx *ctx)
{
	REPO_WORK w = {0};

	if (repo_work_begin(&w, ctx, NULL) < 0)
		return -1;
	for (size_t i = 0; i < ctx->operands.n; i++)
		if (repo_select_repair(&w.host.sources, ctx->operands.v[i], w.edits, &ctx->err) < 0)
			return -1;
	repo_work_draft(&w, "the entry becomes what it looks like");
	return repo_work_end(&w);
}

int repo_cmd_remove(struct pve_ctx *ctx)
{
	return change(ctx, REPO_REMOVE, "the entry goes");
}
