/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "change.h"
#include "convert.h"
#include "pvecommon/fs.h"
#include "repo.h"

const struct pve_opt repo_convert_options[] = {
	{'t', "to", PVE_OPT_CHOICE, offsetof(struct repo_convert_opts, to), "FORMAT",
	 .help = "sources (deb822 stanzas, the default) or list (lines)", .choices = "sources list"},
	{0},
};

static int convert_file(struct repo_work *w, const struct repo_file *f, enum repo_format to,
			struct pve_diags *d)
{
	PVE_FREE char *path = repo_convert_path(f->path, to);
	PVE_BUF out = {0};
	struct pve_span text;

	if (f->format == to)
		return 0;
	if (pve_fs_exists(&w->ctx->sys, path))
		return pve_err_set(&w->ctx->err, PVE_FAILED,
				   "%s: %s is there already and would have to be merged", f->path,
				   path);
	repo_convert(&w->host.sources, f, to, &out, d);
	text = (struct pve_span){pve_buf_str(&out), out.len};
	repo_draft_set(&w->draft, path, NULL, &text, "what %s says, as %s", f->path,
		       to == REPO_SOURCES ? "stanzas" : "lines");
	repo_draft_set(&w->draft, f->path, &f->text, NULL, "%s has it now", path);
	return 0;
}

static bool is_named(const struct pve_strv *names, const struct repo_file *f, bool *found)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], f->path) == 0 ||
		    strcmp(names->v[i], strrchr(f->path, '/') + 1) == 0)
			return found[i] = true;
	return names->n == 0;
}

int repo_cmd_convert(struct pve_ctx *ctx)
{
	const struct repo_convert_opts *opts = ctx->opts;
	enum repo_format to = opts->to && strcmp(opts->to, "list") == 0 ? REPO_LIST : REPO_SOURCES;
	PVE_FREE bool *found = pve_calloc(ctx->operands.n + 1, sizeof(bool));
	PVE_CLEANUP(pve_diags_done) struct pve_diags d = {0};
	REPO_WORK w = {0};

	if (repo_work_begin(&w, ctx, NULL) < 0)
		return -1;
	for (size_t i = 0; i < w.host.sources.nfiles; i++)
		if (is_named(&ctx->operands, w.host.sources.file[i], found) &&
		    convert_file(&w, w.host.sources.file[i], to, &d) < 0)
			return -1;
	for (size_t i = 0; i < ctx->operands.n; i++)
		if (!found[i])
			return pve_err_set(&ctx->err, PVE_NOTHERE, "%s is no file that apt reads",
					   ctx->operands.v[i]);
	if (pve_diags_err(&d, &ctx->err) < 0)
		return -1;
	return repo_work_end(&w);
}
