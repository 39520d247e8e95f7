/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "staging.h"

enum { COL_OPTION, COL_VALUE, COL_FAMILY, COL_FILE, COL_LINE, COL_FROM };

const struct pve_col net_get_cols[NET_GET_NCOLS] = {
	{"option", PVE_T_STR, false, "its name; method and autostart are lines of their own"},
	{"value", PVE_T_STR, false, "as written"},
	{"family", PVE_T_STR, false, "of the stanza: inet, inet6"},
	{"file", PVE_T_STR, true, "where it stands"},
	{"line", PVE_T_INT, true, "where it stands"},
	{"from", PVE_T_STR, true, "the stanza that it is inherited from"},
};

const struct pve_opt net_get_options[] = {
	{'l', "live", PVE_OPT_FLAG, offsetof(struct net_get_opts, live),
	 .help = "the live files, not what is staged"},
	{0},
};

struct get {
	struct pve_ctx *ctx;
	struct pve_out *out;
	const struct net_iface *i;
};

/* Is it among the operands behind the name?  All are when there is none. */
static bool wanted(const struct get *g, struct pve_span spelling, const char *name)
{
	const struct pve_strv *w = &g->ctx->operands;

	for (size_t n = 1; n < w->n; n++) {
		PVE_FREE char *folded = pve_strdup(w->v[n]);
		const struct net_key *key;

		for (char *c = folded; *c; c++)
			if (*c == '_')
				*c = '-';
		key = net_key_find(folded);
		if (pve_span_eq(spelling, w->v[n]) || strcmp(name, folded) == 0 ||
		    (key && strcmp(name, key->name) == 0))
			return true;
	}
	return w->n == 1;
}

static void add_row(struct get *g, struct pve_span option, struct pve_span value,
		    const struct net_stanza *s, unsigned line)
{
	struct pve_row *row = pve_out_row(g->out, NULL);

	pve_row_fmt(row, COL_OPTION, "%.*s", PVE_SPAN_ARG(option));
	pve_row_fmt(row, COL_VALUE, "%.*s", PVE_SPAN_ARG(value));
	if (s && s->kind == NET_IFACE && s->head->family.len)
		pve_row_fmt(row, COL_FAMILY, "%.*s", PVE_SPAN_ARG(s->head->family));
	if (s) {
		pve_row_str(row, COL_FILE, s->head->file->path);
		pve_row_int(row, COL_LINE, line);
		if (s->kind == NET_IFACE && !pve_span_eq(s->name, g->i->name))
			pve_row_fmt(row, COL_FROM, "%.*s", PVE_SPAN_ARG(s->name));
	}
}

static void add_pseudo(struct get *g)
{
	const struct net_iface *i = g->i;

	if (wanted(g, pve_span("autostart"), "autostart"))
		add_row(g, pve_span("autostart"), pve_span(net_start_name(i->start)), i->start_at,
			i->start_at ? i->start_at->line : 0);
	for (size_t n = 0; n < i->nstanzas; n++) {
		const struct net_stanza *s = i->stanza[n];
		const char *name = pve_span_eq(s->head->family, "inet6") ? "method6" : "method";

		if (s->head->method.len && wanted(g, pve_span(name), name))
			add_row(g, pve_span(name), s->head->method, s, s->line);
	}
}

static int print(struct get *g, const struct net_conf *conf)
{
	struct net_model model;
	int rc = -1;

	net_model_read(&model, conf);
	g->i = net_model_find(&model, g->ctx->operands.v[0]);
	if (g->i && g->i->nstanzas) {
		add_pseudo(g);
		for (size_t n = 0; n < g->i->nopts; n++) {
			const struct net_option *o = g->i->opt[n];

			if (wanted(g, o->key->spelling, o->key->name))
				add_row(g, o->key->spelling, o->value, o->stanza, o->line);
		}
		rc = pve_ctx_print(g->ctx, g->out);
	} else {
		pve_err_set(&g->ctx->err, PVE_DATA, "%s: no such interface", g->ctx->operands.v[0]);
	}
	net_model_done(&model);
	return rc;
}

int net_cmd_get(struct pve_ctx *ctx)
{
	const struct net_get_opts *opts = ctx->opts;
	PVE_CLEANUP(net_stage_done) struct net_stage stage = {0};
	struct get g = {.ctx = ctx};
	struct net_conf conf;
	int rc;

	if (net_stage_read(&stage, &ctx->sys, &ctx->err) < 0 ||
	    net_stage_conf(&stage, &ctx->sys, opts->live ? NET_VIEW_LIVE : NET_VIEW_STAGED, &conf,
			   &ctx->err) < 0)
		return -1;
	g.out = pve_out_new(net_get_cols, NET_GET_NCOLS, &ctx->out, &ctx->err);
	rc = g.out ? print(&g, &conf) : -1;
	pve_out_free(g.out);
	net_conf_done(&conf);
	return rc;
}
