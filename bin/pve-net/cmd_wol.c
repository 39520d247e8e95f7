/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "model.h"
#include "node.h"
#include "pvecommon/apply.h"
#include "pveio/ethtool.h"
#include "wol.h"

enum { COL_INTERFACE, COL_MAGIC, COL_MODES, COL_SUPPORTED };

const struct pve_col net_wol_cols[NET_WOL_NCOLS] = {
	{"interface", PVE_T_STR, false, "name"},
	{"magic", PVE_T_BOOL, false, "does a magic packet wake the computer?"},
	{"modes", PVE_T_STR, false,
	 "what is enabled, in the letters of ethtool: g magic, d nothing"},
	{"supported", PVE_T_STR, false, "what the device can, likewise"},
};

static int show(struct pve_ctx *ctx, const char *iface, const struct pve_ethtool_wol *wol)
{
	struct pve_out *out = pve_out_new(net_wol_cols, NET_WOL_NCOLS, &ctx->out, &ctx->err);
	struct pve_row *row;
	char text[WOL_TEXT];
	int ret;

	if (!out)
		return -1;
	row = pve_out_row(out, NULL);
	pve_row_str(row, COL_INTERFACE, iface);
	pve_row_bool(row, COL_MAGIC, wol->enabled & WOL_MAGIC);
	pve_row_str(row, COL_MODES, wol_text(wol->enabled, text));
	pve_row_str(row, COL_SUPPORTED, wol_text(wol->supported, text));
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

/* Does the configuration set it at boot?  The package ethtool has a hook for that option. */
static bool is_configured(struct pve_ctx *ctx, const char *iface)
{
	struct net_conf conf;
	struct net_model model;
	const struct net_iface *i;
	bool found = false;

	if (net_conf_read(&conf, &ctx->sys, NET_INTERFACES, NULL) < 0)
		return false;
	net_model_read(&model, &conf);
	i = net_model_find(&model, iface);
	for (size_t n = 0; i && n < i->nopts; n++)
		found |= strcmp(i->opt[n]->key->name, "ethernet-wol") == 0;
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
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "%s: on until the next boot; 'pve-net set %s ethernet-wol=g' keeps it, "
			     "with the package ethtool",
			     iface, iface);
	return 0;
}

int net_cmd_wol(struct pve_ctx *ctx)
{
	const char *iface = ctx->operands.v[0];
	const char *verb = ctx->operands.n > 1 ? ctx->operands.v[1] : NULL;
	struct pve_ethtool_wol wol;

	if (ctx->sys.rooted)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "wol: is a setting of a device, so it does not go with --root");
	if (verb && (strcmp(verb, "on") == 0 || strcmp(verb, "off") == 0))
		return change(ctx, iface, strcmp(verb, "on") == 0);
	if (verb)
		return pve_err_set(&ctx->err, PVE_USAGE, "wol %s %s: on and off are known", iface,
				   verb);
	return pve_ethtool_wol_read(&wol, iface, &ctx->err) < 0 ? -1 : show(ctx, iface, &wol);
}
