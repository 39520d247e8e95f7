/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes up at boot: auto lines against stanzas. */
#include "check_impl.h"

/* Words on an auto line that are no names: patterns of ifupdown and ifupdown2. */
static bool is_pattern(const char *name)
{
	return strpbrk(name, "*?[/") || !strcmp(name, "all");
}

static void orphans(struct check *c)
{
	for (size_t n = 0; n < c->model->norphans; n++) {
		const struct net_orphan *o = &c->model->orphan[n];

		if (o->stanza->kind != NET_AUTO || is_pattern(o->name) || !strcmp(o->name, "lo"))
			continue;
		check_stanza(c, CHECK_AUTO_UNDEFINED, o->stanza,
			     "auto names %s, which has no iface stanza: networking.service fails",
			     o->name);
	}
}

static void below(struct check *c, const struct net_iface *i)
{
	const struct net_stanza *at = i->start_at, *first = i->stanza[0];

	if (i->start != NET_START_AUTO || at->kind != NET_AUTO || at->head->file != first->head->file ||
	    at->line < first->line)
		return;
	check_stanza(c, CHECK_AUTO_BELOW, at,
		     "auto %s stands below its iface line, where ifupdown2 ignores it: %s does not "
		     "come up",
		     i->name, i->name);
}

static bool gateway_of(const struct net_iface *i, int family)
{
	for (const struct net_addr *g = i->rare->gateway; g; g = g->next)
		if (g->family == family)
			return true;
	return false;
}

/* A gateway that waits for a hand while another comes up by itself is a spare one. */
static void missing(struct check *c, int family)
{
	const struct net_iface *idle = NULL;

	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		if (!gateway_of(i, family))
			continue;
		if (i->start != NET_START_NO)
			return;
		if (!idle)
			idle = i;
	}
	if (idle)
		check_stanza(c, CHECK_AUTO_MISSING, idle->stanza[0],
			     "%s has the %s gateway but no auto line: after a boot the host is not "
			     "reachable",
			     idle->name, family == AF_INET6 ? "IPv6" : "IPv4");
}

/* Stanzas of one interface and family, each but the first.  Several lines are rare, so all
 * pairs are as good as a table; the bound keeps nonsense linear. */
static void twice(struct check *c, const struct net_iface *i)
{
	size_t n = i->nstanzas < 16 ? i->nstanzas : 16;

	for (size_t b = 1; b < n; b++)
		for (size_t a = 0; a < b; a++) {
			if (!pve_span_same(i->stanza[a]->head->family, i->stanza[b]->head->family))
				continue;
			check_stanza(c, CHECK_STANZA_TWICE, i->stanza[b],
				     "%s has a stanza of this family in line %u already; ifupdown "
				     "applies both, the GUI keeps one when it saves",
				     i->name, i->stanza[a]->line);
			break;
		}
}

void check_autostart(struct check *c)
{
	orphans(c);
	missing(c, AF_INET);
	missing(c, AF_INET6);
	for (size_t n = 0; n < c->model->nifaces; n++) {
		below(c, c->model->iface[n]);
		twice(c, c->model->iface[n]);
	}
}
