/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pvecommon/fs.h"
#include "repo.h"
#include "table.h"
#include "uri.h"

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
	COL_ORIGIN,
	COL_HANDLE,
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
	{"origin", PVE_T_STR, true, "as the fetched Release says, else who is known to make it"},
	{"handle", PVE_T_STR, true, "which of the standard repositories it is"},
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
	pve_row_buf(row, col, &b);
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
	pve_row_buf(row, COL_OPTIONS, &b);
}

/* --- what it is -------------------------------------------------------------------- */

/* Each handle once, of all its repositories. */
static void row_handle(struct pve_row *row, const struct repo_entry *e)
{
	PVE_STRV names = {0};
	PVE_FREE char *all = NULL;

	for (size_t u = 0; u < e->uris.n; u++)
		for (size_t n = 0; n < e->suites.n; n++)
			for (size_t k = 0; k < e->components.n; k++) {
				char buf[REPO_HANDLE_MAX];
				struct repo_kind kind;
				const char *name;

				repo_classify(&kind, e->uris.v[u].text, e->suites.v[n].text,
					      e->components.v[k].text);
				name = repo_handle(&kind, buf);
				if (name && !pve_strv_has(&names, name))
					pve_strv_add(&names, name);
			}
	all = pve_strv_join(&names, " ");
	pve_row_str(row, COL_HANDLE, names.n ? all : NULL);
}

/* The field Origin of what was fetched: in the head of InRelease, or of Release. */
static char *fetched_origin(struct pve_sys *sys, const char *arch, const struct repo_entry *e)
{
	static const char *const names[] = {"InRelease", "Release"};
	struct pve_arena mem = {0};
	char *origin = NULL;

	for (size_t i = 0; i < 2 && !origin; i++) {
		const char *uri = repo_uri_fix(e->uris.v[0].text, arch, &mem);
		PVE_FREE char *path = NULL;
		PVE_BUF text = {0};
		const char *hit;

		if (!uri)
			break;
		uri = repo_uri_meta(uri, e->suites.v[0].text, names[i], &mem);
		path = pve_asprintf("/var/lib/apt/lists/%s", repo_uri_filename(uri, &mem));
		if (pve_fs_read(sys, path, 0, &text, NULL, NULL) < 0)
			continue;
		hit = strstr(pve_buf_str(&text), "\nOrigin: ");
		if (strncmp(pve_buf_str(&text), "Origin: ", 8) == 0)
			hit = pve_buf_str(&text) - 1;
		if (hit)
			origin = pve_strndup(hit + 9, strcspn(hit + 9, "\r\n"));
	}
	pve_arena_done(&mem);
	return origin;
}

static void row_origin(struct pve_row *row, struct pve_sys *sys, const char *arch,
		       const struct repo_entry *e)
{
	PVE_FREE char *origin = NULL;
	struct repo_kind kind;

	if (!e->uris.n || !e->suites.n)
		return;
	origin = fetched_origin(sys, arch, e);
	repo_classify(&kind, e->uris.v[0].text, e->suites.v[0].text,
		      e->components.n ? e->components.v[0].text : "");
	pve_row_str(row, COL_ORIGIN, origin ? origin : repo_maker(&kind));
}

static void add_row(struct pve_out *out, struct pve_sys *sys, const struct repo_entry *e,
		    const char *arch)
{
	struct pve_row *row = pve_out_row(out, NULL);

	if (pve_out_wants(out, COL_ORIGIN))
		row_origin(row, sys, arch, e);
	if (pve_out_wants(out, COL_HANDLE))
		row_handle(row, e);
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
				add_row(out, &ctx->sys, h.sources.entry[i], h.arch);
		repo_warn_refused(ctx, &h.sources);
		rc = pve_ctx_print(ctx, out);
	}
	pve_out_free(out);
	repo_host_done(&h);
	return rc;
}
