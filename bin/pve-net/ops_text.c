/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations as text. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "ops_impl.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

void net_value_format(const struct pve_nl_value *v, struct pve_buf *out)
{
	pve_buf_printf(out, "%s=", pve_nl_attrs[v->attr].name);
	if (pve_nl_attr_is_text(v->attr))
		pve_text_escape(out, pve_span(v->s ? v->s : ""));
	else
		pve_buf_printf(out, "%" PRIu64, v->n);
}

bool net_value_parse(const char *text, struct pve_nl_value *v)
{
	const char *eq = strchr(text, '=');

	if (!eq)
		return false;
	*v = (struct pve_nl_value){
		.attr = pve_nl_attr_find((struct pve_span){text, (size_t)(eq - text)})};
	if (v->attr == PVE_NL_NATTRS)
		return false;
	if (!pve_nl_attr_is_text(v->attr))
		return pve_num_span(pve_span(eq + 1), UINT64_MAX, &v->n) == 0;
	v->s = eq + 1;
	return true;
}

const char *net_op_set(struct net_planner *p, const char *name, const struct pve_nl_value *v,
		       size_t n)
{
	PVE_BUF text = {0};

	pve_buf_printf(&text, "set\t%s", name);
	for (size_t i = 0; i < n; i++) {
		pve_buf_putc(&text, '\t');
		net_value_format(&v[i], &text);
	}
	return net_op_text(p, "%s\n", pve_buf_str(&text));
}

void net_ip_format(const struct net_ip *ip, struct pve_buf *out)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(ip->a.family, &ip->a.bytes, text, sizeof(text));
	pve_buf_printf(out, "%s/%u", text, ip->a.prefix);
}

const char *net_op_ip(struct net_planner *p, const char *verb, const struct net_link *l,
		      const struct net_ip *ip)
{
	PVE_BUF text = {0};
	char word[INET6_ADDRSTRLEN];

	pve_buf_printf(&text, "%s\t%s\t", verb, l->name);
	net_ip_format(ip, &text);
	if (memcmp(&ip->a.peer, &ip->a.bytes, ip->a.family == AF_INET6 ? 16 : 4) != 0)
		pve_buf_printf(&text, "\tpeer=%s",
			       inet_ntop(ip->a.family, &ip->a.peer, word, sizeof(word)));
	if (ip->has_broadcast)
		pve_buf_printf(&text, "\tbrd=%s",
			       inet_ntop(AF_INET, &ip->broadcast, word, sizeof(word)));
	if (ip->a.scope)
		pve_buf_printf(&text, "\tscope=%u", ip->a.scope);
	if (ip->label)
		pve_buf_printf(&text, "\tlabel=%s", ip->label);
	if (ip->a.preferred != UINT32_MAX)
		pve_buf_printf(&text, "\tpreferred=%u", ip->a.preferred);
	return net_op_text(p, "%s\n", pve_buf_str(&text));
}

const char *net_op_hop(struct net_planner *p, const char *verb, const struct net_link *l,
		       const struct net_hop *hop)
{
	const struct pve_nl_route *r = &hop->r;
	PVE_BUF text = {0};
	char word[INET6_ADDRSTRLEN];

	pve_buf_printf(&text, "%s\t%s\t%s/%u", verb, l->name,
		       inet_ntop(r->family, &r->dst, word, sizeof(word)), r->prefix);
	if (r->has_gateway)
		pve_buf_printf(&text, "\tvia=%s",
			       inet_ntop(r->family, &r->gateway, word, sizeof(word)));
	pve_buf_printf(&text, "\tmetric=%u\ttable=%u\tproto=%u", r->metric, r->table, r->protocol);
	/* The gateway need not be in a subnet of the link, as the engines have it. */
	if (r->has_gateway)
		pve_buf_puts(&text, "\tonlink");
	return net_op_text(p, "%s\n", pve_buf_str(&text));
}

const char *net_op_vid(struct net_planner *p, const char *verb, const struct net_link *l,
		       bool self, unsigned from, unsigned to, unsigned flags)
{
	return net_op_text(p, "%s\t%s\t%s\t%u-%u\t%u\n", verb, l->name, self ? "self" : "port",
			   from, to, flags);
}

const char *net_op_remote(struct net_planner *p, const char *verb, const struct net_link *l,
			  const struct pve_nl_remote *r)
{
	char word[INET6_ADDRSTRLEN];

	return net_op_text(p, "%s\t%s\t%s\n", verb, l->name,
			   inet_ntop(r->family, &r->bytes, word, sizeof(word)));
}

/* --- making a link again ------------------------------------------------------- */

/* Values that differ from what a new link has; all that say what it is. */
static bool is_worth_saying(const struct net_link *l, const struct pve_nl_value *v)
{
	const struct pve_nl_attr_info *i = &pve_nl_attrs[v->attr];
	struct pve_nl_value usual;

	if (i->place == PVE_NL_AT_PORT || v->attr == PVE_NL_MASTER ||
	    v->attr == PVE_NL_BOND_PRIMARY)
		return false;
	if (v->attr == PVE_NL_LOWER)
		return strcmp(l->kind, "veth") != 0 && *v->s;
	if (i->fixed)
		return !v->s || *v->s;
	if (v->attr == PVE_NL_MTU)
		return strcmp(l->kind, "bridge") != 0;
	if (v->attr == PVE_NL_MAC)
		return *v->s;
	return !net_attr_default(v->attr, &usual) || !pve_nl_value_same(&usual, v);
}

static void rebuild_link(const struct net_link *l, struct pve_buf *out)
{
	pve_buf_printf(out, "add\t%s\t%s", l->name, l->kind);
	for (unsigned i = 0; i < l->nvalues; i++) {
		if (!is_worth_saying(l, &l->value[i]))
			continue;
		pve_buf_putc(out, '\t');
		net_value_format(&l->value[i], out);
	}
	pve_buf_putc(out, '\n');
	if (strcmp(l->kind, "bridge") == 0)
		pve_buf_printf(out, "set\t%s\tmtu=%" PRIu64 "\n", l->name,
			       net_link_number(l, PVE_NL_MTU, 1500));
}

static void rebuild_port_of(const struct net_link *l, const char *master, struct pve_buf *out)
{
	bool any = false;

	pve_buf_printf(out, "set\t%s\tmaster=%s\n", l->name, master);
	for (unsigned i = 0; i < l->nvalues; i++) {
		enum pve_nl_attr a = l->value[i].attr;

		if (pve_nl_attrs[a].place != PVE_NL_AT_PORT)
			continue;
		if (!any)
			pve_buf_printf(out, "set\t%s", l->name);
		any = true;
		pve_buf_putc(out, '\t');
		net_value_format(&l->value[i], out);
	}
	if (any)
		pve_buf_putc(out, '\n');
}

static void rebuild_vlans(struct net_planner *p, const struct net_link *l, bool self,
			  struct pve_buf *out)
{
	unsigned first, last = 0;

	if (!l->vlans)
		return;
	/* It comes with VLAN 1. */
	if (!self && !net_vids_has(&l->vlans->all, 1))
		pve_buf_puts(out, net_op_vid(p, "vid-", l, self, 1, 1, 0));
	for (unsigned from = 1; net_vids_run(&l->vlans->all, from, &first, &last); from = last + 1) {
		/* Runs with flags of their own are added one by one. */
		for (unsigned id = first; id <= last; id++)
			if (id == l->vlans->pvid || net_vids_has(&l->vlans->untagged, id))
				pve_buf_puts(out,
					     net_op_vid(p, "vid+", l, self, id, id,
							id == l->vlans->pvid ? 6 : 4));
			else if (id == first || id - 1 == l->vlans->pvid ||
				 net_vids_has(&l->vlans->untagged, id - 1)) {
				unsigned to = id;

				while (to < last && to + 1 != l->vlans->pvid &&
				       !net_vids_has(&l->vlans->untagged, to + 1))
					to++;
				pve_buf_puts(out, net_op_vid(p, "vid+", l, self, id, to, 0));
			}
	}
}

/* As it is now a port of that master; the master's kind decides how it comes there. */
static void rebuild_port(struct net_planner *p, const struct net_link *port,
			 const struct net_link *master, struct pve_buf *out)
{
	bool bond = strcmp(master->kind, "bond") == 0;

	if (bond)
		pve_buf_printf(out, "set\t%s\tup=0\n", port->name);
	rebuild_port_of(port, master->name, out);
	if (bond)
		pve_buf_printf(out, "set\t%s\tup=1\n", port->name);
	else
		rebuild_vlans(p, port, false, out);
}

const char *net_op_attach(struct net_planner *p, const struct net_link *port)
{
	const struct net_link *master = net_state_find(p->now, net_link_text(port, PVE_NL_MASTER));
	PVE_BUF out = {0};

	if (master)
		rebuild_port(p, port, master, &out);
	else
		pve_buf_printf(&out, "set\t%s\tmaster=\n", port->name);
	return net_op_text(p, "%s", pve_buf_str(&out));
}

static void rebuild_ports(struct net_planner *p, const struct net_link *l, struct pve_buf *out)
{
	for (size_t i = 0; i < p->now->n; i++) {
		const struct net_link *port = p->now->link[i];

		if (!port->gone && strcmp(net_link_text(port, PVE_NL_MASTER), l->name) == 0)
			rebuild_port(p, port, l, out);
	}
	if (*net_link_text(l, PVE_NL_BOND_PRIMARY))
		pve_buf_printf(out, "set\t%s\tbond.primary=%s\n", l->name,
			       net_link_text(l, PVE_NL_BOND_PRIMARY));
}

const char *net_op_rebuild(struct net_planner *p, const struct net_link *l)
{
	PVE_BUF out = {0};

	rebuild_link(l, &out);
	if (*net_link_text(l, PVE_NL_MASTER))
		pve_buf_puts(&out, net_op_attach(p, l));
	rebuild_ports(p, l, &out);
	if (strcmp(l->kind, "bridge") == 0)
		rebuild_vlans(p, l, true, &out);
	for (const struct net_ip *ip = l->ip; ip; ip = ip->next)
		if (ip->a.scope != RT_SCOPE_LINK)
			pve_buf_puts(&out, net_op_ip(p, "addr+", l, ip));
	for (const struct net_hop *h = l->hop; h; h = h->next)
		pve_buf_puts(&out, net_op_hop(p, "route+", l, h));
	for (const struct net_remote *r = l->remote; r; r = r->next)
		pve_buf_puts(&out, net_op_remote(p, "remote+", l, &r->r));
	return net_op_text(p, "%s", pve_buf_str(&out));
}
