/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_OUT_IMPL_H
#define PVECOMMON_OUT_IMPL_H

#include "pvecommon/mem.h"
#include "pvecommon/out.h"

/* Between out.c, which keeps rows, and out_write.c, which writes them.  Names without
 * "pve_" are not exported (pvecommon.map). */

struct out_cell {
	bool set;
	union {
		const char *s; /* in the arena */
		int64_t i;
		uint64_t u;
		bool b;
		time_t t;
	};
};

struct pve_row {
	struct pve_out *out;
	struct pve_row *next, *parent; /* parent: NULL or an earlier row */
	const char *color;             /* in the arena, or NULL */
	void *line;                    /* the table writer's own */
	struct out_cell cell[];        /* one for each column that is wanted: out->slot */
};

struct pve_out {
	const struct pve_col *cols; /* borrowed */
	size_t ncols;
	struct pve_out_opts opts; /* columns is not used after pve_out_new */
	size_t *shown;            /* column numbers in the order of output */
	size_t nshown;
	size_t *slot; /* for each column its place in pve_row.cell, or OUT_UNWANTED */
	size_t nslots;
	struct pve_row *first, **last;
	struct pve_arena mem;
};

#define OUT_UNWANTED ((size_t)-1)

/* Each writes all rows; errors of f are left to the caller.  0, or -1 with e. */
int out_write_table(struct pve_out *out, FILE *f, struct pve_err *e);
int out_write_lines(struct pve_out *out, FILE *f, struct pve_err *e);
int out_write_json(struct pve_out *out, FILE *f, struct pve_err *e);

#endif
