/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gateways, and IPv6 that is configured but turned off. */
#include "check_impl.h"

#include <stdio.h>

#include "check_ip.h"

static const char *family_name(const struct net_addr *a)
{
	return a->family == AF_INET6 ? "IPv6" : "IPv4";
}

/* Without the gateway the interface has none; of several it has to be looked at by hand. */
static void fix_remove(struct pve_finding *f, const struct net_iface *i)
{
	if (!i->rare->gateway->next)
		check_fix(f, "set", i->name, "gateway=");
}

static bool literal(struct check *c, const struct net_iface *i, const struct net_addr *g)
{
	struct pve_span family = g->opt->stanza->head->family;

	if (!g->family || check_has(g->opt->value, '/')) {
		check_opt(c, CHECK_GATEWAY_INVALID, g->opt, "%s: the gateway %.*s is no address",
			  i->name, CHECK_VALUE(g->opt));
		return false;
	}
	if (pve_span_eq(family, g->family == AF_INET6 ? "inet" : "inet6") || check_ip_is_any(g) ||
	    check_ip_is_multicast(g)) {
		check_opt(c, CHECK_GATEWAY_INVALID, g->opt, "%s: %.*s is no gateway for %.*s",
			  i->name, CHECK_VALUE(g->opt), PVE_SPAN_ARG(family));
		return false;
	}
	return true;
}

static bool is_own(const struct net_iface *i, const struct net_addr *g)
{
	for (const struct net_addr *a = i->addr; a; a = a->next)
		if (a->family && check_ip_same(a, g))
			return true;
	return false;
}

/* A hook that names the gateway most likely adds the route to it. */
static bool in_hook(const struct net_iface *i, const struct net_addr *g)
{
	for (size_t n = 0; n < i->nopts; n++)
		if (net_key_is_hook(i->opt[n]->key) &&
		    memmem(i->opt[n]->value.p, i->opt[n]->value.len, g->opt->value.p,
			   g->opt->value.len))
			return true;
	return false;
}

/* Is the gateway in one of the subnets, or is it unknown because there is no static address
 * with a prefix?  A /32 says by itself that the gateway is reached in another way. */
static bool is_reachable(const struct net_iface *i, const struct net_addr *g)
{
	bool subnet = false;

	if (check_ip_is_link_local(g))
		return true;
	for (const struct net_addr *a = i->addr; a; a = a->next) {
		if (a->family != g->family)
			continue;
		if (a->prefix < 0 || check_ip_is_single(a) || net_addr_covers(a, g))
			return true;
		subnet = true;
	}
	return !subnet || in_hook(i, g);
}

static void check_one(struct check *c, const struct net_iface *i, const struct net_addr *g)
{
	if (!literal(c, i, g))
		return;
	if (is_own(i, g))
		fix_remove(check_opt(c, CHECK_GATEWAY_SELF, g->opt,
				     "%s: the gateway %s is the address of this interface itself",
				     i->name, g->text),
			   i);
	else if (!is_reachable(i, g))
		check_opt(c, CHECK_GATEWAY_UNREACHABLE, g->opt,
			  "%s: the gateway %s is in no subnet of the interface; is it a typo?",
			  i->name, g->text);
}

struct route {
	const struct net_iface *iface;
	const struct net_addr *gateway;
};

/* What tells two default routes apart: family, table, metric.  In the arena. */
static struct pve_span route_key(struct check *c, const struct net_iface *i,
				 const struct net_addr *g)
{
	const struct net_option *metric = net_stanza_find(g->opt->stanza, NET_K_METRIC);
	const struct net_option *table = net_iface_find(i, NET_K_TABLE);
	const struct net_option *vrf = net_iface_find(i, NET_K_VRF);
	struct pve_span none = {"", 0};

	return pve_span(pve_arena_printf(&c->mem, "%d %.*s %.*s %.*s", g->family,
					 PVE_SPAN_ARG(metric ? metric->value : none),
					 PVE_SPAN_ARG(table ? table->value : none),
					 PVE_SPAN_ARG(vrf ? vrf->value : none)));
}

static void twice(struct check *c, struct pve_map *seen, const struct net_iface *i,
		  const struct net_addr *g)
{
	struct pve_span key = route_key(c, i, g);
	const struct route *first = pve_map_get(seen, key);
	struct route *r;

	if (first) {
		fix_remove(check_opt(c, CHECK_GATEWAY_TWICE, g->opt,
				     "%s sets the %s default gateway, which %s sets already "
				     "(%s:%u): one of them fails",
				     i->name, family_name(g), first->iface->name,
				     first->gateway->opt->stanza->head->file->path,
				     first->gateway->opt->line),
			   i);
		return;
	}
	r = pve_arena_alloc(&c->mem, sizeof(*r));
	*r = (struct route){i, g};
	pve_map_set(seen, key, r);
}

/* Turning it off is what "inet6 manual" is used for, and sysctls in its hooks. */
static const struct net_stanza *dynamic_inet6(const struct net_iface *i)
{
	for (size_t n = 0; n < i->nstanzas; n++)
		if (pve_span_eq(i->stanza[n]->head->family, "inet6") &&
		    check_word_in(i->stanza[n]->head->method, "auto dhcp"))
			return i->stanza[n];
	return NULL;
}

static void fix_disabled(struct pve_finding *f, const struct net_iface *i,
			 const struct ipv6_rule *rule)
{
	if (strcmp(rule->name, i->name) == 0)
		check_fix(f, "ipv6", "on", "%s", i->name);
	else
		pve_finding_fix(f, "pve-net ipv6 on");
}

/* Of each interface the first IPv6 address, or a stanza that asks for one, when a file of sysctl.d
 * turns IPv6 off there. */
static void disabled(struct check *c, const struct net_iface *i)
{
	const struct ipv6_rule *rule = ipv6_rules_find(&c->facts->ipv6, i->name);
	const struct net_stanza *s = dynamic_inet6(i);
	const struct net_addr *a = i->addr;

	while (a && a->family != AF_INET6)
		a = a->next;
	if (!rule || !rule->off || i->type == NET_T_LOOPBACK)
		return;
	if (a)
		fix_disabled(check_opt(c, CHECK_INET6_DISABLED, a->opt,
				       "%s has the address %s, but %s:%u turns IPv6 off: ifup fails",
				       i->name, a->text, rule->file, rule->line),
			     i, rule);
	else if (s)
		fix_disabled(check_stanza(c, CHECK_INET6_DISABLED, s,
					  "%s asks for IPv6 addresses, but %s:%u turns IPv6 off: it "
					  "gets none",
					  i->name, rule->file, rule->line),
			     i, rule);
}

/* Each is compared with all addresses of the interface, so that without a bound nonsense
 * would take its time. */
#define MAX_GATEWAYS 16

void check_gateways(struct check *c)
{
	struct pve_map seen = {0};

	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];
		unsigned count = 0;

		for (const struct net_addr *g = i->rare->gateway; g && count++ < MAX_GATEWAYS;
		     g = g->next) {
			if (!check_owns(i, g->opt) || !g->opt->value.len)
				continue;
			check_one(c, i, g);
			if (g->family && i->start != NET_START_NO)
				twice(c, &seen, i, g);
		}
	}
	pve_map_done(&seen);
	for (size_t n = 0; c->facts->ipv6.n && n < c->model->nifaces; n++)
		disabled(c, c->model->iface[n]);
}
