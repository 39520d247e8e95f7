/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "show.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

bool acme_show_rows(const struct pve_ctx *ctx)
{
	return ctx->out.no_header || ctx->out.json || ctx->out.columns;
}

static int show_rows(struct pve_ctx *ctx, const struct acme_box_row *rows, size_t n)
{
	static const struct pve_col cols[] = {
		{"key", PVE_T_STR, false, "the property"},
		{"value", PVE_T_STR, false, "what it is"},
	};
	struct pve_out_opts opts = ctx->out;
	struct pve_out *out;
	int rc;

	out = pve_out_new(cols, 2, &opts, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, 0, rows[i].key);
		pve_row_str(row, 1, rows[i].value);
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

int acme_show_box(struct pve_ctx *ctx, const struct acme_box_row *rows, size_t n)
{
	PVE_BUF text = {0};
	bool plain;

	if (acme_show_rows(ctx))
		return show_rows(ctx, rows, n);
	setlocale(LC_CTYPE, ""); /* for the lines of the box and the widths of characters */
	plain = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	acme_box_format(rows, n, plain, &text);
	if (fputs(pve_buf_str(&text), stdout) == EOF)
		return pve_err_sys(&ctx->err, errno, "writing standard output");
	return 0;
}

const char *acme_show_time(struct pve_arena *mem, time_t t)
{
	char text[PVE_TIME_TEXT];

	return pve_arena_strdup(mem, pve_num_time_text(t, text));
}
