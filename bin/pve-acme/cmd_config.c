/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pve-acme/install.h"
#include "pve-acme/nodeconf.h"
#include "pvecommon/mem.h"
#include "pveio/digest.h"

enum { COL_KEY, COL_VALUE };

const struct pve_col acme_config_cols[ACME_CONFIG_NCOLS] = {
	[COL_KEY] = {"key", PVE_T_STR, false, "the property"},
	[COL_VALUE] = {"value", PVE_T_STR, false, "what it is"},
};

const struct pve_opt acme_config_options[] = {
	{0, "property", PVE_OPT_STR, offsetof(struct acme_config_opts, property), .arg = "KEY",
	 .help = "get: only this one; \"digest\" for that of the file"},
	/* clang-format off */
#define KEY(name, i, value_arg, text) \
	{0, name, PVE_OPT_STR, offsetof(struct acme_config_opts, value) + (i) * sizeof(char *), \
	 .arg = (value_arg), .help = "set: " text}
	KEY("acme", ACME_CONF_ACME, "[account=NAME][,domains=D;D]", "account, and names for it"),
	KEY("acmedomain0", ACME_CONF_DOMAIN0, "DOMAIN[,plugin=ID][,alias=D]", "one name more"),
	KEY("acmedomain1", ACME_CONF_DOMAIN0 + 1, "...", "likewise"),
	KEY("acmedomain2", ACME_CONF_DOMAIN0 + 2, "...", "likewise"),
	KEY("acmedomain3", ACME_CONF_DOMAIN0 + 3, "...", "likewise"),
	KEY("acmedomain4", ACME_CONF_DOMAIN0 + 4, "...", "likewise"),
	KEY("acmedomain5", ACME_CONF_DOMAIN0 + 5, "...", "likewise"),
	KEY("ballooning-target", ACME_CONF_BALLOONING, "PERCENT", "of memory, for ballooning"),
	KEY("description", ACME_CONF_DESCRIPTION, "TEXT", "notes for people"),
	KEY("location", ACME_CONF_LOCATION, "TEXT", "where the node stands"),
	KEY("startall-onboot-delay", ACME_CONF_STARTALL, "SECONDS", "before guests start"),
	KEY("wakeonlan", ACME_CONF_WAKEONLAN, "MAC", "the address that wakes it"),
#undef KEY
	/* clang-format on */
	{0, "delete", PVE_OPT_STR, offsetof(struct acme_config_opts, remove), .arg = "KEY,...",
	 .help = "set: remove these properties"},
	{0, "digest", PVE_OPT_STR, offsetof(struct acme_config_opts, digest), .arg = "SHA1",
	 .help = "set: only if the file is still that one"},
	{0},
};

/* --- get ---------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
	const struct acme_box_row *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static int print_digest(struct pve_ctx *ctx, const struct acme_host *h)
{
	char digest[PVE_DIGEST_TEXT];
	const struct acme_box_row row = {"digest", digest};

	if (pve_digest(PVE_DIGEST_SHA1, acme_file_span(&h->config_file), digest, &ctx->err) < 0)
		return -1;
	if (acme_show_rows(ctx))
		return acme_show_box(ctx, &row, 1);
	printf("digest: %s\n", digest);
	return 0;
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
	if (opts->property && strcmp(opts->property, "digest") == 0)
		return print_digest(ctx, &h);
	rows = pve_calloc(h.config.n + 1, sizeof(*rows));
	n = collect(&h, opts->property, rows, &mem);
	return acme_show_rows(ctx) ? acme_show_box(ctx, rows, n)
				   : print_text(ctx, &h, rows, n, opts->property);
}

/* --- set ---------------------------------------------------------------------------------- */

static int edit(struct pve_ctx *ctx, struct acme_host *h, bool changed[ACME_CONF_KEYS])
{
	const struct acme_config_opts *opts = ctx->opts;
	bool any = opts->remove;

	for (int i = 0; i < ACME_CONF_KEYS; i++) {
		changed[i] = opts->value[i];
		any = any || changed[i];
		if (changed[i] && acme_conf_set(&h->config, i, opts->value[i], &ctx->err) < 0)
			return -1;
	}
	if (!any)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "config set: needs a property to set, or --delete");
	return opts->remove ? acme_conf_delete(&h->config, opts->remove, &ctx->err) : 0;
}

/* A plugin that is not there would be found when the certificate runs out. */
static int check_plugins(struct pve_ctx *ctx, struct acme_host *h, const bool *changed)
{
	PVE_CLEANUP(acme_domains_done) struct acme_domains d = {0};

	if (acme_conf_verify(&h->config, changed, &d, &ctx->err) < 0)
		return -1;
	for (size_t i = 0; i < d.n; i++) {
		bool is_new = false;

		for (int k = 0; k < ACME_CONF_KEYS; k++)
			is_new = is_new || (changed[k] && strcmp(acme_conf_keys[k], d.v[i].key) == 0);
		if (is_new && !acme_host_plugin(h, &d.v[i], &ctx->err))
			return -1;
		if (is_new && d.v[i].foreign)
			pve_log_line(&ctx->log, PVE_LOG_WARNING,
				     "%s: Proxmox VE's own tools pass over '%s', and drop it when they "
				     "write the file",
				     d.v[i].key, d.v[i].name);
	}
	return 0;
}

static int set(struct pve_ctx *ctx)
{
	const struct acme_config_opts *opts = ctx->opts;
	bool changed[ACME_CONF_KEYS];
	struct pve_span was;
	PVE_BUF text = {0};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	ACME_HOST h = {0};

	if (acme_change_begin(ctx, &change) < 0 ||
	    acme_host_read(&h, &ctx->sys, &ctx->err) < 0 ||
	    acme_host_writable(&h, &ctx->sys, &ctx->err) < 0 ||
	    acme_file_is(&h.config_file, opts->digest, &ctx->err) < 0 ||
	    edit(ctx, &h, changed) < 0 || check_plugins(ctx, &h, changed) < 0)
		return -1;
	pve_conf_colon_format(&h.config, &text);
	pve_plan_write(&plan, h.node.config, acme_file_was(&h.config_file, &was),
		       (struct pve_span){pve_buf_str(&text), text.len}, 0640,
		       "the properties of this node");
	return pve_ctx_apply(ctx, &change, &plan);
}

#define SET_OPTIONS                                                                                \
	"acme acmedomain0 acmedomain1 acmedomain2 acmedomain3 acmedomain4 acmedomain5 "            \
	"ballooning-target description location startall-onboot-delay wakeonlan delete digest"

int acme_cmd_config(struct pve_ctx *ctx)
{
	static const struct acme_verb verbs[] = {
		{"get", "", "property", 0, 0, get},
		{"set", "", SET_OPTIONS, 0, 0, set},
		{0},
	};

	return acme_verb_run(ctx, verbs);
}
