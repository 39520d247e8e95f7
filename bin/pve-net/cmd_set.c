/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "staging.h"

const struct pve_opt net_set_options[] = {NET_EDIT_OPTIONS, {0}};

const struct pve_opt net_add_options[] = {
	NET_EDIT_OPTIONS,
	{'t', "type", PVE_OPT_CHOICE, offsetof(struct net_add_opts, type), "TYPE",
	 "what it is; otherwise options and name say so",
	 .choices = "eth bond vlan bridge vxlan dummy OVSBridge OVSBond OVSPort OVSIntPort"},
	{0},
};

const struct pve_opt net_remove_options[] = {
	NET_EDIT_OPTIONS,
	{'c', "cascade", PVE_OPT_FLAG, offsetof(struct net_remove_opts, cascade),
	 .help = "take it out of port lists, and remove what stands on it"},
	{0},
};

/* The words OPTION=VALUE behind the name. */
static struct net_change *read_changes(struct pve_ctx *ctx, struct net_editing *x, size_t *n)
{
	struct net_change *c = pve_calloc(ctx->operands.n, sizeof(*c));

	for (*n = 0; *n + 1 < ctx->operands.n; (*n)++)
		if (net_change_parse(&x->ed, ctx->operands.v[*n + 1], &c[*n], &ctx->err) < 0) {
			free(c);
			return NULL;
		}
	for (size_t i = 0; i < *n; i++)
		for (size_t k = 0; k < i; k++)
			if (c[i].op == NET_SET && c[k].op == NET_SET &&
			    strcmp(c[i].spelling, c[k].spelling) == 0 &&
			    !(c[i].key->id == NET_K_ADDRESS || c[i].key->id == NET_K_GATEWAY)) {
				pve_err_set(&ctx->err, PVE_USAGE, "%s= is given twice",
					    c[i].spelling);
				free(c);
				return NULL;
			}
	return c;
}

int net_cmd_set(struct pve_ctx *ctx)
{
	NET_EDITING x = {0};
	PVE_FREE struct net_change *c = NULL;
	const struct net_edit_opts *opts = ctx->opts;
	size_t n;

	if (ctx->operands.n < 2 && (ctx->operands.n || !opts->rebase))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "set needs IFACE and OPTION=VALUE; --rebase alone does nothing "
				   "but merge");
	if (net_editing_begin(ctx, &x) < 0)
		return -1;
	if (!ctx->operands.n)
		return net_editing_end(ctx, &x);
	if (!(c = read_changes(ctx, &x, &n)))
		return -1;
	net_edit_set(&x.ed, ctx->operands.v[0], c, n);
	return net_editing_end(ctx, &x);
}

static enum net_type type_of(const char *name)
{
	for (enum net_type t = NET_T_UNKNOWN; name && t <= NET_T_OVS_INT_PORT; t++)
		if (strcmp(name, net_type_name(t)) == 0)
			return t;
	return NET_T_UNKNOWN;
}

int net_cmd_add(struct pve_ctx *ctx)
{
	const struct net_add_opts *opts = ctx->opts;
	NET_EDITING x = {0};
	PVE_FREE struct net_change *c = NULL;
	size_t n;

	if (net_editing_begin(ctx, &x) < 0 || !(c = read_changes(ctx, &x, &n)))
		return -1;
	net_edit_add(&x.ed, ctx->operands.v[0], type_of(opts->type), c, n);
	return net_editing_end(ctx, &x);
}

int net_cmd_remove(struct pve_ctx *ctx)
{
	const struct net_remove_opts *opts = ctx->opts;
	NET_EDITING x = {0};

	if (net_editing_begin(ctx, &x) < 0)
		return -1;
	net_edit_remove(&x.ed, ctx->operands.v[0], opts->cascade);
	if (net_edit_err(&x.ed, &ctx->err) < 0)
		return -1;
	net_editing_elsewhere(ctx, &x, ctx->operands.v[0]);
	return net_editing_end(ctx, &x);
}

int net_cmd_rename(struct pve_ctx *ctx)
{
	NET_EDITING x = {0};

	if (net_editing_begin(ctx, &x) < 0)
		return -1;
	net_edit_rename(&x.ed, ctx->operands.v[0], ctx->operands.v[1]);
	if (net_edit_err(&x.ed, &ctx->err) < 0 ||
	    net_editing_firewall(ctx, &x, ctx->operands.v[0], ctx->operands.v[1]) < 0)
		return -1;
	net_editing_elsewhere(ctx, &x, ctx->operands.v[0]);
	return net_editing_end(ctx, &x);
}

int net_cmd_revert(struct pve_ctx *ctx)
{
	PVE_CLEANUP(net_stage_done) struct net_stage stage = {0};
	PVE_CHANGE ch = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, NULL, NULL, &ch) < 0 ||
	    net_stage_read(&stage, &ctx->sys, &ctx->err) < 0)
		return -1;
	net_stage_plan_drop(&stage, &plan);
	return pve_ctx_apply(ctx, &ch, &plan);
}
