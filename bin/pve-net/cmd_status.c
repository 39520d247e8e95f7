/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>

#include "apply.h"

enum { COL_IFACE, COL_OPTION, COL_WANT, COL_HAVE, COL_STATE, COL_FILE, COL_LINE };

const struct pve_col net_status_cols[NET_STATUS_NCOLS] = {
	{"iface", PVE_T_STR, false, "interface"},
	{"option", PVE_T_STR, false, "as the files call it"},
	{"want", PVE_T_STR, false, "configured"},
	{"have", PVE_T_STR, false, "what the kernel has"},
	{"state", PVE_T_STR, false, "ok; drift: not as configured; missing: no such link; extra: "
				    "not configured, and left alone"},
	{"file", PVE_T_STR, true, "of the stanza"},
	{"line", PVE_T_INT, true, "of the stanza"},
};

const struct pve_opt net_status_options[] = {
	{'a', "all", PVE_OPT_FLAG, offsetof(struct net_status_opts, all),
	 .help = "what is as it should be, too"},
	{0},
};

struct status {
	struct pve_ctx *ctx;
	struct net_delta delta;
	struct pve_out *out;
	bool all;   /* rows of state ok as well */
	bool drift; /* there was something else */
	struct pve_buf want, have; /* cells of the next row */
};

/* The row of what is in the two buffers, which are empty afterwards. */
static void add(struct status *s, const struct net_link *l, const char *option, const char *state)
{
	bool ok = strcmp(state, "ok") == 0;

	s->drift |= !ok && strcmp(state, "extra") != 0;
	if (s->all || (!ok && strcmp(state, "extra") != 0)) {
		struct pve_row *row = pve_out_row(s->out, NULL);

		pve_row_str(row, COL_IFACE, l->name);
		pve_row_str(row, COL_OPTION, option);
		if (s->want.len)
			pve_row_str(row, COL_WANT, pve_buf_str(&s->want));
		if (s->have.len)
			pve_row_str(row, COL_HAVE, pve_buf_str(&s->have));
		pve_row_str(row, COL_STATE, state);
		if (l->iface && l->iface->nstanzas) {
			pve_row_str(row, COL_FILE, l->iface->stanza[0]->head->file->path);
			pve_row_int(row, COL_LINE, l->iface->stanza[0]->line);
		}
		if (!ok)
			pve_row_color(row, strcmp(state, "extra") == 0 ? "yellow" : "red");
	}
	s->want.len = s->have.len = 0;
}

static void add_value(struct status *s, const struct net_link *want, const struct net_link *now,
		      const struct pve_nl_value *v)
{
	const struct pve_nl_value *is = net_link_value(now, v->attr);
	const struct net_link *master =
		net_state_find(&s->delta.want, net_link_text(want, PVE_NL_MASTER));

	/* The same omissions as when it is planned. */
	if (!is || v->attr == PVE_NL_VETH_PEER ||
	    (v->attr == PVE_NL_MAC && master && strcmp(master->kind, "bond") == 0))
		return;
	net_want_word(v, &s->want);
	net_want_word(is, &s->have);
	add(s, want, net_want_key(v->attr), pve_nl_value_same(v, is) ? "ok" : "drift");
}

static void add_addresses(struct status *s, const struct net_link *want, const struct net_link *now)
{
	for (const struct net_ip *ip = want->ip; ip; ip = ip->next) {
		bool there = net_link_find_ip(now, &ip->a);

		net_ip_format(ip, &s->want);
		if (there)
			net_ip_format(ip, &s->have);
		add(s, want, "address", there ? "ok" : "drift");
	}
	for (const struct net_ip *ip = now->ip; s->all && ip; ip = ip->next)
		if (!ip->a.scope && !net_link_find_ip(want, &ip->a)) {
			net_ip_format(ip, &s->have);
			add(s, want, "address", "extra");
		}
}

static void add_gateways(struct status *s, const struct net_link *want, const struct net_link *now)
{
	char text[INET6_ADDRSTRLEN];

	for (const struct net_hop *h = want->hop; h; h = h->next) {
		bool there = net_link_find_hop(now, &h->r);

		pve_buf_puts(&s->want, inet_ntop(h->r.family, &h->r.gateway, text, sizeof(text)));
		if (there)
			pve_buf_puts(&s->have, text);
		add(s, want, "gateway", there ? "ok" : "drift");
	}
	for (const struct net_remote *r = want->remote; r; r = r->next) {
		bool there = net_link_has_remote(now, &r->r);

		pve_buf_puts(&s->want, inet_ntop(r->r.family, &r->r.bytes, text, sizeof(text)));
		if (there)
			pve_buf_puts(&s->have, text);
		add(s, want, "vxlan-remoteip", there ? "ok" : "drift");
	}
}

static void add_vlans(struct status *s, const struct net_link *want, const struct net_link *now)
{
	const struct net_vlans *w = want->vlans, *is = now->vlans;
	bool self = strcmp(now->kind, "bridge") == 0, same = true;

	if (!w || !is)
		return;
	for (unsigned i = 0; i < 64; i++)
		same &= !(w->all.bit[i] & ~is->all.bit[i]);
	net_vids_format(&w->all, &s->want);
	net_vids_format(&is->all, &s->have);
	add(s, want, "bridge-vids", same ? "ok" : "drift");
	if (self)
		return;
	pve_buf_printf(&s->want, "%u", w->pvid);
	pve_buf_printf(&s->have, "%u", is->pvid);
	add(s, want, "bridge-pvid", w->pvid == is->pvid ? "ok" : "drift");
}

static void add_sysctls(struct status *s)
{
	const struct net_sysctl *is = s->delta.now.sysctl;

	for (const struct net_sysctl *w = s->delta.want.sysctl; w; w = w->next) {
		const char *value = is ? is->value : NULL;

		is = is ? is->next : NULL;
		if (s->ctx->operands.n && !pve_strv_has(&s->ctx->operands, w->link->name))
			continue;
		if (!value) /* the link is missing, which is said */
			continue;
		pve_buf_puts(&s->want, w->value);
		pve_buf_puts(&s->have, value);
		add(s, w->link, w->path, strcmp(value, w->value) == 0 ? "ok" : "drift");
	}
}

static void add_link(struct status *s, const struct net_link *want)
{
	const struct net_link *now = net_state_find(&s->delta.now, want->name);

	if (!now) {
		if (want->optional)
			return;
		pve_buf_puts(&s->want, *want->kind ? want->kind : "device");
		add(s, want, "link", "missing");
		return;
	}
	if (want->make && strcmp(want->kind, now->kind) != 0) {
		pve_buf_puts(&s->want, want->kind);
		pve_buf_puts(&s->have, now->kind);
		add(s, want, "link", "drift");
		return;
	}
	for (unsigned i = 0; i < want->nvalues; i++)
		add_value(s, want, now, &want->value[i]);
	add_addresses(s, want, now);
	add_gateways(s, want, now);
	add_vlans(s, want, now);
}

static int add_operand(struct status *s, const char *name)
{
	const struct net_link *l = net_state_find(&s->delta.want, name);

	if (l) {
		add_link(s, l);
		return 0;
	}
	if (!net_model_find(&s->delta.model, name))
		return pve_err_set(&s->ctx->err, PVE_DATA, "%s: no such interface in the files",
				   name);
	pve_log_line(&s->ctx->log, PVE_LOG_WARNING, "%s: is not started at boot, so nothing is "
						    "wanted of it",
		     name);
	return 0;
}

static int run(struct status *s)
{
	const struct net_status_opts *opts = s->ctx->opts;
	const struct net_delta_opts o = {.view = NET_VIEW_LIVE, .compare = true};
	struct pve_strv *names = &s->ctx->operands;

	if (net_delta_read(&s->delta, &s->ctx->sys, &o, &s->ctx->err) < 0 ||
	    pve_diags_err(&s->delta.conf.diags, &s->ctx->err) < 0)
		return -1;
	if (!s->delta.host.have_live)
		return pve_err_set(&s->ctx->err, PVE_NOTHERE,
				   "%s: there is no state of a kernel to compare with",
				   s->ctx->sys.root);
	s->out = pve_out_new(net_status_cols, NET_STATUS_NCOLS, &s->ctx->out, &s->ctx->err);
	if (!s->out)
		return -1;
	s->all = opts->all || names->n;
	for (size_t i = 0; i < names->n; i++)
		if (add_operand(s, names->v[i]) < 0)
			return -1;
	for (size_t i = 0; !names->n && i < s->delta.want.n; i++)
		if (!s->delta.want.link[i]->gone)
			add_link(s, s->delta.want.link[i]);
	add_sysctls(s);
	if (pve_ctx_print(s->ctx, s->out) < 0)
		return -1;
	return s->drift ? PVE_FAILED : 0;
}

int net_cmd_status(struct pve_ctx *ctx)
{
	struct status s = {.ctx = ctx};
	int ret = run(&s);

	pve_out_free(s.out);
	net_delta_done(&s.delta);
	pve_buf_done(&s.want);
	pve_buf_done(&s.have);
	return ret;
}
