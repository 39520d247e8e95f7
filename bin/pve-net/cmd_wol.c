/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "model.h"
#include "node.h"
#include "pvecommon/apply.h"
#include "pveio/ethtool.h"
#include "stage.h"
#include "staging.h"
#include "wol.h"

enum { COL_INTERFACE, COL_MAGIC, COL_MODES, COL_SUPPORTED };

const struct pve_col net_wol_cols[NET_WOL_NCOLS] = {
	{"interface", PVE_T_STR, false, "name"},
	{"magic", PVE_T_BOOL, false, "does a magic packet wake the computer?"},
	{"modes", PVE_T_STR, false,
	 "what is enabled, in the letters of ethtool: g magic, d nothing"},
	{"supported", PVE_T_STR, false, "what the device can, likewise"},
};

static int print(struct pve_ctx *ctx, const char *iface, const unsigned *modes,
		 const unsigned *supported)
{
	struct pve_out *out = pve_out_new(net_wol_cols, NET_WOL_NCOLS, &ctx->out, &ctx->err);
	struct pve_row *row;
	char text[WOL_TEXT];
	int ret;

	if (!out)
		return -1;
	row = pve_out_row(out, NULL);
	pve_row_str(row, COL_INTERFACE, iface);
	if (modes) {
		pve_row_bool(row, COL_MAGIC, *modes & WOL_MAGIC);
		pve_row_str(row, COL_MODES, wol_text(*modes, text));
	}
	if (supported)
		pve_row_str(row, COL_SUPPORTED, wol_text(*supported, text));
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

/* "wol IFACE LETTERS" */
static int call_wol(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	unsigned modes;

	(void)sys;
	(void)data;
	if (!args[1] || !args[2] || wol_parse(args[2], &modes) < 0)
		return pve_err_set(e, PVE_FAILED, "the call of wol is not as it was written");
	return pve_ethtool_wol_write(args[1], modes, e);
}

static const struct pve_call calls[] = {{"wol", call_wol}, {NULL, NULL}};

/* What the configuration, as staged, sets when the interface comes up: the package ethtool has a
 * hook for that option.  NULL: nothing. */
static const struct net_option *configured(const struct net_iface *i)
{
	for (size_t n = 0; i && n < i->nopts; n++)
		if (strcmp(i->opt[n]->key->name, "ethernet-wol") == 0)
			return i->opt[n];
	return NULL;
}

static bool is_configured(struct pve_ctx *ctx, const char *iface)
{
	struct net_conf conf;
	struct net_model model;
	bool found;

	if (net_conf_read(&conf, &ctx->sys, NET_INTERFACES, NULL) < 0)
		return false;
	net_model_read(&model, &conf);
	found = configured(net_model_find(&model, iface));
	net_model_done(&model);
	net_conf_done(&conf);
	return found;
}

static int change(struct pve_ctx *ctx, const char *iface, bool on)
{
	PVE_CHANGE ch = {0};
	PVE_PLAN plan = {0};
	struct pve_ethtool_wol wol;
	char old[WOL_TEXT], new[WOL_TEXT];
	unsigned modes;

	if (pve_ctx_begin(ctx, calls, NULL, &ch) < 0 ||
	    pve_ethtool_wol_read(&wol, iface, &ctx->err) < 0)
		return -1;
	if (on && !(wol.supported & WOL_MAGIC))
		return pve_err_set(&ctx->err, PVE_NOTHERE, "%s cannot be woken by a magic packet",
				   iface);
	modes = on ? wol.enabled | WOL_MAGIC : 0;
	wol_text(wol.enabled, old);
	wol_text(modes, new);
	if (modes != wol.enabled)
		pve_plan_call(&plan, iface, (const char *const[]){"wol", iface, new, NULL},
			      (const char *const[]){"wol", iface, old, NULL},
			      "Wake-on-LAN %s instead of %s, until the next boot", new, old);
	if (pve_ctx_apply(ctx, &ch, &plan) < 0)
		return -1;
	if (on && !ctx->dry_run && !is_configured(ctx, iface))
		pve_log_line(
			&ctx->log, PVE_LOG_NOTICE,
			"%s: on until the next boot; 'pve-net set %s ethernet-wol=g' keeps it, "
			"with the package ethtool",
			iface, iface);
	return 0;
}

/* --- the configuration of another host ------------------------------------------- */

static int print_option(struct pve_ctx *ctx, const char *iface, const struct net_option *o)
{
	struct pve_span rest = o ? o->value : pve_span("");
	struct pve_span first = pve_span_word(&rest);
	PVE_FREE char *word = pve_strndup(first.p, first.len);
	unsigned modes;

	if (!o)
		return print(ctx, iface, NULL, NULL);
	if (wol_parse(word, &modes) < 0)
		return pve_err_set(&ctx->err, PVE_DATA,
				   "%s:%u: ethernet-wol %s: not letters of ethtool",
				   o->stanza->head->file->path, o->line, word);
	return print(ctx, iface, &modes, NULL);
}

static int show_root(struct pve_ctx *ctx, const char *iface)
{
	PVE_CLEANUP(net_stage_done) struct net_stage stage = {0};
	const struct net_iface *i;
	struct net_conf conf;
	struct net_model model;
	int ret;

	if (net_stage_read(&stage, &ctx->sys, &ctx->err) < 0 ||
	    net_stage_conf(&stage, &ctx->sys, NET_VIEW_STAGED, &conf, &ctx->err) < 0)
		return -1;
	net_model_read(&model, &conf);
	i = net_model_find(&model, iface);
	ret = i && i->nstanzas ? print_option(ctx, iface, configured(i))
			       : pve_err_set(&ctx->err, PVE_DATA, "%s: no such interface", iface);
	net_model_done(&model);
	net_conf_done(&conf);
	return ret;
}

/* Its devices are not there, its files are: the option that sets it at boot is staged. */
static int change_root(struct pve_ctx *ctx, const char *iface, bool on)
{
	struct net_edit_opts opts = {0};
	PVE_STRV words = {0};
	void *own = ctx->opts;
	struct pve_strv operands = ctx->operands;
	int ret;

	pve_strv_add(&words, iface);
	pve_strv_addf(&words, "ethernet-wol=%s", on ? "g" : "d");
	ctx->operands = words;
	ctx->opts = &opts;
	ret = net_cmd_set(ctx);
	ctx->operands = operands;
	ctx->opts = own;
	return ret;
}

int net_cmd_wol(struct pve_ctx *ctx)
{
	const char *iface = ctx->operands.v[0];
	const char *verb = ctx->operands.n > 1 ? ctx->operands.v[1] : NULL;
	bool on = verb && strcmp(verb, "on") == 0;
	struct pve_ethtool_wol wol;

	if (verb && !on && strcmp(verb, "off") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "wol %s %s: on and off are known", iface,
				   verb);
	if (verb)
		return ctx->sys.rooted ? change_root(ctx, iface, on) : change(ctx, iface, on);
	if (ctx->sys.rooted)
		return show_root(ctx, iface);
	if (pve_ethtool_wol_read(&wol, iface, &ctx->err) < 0)
		return -1;
	return print(ctx, iface, &wol.enabled, &wol.supported);
}
