/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CHANGE_H
#define PVE_REPO_CHANGE_H

#include "pve-repo/draft.h"
#include "pve-repo/probe.h"
#include "pve-repo/table.h"
#include "pvecommon/apply.h"

/*
 * What every command that edits the sources does:
 *
 *     REPO_WORK w = {0};
 *     if (repo_work_begin(&w, ctx) < 0) return -1;
 *     fill w.edits[] and w.draft
 *     return repo_work_end(&w);
 */
struct repo_work {
	struct pve_ctx *ctx;
	struct pve_change change;
	struct repo_host host;
	const struct repo_suite *suite;    /* of the host; NULL when it is not in the table */
	const struct repo_standard *all;   /* its standard repositories; NULL likewise */
	struct repo_edits *edits;          /* one for each file of host.sources */
	struct repo_draft draft;
	struct pve_buf undo; /* the old record */
	struct pve_arena mem;
};

/* codename: of whose table; NULL: the host's own. */
int repo_work_begin(struct repo_work *w, struct pve_ctx *ctx, const char *codename);
/* The edits of file i for a draft. */
struct repo_edits *repo_work_edits(struct repo_work *w, const struct repo_file *f);
/* Makes the draft of the edits, each file with this reason. */
void repo_work_draft(struct repo_work *w, const char *why);
/* Reads the result as apt would, plans, records how to take it back, and applies; or shows plan
 * and difference with --dry-run.  PVE_DATA when apt would refuse the result. */
int repo_work_end(struct repo_work *w);
void repo_work_done(struct repo_work *w);

#define REPO_WORK PVE_CLEANUP(repo_work_done) struct repo_work

#endif
