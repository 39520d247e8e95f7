/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a stanza as such: spelling, repetition, place. */
#include "check_impl.h"

#include "pvecommon/strv.h"

/* Spellings that nobody knows and what they are near to, so that a file full of one typo
 * costs one search. */
struct spelling {
	const char *nearest; /* "" when none is near */
};

struct speller {
	struct pve_map seen; /* spelling -> struct spelling */
	const char **names;  /* NULL-terminated: all that are known */
};

static void speller_init(struct speller *sp)
{
	size_t n = 0;

	while (net_key_names[n].spelling)
		n++;
	sp->names = pve_calloc(n + 1, sizeof(*sp->names));
	while (n--)
		sp->names[n] = net_key_names[n].spelling;
}

/* With dashes for underscores, and without the "?" of a weak option. */
static char *canonical(struct check *c, struct pve_span spelling)
{
	char *word = pve_arena_memdup(&c->mem, spelling.p, spelling.len);

	for (char *p = word; *p; p++)
		if (*p == '_')
			*p = '-';
	return word;
}

static const char *nearest(struct check *c, struct speller *sp, struct pve_span spelling)
{
	struct spelling *known = pve_map_get(&sp->seen, spelling);
	const char *near;

	if (known)
		return known->nearest;
	if (!sp->names)
		speller_init(sp);
	near = pve_str_nearest(canonical(c, spelling), sp->names);
	known = pve_arena_alloc(&c->mem, sizeof(*known));
	known->nearest = near ? near : "";
	pve_map_set(&sp->seen, spelling, known);
	return known->nearest;
}

/* Any word is legal as an option: hooks see it as IF_WORD.  So only what looks like a typo
 * is worth a line. */
static void unknown(struct check *c, struct speller *sp, const struct net_option *o)
{
	const char *near;

	if (o->key->spelling.len < 4 || o->key->spelling.len > 40)
		return;
	near = nearest(c, sp, o->key->spelling);
	if (*near)
		check_opt(c, CHECK_OPTION_UNKNOWN, o,
			  "%.*s: no engine knows the option %.*s; is it %s?",
			  PVE_SPAN_ARG(o->stanza->name), PVE_SPAN_ARG(o->key->spelling), near);
}

/* Options of which a second one is never an addition. */
static bool is_single(enum net_key_id id)
{
	switch (id) {
	case NET_K_METRIC:
	case NET_K_MTU:
	case NET_K_HWADDRESS:
	case NET_K_LINK_TYPE:
	case NET_K_BRIDGE_STP:
	case NET_K_BRIDGE_FD:
	case NET_K_BRIDGE_VLAN_AWARE:
	case NET_K_BOND_MODE:
	case NET_K_BOND_MIIMON:
	case NET_K_BOND_UPDELAY:
	case NET_K_BOND_DOWNDELAY:
	case NET_K_BOND_XMIT_HASH_POLICY:
	case NET_K_BOND_PRIMARY:
	case NET_K_BOND_LACP_RATE:
	case NET_K_VLAN_RAW_DEVICE:
	case NET_K_VLAN_ID:
	case NET_K_VXLAN_ID:
	case NET_K_OVS_TYPE:
	case NET_K_OVS_BRIDGE:
		return true;
	default:
		return false;
	}
}

static void twice(struct check *c, const struct net_option *o)
{
	check_opt(c, CHECK_OPTION_TWICE, o,
		  "%.*s has %s twice: ifupdown joins the values, others take the last",
		  PVE_SPAN_ARG(o->stanza->name), o->key->name);
}

static void detached(struct check *c, const struct net_option *o)
{
	check_opt(c, CHECK_OPTION_DETACHED, o,
		  "%.*s: a blank line stands before this option, so the GUI does not see it as a "
		  "part of the stanza and may move it when it saves",
		  PVE_SPAN_ARG(o->stanza->name));
}

static void check_one(struct check *c, struct speller *sp, const struct net_stanza *s)
{
	uint64_t seen = 0;
	bool said = false;

	_Static_assert(NET_K_MAP < 64, "every key id needs a bit");
	for (uint32_t n = 0; n < s->nopts; n++) {
		const struct net_option *o = &s->opt[n];
		uint64_t bit = (uint64_t)1 << o->key->id;

		if (o->key->id == NET_K_UNKNOWN)
			unknown(c, sp, o);
		if (seen & bit && is_single(o->key->id))
			twice(c, o);
		seen |= bit;
		if (o->after_blank && !said)
			detached(c, o);
		said |= o->after_blank;
	}
}

void check_options(struct check *c)
{
	struct speller sp = {0};

	for (size_t n = 0; n < c->conf->nstanzas; n++)
		if (c->conf->stanza[n]->kind == NET_IFACE)
			check_one(c, &sp, c->conf->stanza[n]);
	pve_map_done(&sp.seen);
	free(sp.names);
}
