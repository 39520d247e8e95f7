/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines that ifupdown reads as they are meant, and that another reader of this host passes over or
 * takes for something else. */
#include "check_impl.h"

static bool is_stock(const struct check *c)
{
	return c->facts->engine.ifupdown2.len && !net_engine_is_pve(c->facts->engine.ifupdown2);
}

static void iface(struct check *c, const struct net_stanza *s)
{
	const struct net_head *h = s->head;

	if (!c->facts->ifupdown2)
		return;
	if (h->inherits.len)
		check_stanza(c, CHECK_READING, s,
			     "%.*s: ifupdown2 ignores inherits, so it comes up without the options "
			     "of %.*s",
			     PVE_SPAN_ARG(s->name), PVE_SPAN_ARG(h->inherits));
	if (pve_span_eq(h->family, "can") || pve_span_eq(h->family, "ipx"))
		check_stanza(c, CHECK_READING, s, "%.*s: ifupdown2 does not know the family %.*s",
			     PVE_SPAN_ARG(s->name), PVE_SPAN_ARG(h->family));
	if (is_stock(c) && pve_span_eq(h->family, "inet6") && pve_span_eq(h->method, "auto"))
		check_stanza(c, CHECK_READING, s,
			     "%.*s: stock ifupdown2 does not know the method auto of inet6",
			     PVE_SPAN_ARG(s->name));
}

/* Patterns: ifupdown has /GLOB, ifupdown2 ranges in brackets and "all". */
static void names(struct check *c, const struct net_stanza *s)
{
	struct pve_span rest = net_stanza_args(s), word;

	while ((word = pve_span_word(&rest)).len) {
		bool range = check_has(word, '[') && word.p[0] != '/';
		bool all = pve_span_eq(word, "all");

		if (c->facts->ifupdown2 && word.p[0] == '/')
			check_stanza(c, CHECK_READING, s,
				     "%.*s is a pattern for ifupdown and a name for ifupdown2",
				     PVE_SPAN_ARG(word));
		else if (!c->facts->ifupdown2 && (range || all))
			check_stanza(c, CHECK_READING, s,
				     "%.*s is a pattern for ifupdown2 and a name for ifupdown",
				     PVE_SPAN_ARG(word));
	}
}

static void others(struct check *c, const struct net_stanza *s)
{
	struct pve_span word = s->head->word;

	switch (s->kind) {
	case NET_MAPPING:
	case NET_RENAME:
	case NET_NO_AUTO_DOWN:
	case NET_NO_SCRIPTS:
		if (c->facts->ifupdown2)
			check_stanza(c, CHECK_READING, s,
				     "ifupdown2 does not know %.*s and passes over it",
				     PVE_SPAN_ARG(word));
		return;
	case NET_SOURCE_DIR:
		if (is_stock(c))
			check_stanza(c, CHECK_READING, s,
				     "stock ifupdown2 does not know %.*s and passes over it",
				     PVE_SPAN_ARG(word));
		return;
	case NET_ALLOW:
		if (c->facts->gui && pve_span_eq(word, "allow-hotplug"))
			check_stanza(
				c, CHECK_READING, s,
				"the GUI takes allow-hotplug for auto, and writes that: a boot "
				"then waits for the interface");
		return;
	default:
		return;
	}
}

static void option(struct check *c, const struct net_option *o)
{
	if (c->facts->ifupdown2 && o->key->weak)
		check_opt(c, CHECK_READING, o,
			  "ifupdown2 takes the question mark of %.*s for a part of the name, and "
			  "ignores the line",
			  PVE_SPAN_ARG(o->key->spelling));
	if (c->facts->gui && o->nlines > 1)
		check_opt(c, CHECK_READING, o,
			  "the GUI knows no continuation lines: it reads and writes the first line "
			  "of %.*s only",
			  PVE_SPAN_ARG(o->key->spelling));
}

void check_reading(struct check *c)
{
	for (size_t n = 0; n < c->conf->nstanzas; n++) {
		const struct net_stanza *s = c->conf->stanza[n];

		if (s->kind == NET_IFACE)
			iface(c, s);
		else if (s->kind == NET_AUTO)
			names(c, s);
		else
			others(c, s);
		for (uint32_t i = 0; s->kind == NET_IFACE && i < s->nopts; i++)
			option(c, &s->opt[i]);
	}
}
