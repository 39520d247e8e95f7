/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_TEXTFILE_IMPL_H
#define PVECOMMON_TEXTFILE_IMPL_H

#include "pvecommon/textfile.h"

/* Between textfile.c and the editors of the single formats.  Names without "pve_" are not
 * exported (pvecommon.map).
 *
 * An editor scans all lines joined by LF, since an assignment may run over lines, and speaks
 * of places as offsets into that text. */
struct textfile_range {
	size_t from, to; /* to: behind the last byte */
};

/* What an editor found for one key. */
struct textfile_hit {
	struct textfile_range all;   /* the assignment, from its first byte on the line */
	struct textfile_range value; /* its value, as written */
	bool found;
};

void textfile_join(const struct pve_textfile *t, struct pve_buf *all);
/* The line that holds this offset of the joined text; *column may be NULL. */
size_t textfile_line_at(const struct pve_textfile *t, size_t offset, size_t *column);
/* Puts text, which holds no end of line, in the place of a range; lines are merged when the
 * range goes over several. */
void textfile_replace(struct pve_textfile *t, struct textfile_range r, struct pve_span text);
/* Deletes every line that the range touches. */
void textfile_delete_range(struct pve_textfile *t, struct textfile_range r);
/* Replace and insert a line without a check, since a line that was read may hold CRs: a copy
 * of text is taken. */
void textfile_put(struct pve_textfile *t, size_t i, struct pve_span text);
void textfile_insert(struct pve_textfile *t, size_t i, struct pve_span text);
/* Drops what is before offset on its line: the comment sign. */
void textfile_uncomment(struct pve_textfile *t, size_t offset);

/* -1 with PVE_USAGE when v holds a control character, or (trimmed) begins or ends with a
 * blank, which the format would drop. */
int textfile_check_value(const char *key, struct pve_span v, bool trimmed, struct pve_err *e);
bool textfile_is_control(char c);
/* Where the line that holds offset i of s ends: at its LF or at the end of s. */
size_t textfile_line_end(struct pve_span s, size_t i);
struct pve_span textfile_part(struct pve_span s, struct textfile_range r);
/* The length of "#", or of '#'s and blanks, that comment something out at the start of line;
 * 0 when it is no comment. */
size_t textfile_comment_len(struct pve_span line, const char *signs);

#endif
