/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "change.h"
#include "pveio/digest.h"
#include "repo.h"

/* Is the file as the change left it?  text gets its bytes. */
static int is_untouched(struct repo_work *w, const struct repo_undo_file *f, struct pve_buf *text,
			bool *there)
{
	char digest[PVE_DIGEST_TEXT] = "";

	if (repo_probe_file(&w->ctx->sys, f->path, text, there, &w->ctx->err) < 0)
		return -1;
	if (*there && pve_digest(PVE_DIGEST_SHA256, (struct pve_span){text->data, text->len}, digest,
				 &w->ctx->err) < 0)
		return -1;
	if (strcmp(digest, f->now) == 0)
		return 0;
	return pve_err_set(&w->ctx->err, PVE_AGAIN,
			   "%s was changed after the change that is to be taken back", f->path);
}

static int undo_file(struct repo_work *w, const struct repo_undo *u, const struct repo_undo_file *f)
{
	PVE_BUF text = {0};
	struct pve_span was;
	bool there = false;

	if (is_untouched(w, f, &text, &there) < 0)
		return -1;
	was = (struct pve_span){pve_arena_memdup(&w->mem, pve_buf_str(&text), text.len), text.len};
	repo_draft_set(&w->draft, f->path, there ? &was : NULL, f->existed ? &f->was : NULL,
		       "takes \"pve-repo %s\" back", u->command);
	return 0;
}

int repo_cmd_undo(struct pve_ctx *ctx)
{
	REPO_WORK w = {0};
	PVE_CLEANUP(repo_undo_done) struct repo_undo u = {0};
	PVE_BUF record = {0};
	bool there;

	if (repo_work_begin(&w, ctx, NULL) < 0 ||
	    repo_probe_file(&ctx->sys, REPO_UNDO, &record, &there, &ctx->err) < 0)
		return -1;
	if (!there)
		return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no change to take back");
	if (repo_undo_parse(&u, (struct pve_span){record.data, record.len}, REPO_UNDO, &ctx->err) < 0)
		return -1;
	w.draft.back = true;
	for (size_t i = 0; i < u.n; i++)
		if (undo_file(&w, &u, &u.v[i]) < 0)
			return -1;
	return repo_work_end(&w);
}
