/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, gateways and the values of sysctl that a stanza asks for. */
#include <linux/rtnetlink.h>

#include "pvecommon/num.h"
#include "want_impl.h"

/* --- addresses ----------------------------------------------------------------- */

/* ifupdown gives addresses in these methods only; ifupdown2 knows stanzas without one. */
static bool is_static(const struct net_stanza *s)
{
	return !s->head->method.len || pve_span_eq(s->head->method, "static") ||
	       pve_span_eq(s->head->method, "loopback");
}

static const struct net_option *same_stanza(const struct net_iface *i, const struct net_option *at,
					    const char *key)
{
	for (size_t n = i->nopts; n > 0; n--)
		if (i->opt[n - 1]->stanza == at->stanza && strcmp(i->opt[n - 1]->key->name, key) == 0)
			return i->opt[n - 1];
	return NULL;
}

static void want_scope(struct net_wanting *w, struct net_ip *ip, const struct net_option *o)
{
	if (!o)
		return;
	if (pve_span_eq(o->value, "link"))
		ip->a.scope = RT_SCOPE_LINK;
	else if (pve_span_eq(o->value, "host"))
		ip->a.scope = RT_SCOPE_HOST;
	else if (!pve_span_eq(o->value, "global"))
		net_want_say(w, PVE_ERROR, o, "'%.*s' is no scope: global, link, host",
			     PVE_SPAN_ARG(o->value));
}

static void want_peer(struct net_wanting *w, struct net_ip *ip, const struct net_option *o)
{
	struct net_addr a;

	if (!o)
		return;
	if (net_addr_parse(o->value, &a) && a.family == ip->a.family)
		ip->a.peer = a.bytes;
	else
		net_want_say(w, PVE_ERROR, o, "'%.*s' is no address of the other end",
			     PVE_SPAN_ARG(o->value));
}

/* The last address of the subnet, as ifupdown has it, unless another is given. */
static void want_broadcast(struct net_wanting *w, struct net_ip *ip, const struct net_option *o)
{
	uint32_t host;
	struct net_addr a;

	if (ip->a.family != AF_INET)
		return;
	if (o && !pve_span_eq(o->value, "+")) {
		ip->has_broadcast = net_addr_parse(o->value, &a) && a.family == AF_INET;
		memcpy(&ip->broadcast, &a.bytes, sizeof(ip->broadcast));
		if (!ip->has_broadcast && !pve_span_eq(o->value, "-"))
			net_want_say(w, PVE_ERROR, o, "'%.*s' is no broadcast address",
				     PVE_SPAN_ARG(o->value));
		return;
	}
	if (ip->a.prefix >= 31 || memcmp(&ip->a.peer, &ip->a.bytes, 4) != 0)
		return;
	memcpy(&host, &ip->a.bytes, sizeof(host));
	host |= htonl(UINT32_MAX >> ip->a.prefix);
	memcpy(&ip->broadcast, &host, sizeof(host));
	ip->has_broadcast = true;
}

static void want_address(struct net_wanting *w, struct net_link *l, const struct net_iface *i,
			 const struct net_addr *a)
{
	struct net_ip ip = {.opt = a->opt};
	const struct net_option *life = same_stanza(i, a->opt, "preferred-lifetime");
	uint64_t n;

	if (!a->family || a->prefix < 0) {
		net_want_say(w, PVE_ERROR, a->opt, "%s: '%s' is no address with a prefix length",
			     i->name, a->text);
		return;
	}
	ip.a = (struct pve_nl_addr){.family = a->family,
				    .prefix = (unsigned)a->prefix,
				    .preferred = UINT32_MAX,
				    .bytes = a->bytes,
				    .peer = a->bytes};
	want_scope(w, &ip, same_stanza(i, a->opt, "scope"));
	want_peer(w, &ip, same_stanza(i, a->opt, "pointopoint"));
	want_broadcast(w, &ip, same_stanza(i, a->opt, "broadcast"));
	if (life && pve_num_span(life->value, UINT32_MAX, &n) == 0)
		ip.a.preferred = (uint32_t)n;
	if (i->type == NET_T_ALIAS)
		ip.label = i->name;
	if (!net_link_find_ip(l, &ip.a))
		net_link_add_ip(w->want, l, &ip);
}

/* 0.0.0.0 and :: are what the GUI of Proxmox VE writes for none. */
static bool is_any(const struct net_addr *a)
{
	static const struct in6_addr any;

	return a->family && memcmp(&a->bytes, &any, a->family == AF_INET6 ? 16 : 4) == 0;
}

/* --- gateways ------------------------------------------------------------------ */

/* The table that the stanza or its VRF says. */
static unsigned want_table(struct net_wanting *w, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_VRF);
	const struct net_iface *vrf = NULL;
	uint64_t n;

	if (o) {
		PVE_FREE char *name = pve_strndup(o->value.p, o->value.len);

		vrf = net_model_find(w->model, name);
	}
	o = net_iface_find(vrf ? vrf : i, NET_K_TABLE);
	return o && pve_num_span(o->value, UINT32_MAX, &n) == 0 && n ? (unsigned)n : RT_TABLE_MAIN;
}

static void want_gateway(struct net_wanting *w, struct net_link *l, const struct net_iface *i,
			 const struct net_addr *a)
{
	const struct net_option *metric = same_stanza(i, a->opt, "metric");
	struct net_hop hop = {.opt = a->opt};
	uint64_t n;

	if (!a->family) {
		net_want_say(w, PVE_ERROR, a->opt, "%s: gateway '%s' is no address", i->name,
			     a->text);
		return;
	}
	hop.r = (struct pve_nl_route){.family = a->family,
				      .gateway = a->bytes,
				      .has_gateway = true,
				      /* What the kernel makes of none (IP6_RT_PRIO_USER). */
				      .metric = a->family == AF_INET6 ? 1024 : 0,
				      .protocol = RTPROT_STATIC,
				      .table = want_table(w, i)};
	if (metric && pve_num_span(metric->value, UINT32_MAX, &n) == 0 && n)
		hop.r.metric = (uint32_t)n;
	if (!net_link_find_hop(l, &hop.r))
		net_link_add_hop(w->want, l, &hop);
}

void net_want_addresses(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	for (const struct net_addr *a = i->addr; a; a = a->next)
		if (is_static(a->opt->stanza) && !is_any(a))
			want_address(w, l, i, a);
	for (const struct net_addr *a = i->rare->gateway; a; a = a->next)
		if (is_static(a->opt->stanza))
			want_gateway(w, l, i, a);
}

/* --- sysctl -------------------------------------------------------------------- */

static void add_sysctl(struct net_wanting *w, const struct net_link *l, const char *family,
		       const char *name, const char *value)
{
	struct net_state *s = w->want;
	struct net_sysctl *new = pve_arena_alloc(&s->mem, sizeof(*new));

	new->path = pve_arena_printf(&s->mem, "net/%s/conf/%s/%s", family, l->name, name);
	new->value = value;
	new->link = l;
	*s->sysctl_end = new;
	s->sysctl_end = &new->next;
}

/* Linux, Documentation/networking/ip-sysctl.rst. */
static const struct want_sysctl {
	const char *key, *family, *name;
	bool invert; /* the option says the opposite */
	unsigned max; /* 1: yes or no */
} sysctls[] = {
	{"ip-forward", "ipv4", "forwarding", false, 1},
	{"ip6-forward", "ipv6", "forwarding", false, 1},
	{"arp-accept", "ipv4", "arp_accept", false, 1},
	{"disable-ipv6", "ipv6", "disable_ipv6", false, 1},
	{"ipv6-addrgen", "ipv6", "addr_gen_mode", true, 1},
	{"accept-ra", "ipv6", "accept_ra", false, 2},
	{"autoconf", "ipv6", "autoconf", false, 1},
	{"privext", "ipv6", "use_tempaddr", false, 2},
};

static void want_sysctl(struct net_wanting *w, const struct net_link *l,
			const struct want_sysctl *t, const struct net_option *o)
{
	static const char *const digits[] = {"0", "1", "2"};
	bool yes = false;
	uint64_t n;

	if (pve_num_span(o->value, t->max, &n) < 0) {
		if (!net_want_bool(o->value, &yes)) {
			net_want_say(w, PVE_ERROR, o, "'%.*s' is no value of %s",
				     PVE_SPAN_ARG(o->value), t->key);
			return;
		}
		n = yes;
	}
	add_sysctl(w, l, t->family, t->name, digits[t->invert ? !n : n]);
}

static bool has_key(const struct net_iface *i, const char *key)
{
	for (size_t n = 0; n < i->nopts; n++)
		if (strcmp(i->opt[n]->key->name, key) == 0)
			return true;
	return false;
}

void net_want_sysctls(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	for (size_t n = 0; n < i->nopts; n++) {
		if (i->opt[n]->key->id != NET_K_KNOWN)
			continue;
		for (size_t k = 0; k < sizeof(sysctls) / sizeof(sysctls[0]); k++)
			if (strcmp(i->opt[n]->key->name, sysctls[k].key) == 0)
				want_sysctl(w, l, &sysctls[k], i->opt[n]);
	}
	/* What ifupdown sets for "inet6 auto". */
	if (!pve_span_eq(net_iface_method(i, "inet6"), "auto"))
		return;
	if (!has_key(i, "accept-ra"))
		add_sysctl(w, l, "ipv6", "accept_ra", "2");
	if (!has_key(i, "autoconf"))
		add_sysctl(w, l, "ipv6", "autoconf", "1");
}
