/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_EDIT_H
#define PVE_REPO_EDIT_H

#include "pve-repo/sources.h"
#include "pvecommon/buf.h"

/*
 * Changes of source lists as replaced spans: what no edit covers stays byte for byte.  Pure.
 */
struct repo_edit {
	size_t at, len;   /* bytes of the file that go */
	const char *text; /* what comes in their place */
	size_t order;     /* among edits at one place: in the order of adding */
};

/* The edits of one file. */
struct repo_edits {
	struct repo_edit *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Which part of an entry is meant: words of one of its lists, or all of it. */
struct repo_part {
	enum { REPO_WHOLE, REPO_TYPES, REPO_URIS, REPO_SUITES, REPO_COMPONENTS } list;
	const bool *word; /* for each word of that list */
};

enum repo_change { REPO_ENABLE, REPO_DISABLE, REPO_REMOVE };

/* Adds the edit "len bytes at `at` become text"; text is copied. */
void repo_edit_add(struct repo_edits *e, size_t at, size_t len, const char *text);
/* Adds the edits that change an entry, or a part of it: then the other words stay as they are in
 * the entry, and one more entry behind it takes the changed ones (which is not needed to remove
 * them).  Nothing is added when it is so already.  A part that is all words is the whole. */
void repo_edit_change(struct repo_edits *e, const struct repo_entry *entry, enum repo_change change,
		      const struct repo_part *part);
/* Makes comments of what apt refuses at this line, from 1: of the line, or of the whole stanza.
 * Nothing is added when there is no such line. */
void repo_edit_comment(struct repo_edits *e, const struct repo_file *f, unsigned line);
/* The lines, first and last, of the stanza that has this line: those up to the empty lines around
 * it.  In the one-line format the line itself. */
void repo_edit_lines(const struct repo_file *f, unsigned line, unsigned *first, unsigned *last);
/* Sets an option of the entry: "signed-by".  A stanza gets the field of that name.  Nothing is
 * added when it has that value. */
void repo_edit_option(struct repo_edits *e, const struct repo_entry *entry, const char *key,
		      const char *value);
/* Adds text, whole lines with "\n" as their ends, at a place that begins a line (or the end of the
 * file).  The ends become those of the file; an unterminated line before is terminated. */
void repo_edit_insert(struct repo_edits *e, struct pve_span file, size_t at, const char *text);
/* The bytes of the file with the edits made, added to out.  Where two overlap both spans go; what
 * lies in another one is part of it and left out. */
void repo_edits_apply(struct repo_edits *e, struct pve_span file, struct pve_buf *out);
void repo_edits_done(struct repo_edits *e);

#endif
