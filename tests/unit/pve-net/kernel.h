/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

/*
 * A model of the kernel's network for tests of the planner: it carries out operations on a
 * struct net_state by the rules that the kernel has, and refuses what the kernel refuses.
 * tests/vm/net-*.sh hold the same operations against the real one.
 */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

#include "pve-net/ops.h"
#include "pvecommon/num.h"
#include "pvecommon/strv.h"

static char kernel_says[256];

static int kernel_refuse(const char *name, const char *why)
{
	snprintf(kernel_says, sizeof(kernel_says), "%s: %s", name, why);
	return -1;
}

static const char *kernel_keep(struct net_state *k, const char *s)
{
	return pve_arena_strdup(&k->mem, s);
}

static bool kernel_is(const struct net_link *l, const char *kind)
{
	return l && strcmp(l->kind, kind) == 0;
}

/* Every attribute that a link of that kind has. */
static void kernel_defaults(struct net_link *l)
{
	struct pve_nl_value v;

	for (enum pve_nl_attr a = 0; a < PVE_NL_NATTRS; a++) {
		const struct pve_nl_attr_info *i = &pve_nl_attrs[a];

		if (i->place != PVE_NL_AT_INFO || strcmp(i->kind, l->kind) != 0 ||
		    !net_attr_default(a, &v))
			continue;
		if (v.s)
			net_link_set_text(l, a, v.s);
		else
			net_link_set_number(l, a, v.n);
	}
	net_link_set_number(l, PVE_NL_UP, 0);
	net_link_set_number(l, PVE_NL_MTU, 1500);
	net_link_set_text(l, PVE_NL_MASTER, "");
	net_link_set_text(l, PVE_NL_ALIAS, "");
	net_link_set_text(l, PVE_NL_MAC, "");
}

static void kernel_down(struct net_state *k, struct net_link *l)
{
	for (struct net_ip *ip = l->ip; ip; ip = ip->next)
		if (ip->a.family == AF_INET6)
			net_link_drop_ip(l, ip);
	l->hop = NULL;
	l->hop_end = &l->hop;
	for (size_t i = 0; i < k->n; i++)
		if (!k->link[i]->gone && kernel_is(k->link[i], "vlan") &&
		    strcmp(net_link_text(k->link[i], PVE_NL_LOWER), l->name) == 0)
			kernel_down(k, k->link[i]);
}

static bool kernel_has_slaves(const struct net_state *k, const struct net_link *l)
{
	for (size_t i = 0; i < k->n; i++)
		if (!k->link[i]->gone && strcmp(net_link_text(k->link[i], PVE_NL_MASTER), l->name) == 0)
			return true;
	return false;
}

static int kernel_mtu(struct net_state *k, struct net_link *l, uint64_t mtu)
{
	const struct net_link *lower = net_state_find(k, net_link_text(l, PVE_NL_LOWER));

	if (kernel_is(l, "vlan") && lower && mtu > net_link_number(lower, PVE_NL_MTU, 0))
		return kernel_refuse(l->name, "the MTU is above that of the device");
	net_link_set_number(l, PVE_NL_MTU, mtu);
	for (size_t i = 0; i < k->n; i++) {
		struct net_link *on = k->link[i];

		if (on->gone)
			continue;
		if (kernel_is(on, "vlan") && strcmp(net_link_text(on, PVE_NL_LOWER), l->name) == 0 &&
		    net_link_number(on, PVE_NL_MTU, 0) > mtu)
			kernel_mtu(k, on, mtu);
		if (kernel_is(l, "bond") && strcmp(net_link_text(on, PVE_NL_MASTER), l->name) == 0)
			net_link_set_number(on, PVE_NL_MTU, mtu);
	}
	return 0;
}

static int kernel_master(struct net_state *k, struct net_link *l, const char *name)
{
	struct net_link *m = *name ? net_state_find(k, name) : NULL;

	if (*name && !m)
		return kernel_refuse(l->name, "no such master");
	if (kernel_is(m, "bond")) {
		if (net_link_number(l, PVE_NL_UP, 0))
			return kernel_refuse(l->name, "a slave must be down");
		kernel_mtu(k, l, net_link_number(m, PVE_NL_MTU, 0));
		net_link_set_number(l, PVE_NL_UP, 1);
	}
	for (enum pve_nl_attr a = PVE_NL_PORT_PRIO; a <= PVE_NL_PORT_ISOLATED; a++)
		net_link_unset(l, a);
	l->vlans = NULL;
	if (kernel_is(m, "bridge")) {
		net_vids_set(&net_link_vlans(k, l)->all, 1, true);
		net_vids_set(&l->vlans->untagged, 1, true);
		l->vlans->pvid = 1;
	}
	net_link_set_text(l, PVE_NL_MASTER, kernel_keep(k, name));
	return 0;
}

static int kernel_set_value(struct net_state *k, struct net_link *l, const struct pve_nl_value *v)
{
	bool up = net_link_number(l, PVE_NL_UP, 0);

	if (v->attr == PVE_NL_MASTER)
		return kernel_master(k, l, v->s);
	if (v->attr == PVE_NL_MTU)
		return kernel_mtu(k, l, v->n);
	if (v->attr == PVE_NL_BOND_MODE && (up || kernel_has_slaves(k, l)))
		return kernel_refuse(l->name, "unable to update mode: up, or it has slaves");
	if (v->attr == PVE_NL_BOND_LACP_RATE && up)
		return kernel_refuse(l->name, "unable to update lacp rate: up");
	if (v->attr == PVE_NL_BOND_LACP_RATE && net_link_number(l, PVE_NL_BOND_MODE, 0) != 4)
		return kernel_refuse(l->name, "lacp rate: not in this mode");
	if (v->attr == PVE_NL_BR_FD && net_link_number(l, PVE_NL_BR_STP, 0) && v->n < 200)
		return kernel_refuse(l->name, "out of range");
	/* The id of a VLAN: yes, and nothing. */
	if (pve_nl_attrs[v->attr].fixed)
		return 0;
	if (v->attr == PVE_NL_UP && !v->n)
		kernel_down(k, l);
	if (v->s)
		net_link_set_text(l, v->attr, kernel_keep(k, v->s));
	else
		net_link_set_number(l, v->attr, v->n);
	return 0;
}

/* In the kernel's order: attributes of the kind, and being up last. */
static int kernel_set(struct net_state *k, char **f, size_t n)
{
	struct net_link *l = net_state_find(k, f[1]);
	struct pve_nl_value v;

	if (!l)
		return kernel_refuse(f[1], "no such device");
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 2; i < n; i++) {
			if (!net_value_parse(f[i], &v))
				return kernel_refuse(f[1], "no such attribute");
			if ((v.attr == PVE_NL_UP) == (turn == 1) && kernel_set_value(k, l, &v) < 0)
				return -1;
		}
	return 0;
}

static int kernel_add(struct net_state *k, char **f, size_t n)
{
	struct net_link *l;
	struct pve_nl_value v;

	if (net_state_find(k, f[1]))
		return kernel_refuse(f[1], "exists");
	l = net_state_add(k, f[1]);
	l->kind = kernel_keep(k, f[2]);
	l->nvalues = 0;
	l->ip = NULL;
	l->ip_end = &l->ip;
	l->hop = NULL;
	l->hop_end = &l->hop;
	l->remote = NULL;
	l->remote_end = &l->remote;
	l->vlans = NULL;
	kernel_defaults(l);
	for (size_t i = 3; i < n; i++) {
		if (!net_value_parse(f[i], &v))
			return kernel_refuse(f[1], "no such attribute");
		if (v.attr == PVE_NL_LOWER && !net_state_find(k, v.s))
			return kernel_refuse(f[1], "no such lower device");
		if (pve_nl_attrs[v.attr].fixed && v.s)
			net_link_set_text(l, v.attr, kernel_keep(k, v.s));
		else if (pve_nl_attrs[v.attr].fixed)
			net_link_set_number(l, v.attr, v.n);
	}
	if (kernel_is(l, "vlan")) {
		const struct net_link *lower = net_state_find(k, net_link_text(l, PVE_NL_LOWER));

		for (size_t i = 0; i < k->n; i++)
			if (k->link[i] != l && !k->link[i]->gone && kernel_is(k->link[i], "vlan") &&
			    strcmp(net_link_text(k->link[i], PVE_NL_LOWER), lower->name) == 0 &&
			    net_link_number(k->link[i], PVE_NL_VLAN_ID, 0) ==
				    net_link_number(l, PVE_NL_VLAN_ID, 0))
				return kernel_refuse(f[1], "that id exists");
		net_link_set_number(l, PVE_NL_MTU, net_link_number(lower, PVE_NL_MTU, 0));
	}
	if (kernel_is(l, "bridge")) {
		net_vids_set(&net_link_vlans(k, l)->all, 1, true);
		net_vids_set(&l->vlans->untagged, 1, true);
		l->vlans->pvid = 1;
	}
	f[2] = f[1];
	return kernel_set(k, f + 1, n - 1);
}

static int kernel_del(struct net_state *k, struct net_link *l)
{
	l->gone = true;
	for (size_t i = 0; i < k->n; i++) {
		struct net_link *on = k->link[i];

		if (on->gone)
			continue;
		if (strcmp(net_link_text(on, PVE_NL_MASTER), l->name) == 0)
			kernel_master(k, on, "");
		if (strcmp(net_link_text(on, PVE_NL_LOWER), l->name) == 0)
			kernel_del(k, on);
	}
	return 0;
}

static bool kernel_ip(const char *text, struct pve_nl_addr *a)
{
	struct net_addr p;

	*a = (struct pve_nl_addr){.preferred = UINT32_MAX, .flags = IFA_F_PERMANENT};
	if (!net_addr_parse(pve_span(text), &p) || p.prefix < 0)
		return false;
	a->family = p.family;
	a->prefix = (unsigned)p.prefix;
	a->bytes = a->peer = p.bytes;
	return true;
}

static bool kernel_one_subnet(const struct pve_nl_addr *a, const struct pve_nl_addr *b)
{
	struct net_addr x = {.family = a->family, .prefix = (int)a->prefix, .bytes = a->bytes};
	struct net_addr y = {.family = b->family, .bytes = b->bytes};

	return a->family == AF_INET && a->prefix == b->prefix && net_addr_covers(&x, &y);
}

/* With its first address goes the whole subnet, and with the last one all routes. */
static void kernel_addr_del(struct net_link *l, struct net_ip *ip)
{
	bool first = true;

	for (const struct net_ip *p = l->ip; p != ip; p = p->next)
		first &= !kernel_one_subnet(&ip->a, &p->a);
	for (struct net_ip *p = l->ip; p; p = p->next)
		if (p == ip || (first && kernel_one_subnet(&ip->a, &p->a)))
			net_link_drop_ip(l, p);
	for (const struct net_ip *p = l->ip; p; p = p->next)
		if (p->a.family == AF_INET)
			return;
	for (struct net_hop *h = l->hop; h; h = h->next)
		if (h->r.family == AF_INET)
			net_link_drop_hop(l, h);
}

static int kernel_addr(struct net_state *k, char **f, bool add)
{
	struct net_link *l = net_state_find(k, f[1]);
	struct net_ip ip = {.next = NULL}, *is;

	if (!l || !kernel_ip(f[2], &ip.a))
		return kernel_refuse(f[1], "address: no such device, or no address");
	is = net_link_find_ip(l, &ip.a);
	if (add && !is)
		net_link_add_ip(k, l, &ip);
	if (!add && is)
		kernel_addr_del(l, is);
	return 0;
}

static const char *kernel_field(char **f, size_t n, const char *name)
{
	for (size_t i = 2; i < n; i++)
		if (strncmp(f[i], name, strlen(name)) == 0)
			return f[i] + strlen(name);
	return "";
}

static int kernel_route(struct net_state *k, char **f, size_t n, bool add)
{
	struct net_link *l = net_state_find(k, f[1]);
	struct net_hop hop = {.next = NULL};
	struct pve_nl_addr dst, via;
	char gateway[80];

	snprintf(gateway, sizeof(gateway), "%s/0", kernel_field(f, n, "via="));
	if (!l || !kernel_ip(f[2], &dst) || !kernel_ip(gateway, &via))
		return kernel_refuse(f[1], "route: no such device, or no route");
	if (add && !net_link_number(l, PVE_NL_UP, 0))
		return kernel_refuse(f[1], "network is down");
	hop.r = (struct pve_nl_route){.family = dst.family,
				      .prefix = dst.prefix,
				      .dst = dst.bytes,
				      .gateway = via.bytes,
				      .has_gateway = true,
				      .protocol = RTPROT_STATIC,
				      .metric = (uint32_t)strtoul(kernel_field(f, n, "metric="), NULL, 10),
				      .table = (unsigned)strtoul(kernel_field(f, n, "table="), NULL, 10)};
	for (size_t i = 0; i < k->n; i++)
		for (struct net_hop *h = k->link[i]->gone ? NULL : k->link[i]->hop; h; h = h->next)
			if (h->r.family == hop.r.family && h->r.metric == hop.r.metric &&
			    h->r.table == hop.r.table && h->r.prefix == hop.r.prefix)
				net_link_drop_hop(k->link[i], h);
	if (add)
		net_link_add_hop(k, l, &hop);
	return 0;
}

static int kernel_vid(struct net_state *k, char **f, bool add)
{
	struct net_link *l = net_state_find(k, f[1]);
	unsigned from, to, flags = (unsigned)strtoul(f[4], NULL, 10);

	if (!l || sscanf(f[3], "%u-%u", &from, &to) != 2)
		return kernel_refuse(f[1], "VLANs: no such device, or no range");
	if (!l->vlans)
		return kernel_refuse(f[1], "VLANs: it is no port");
	for (unsigned id = from; id <= to; id++) {
		net_vids_set(&l->vlans->all, id, add);
		net_vids_set(&l->vlans->untagged, id, add && flags & 4);
		if (add && flags & 2)
			l->vlans->pvid = id;
		else if (l->vlans->pvid == id)
			l->vlans->pvid = 0;
	}
	return 0;
}

static int kernel_line(struct net_state *k, char **f, size_t n)
{
	struct net_link *l;

	if (strcmp(f[0], "add") == 0)
		return kernel_add(k, f, n);
	if (strcmp(f[0], "set") == 0)
		return kernel_set(k, f, n);
	if (strcmp(f[0], "del") == 0)
		return (l = net_state_find(k, f[1])) && kernel_is(l, f[2]) ? kernel_del(k, l) : 0;
	if (strncmp(f[0], "addr", 4) == 0)
		return kernel_addr(k, f, f[0][4] == '+');
	if (strncmp(f[0], "route", 5) == 0)
		return kernel_route(k, f, n, f[0][5] == '+');
	if (strncmp(f[0], "vid", 3) == 0)
		return kernel_vid(k, f, f[0][3] == '+');
	return kernel_refuse(f[0], "what is that?");
}

/* Carries out the lines of an operation; -1 with kernel_says. */
static int kernel_do(struct net_state *k, const char *words)
{
	PVE_STRV lines = {0};
	int ret = 0;

	pve_strv_split(&lines, pve_span(words), "\n");
	for (size_t i = 0; ret == 0 && i < lines.n; i++) {
		char *f[PVE_NL_NATTRS + 8];
		size_t n = 0;

		for (char *p = lines.v[i]; p;) {
			f[n++] = p;
			p = strchr(p, '\t');
			if (p)
				*p++ = '\0';
		}
		f[n] = NULL;
		ret = kernel_line(k, f, n);
	}
	return ret;
}

/* Everything about it as text, to compare. */
static void kernel_dump(const struct net_state *k, struct pve_buf *out)
{
	PVE_STRV lines = {0};
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < k->n; i++) {
		const struct net_link *l = k->link[i];

		if (l->gone)
			continue;
		pve_strv_addf(&lines, "%s kind %s", l->name, l->kind);
		for (unsigned n = 0; n < l->nvalues; n++) {
			PVE_BUF b = {0};

			net_value_format(&l->value[n], &b);
			pve_strv_addf(&lines, "%s %s", l->name, pve_buf_str(&b));
		}
		for (const struct net_ip *ip = l->ip; ip; ip = ip->next) {
			PVE_BUF b = {0};

			net_ip_format(ip, &b);
			pve_strv_addf(&lines, "%s address %s", l->name, pve_buf_str(&b));
		}
		for (const struct net_hop *h = l->hop; h; h = h->next)
			pve_strv_addf(&lines, "%s gateway %s", l->name,
				      inet_ntop(h->r.family, &h->r.gateway, text, sizeof(text)));
		if (l->vlans) {
			PVE_BUF b = {0};

			net_vids_format(&l->vlans->all, &b);
			pve_strv_addf(&lines, "%s VLANs %s pvid %u", l->name, pve_buf_str(&b),
				      l->vlans->pvid);
		}
	}
	pve_strv_sort(&lines);
	for (size_t i = 0; i < lines.n; i++)
		pve_buf_printf(out, "%s\n", lines.v[i]);
}

#endif
