/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/out.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "pvecommon/buf.h"
#include "pvecommon/out_impl.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

static void show(struct pve_out *out, size_t col)
{
	if (out->slot[col] == OUT_UNWANTED)
		out->slot[col] = out->nslots++;
	out->shown[out->nshown++] = col;
}

static void show_defaults(struct pve_out *out)
{
	for (size_t i = 0; i < out->ncols; i++)
		if (!out->cols[i].hidden)
			show(out, i);
}

static int unknown_column(const struct pve_out *out, struct pve_span name, struct pve_err *e)
{
	PVE_FREE const char **names = pve_calloc(out->ncols + 1, sizeof(*names));
	PVE_FREE char *word = pve_strndup(name.len ? name.p : "", name.len);
	PVE_BUF all = {0};
	const char *near;

	for (size_t i = 0; i < out->ncols; i++) {
		names[i] = out->cols[i].name;
		pve_buf_printf(&all, "%s%s", i ? "," : "", names[i]);
	}
	near = pve_str_nearest(word, names);
	if (near)
		return pve_err_set(e, PVE_USAGE,
				   "unknown column '%s'; did you mean '%s'? (all: %s)", word, near,
				   pve_buf_str(&all));
	return pve_err_set(e, PVE_USAGE, "unknown column '%s' (all: %s)", word, pve_buf_str(&all));
}

/* One name of -o.  A column that is asked for with "+" and shown already stays where it
 * is; one that is named twice without comes twice. */
static int show_named(struct pve_out *out, struct pve_span name, bool added, struct pve_err *e)
{
	for (size_t i = 0; i < out->ncols; i++) {
		if (!pve_span_eq(name, out->cols[i].name))
			continue;
		if (!added || out->slot[i] == OUT_UNWANTED)
			show(out, i);
		return 0;
	}
	return unknown_column(out, name, e);
}

static int show_list(struct pve_out *out, const char *list, struct pve_err *e)
{
	bool added = *list == '+';

	if (added)
		show_defaults(out);
	for (;;) {
		struct pve_span name = {list, strcspn(list, ",")};
		bool plus = name.len && *name.p == '+';

		name.p += plus;
		name.len -= plus;
		if (show_named(out, name, added || plus, e) < 0)
			return -1;
		list = name.p + name.len;
		if (!*list)
			return 0;
		list++;
	}
}

struct pve_out *pve_out_new(const struct pve_col *cols, size_t ncols,
			    const struct pve_out_opts *opts, struct pve_err *e)
{
	struct pve_out *out = pve_calloc(1, sizeof(*out));
	size_t named = 1;

	for (const char *c = opts->columns; c && *c; c++)
		named += *c == ',';
	out->cols = cols;
	out->ncols = ncols;
	out->opts = *opts;
	out->last = &out->first;
	out->shown = pve_calloc(ncols + named, sizeof(*out->shown));
	out->slot = pve_calloc(ncols, sizeof(*out->slot));
	for (size_t i = 0; i < ncols; i++)
		out->slot[i] = OUT_UNWANTED;
	if (!opts->columns)
		show_defaults(out);
	else if (show_list(out, opts->columns, e) < 0) {
		pve_out_free(out);
		return NULL;
	}
	return out;
}

struct pve_row *pve_out_row(struct pve_out *out, struct pve_row *parent)
{
	struct pve_row *row =
		pve_arena_alloc(&out->mem, sizeof(*row) + out->nslots * sizeof(row->cell[0]));

	row->out = out;
	row->parent = parent;
	*out->last = row;
	out->last = &row->next;
	return row;
}

bool pve_out_wants(const struct pve_out *out, size_t col)
{
	assert(col < out->ncols);
	return out->slot[col] != OUT_UNWANTED;
}

/* The cell, now set; NULL when its column is not shown. */
static struct out_cell *cell_of(struct pve_row *row, size_t col, enum pve_type type)
{
	struct out_cell *cell;

	assert(col < row->out->ncols && row->out->cols[col].type == type);
	(void)type;
	if (row->out->slot[col] == OUT_UNWANTED)
		return NULL;
	cell = &row->cell[row->out->slot[col]];
	cell->set = true;
	return cell;
}

void pve_row_str(struct pve_row *row, size_t col, const char *s)
{
	struct out_cell *cell = s ? cell_of(row, col, PVE_T_STR) : NULL;

	if (cell)
		cell->s = pve_arena_strdup(&row->out->mem, s);
}

void pve_row_text(struct pve_row *row, size_t col, const char *s)
{
	pve_row_str(row, col, s && *s ? s : NULL);
}

void pve_row_buf(struct pve_row *row, size_t col, struct pve_buf *buf)
{
	if (buf->len)
		pve_row_str(row, col, pve_buf_str(buf));
	buf->len = 0;
}

void pve_row_fmt(struct pve_row *row, size_t col, const char *fmt, ...)
{
	struct out_cell *cell = cell_of(row, col, PVE_T_STR);
	va_list ap;

	if (!cell)
		return;
	va_start(ap, fmt);
	cell->s = pve_arena_vprintf(&row->out->mem, fmt, ap);
	va_end(ap);
}

void pve_row_int(struct pve_row *row, size_t col, int64_t v)
{
	struct out_cell *cell = cell_of(row, col, PVE_T_INT);

	if (cell)
		cell->i = v;
}

void pve_row_count(struct pve_row *row, size_t col, int64_t n)
{
	if (n >= 0)
		pve_row_int(row, col, n);
}

void pve_row_size(struct pve_row *row, size_t col, uint64_t bytes)
{
	struct out_cell *cell = cell_of(row, col, PVE_T_SIZE);

	if (cell)
		cell->u = bytes;
}

void pve_row_bool(struct pve_row *row, size_t col, bool v)
{
	struct out_cell *cell = cell_of(row, col, PVE_T_BOOL);

	if (cell)
		cell->b = v;
}

void pve_row_time(struct pve_row *row, size_t col, time_t t)
{
	struct out_cell *cell = cell_of(row, col, PVE_T_TIME);

	if (cell)
		cell->t = t;
}

void pve_row_color(struct pve_row *row, const char *color)
{
	row->color = color ? pve_arena_strdup(&row->out->mem, color) : NULL;
}

int pve_out_print(struct pve_out *out, FILE *f, struct pve_err *e)
{
	int rc;

	if (out->opts.json)
		rc = out_write_json(out, f, e);
	else if (out->opts.no_header)
		rc = out_write_lines(out, f, e);
	else
		rc = out_write_table(out, f, e);
	if (rc < 0)
		return -1;
	errno = 0;
	if (fflush(f) != 0 || ferror(f))
		return pve_err_sys(e, errno ? errno : EIO, "writing output");
	return 0;
}

void pve_out_free(struct pve_out *out)
{
	if (!out)
		return;
	pve_arena_done(&out->mem);
	free(out->shown);
	free(out->slot);
	free(out);
}
