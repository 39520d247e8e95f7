/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "repo.h"

enum {
	COL_FILE,
	COL_LINE,
	COL_ENABLED,
	COL_FORMAT,
	COL_TYPES,
	COL_URIS,
	COL_SUITES,
	COL_COMPONENTS,
	COL_OPTIONS,
};

const struct pve_col repo_list_cols[REPO_LIST_NCOLS] = {
	{"file", PVE_T_STR, false, "where the entry stands"},
	{"line", PVE_T_INT, false, "and its first line there"},
	{"enabled", PVE_T_BOOL, false, "does apt use it?"},
	{"format", PVE_T_STR, true, "list (one line) or sources (deb822)"},
	{"types", PVE_T_STR, false, "deb, deb-src"},
	{"uris", PVE_T_STR, false, "as written"},
	{"suites", PVE_T_STR, false, "releases"},
	{"components", PVE_T_STR, false, "main, contrib and the like"},
	{"options", PVE_T_STR, true, "in the one-line spelling: arch=amd64"},
};

const struct pve_opt repo_list_options[] = {
	{'e', "enabled", PVE_OPT_FLAG, offsetof(struct repo_list_opts, enabled),
	 .help = "only what apt uses"},
	{0},
};

void repo_warn_refused(struct pve_ctx *ctx, const struct repo_sources *s)
{
	for (size_t i = 0; i < s->diags.n; i++) {
		PVE_FREE char *line = pve_diag_format(&s->diags.v[i]);

		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
}

static void row_words(struct pve_row *row, size_t col, const struct repo_words *w)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < w->n; i++)
		pve_buf_printf(&b, "%s%s", i ? " " : "", w->v[i].text);
	pve_row_str(row, col, b.len ? pve_buf_str(&b) : NULL);
}

/* An embedded key is many lines: "signed-by=<key>" tells enough. */
static void row_options(struct pve_row *row, const struct repo_entry *e)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < e->noptions; i++) {
		const struct repo_option *o = &e->option[i];
		bool key = strstr(o->value, "-----BEGIN PGP") != NULL;

		pve_buf_printf(&b, "%s%s=%s", b.len ? " " : "", o->key, key ? "<key>" : o->value);
	}
	pve_row_str(row, COL_OPTIONS, b.len ? pve_buf_str(&b) : NULL);
}

static void add_row(struct pve_out *out, const struct repo_entry *e)
{
	struct pve_row *row = pve_out_row(out, NULL);

	pve_row_str(row, COL_FILE, e->file->path);
	pve_row_int(row, COL_LINE, e->line);
	pve_row_bool(row, COL_ENABLED, e->enabled);
	pve_row_str(row, COL_FORMAT, e->file->format == REPO_LIST ? "list" : "sources");
	row_words(row, COL_TYPES, &e->types);
	row_words(row, COL_URIS, &e->uris);
	row_words(row, COL_SUITES, &e->suites);
	row_words(row, COL_COMPONENTS, &e->components);
	row_options(row, e);
}

static bool is_asked(const struct pve_ctx *ctx, const struct repo_entry *e)
{
	const struct repo_list_opts *opts = ctx->opts;
	const char *base = strrchr(e->file->path, '/') + 1;

	if (opts->enabled && !e->enabled)
		return false;
	return !ctx->operands.n || pve_strv_has(&ctx->operands, e->file->path) ||
	       pve_strv_has(&ctx->operands, base);
}

int repo_cmd_list(struct pve_ctx *ctx)
{
	struct repo_host h;
	struct pve_out *out;
	int rc = -1;

	if (repo_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	out = pve_out_new(repo_list_cols, REPO_LIST_NCOLS, &ctx->out, &ctx->err);
	if (out) {
		for (size_t i = 0; i < h.sources.nentries; i++)
			if (is_asked(ctx, h.sources.entry[i]))
				add_row(out, h.sources.entry[i]);
		repo_warn_refused(ctx, &h.sources);
		rc = pve_ctx_print(ctx, out);
	}
	pve_out_free(out);
	repo_host_done(&h);
	return rc;
}
