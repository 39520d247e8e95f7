/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pvecommon/mem.h"

enum { COL_KEY, COL_VALUE };

const struct pve_col acme_config_cols[ACME_CONFIG_NCOLS] = {
	[COL_KEY] = {"key", PVE_T_STR, false, "the property"},
	[COL_VALUE] = {"value", PVE_T_STR, false, "what it is"},
};

const struct pve_opt acme_config_options[] = {
	{0, "property", PVE_OPT_STR, offsetof(struct acme_config_opts, property), .arg = "KEY",
	 .help = "get: only this one"},
	{0},
};

/* --- get ---------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct acme_box_row *x = a, *y = b;

	return strcmp(x->key, y->key);
}

/* Rows of what the file says, sorted; all of them live in mem. */
static size_t collect(const struct acme_host *h, const char *only, struct acme_box_row *rows,
		      struct pve_arena *mem)
{
	PVE_BUF text = {0};
	size_t n = 0;

	if ((!only || strcmp(only, "description") == 0) &&
	    pve_conf_colon_description(&h->config, &text))
		rows[n++] = (struct acme_box_row){"description",
						  pve_arena_memdup(mem, pve_buf_str(&text), text.len)};
	for (size_t i = 0; i < h->config.n; i++) {
		const struct pve_conf_colon_key *k = &h->config.v[i];
		const char *name = pve_arena_memdup(mem, k->name.p ? k->name.p : "", k->name.len);

		if (!k->description && (!only || strcmp(only, name) == 0) &&
		    pve_conf_colon_find(&h->config, name) == k)
			rows[n++] = (struct acme_box_row){
				name, pve_arena_memdup(mem, k->value.p, k->value.len)};
	}
	if (n)
		qsort(rows, n, sizeof(*rows), by_key);
	return n;
}

/* As the file has it: the description in its encoded lines first, then "key: value". */
static int print_text(struct pve_ctx *ctx, const struct acme_host *h,
		      const struct acme_box_row *rows, size_t n, const char *only)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < h->config.n; i++)
		if (h->config.v[i].description && (!only || strcmp(only, "description") == 0))
			pve_buf_printf(&text, "#%.*s\n", PVE_SPAN_ARG(h->config.v[i].value));
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].key, "description") != 0)
			pve_buf_printf(&text, "%s: %s\n", rows[i].key, rows[i].value);
	if (fputs(pve_buf_str(&text), stdout) == EOF)
		return pve_err_sys(&ctx->err, errno, "writing standard output");
	return 0;
}

static int get(struct pve_ctx *ctx)
{
	const struct acme_config_opts *opts = ctx->opts;
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	PVE_FREE struct acme_box_row *rows = NULL;
	ACME_HOST h = {0};
	size_t n;

	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	for (size_t i = 0; i < h.diags.n; i++) {
		PVE_FREE char *line = pve_diag_format(&h.diags.v[i]);

		if (strcmp(h.diags.v[i].file, h.node.config) == 0)
			pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
	rows = pve_calloc(h.config.n + 1, sizeof(*rows));
	n = collect(&h, opts->property, rows, &mem);
	return acme_show_rows(ctx) ? acme_show_box(ctx, rows, n)
				   : print_text(ctx, &h, rows, n, opts->property);
}

int acme_cmd_config(struct pve_ctx *ctx)
{
	static const struct acme_verb verbs[] = {
		{"get", "", "property", 0, 0, get},
		{0},
	};

	return acme_verb_run(ctx, verbs);
}
