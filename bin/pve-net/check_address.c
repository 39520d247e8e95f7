/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each address by itself: literal, prefix, what it is, where it stands. */
#include "check_impl.h"

#include "check_ip.h"

/* What a stanza says about the prefixes of its addresses, found once for all of them. */
struct stanza {
	const struct net_stanza *s;
	bool netmask, pointopoint;
};

static void look_at(struct stanza *st, const struct net_stanza *s)
{
	if (st->s == s)
		return;
	*st = (struct stanza){.s = s};
	for (uint32_t n = 0; n < s->nopts; n++) {
		st->netmask |= s->opt[n].key->id == NET_K_NETMASK;
		st->pointopoint |= strcmp(s->opt[n].key->name, "pointopoint") == 0;
	}
}

/* The literal is fine but what follows the slash is not, or it is no literal at all. */
static void literal(struct check *c, const struct net_iface *i, const struct net_addr *a)
{
	struct pve_span head = a->opt->value;
	const char *slash = memchr(head.p, '/', head.len);
	struct net_addr bare = {0};

	if (check_has(head, '%')) {
		check_opt(c, CHECK_ADDRESS_INVALID, a->opt,
			  "%s: the address %.*s has a zone; the interface is the one of the stanza",
			  i->name, CHECK_VALUE(a->opt));
		return;
	}
	if (slash)
		head.len = (size_t)(slash - head.p);
	if (slash && net_addr_parse(head, &bare))
		check_opt(c, CHECK_PREFIX_INVALID, a->opt, "%s: %.*s has no prefix from 0 to %d",
			  i->name, CHECK_VALUE(a->opt), bare.family == AF_INET6 ? 128 : 32);
	else
		check_opt(c, CHECK_ADDRESS_INVALID, a->opt, "%s: %.*s is no IP address", i->name,
			  CHECK_VALUE(a->opt));
}

/* Of "iface eno1 inet static" with an IPv6 address, ifupdown says nothing and sets nothing;
 * ifupdown2 does not look at the family. */
static bool wrong_family(const struct net_addr *a)
{
	const struct pve_span family = a->opt->stanza->head->family;

	return (pve_span_eq(family, "inet") && a->family == AF_INET6) ||
	       (pve_span_eq(family, "inet6") && a->family == AF_INET);
}

/* Point-to-point addresses and tunnels have no subnet; loopback has no neighbours. */
static bool needs_prefix(const struct net_iface *i, const struct net_addr *a,
			 const struct stanza *st)
{
	if (i->type == NET_T_LOOPBACK || check_ip_is_any(a) || st->netmask || st->pointopoint)
		return false;
	return !st->s->head->method.len || check_word_in(st->s->head->method, "static manual");
}

static void prefix_missing(struct check *c, const struct net_iface *i, const struct net_addr *a)
{
	const char *what = a->family == AF_INET6 ? "ifupdown takes /64, ifupdown2 /128"
						 : "ifupdown takes its class (/8, /16, /24), "
						   "ifupdown2 /32, ifupdown-ng /24";

	check_opt(c, CHECK_PREFIX_MISSING, a->opt, "%s: %.*s has no prefix: %s", i->name,
		  CHECK_VALUE(a->opt), what);
}

static void ends_of_subnet(struct check *c, const struct net_iface *i, const struct net_addr *a)
{
	if (a->family == AF_INET && a->prefix < 31) {
		if (check_ip_host_zero(a) || check_ip_host_ones(a))
			check_opt(c, CHECK_ADDRESS_NETWORK, a->opt,
				  "%s: %s is the %s address of its subnet, not that of a host",
				  i->name, a->text,
				  check_ip_host_zero(a) ? "network" : "broadcast");
	} else if (a->family == AF_INET6 && a->prefix < 127 && check_ip_host_zero(a)) {
		check_opt(c, CHECK_ADDRESS_ANYCAST, a->opt,
			  "%s: %s is the anycast address of all routers of its subnet", i->name,
			  a->text);
	}
}

static void check_one(struct check *c, const struct net_iface *i, const struct net_addr *a,
		      struct stanza *st)
{
	bool slash = check_has(a->opt->value, '/');

	if (!a->opt->value.len)
		return; /* a syntax error */
	if (!a->family || (slash && a->prefix < 0)) {
		literal(c, i, a);
		return;
	}
	look_at(st, a->opt->stanza);
	if (wrong_family(a))
		check_opt(c, CHECK_ADDRESS_INVALID, a->opt, "%s: %s is no address for %.*s",
			  i->name, a->text, PVE_SPAN_ARG(a->opt->stanza->head->family));
	else if (a->prefix < 0 && needs_prefix(i, a, st))
		prefix_missing(c, i, a);
	if (check_ip_is_multicast(a))
		check_opt(c, CHECK_ADDRESS_MULTICAST, a->opt,
			  "%s: %s is a multicast or broadcast address", i->name, a->text);
	else if (!check_ip_is_any(a))
		ends_of_subnet(c, i, a);
}

static void netmasks(struct check *c, const struct net_iface *i)
{
	for (size_t n = 0; n < i->nopts; n++) {
		const struct net_option *o = i->opt[n];
		bool v6 = pve_span_eq(o->stanza->head->family, "inet6");

		if (o->key->id == NET_K_NETMASK && o->value.len && check_owns(i, o) &&
		    net_mask_bits(o->value, v6 ? AF_INET6 : AF_INET) < 0)
			check_opt(c, CHECK_PREFIX_INVALID, o, "%s: %.*s is no netmask", i->name,
				  CHECK_VALUE(o));
	}
}

/* The bridge or bond that the interface is a port of, or NULL. */
static const struct net_iface *master(const struct net_iface *i)
{
	for (const struct net_edge *e = i->upper; e; e = e->next_upper)
		if (e->relation != NET_RAW &&
		    (e->upper->type == NET_T_BRIDGE || e->upper->type == NET_T_BOND))
			return e->upper;
	return NULL;
}

static void on_port(struct check *c, const struct net_iface *i, const struct net_iface *m)
{
	const char *what = m->type == NET_T_BOND ? "slave" : "port";

	for (const struct net_addr *a = i->addr; a; a = a->next) {
		struct pve_finding *f;

		if (!a->family || check_ip_is_any(a))
			continue;
		f = check_opt(c, CHECK_ADDRESS_PORT, a->opt,
			      "%s has the address %s but is a %s of %s: it belongs there", i->name,
			      a->text, what, m->name);
		if (!i->addr->next)
			check_fix(f, "set", i->name, "address=");
	}
	for (size_t n = 0; n < i->nstanzas; n++)
		if (check_word_in(i->stanza[n]->head->method, "dhcp auto bootp ipv4ll"))
			check_stanza(c, CHECK_ADDRESS_PORT, i->stanza[n],
				     "%s asks for an address by itself but is a %s of %s", i->name,
				     what, m->name);
}

static void static_without(struct check *c, const struct net_iface *i)
{
	for (size_t n = 0; n < i->nstanzas; n++) {
		const struct net_stanza *s = i->stanza[n];

		if (check_word_in(s->head->family, "inet inet6") && pve_span_eq(s->head->method, "static") &&
		    !s->head->inherits.len && !net_stanza_find(s, NET_K_ADDRESS))
			check_stanza(c, CHECK_ADDRESS_MISSING, s,
				     "%s is static but has no address: ifup fails; without one it "
				     "is manual",
				     i->name);
	}
}

void check_addresses(struct check *c)
{
	struct stanza st = {0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];
		const struct net_iface *m = master(i);

		for (const struct net_addr *a = i->addr; a; a = a->next)
			if (check_owns(i, a->opt))
				check_one(c, i, a, &st);
		netmasks(c, i);
		static_without(c, i);
		if (m)
			on_port(c, i, m);
	}
}
