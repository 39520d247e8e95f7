/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <net/if.h>

#include "net.h"

enum {
	COL_NAME,
	COL_TYPE,
	COL_ACTIVE,
	COL_AUTOSTART,
	COL_METHOD,
	COL_ADDRESS,
	COL_GATEWAY,
	COL_PORTS,
	COL_VLAN,
	COL_MTU,
	COL_FILE,
	COL_LINE,
	COL_COMMENT,
};

const struct pve_col net_list_cols[NET_LIST_NCOLS] = {
	{"name", PVE_T_STR, false, "of the interface"},
	{"type", PVE_T_STR, false, "eth, bond, vlan, bridge, ..., as Proxmox VE names them"},
	{"active", PVE_T_BOOL, false, "is the link there and up?"},
	{"autostart", PVE_T_STR, false, "at boot: yes, hotplug, class, no"},
	{"method", PVE_T_STR, false, "static, manual, dhcp, ...; a 6 behind it is of inet6"},
	{"address", PVE_T_STR, false, "configured, or live when that is left to DHCP"},
	{"gateway", PVE_T_STR, false, "likewise"},
	{"ports", PVE_T_STR, false, "of a bridge, slaves of a bond"},
	{"vlan", PVE_T_STR, true, "id of a VLAN; ids that a VLAN-aware bridge lets through"},
	{"mtu", PVE_T_INT, true, "in bytes, configured or else live"},
	{"file", PVE_T_STR, true, "of the first stanza; empty: in no file"},
	{"line", PVE_T_INT, true, "of the first stanza"},
	{"comment", PVE_T_STR, true, "in or above the stanza"},
};

const struct pve_opt net_list_options[] = {
	{'a', "all", PVE_OPT_FLAG, offsetof(struct net_list_opts, all),
	 .help = "guests' and other links that are made at run time, too"},
	{0},
};

struct list {
	struct pve_ctx *ctx;
	struct net_host host;
	struct pve_out *out;
	struct pve_buf buf; /* for the cell being made */
};

/* --- live values --------------------------------------------------------------- */

static void add_word(struct list *l, const char *word)
{
	if (l->buf.len)
		pve_buf_putc(&l->buf, ',');
	pve_buf_puts(&l->buf, word);
}

static void live_addresses(struct list *l, const struct pve_nl_link *link)
{
	const struct pve_nl_addr *a = NULL;
	char text[INET6_ADDRSTRLEN];

	while ((a = net_host_addr(&l->host, link, a))) {
		add_word(l, inet_ntop(a->family, &a->bytes, text, sizeof(text)));
		pve_buf_printf(&l->buf, "/%u", a->prefix);
	}
}

static void live_gateways(struct list *l, const struct pve_nl_link *link)
{
	const struct pve_nl_route *r = NULL;
	char text[INET6_ADDRSTRLEN];

	while ((r = net_host_gateway(&l->host, link, r)))
		add_word(l, inet_ntop(r->family, &r->gateway, text, sizeof(text)));
}

static void live_ports(struct list *l, const struct pve_nl_link *link)
{
	const struct pve_nl_link *port = NULL;

	while ((port = net_host_port(&l->host, link, port)))
		add_word(l, port->name);
}

/* --- rows ---------------------------------------------------------------------- */

static void row_active(struct list *l, struct pve_row *row, const struct pve_nl_link *link)
{
	if (l->host.have_live)
		pve_row_bool(row, COL_ACTIVE, link && link->flags & IFF_UP);
}

static void row_mtu(struct pve_row *row, uint32_t configured, const struct pve_nl_link *link)
{
	if (configured || (link && link->mtu))
		pve_row_int(row, COL_MTU, configured ? configured : link->mtu);
}

/* "static,auto6": each method once. */
static void row_method(struct list *l, struct pve_row *row, const struct net_iface *i)
{
	for (size_t n = 0; n < i->nstanzas; n++) {
		const struct net_stanza *s = i->stanza[n], *t;
		size_t k = 0;

		while (k < n && (t = i->stanza[k], !pve_span_same(t->head->method, s->head->method) ||
							   !pve_span_same(t->head->family, s->head->family)))
			k++;
		if (k < n || !s->head->method.len)
			continue;
		if (l->buf.len)
			pve_buf_putc(&l->buf, ',');
		pve_buf_span(&l->buf, s->head->method);
		if (pve_span_eq(s->head->family, "inet6"))
			pve_buf_putc(&l->buf, '6');
	}
	pve_row_buf(row, COL_METHOD, &l->buf);
}

/* Is the address left to a server? */
static bool is_dynamic(const struct net_iface *i)
{
	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_eq(i->stanza[n]->head->method, "dhcp") ||
		    pve_span_eq(i->stanza[n]->head->method, "auto"))
			return true;
	return false;
}

static void row_addresses(struct list *l, struct pve_row *row, const struct net_iface *i,
			  const struct pve_nl_link *link)
{
	bool dynamic = link && is_dynamic(i);

	for (const struct net_addr *a = i->addr; a; a = a->next)
		add_word(l, a->text);
	if (!l->buf.len && dynamic)
		live_addresses(l, link);
	pve_row_buf(row, COL_ADDRESS, &l->buf);
	for (const struct net_addr *a = i->rare->gateway; a; a = a->next)
		add_word(l, a->text);
	if (!l->buf.len && dynamic)
		live_gateways(l, link);
	pve_row_buf(row, COL_GATEWAY, &l->buf);
}

static void row_ports(struct list *l, struct pve_row *row, const struct net_iface *i)
{
	for (size_t n = 0; n < i->rare->nport_words; n++)
		if (strcmp(i->rare->port_word[n], "none") != 0)
			add_word(l, i->rare->port_word[n]);
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (e->relation != NET_RAW)
			add_word(l, e->lower->name);
	pve_row_buf(row, COL_PORTS, &l->buf);
}

static void row_vlan(struct list *l, struct pve_row *row, const struct net_iface *i)
{
	const struct net_option *vids = net_iface_find(i, NET_K_BRIDGE_VIDS);

	if (i->vlan_id >= 0)
		pve_buf_printf(&l->buf, "%d", i->vlan_id);
	else if (i->vlan_aware && vids)
		pve_buf_span(&l->buf, vids->value);
	else if (i->vlan_aware)
		pve_buf_puts(&l->buf, "aware");
	pve_row_buf(row, COL_VLAN, &l->buf);
}

static void row_comment(struct list *l, struct pve_row *row, const char *comment)
{
	for (; comment && *comment; comment++)
		pve_buf_putc(&l->buf, *comment == '\n' ? ' ' : *comment);
	pve_row_buf(row, COL_COMMENT, &l->buf);
}

static void add_configured(struct list *l, const struct net_iface *i)
{
	const struct pve_nl_link *link = net_host_link(&l->host, i->name);
	struct pve_row *row = pve_out_row(l->out, NULL);
	enum net_type type = i->type;

	if (type == NET_T_UNKNOWN && link)
		type = net_type_of_link(link);
	pve_row_str(row, COL_NAME, i->name);
	pve_row_str(row, COL_TYPE, net_type_name(type));
	row_active(l, row, link);
	pve_row_str(row, COL_AUTOSTART, net_start_name(i->start));
	row_method(l, row, i);
	row_addresses(l, row, i, link);
	row_ports(l, row, i);
	if (pve_out_wants(l->out, COL_VLAN))
		row_vlan(l, row, i);
	row_mtu(row, i->mtu, link);
	pve_row_str(row, COL_FILE, i->stanza[0]->head->file->path);
	pve_row_int(row, COL_LINE, i->stanza[0]->line);
	if (pve_out_wants(l->out, COL_COMMENT))
		row_comment(l, row, i->rare->comment);
}

static void add_live(struct list *l, const struct pve_nl_link *link)
{
	struct pve_row *row = pve_out_row(l->out, NULL);

	pve_row_str(row, COL_NAME, link->name);
	pve_row_str(row, COL_TYPE, net_type_name(net_type_of_link(link)));
	row_active(l, row, link);
	live_addresses(l, link);
	pve_row_buf(row, COL_ADDRESS, &l->buf);
	live_gateways(l, link);
	pve_row_buf(row, COL_GATEWAY, &l->buf);
	live_ports(l, link);
	pve_row_buf(row, COL_PORTS, &l->buf);
	if (link->vlan_id >= 0)
		pve_row_fmt(row, COL_VLAN, "%d", link->vlan_id);
	else if (link->vlan_filtering > 0)
		pve_row_str(row, COL_VLAN, "aware");
	row_mtu(row, 0, link);
}

/* --- which rows ---------------------------------------------------------------- */

/* The interface of the files that this link is, also when they call it by an altname. */
static bool is_configured(const struct list *l, const struct pve_nl_link *link)
{
	const struct net_iface *i = net_model_find(&l->host.model, link->name);

	for (unsigned n = 0; n < link->naltnames && !(i && i->nstanzas); n++)
		i = net_model_find(&l->host.model, link->altname[n]);
	return i && i->nstanzas;
}

static int add_operand(struct list *l, const char *name)
{
	const struct net_iface *i = net_model_find(&l->host.model, name);
	const struct pve_nl_link *link = net_host_link(&l->host, name);

	if (i && i->nstanzas)
		add_configured(l, i);
	else if (link)
		add_live(l, link);
	else
		return pve_err_set(&l->ctx->err, PVE_DATA, "%s: no such interface", name);
	return 0;
}

static int add_rows(struct list *l)
{
	const struct net_list_opts *opts = l->ctx->opts;
	const struct net_model *m = &l->host.model;

	for (size_t n = 0; n < l->ctx->operands.n; n++)
		if (add_operand(l, l->ctx->operands.v[n]) < 0)
			return -1;
	if (l->ctx->operands.n)
		return 0;
	for (size_t n = 0; n < m->nifaces; n++)
		add_configured(l, m->iface[n]);
	for (size_t n = 0; n < l->host.live.nlinks; n++) {
		const struct pve_nl_link *link = &l->host.live.link[n];

		if (!is_configured(l, link) && (opts->all || !net_link_is_foreign(&l->host, link)))
			add_live(l, link);
	}
	return 0;
}

static int run(struct list *l)
{
	if (net_host_read(&l->host, &l->ctx->sys, PVE_NL_ADDRS | PVE_NL_ROUTES, &l->ctx->err) < 0)
		return -1;
	l->out = pve_out_new(net_list_cols, NET_LIST_NCOLS, &l->ctx->out, &l->ctx->err);
	if (!l->out)
		return -1;
	if (add_rows(l) < 0)
		return -1;
	/* The rows are copies: with thousands of them, room for the table. */
	net_host_done(&l->host);
	return pve_ctx_print(l->ctx, l->out);
}

int net_cmd_list(struct pve_ctx *ctx)
{
	struct list l = {.ctx = ctx};
	int rc = run(&l);

	pve_out_free(l.out);
	net_host_done(&l.host);
	pve_buf_done(&l.buf);
	return rc;
}
