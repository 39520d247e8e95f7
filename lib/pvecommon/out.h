/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_OUT_H
#define PVECOMMON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/*
 * Rows for people and for programs.  A command describes its columns once, fills rows, and
 * the global options decide the shape: an aligned table (or tree), tab-separated lines
 * (-H), or JSON (--json).
 *
 * Nothing is ever cut or wrapped, on a terminal neither: a command in a row can be copied
 * whole.  No control character of a value gets out raw: a table shows \xHH for each of its
 * bytes, -H as in pve_text_escape (text.h), JSON as \uHHHH, with U+FFFD for what is not
 * UTF-8.  Without rows nothing is printed, "[]" as JSON.
 */
enum pve_type {
	PVE_T_STR,
	PVE_T_INT,  /* a number as it is */
	PVE_T_SIZE, /* bytes: IEC units for people, the exact number for programs */
	PVE_T_BOOL, /* yes, no; true, false in JSON; 1, 0 with -H */
	PVE_T_TIME, /* ISO 8601; the same everywhere */
};

struct pve_col {
	const char *name;  /* lower case, stable: header, -o and JSON key */
	enum pve_type type;
	bool hidden;       /* shown only when asked for by -o */
	const char *help;  /* one clause */
};

struct pve_out_opts {
	const char *columns; /* of -o: "a,b" replaces the default columns, "+c" adds to them,
			      * unless it is shown already; or NULL */
	bool no_header;      /* -H */
	bool json;           /* --json */
	bool color;          /* colour may be used */
	bool tree;           /* draw the first shown column as a tree of parent rows */
};

struct pve_out;
struct pve_row;

/* cols is borrowed for the life of the result.  An unknown name in opts->columns is
 * PVE_USAGE and names the nearest column and all others.  NULL on failure. */
struct pve_out *pve_out_new(const struct pve_col *cols, size_t ncols,
			    const struct pve_out_opts *opts, struct pve_err *e);
/* Adds a row; parent is NULL or a row added before, for trees.  A cell that is never set is
 * empty: "-" in a table, empty with -H, null in JSON. */
struct pve_row *pve_out_row(struct pve_out *out, struct pve_row *parent);
/* Is the column shown?  What costs much need not be found out otherwise. */
bool pve_out_wants(const struct pve_out *out, size_t col);
/* Strings are copied; NULL leaves the cell empty.  The type must be the column's. */
void pve_row_str(struct pve_row *row, size_t col, const char *s);
/* Likewise, and "" leaves it empty, too. */
void pve_row_text(struct pve_row *row, size_t col, const char *s);
void pve_row_fmt(struct pve_row *row, size_t col, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The buffer's content becomes the cell, nothing leaves it empty; the buffer is empty then. */
void pve_row_buf(struct pve_row *row, size_t col, struct pve_buf *buf);
void pve_row_int(struct pve_row *row, size_t col, int64_t v);
/* Likewise; a negative number, which stands for one that is not known, leaves it empty. */
void pve_row_count(struct pve_row *row, size_t col, int64_t n);
void pve_row_size(struct pve_row *row, size_t col, uint64_t bytes);
void pve_row_bool(struct pve_row *row, size_t col, bool v);
void pve_row_time(struct pve_row *row, size_t col, time_t t);
/* One of "red", "yellow", "green", "bold" for the whole row, used only in colour output. */
void pve_row_color(struct pve_row *row, const char *color);
/* Writes everything and flushes f; a failed write is an error.  Once only. */
int pve_out_print(struct pve_out *out, FILE *f, struct pve_err *e);
void pve_out_free(struct pve_out *out);

#endif
