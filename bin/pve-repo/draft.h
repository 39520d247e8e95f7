/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_DRAFT_H
#define PVE_REPO_DRAFT_H

#include "pve-repo/edit.h"
#include "pvecommon/plan.h"
#include "pvecommon/strv.h"

/*
 * What a command wants the files to be: new content for some of them.  A draft is checked before
 * it becomes a plan: its result is read as apt would, and must not be refused.  Pure.
 */
struct repo_draft_file {
	const char *path;
	bool existed;
	struct pve_span was;  /* when existed; borrowed */
	struct pve_span text; /* what it shall hold */
	bool remove;          /* it shall go */
	const char *why;      /* one clause */
};

struct repo_draft {
	bool back; /* takes a change back: what apt refused before it, it may refuse again */
	struct repo_draft_file *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* The file shall hold these bytes, which are copied, or go when text is NULL.  was: what it holds,
 * borrowed; NULL when there is none.  A second call for a path replaces the first one's text. */
void repo_draft_set(struct repo_draft *d, const char *path, const struct pve_span *was,
		    const struct pve_span *text, const char *why, ...)
	__attribute__((format(printf, 5, 6)));
/* The bytes of the edits for a file of the sources; nothing when they change no byte. */
void repo_draft_edit(struct repo_draft *d, const struct repo_file *f, struct repo_edits *edits,
		     const char *why, ...) __attribute__((format(printf, 4, 5)));
/* Reads the sources as they will be into *after, which must be { 0 } and borrows from both. */
void repo_draft_read(const struct repo_draft *d, const struct repo_sources *now,
		     struct repo_sources *after);
/* PVE_DATA, with file:line and reason, when apt would refuse the result and does not refuse what
 * is there now for the same reason.  A draft that goes back may hold what is wrong by itself. */
int repo_draft_verify(const struct repo_draft *d, const struct repo_sources *now,
		      struct pve_err *e);
/* Adds the writes and removals to the plan, new files first, so that nothing is lost between. */
void repo_draft_plan(const struct repo_draft *d, struct pve_plan *plan);
/* All of it as a unified diff, for patch -p0 in the root directory. */
void repo_draft_diff(const struct repo_draft *d, struct pve_buf *out);
void repo_draft_done(struct repo_draft *d);

/*
 * The record from which "undo" takes the last change back: for each file the digest of what the
 * change left there and the bytes that were there before.
 */
#define REPO_UNDO_DIR "/var/lib/pve-repo"
#define REPO_UNDO REPO_UNDO_DIR "/undo"

struct repo_undo_file {
	const char *path;
	bool existed;         /* before the change */
	struct pve_span was;  /* its bytes then */
	const char *now;      /* SHA-256 of what the change left; "" when it removed the file */
};

struct repo_undo {
	const char *command; /* that made the change */
	struct repo_undo_file *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Digests are made by the caller: one for each file of the draft, in its order, "" for those that
 * go. */
void repo_undo_format(const struct repo_draft *d, const char *const *digest, const char *command,
		      struct pve_buf *out);
/* Borrows text.  PVE_DATA when it is no such record. */
int repo_undo_parse(struct repo_undo *u, struct pve_span text, const char *path,
		    struct pve_err *e);
void repo_undo_done(struct repo_undo *u);

#endif
