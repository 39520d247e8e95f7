/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/out_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <libsmartcols/libsmartcols.h>

#include "pvecommon/buf.h"
#include "pvecommon/dl.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

/* The longest of a size, a time and a 64-bit number, with its NUL. */
#define CELL_TEXT 40

static const struct out_cell *shown_cell(const struct pve_row *row, size_t n)
{
	return &row->cell[row->out->slot[row->out->shown[n]]];
}

static const struct pve_col *shown_col(const struct pve_out *out, size_t n)
{
	return &out->cols[out->shown[n]];
}

/* --- a table or tree for people, by libsmartcols ----------------------------- */

/* What people see in the cell; text is room for it where it is not a string itself. */
static const char *cell_text(const struct out_cell *cell, enum pve_type type, char *text)
{
	if (!cell->set || (type == PVE_T_STR && !*cell->s))
		return "-";
	switch (type) {
	case PVE_T_STR:
		return cell->s;
	case PVE_T_INT:
		snprintf(text, CELL_TEXT, "%" PRId64, cell->i);
		return text;
	case PVE_T_SIZE:
		return pve_num_size_text(cell->u, text);
	case PVE_T_BOOL:
		return cell->b ? "yes" : "no";
	case PVE_T_TIME:
		return pve_num_time_text(cell->t, text);
	}
	return "-";
}

/* What is used of libsmartcols, under its own names and with its own types.  It is loaded when a
 * table is drawn: most commands of a script draw none, and each would pay for it. */
struct drawing {
	struct libscols_table *table;
	__typeof__(scols_new_table) *scols_new_table;
	__typeof__(scols_unref_table) *scols_unref_table;
	__typeof__(scols_table_enable_colors) *scols_table_enable_colors;
	__typeof__(scols_table_set_termforce) *scols_table_set_termforce;
	__typeof__(scols_table_set_stream) *scols_table_set_stream;
	__typeof__(scols_table_new_column) *scols_table_new_column;
	__typeof__(scols_table_new_line) *scols_table_new_line;
	__typeof__(scols_line_set_data) *scols_line_set_data;
	__typeof__(scols_line_set_color) *scols_line_set_color;
	__typeof__(scols_print_table) *scols_print_table;
};

static int load(struct drawing *d, struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"scols_new_table", &d->scols_new_table},
		{"scols_unref_table", &d->scols_unref_table},
		{"scols_table_enable_colors", &d->scols_table_enable_colors},
		{"scols_table_set_termforce", &d->scols_table_set_termforce},
		{"scols_table_set_stream", &d->scols_table_set_stream},
		{"scols_table_new_column", &d->scols_table_new_column},
		{"scols_table_new_line", &d->scols_table_new_line},
		{"scols_line_set_data", &d->scols_line_set_data},
		{"scols_line_set_color", &d->scols_line_set_color},
		{"scols_print_table", &d->scols_print_table},
	};

	if (pve_dl_load("libsmartcols.so.1", "libsmartcols", want, sizeof(want) / sizeof(*want),
			e) == 0)
		return 0;
	return pve_err_prefix(e, "drawing a table (-H and --json need none)");
}

static int add_column(const struct pve_out *out, size_t n, const struct drawing *d)
{
	const struct pve_col *col = shown_col(out, n);
	int flags = 0;

	if (out->opts.tree && n == 0)
		flags |= SCOLS_FL_TREE;
	else if (col->type == PVE_T_INT || col->type == PVE_T_SIZE)
		flags |= SCOLS_FL_RIGHT;
	return d->scols_table_new_column(d->table, col->name, 0, flags) ? 0 : -1;
}

static int add_line(struct pve_row *row, const struct drawing *d)
{
	const struct pve_out *out = row->out;
	char text[CELL_TEXT];

	row->line = d->scols_table_new_line(
		d->table, out->opts.tree && row->parent ? row->parent->line : NULL);
	if (!row->line)
		return -1;
	for (size_t n = 0; n < out->nshown; n++)
		if (d->scols_line_set_data(
			    row->line, n,
			    cell_text(shown_cell(row, n), shown_col(out, n)->type, text)) < 0)
			return -1;
	if (out->opts.color && row->color)
		return d->scols_line_set_color(row->line, row->color);
	return 0;
}

static int fill_table(struct pve_out *out, const struct drawing *d)
{
	d->scols_table_enable_colors(d->table, out->opts.color);
	/* A terminal or not, long lines stay whole. */
	d->scols_table_set_termforce(d->table, SCOLS_TERMFORCE_NEVER);
	for (size_t n = 0; n < out->nshown; n++)
		if (add_column(out, n, d) < 0)
			return -1;
	for (struct pve_row *row = out->first; row; row = row->next)
		if (add_line(row, d) < 0)
			return -1;
	return 0;
}

int out_write_table(struct pve_out *out, FILE *f, struct pve_err *e)
{
	struct drawing d;
	int rc;

	if (!out->first)
		return 0;
	if (load(&d, e) < 0)
		return -1;
	d.table = d.scols_new_table();
	if (!d.table)
		return pve_err_sys(e, ENOMEM, "drawing a table");
	rc = fill_table(out, &d);
	if (rc == 0) {
		d.scols_table_set_stream(d.table, f);
		rc = d.scols_print_table(d.table);
	}
	d.scols_unref_table(d.table);
	return rc < 0 ? pve_err_set(e, PVE_FAILED, "drawing a table failed") : 0;
}

/* --- tab-separated lines for programs ---------------------------------------- */

static void add_exact(struct pve_buf *b, const struct out_cell *cell, enum pve_type type)
{
	char text[PVE_TIME_TEXT];

	if (!cell->set)
		return;
	switch (type) {
	case PVE_T_STR:
		pve_text_escape(b, pve_span(cell->s));
		break;
	case PVE_T_INT:
		pve_buf_printf(b, "%" PRId64, cell->i);
		break;
	case PVE_T_SIZE:
		pve_buf_printf(b, "%" PRIu64, cell->u);
		break;
	case PVE_T_BOOL:
		pve_buf_putc(b, cell->b ? '1' : '0');
		break;
	case PVE_T_TIME:
		pve_buf_puts(b, pve_num_time_text(cell->t, text));
		break;
	}
}

int out_write_lines(struct pve_out *out, FILE *f, struct pve_err *e)
{
	PVE_BUF line = {0};

	(void)e;
	for (struct pve_row *row = out->first; row; row = row->next) {
		line.len = 0;
		for (size_t n = 0; n < out->nshown; n++) {
			if (n)
				pve_buf_putc(&line, '\t');
			add_exact(&line, shown_cell(row, n), shown_col(out, n)->type);
		}
		pve_buf_putc(&line, '\n');
		fwrite(line.data, 1, line.len, f);
	}
	return 0;
}

/* --- JSON, by jansson --------------------------------------------------------- */

static json_t *json_str(const char *s, struct pve_buf *scratch)
{
	scratch->len = 0;
	pve_text_repair(scratch, pve_span(s));
	return json_stringn_nocheck(pve_buf_str(scratch), scratch->len);
}

/* jansson's integers are signed; nothing on a host is as large as 8 EiB, so a size above
 * that only has to stay a number. */
static json_t *json_size(uint64_t v)
{
	return v > INT64_MAX ? json_real((double)v) : json_integer((json_int_t)v);
}

static json_t *json_cell(const struct out_cell *cell, enum pve_type type, struct pve_buf *scratch)
{
	char text[PVE_TIME_TEXT];

	if (!cell->set)
		return json_null();
	switch (type) {
	case PVE_T_STR:
		return json_str(cell->s, scratch);
	case PVE_T_INT:
		return json_integer(cell->i);
	case PVE_T_SIZE:
		return json_size(cell->u);
	case PVE_T_BOOL:
		return json_boolean(cell->b);
	case PVE_T_TIME:
		return json_string(pve_num_time_text(cell->t, text));
	}
	return NULL;
}

/* Control characters above U+007E are legal in JSON strings and jansson writes them raw;
 * a terminal may act on them.  They occur nowhere but in strings, so that each can be
 * replaced by its \u form in the text as a whole. */
static int add_json(const char *p, size_t n, void *data)
{
	struct pve_buf *b = data;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		bool c1 = c == 0xc2 && i + 1 < n && (unsigned char)p[i + 1] < 0xa0;

		if (c == 0x7f || c1)
			pve_buf_printf(b, "\\u%04X", c1 ? (unsigned char)p[++i] : c);
		else
			pve_buf_putc(b, (char)c);
	}
	return 0;
}

static int json_row(const struct pve_row *row, struct pve_buf *line, struct pve_buf *scratch)
{
	const struct pve_out *out = row->out;
	json_t *object = json_object();
	int rc = object ? 0 : -1;

	for (size_t n = 0; rc == 0 && n < out->nshown; n++) {
		const struct pve_col *col = shown_col(out, n);

		rc = json_object_set_new_nocheck(object, col->name,
						 json_cell(shown_cell(row, n), col->type, scratch));
	}
	if (rc == 0)
		rc = json_dump_callback(object, add_json, line, 0);
	json_decref(object);
	return rc;
}

int out_write_json(struct pve_out *out, FILE *f, struct pve_err *e)
{
	PVE_BUF line = {0}, scratch = {0};

	fputc('[', f);
	for (struct pve_row *row = out->first; row; row = row->next) {
		line.len = 0;
		pve_buf_puts(&line, row == out->first ? "\n  " : ",\n  ");
		if (json_row(row, &line, &scratch) < 0)
			return pve_err_sys(e, ENOMEM, "writing JSON");
		fwrite(line.data, 1, line.len, f);
	}
	fputs(out->first ? "\n]\n" : "]\n", f);
	return 0;
}
