/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pve-acme/confine.h"
#include "pvecommon/mem.h"
#include "pveio/digest.h"

enum {
	COL_KEY,
	COL_VALUE,
	COL_PLUGIN,
	COL_TYPE,
	COL_API,
	COL_DELAY,
	COL_NODES,
	COL_ENABLED,
	COL_DOMAINS,
};

const struct pve_col acme_plugin_cols[ACME_PLUGIN_NCOLS] = {
	[COL_KEY] = {"key", PVE_T_STR, true, "config: the property"},
	[COL_VALUE] = {"value", PVE_T_STR, true, "config: what it is"},
	[COL_PLUGIN] = {"plugin", PVE_T_STR, false, "its name"},
	[COL_TYPE] = {"type", PVE_T_STR, false, "standalone, dns"},
	[COL_API] = {"api", PVE_T_STR, false, "how challenges are met"},
	[COL_DELAY] = {"validation-delay", PVE_T_INT, false, "seconds from setting to validating"},
	[COL_NODES] = {"nodes", PVE_T_STR, false, "which may use it; empty: all"},
	[COL_ENABLED] = {"enabled", PVE_T_BOOL, false, "whether it is used"},
	[COL_DOMAINS] = {"domains", PVE_T_STR, false, "of this node that use it"},
};

const struct pve_opt acme_plugin_options[] = {
	{0, "show-secrets", PVE_OPT_FLAG, offsetof(struct acme_plugin_opts, show_secrets),
	 .help = "config: show the values of its data"},
	{0, "type", PVE_OPT_STR, offsetof(struct acme_plugin_opts, type), .arg = "TYPE",
	 .help = "list: only those of this type"},
	{0, "api", PVE_OPT_STR, offsetof(struct acme_plugin_opts, api), .arg = "NAME",
	 .help = "add, set: how challenges are met"},
	{0, "data", PVE_OPT_STR, offsetof(struct acme_plugin_opts, data), .arg = "FILE",
	 .help = "add, set: credentials, lines of KEY=VALUE; \"-\": standard input"},
	{0, "validation-delay", PVE_OPT_STR, offsetof(struct acme_plugin_opts, delay),
	 .arg = "SECONDS", .help = "add, set: at least, from setting to validating (30)"},
	{0, "nodes", PVE_OPT_STR, offsetof(struct acme_plugin_opts, nodes), .arg = "NODE,...",
	 .help = "add, set: only these may use it"},
	{0, "disable", PVE_OPT_FLAG, offsetof(struct acme_plugin_opts, disable),
	 .help = "add, set: do not use it"},
	{0, "delete", PVE_OPT_STR, offsetof(struct acme_plugin_opts, remove), .arg = "KEY,...",
	 .help = "set: remove these properties"},
	{0, "digest", PVE_OPT_STR, offsetof(struct acme_plugin_opts, digest), .arg = "SHA1",
	 .help = "set, remove: only if the file is still that one"},
	{0},
};

/* --- list --------------------------------------------------------------------------------- */

static void row_domains(struct pve_row *row, const struct acme_host *h, const char *id)
{
	struct pve_strv names = {0};
	PVE_FREE char *all = NULL;

	for (size_t i = 0; i < h->domains.n; i++)
		if (strcmp(h->domains.v[i].plugin, id) == 0)
			pve_strv_add(&names, h->domains.v[i].name);
	all = pve_strv_join(&names, ", ");
	pve_row_str(row, COL_DOMAINS, names.n ? all : NULL);
	pve_strv_done(&names);
}

static int list(struct pve_ctx *ctx)
{
	const struct acme_plugin_opts *opts = ctx->opts;
	ACME_HOST h = {0};
	struct pve_out *out;
	int rc;

	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	out = pve_out_new(acme_plugin_cols, ACME_PLUGIN_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < h.plugins.n; i++) {
		const struct acme_plugin *p = &h.plugins.v[i];
		struct pve_row *row;

		if (opts->type && strcmp(opts->type, p->type) != 0)
			continue;
		row = pve_out_row(out, NULL);
		pve_row_str(row, COL_PLUGIN, p->id);
		pve_row_str(row, COL_TYPE, p->type);
		pve_row_str(row, COL_API, p->api);
		if (strcmp(p->type, "dns") == 0)
			pve_row_int(row, COL_DELAY, p->delay);
		pve_row_str(row, COL_NODES, p->nodes);
		pve_row_bool(row, COL_ENABLED, !p->disabled);
		row_domains(row, &h, p->id);
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

/* --- config ------------------------------------------------------------------------------- */

/* The lines of the data; what stands behind each '=' is the secret. */
static const char *shown_data(struct pve_arena *mem, const char *data, bool secrets)
{
	PVE_BUF text = {0};

	if (secrets)
		return data;
	while (*data) {
		size_t line = strcspn(data, "\n"), key = strcspn(data, "=\n");

		if (key < line)
			pve_buf_printf(&text, "%.*s=(hidden)", (int)key, data);
		else if (line)
			pve_buf_puts(&text, "(hidden)");
		pve_buf_puts(&text, data[line] ? "\n" : "");
		data += line + (data[line] == '\n');
	}
	return pve_arena_strdup(mem, pve_buf_str(&text));
}

static int config(struct pve_ctx *ctx)
{
	const struct acme_plugin_opts *opts = ctx->opts;
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	ACME_HOST h = {0};
	const struct acme_plugin *p;
	struct acme_box_row rows[8];
	char digest[PVE_DIGEST_TEXT];
	size_t n = 0;

	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	p = acme_plugins_find(&h.plugins, ctx->operands.v[0]);
	if (!p)
		return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no plugin '%s'; see 'pve-acme plugin list'",
				   ctx->operands.v[0]);
	if (pve_digest(PVE_DIGEST_SHA1, acme_file_span(&h.plugins_file), digest, &ctx->err) < 0)
		return -1;
	if (p->api)
		rows[n++] = (struct acme_box_row){"api", p->api};
	if (p->data)
		rows[n++] = (struct acme_box_row){"data", shown_data(&mem, p->data, opts->show_secrets)};
	rows[n++] = (struct acme_box_row){"digest", digest};
	if (p->disabled)
		rows[n++] = (struct acme_box_row){"disable", "1"};
	if (p->nodes)
		rows[n++] = (struct acme_box_row){"nodes", p->nodes};
	rows[n++] = (struct acme_box_row){"plugin", p->id};
	rows[n++] = (struct acme_box_row){"type", p->type};
	if (p->delay != ACME_DELAY_DEFAULT)
		rows[n++] = (struct acme_box_row){"validation-delay",
						  pve_arena_printf(&mem, "%u", p->delay)};
	return acme_show_box(ctx, rows, n);
}

int acme_cmd_plugin(struct pve_ctx *ctx)
{
	static const struct acme_verb verbs[] = {
		{"list", "", "type", 0, 0, list},
		{"config", "ID", "show-secrets", 1, 1, config},
		{"add", "TYPE ID", "api data validation-delay nodes disable digest", 2, 2,
		 acme_plugin_add},
		{"set", "ID", "api data validation-delay nodes disable delete digest", 1, 1,
		 acme_plugin_set},
		{"remove", "ID", "digest", 1, 1, acme_plugin_remove},
		{0},
	};

	acme_confine_memory(); /* credentials */
	return acme_verb_run(ctx, verbs);
}
