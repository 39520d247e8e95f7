/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <net/if.h>

#include "graph.h"
#include "net.h"

enum {
	COL_NAME,
	COL_TYPE,
	COL_ACTIVE,
	COL_VLAN,
	COL_ADDRESS,
	COL_NOTE,
	COL_LOWER,
	COL_RELATION,
};

const struct pve_col net_graph_cols[NET_GRAPH_NCOLS] = {
	{"name", PVE_T_STR, false, "of the interface, below what it stands on"},
	{"type", PVE_T_STR, false, "as of list"},
	{"active", PVE_T_BOOL, false, "is the link there and up?"},
	{"vlan", PVE_T_INT, false, "id of a VLAN"},
	{"address", PVE_T_STR, false, "configured"},
	{"note", PVE_T_STR, false, "not in the files, not there, shown above, stands on itself"},
	{"lower", PVE_T_STR, true, "what it stands on; empty for a root"},
	{"relation", PVE_T_STR, true, "to that: port, slave, on"},
};

const struct pve_opt net_graph_options[] = {
	{'a', "all", PVE_OPT_FLAG, offsetof(struct net_graph_opts, all),
	 .help = "guests' and other links that are made at run time, too"},
	{0, "dot", PVE_OPT_FLAG, offsetof(struct net_graph_opts, dot),
	 .help = "print Graphviz's language for dot(1)"},
	{0},
};

static const char *note(const struct net_host *h, const struct net_visit *v)
{
	const struct net_node *n = v->node;

	if (v->kind == NET_VISIT_LOOP)
		return "stands on itself";
	if (v->kind == NET_VISIT_AGAIN)
		return "shown above";
	if (v->kind == NET_VISIT_DEEP)
		return "continued below";
	if (h->have_live && !n->link)
		return n->iface->nstanzas ? "not there" : "not there, no stanza";
	if (!n->iface || !n->iface->nstanzas)
		return "no stanza";
	return v->arc && v->arc->live_only ? "not so in the files" : NULL;
}

static void put_addresses(struct pve_row *row, const struct net_iface *i)
{
	PVE_BUF b = {0};

	for (const struct net_addr *a = i->addr; a; a = a->next)
		pve_buf_printf(&b, "%s%s", b.len ? "," : "", a->text);
	if (b.len)
		pve_row_str(row, COL_ADDRESS, pve_buf_str(&b));
}

static int vlan_id(const struct net_node *n)
{
	if (n->iface)
		return n->iface->vlan_id;
	return n->link ? n->link->vlan_id : -1;
}

static struct pve_row *add_row(struct pve_out *out, const struct net_host *h,
			       const struct net_visit *v, const struct net_visit *parent,
			       struct pve_row *parent_row)
{
	struct pve_row *row = pve_out_row(out, parent_row);
	const struct net_node *n = v->node;

	pve_row_str(row, COL_NAME, n->name);
	pve_row_str(row, COL_NOTE, note(h, v));
	if (parent) {
		pve_row_str(row, COL_LOWER, parent->node->name);
		pve_row_str(row, COL_RELATION, net_relation_name(v->arc->relation));
	}
	pve_row_str(row, COL_TYPE, net_type_name(n->type));
	if (v->kind == NET_VISIT_AGAIN || v->kind == NET_VISIT_LOOP)
		return row;
	if (h->have_live)
		pve_row_bool(row, COL_ACTIVE, n->link && n->link->flags & IFF_UP);
	if (vlan_id(n) >= 0)
		pve_row_int(row, COL_VLAN, vlan_id(n));
	if (n->iface)
		put_addresses(row, n->iface);
	return row;
}

static struct pve_out *make_tree(struct pve_ctx *ctx, const struct net_host *h, struct net_graph *g)
{
	const struct net_graph_opts *opts = ctx->opts;
	struct net_walk w;
	struct pve_row **rows;
	struct pve_out *out;

	ctx->out.tree = true;
	out = pve_out_new(net_graph_cols, NET_GRAPH_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return NULL;
	net_graph_walk(g, &w);
	rows = pve_calloc(w.n + 1, sizeof(struct pve_row *));
	for (size_t i = 0; i < w.n; i++) {
		uint32_t p = w.v[i].parent;

		/* lo alone says nothing; something may stand on it. */
		if (w.v[i].node->type == NET_T_LOOPBACK && !w.v[i].node->upper && !opts->all)
			continue;
		rows[i] = add_row(out, h, &w.v[i], p ? &w.v[p - 1] : NULL, p ? rows[p - 1] : NULL);
	}
	free(rows);
	net_walk_done(&w);
	return out;
}

static int print_dot(struct pve_ctx *ctx, const struct net_graph *g)
{
	PVE_BUF text = {0};

	net_graph_dot(g, &text);
	if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		return pve_err_sys(&ctx->err, errno, "writing to standard output");
	return 0;
}

int net_cmd_graph(struct pve_ctx *ctx)
{
	const struct net_graph_opts *opts = ctx->opts;
	struct pve_out *out = NULL;
	struct net_graph g;
	struct net_host h;
	int rc = -1;

	if (net_host_read(&h, &ctx->sys, 0, &ctx->err) < 0)
		return -1;
	net_graph_read(&g, &h, opts->all);
	if (opts->dot)
		rc = print_dot(ctx, &g);
	else
		out = make_tree(ctx, &h, &g);
	/* The rows are copies: with thousands of them, room for the table. */
	net_graph_done(&g);
	net_host_done(&h);
	if (out)
		rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}
