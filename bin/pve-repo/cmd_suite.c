/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "change.h"
#include "convert.h"
#include "pvecommon/fs.h"
#include "repo.h"
#include "suite.h"

const struct pve_opt repo_suite_options[] = {
	{'a', "archive", PVE_OPT_FLAG, offsetof(struct repo_suite_opts, archive),
	 .help = "of a retired release: at the archive hosts"},
	{'f', "force", PVE_OPT_FLAG, offsetof(struct repo_suite_opts, force),
	 .help = "also to a release that is not the next one, or an earlier one"},
	{0},
};

/* One release at a time is all that is supported. */
static int check_step(struct repo_work *w, const struct repo_suite *to)
{
	const struct repo_suite_opts *opts = w->ctx->opts;
	int from = repo_suite_order(w->host.codename), n = repo_suite_order(to->codename);

	if (opts->force || from < 0 || n == from || n == from + 1)
		return 0;
	return pve_err_set(&w->ctx->err, PVE_USAGE,
			   "this host has %s; the way to %s leads over %s (--force goes at once)",
			   w->host.codename, to->codename,
			   n > from ? repo_suites[from + 1].codename : "a new installation");
}

static void tell(struct repo_work *w, const struct repo_move *m)
{
	for (size_t i = 0; i < m->said.n; i++) {
		PVE_FREE char *line = pve_diag_format(&m->said.v[i]);

		if (m->said.v[i].severity != PVE_ERROR)
			pve_log_line(&w->ctx->log, PVE_LOG_WARNING, "%s", line);
	}
}

/* --- files ------------------------------------------------------------------------- */

/* What the move made of a file, or what it holds. */
static struct pve_span text_of(const struct repo_work *w, const struct repo_file *f)
{
	for (size_t i = 0; i < w->draft.n; i++)
		if (strcmp(w->draft.v[i].path, f->path) == 0)
			return w->draft.v[i].text;
	return f->text;
}

/* As stanzas, in the file that the packages of the new release bring or look for: two of one
 * name side by side would be one repository twice. */
static void move_file(struct repo_work *w, const struct repo_file *f)
{
	PVE_FREE char *path = repo_convert_path(f->path, REPO_SOURCES);
	PVE_CLEANUP(repo_sources_done) struct repo_sources s = {.arch = w->host.arch};
	PVE_CLEANUP(pve_diags_done) struct pve_diags d = {0};
	PVE_BUF out = {0};
	struct pve_span text;

	if (pve_fs_exists(&w->ctx->sys, path))
		return;
	repo_sources_add(&s, f->path, text_of(w, f));
	repo_convert(&s, s.file[0], REPO_SOURCES, &out, &d);
	if (d.errors)
		return; /* what only a line can say stays a line */
	text = (struct pve_span){pve_buf_str(&out), out.len};
	repo_draft_set(&w->draft, path, NULL, &text, "%s has it as stanzas", w->suite->codename);
	repo_draft_set(&w->draft, f->path, &f->text, NULL, "%s has it now", path);
}

/* When the host goes from lines to stanzas: the files that belong to Proxmox. */
static void move_files(struct repo_work *w)
{
	static const char *const files[] = {REPO_SOURCE_PARTS "/pve-enterprise.list",
					    REPO_SOURCE_PARTS "/ceph.list"};
	const struct repo_suite *from = repo_suite_find(w->host.codename);

	if (!w->suite->deb822 || !from || from->deb822)
		return;
	for (size_t i = 0; i < w->host.sources.nfiles; i++)
		for (size_t k = 0; k < sizeof(files) / sizeof(*files); k++)
			if (strcmp(w->host.sources.file[i]->path, files[k]) == 0)
				move_file(w, w->host.sources.file[i]);
}

int repo_cmd_suite(struct pve_ctx *ctx)
{
	const struct repo_suite_opts *opts = ctx->opts;
	REPO_WORK w = {0};
	PVE_CLEANUP(repo_move_done) struct repo_move m = {0};

	if (repo_work_begin(&w, ctx, ctx->operands.v[0]) < 0 || check_step(&w, w.suite) < 0)
		return -1;
	m.s = &w.host.sources;
	m.to = w.suite;
	m.archive = opts->archive;
	m.edits = w.edits;
	repo_move(&m);
	tell(&w, &m);
	if (pve_diags_err(&m.said, &ctx->err) < 0)
		return -1;
	if (w.suite->pve > 9)
		pve_log_line(&ctx->log, PVE_LOG_WARNING,
			     "Proxmox VE %u was not known when this program was made: what it has "
			     "may differ", w.suite->pve);
	repo_work_draft(&w, "the host moves to another release");
	move_files(&w);
	return repo_work_end(&w);
}
