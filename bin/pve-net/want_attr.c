/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that are attributes of the link: one table from the words of the files to rtnetlink. */
#include <ctype.h>
#include <inttypes.h>

#include "pvecommon/num.h"
#include "want_impl.h"

enum form {
	FORM_NUMBER,
	FORM_SECONDS, /* to 1/100 s; a fraction is allowed */
	FORM_BOOL,
	FORM_WORDS, /* the place in the list, which may be given itself */
	FORM_MAC,
	FORM_TEXT,
	FORM_NAME,
	FORM_ADDRESSES,
	FORM_PROTOCOL,
};

struct net_want_attr {
	const char *key;
	enum pve_nl_attr attr;
	enum form form;
	uint32_t max;             /* FORM_NUMBER; 0: none but that of the kernel */
	const char *const *words; /* FORM_WORDS */
	unsigned modes;           /* bonds: bits of the modes in which it means anything; 0 all */
};

#define MODE(n) (1u << (n))
#define MODES_LACP MODE(4)
#define MODES_PRIMARY (MODE(1) | MODE(5) | MODE(6))
#define MODES_ARP (MODE(0) | MODE(1) | MODE(2) | MODE(3))

/* Documentation/networking/bonding.rst: the places are the kernel's numbers. */
static const char *const modes[] = {"balance-rr", "active-backup", "balance-xor", "broadcast",
				    "802.3ad",    "balance-tlb",   "balance-alb", NULL};
static const char *const policies[] = {"layer2",   "layer3+4", "layer2+3",
				       "encap2+3", "encap3+4", "vlan+srcmac", NULL};
static const char *const rates[] = {"slow", "fast", NULL};
static const char *const selects[] = {"stable", "bandwidth", "count", NULL};
static const char *const reselects[] = {"always", "better", "failure", NULL};
static const char *const overs[] = {"none", "active", "follow", NULL};
static const char *const validates[] = {"none",   "active",        "backup",
					"all",    "filter",        "filter_active",
					"filter_backup", NULL};
static const char *const every[] = {"any", "all", NULL};

static const struct net_want_attr attrs[] = {
	{"mtu", PVE_NL_MTU, FORM_NUMBER, .max = INT32_MAX},
	{"hwaddress", PVE_NL_MAC, FORM_MAC},
	{"alias", PVE_NL_ALIAS, FORM_TEXT},
	{"vrf", PVE_NL_MASTER, FORM_NAME},

	{"bond-mode", PVE_NL_BOND_MODE, FORM_WORDS, .words = modes},
	{"bond-miimon", PVE_NL_BOND_MIIMON, FORM_NUMBER, .max = INT32_MAX},
	{"bond-updelay", PVE_NL_BOND_UPDELAY, FORM_NUMBER, .max = INT32_MAX},
	{"bond-downdelay", PVE_NL_BOND_DOWNDELAY, FORM_NUMBER, .max = INT32_MAX},
	{"bond-use-carrier", PVE_NL_BOND_USE_CARRIER, FORM_BOOL},
	{"bond-arp-interval", PVE_NL_BOND_ARP_INTERVAL, FORM_NUMBER, .max = INT32_MAX,
	 .modes = MODES_ARP},
	{"bond-arp-ip-target", PVE_NL_BOND_ARP_TARGETS, FORM_ADDRESSES, .modes = MODES_ARP},
	{"bond-arp-validate", PVE_NL_BOND_ARP_VALIDATE, FORM_WORDS, .words = validates,
	 .modes = MODES_ARP},
	{"bond-arp-all-targets", PVE_NL_BOND_ARP_ALL, FORM_WORDS, .words = every,
	 .modes = MODES_ARP},
	{"bond-primary", PVE_NL_BOND_PRIMARY, FORM_NAME, .modes = MODES_PRIMARY},
	{"bond-primary-reselect", PVE_NL_BOND_RESELECT, FORM_WORDS, .words = reselects,
	 .modes = MODES_PRIMARY},
	{"bond-fail-over-mac", PVE_NL_BOND_FAIL_OVER_MAC, FORM_WORDS, .words = overs},
	{"bond-xmit-hash-policy", PVE_NL_BOND_XMIT, FORM_WORDS, .words = policies},
	{"bond-resend-igmp", PVE_NL_BOND_RESEND_IGMP, FORM_NUMBER, .max = 255},
	{"bond-num-grat-arp", PVE_NL_BOND_PEER_NOTIF, FORM_NUMBER, .max = 255},
	{"bond-num-unsol-na", PVE_NL_BOND_PEER_NOTIF, FORM_NUMBER, .max = 255},
	{"bond-all-slaves-active", PVE_NL_BOND_ALL_ACTIVE, FORM_BOOL},
	{"bond-min-links", PVE_NL_BOND_MIN_LINKS, FORM_NUMBER, .max = INT32_MAX},
	{"bond-lp-interval", PVE_NL_BOND_LP_INTERVAL, FORM_NUMBER, .max = INT32_MAX},
	{"bond-packets-per-slave", PVE_NL_BOND_PACKETS, FORM_NUMBER, .max = 65535,
	 .modes = MODE(0)},
	{"bond-lacp-rate", PVE_NL_BOND_LACP_RATE, FORM_WORDS, .words = rates, .modes = MODES_LACP},
	{"bond-ad-select", PVE_NL_BOND_AD_SELECT, FORM_WORDS, .words = selects,
	 .modes = MODES_LACP},
	{"bond-ad-sys-priority", PVE_NL_BOND_AD_PRIO, FORM_NUMBER, .max = 65535,
	 .modes = MODES_LACP},
	{"bond-ad-actor-sys-prio", PVE_NL_BOND_AD_PRIO, FORM_NUMBER, .max = 65535,
	 .modes = MODES_LACP},
	{"bond-ad-user-port-key", PVE_NL_BOND_AD_KEY, FORM_NUMBER, .max = 1023,
	 .modes = MODES_LACP},
	{"bond-ad-sys-mac-addr", PVE_NL_BOND_AD_SYSTEM, FORM_MAC, .modes = MODES_LACP},
	{"bond-ad-actor-system", PVE_NL_BOND_AD_SYSTEM, FORM_MAC, .modes = MODES_LACP},
	{"bond-tlb-dynamic-lb", PVE_NL_BOND_TLB_DYNAMIC, FORM_BOOL, .modes = MODE(5)},

	{"bridge-stp", PVE_NL_BR_STP, FORM_BOOL},
	{"bridge-fd", PVE_NL_BR_FD, FORM_SECONDS},
	{"bridge-hello", PVE_NL_BR_HELLO, FORM_SECONDS},
	{"bridge-maxage", PVE_NL_BR_MAXAGE, FORM_SECONDS},
	{"bridge-ageing", PVE_NL_BR_AGEING, FORM_SECONDS},
	{"bridge-bridgeprio", PVE_NL_BR_PRIO, FORM_NUMBER, .max = 65535},
	{"bridge-hw", PVE_NL_MAC, FORM_MAC},
	{"bridge-vlan-aware", PVE_NL_BR_FILTERING, FORM_BOOL},
	{"bridge-vlan-protocol", PVE_NL_BR_PROTO, FORM_PROTOCOL},
	{"bridge-vlan-stats", PVE_NL_BR_VLAN_STATS, FORM_BOOL},
	{"bridge-mcrouter", PVE_NL_BR_MCROUTER, FORM_NUMBER, .max = 2},
	{"bridge-mcsnoop", PVE_NL_BR_MCSNOOP, FORM_BOOL},
	{"bridge-mcquerier", PVE_NL_BR_MCQUERIER, FORM_BOOL},

	/* In the stanza of the port. */
	{"bridge-learning", PVE_NL_PORT_LEARNING, FORM_BOOL},
	{"bridge-unicast-flood", PVE_NL_PORT_FLOOD, FORM_BOOL},
	{"bridge-multicast-flood", PVE_NL_PORT_MCFLOOD, FORM_BOOL},
	{"bridge-broadcast-flood", PVE_NL_PORT_BCFLOOD, FORM_BOOL},
	{"bridge-arp-nd-suppress", PVE_NL_PORT_NEIGH_SUPPRESS, FORM_BOOL},
	{"bridge-isolated", PVE_NL_PORT_ISOLATED, FORM_BOOL},

	{"vlan-protocol", PVE_NL_VLAN_PROTO, FORM_PROTOCOL},
	{"vxlan-id", PVE_NL_VXLAN_ID, FORM_NUMBER, .max = (1u << 24) - 1},
	{"vxlan-local-tunnelip", PVE_NL_VXLAN_LOCAL, FORM_ADDRESSES},
	{"vxlan-svcnodeip", PVE_NL_VXLAN_GROUP, FORM_ADDRESSES},
	{"vxlan-mcastgrp", PVE_NL_VXLAN_GROUP, FORM_ADDRESSES},
	{"vxlan-physdev", PVE_NL_VXLAN_DEV, FORM_NAME},
	{"vxlan-port", PVE_NL_VXLAN_PORT, FORM_NUMBER, .max = 65535},
	{"vxlan-ttl", PVE_NL_VXLAN_TTL, FORM_NUMBER, .max = 255},
	{"vxlan-tos", PVE_NL_VXLAN_TOS, FORM_NUMBER, .max = 255},
	{"vxlan-learning", PVE_NL_VXLAN_LEARNING, FORM_BOOL},
	{"vxlan-ageing", PVE_NL_VXLAN_AGEING, FORM_NUMBER, .max = UINT32_MAX},
	{"vrf-table", PVE_NL_VRF_TABLE, FORM_NUMBER, .max = UINT32_MAX},
	{"veth-peer-name", PVE_NL_VETH_PEER, FORM_NAME},
};

void net_want_attrs_init(struct net_wanting *w)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		pve_map_set(&w->attrs, pve_span(attrs[i].key), (void *)&attrs[i]);
}

/* --- words to values ----------------------------------------------------------- */

bool net_want_bool(struct pve_span v, bool *yes)
{
	static const char *const on[] = {"yes", "on", "1", "true"}, *const off[] = {"no", "off", "0",
										     "false"};

	for (size_t i = 0; i < 4; i++)
		if (pve_span_eq(v, on[i]) || pve_span_eq(v, off[i])) {
			*yes = pve_span_eq(v, on[i]);
			return true;
		}
	return false;
}

static bool to_word(struct pve_span v, const char *const *words, uint64_t *n)
{
	size_t count = 0;

	while (words[count])
		count++;
	if (pve_num_span(v, count - 1, n) == 0)
		return true;
	for (*n = 0; words[*n]; (*n)++)
		if (pve_span_eq(v, words[*n]))
			return true;
	return false;
}

/* "2", "0.5": hundredths. */
static bool to_centiseconds(struct pve_span v, uint64_t *n)
{
	const char *dot = v.len ? memchr(v.p, '.', v.len) : NULL;
	struct pve_span whole = v, part = {"", 0};
	uint64_t frac = 0;

	if (dot) {
		whole.len = (size_t)(dot - v.p);
		part = (struct pve_span){dot + 1, v.len - whole.len - 1};
		if (!part.len || part.len > 2 || pve_num_span(part, 99, &frac) < 0)
			return false;
		frac *= part.len == 1 ? 10 : 1;
	}
	if (pve_num_span(whole, INT32_MAX / 100, n) < 0)
		return false;
	*n = *n * 100 + frac;
	return true;
}

/* "ether 52:54:00:12:34:56" or without the word; in the kernel's spelling. */
static const char *to_mac(struct net_wanting *w, struct pve_span v)
{
	struct pve_span rest = v, word = pve_span_word(&rest);
	char *text;

	if (pve_span_eq(word, "ether"))
		word = pve_span_word(&rest);
	if (word.len != 17 || pve_span_word(&rest).len)
		return NULL;
	text = pve_arena_memdup(&w->want->mem, word.p, word.len);
	for (size_t i = 0; i < 17; i++) {
		if (i % 3 == 2 ? text[i] != ':' && text[i] != '-'
			       : !isxdigit((unsigned char)text[i]))
			return NULL;
		text[i] = i % 3 == 2 ? ':' : (char)tolower((unsigned char)text[i]);
	}
	return text;
}

/* Literals between blanks or commas, joined by commas. */
static const char *to_addresses(struct net_wanting *w, struct pve_span v)
{
	PVE_BUF all = {0};
	struct net_addr a;

	while (v.len) {
		struct pve_span one = {v.p, 0};

		while (one.len < v.len && !strchr(" \t,", one.p[one.len]))
			one.len++;
		v.p += one.len + (one.len < v.len);
		v.len -= one.len + (one.len < v.len);
		if (!one.len)
			continue;
		if (!net_addr_parse(one, &a) || memchr(one.p, '/', one.len))
			return NULL;
		pve_buf_printf(&all, "%s%.*s", all.len ? "," : "", PVE_SPAN_ARG(one));
	}
	return all.len ? pve_arena_strdup(&w->want->mem, pve_buf_str(&all)) : NULL;
}

static bool to_number(const struct net_want_attr *t, struct pve_span v, uint64_t *n)
{
	bool yes = false;

	switch (t->form) {
	case FORM_SECONDS:
		return to_centiseconds(v, n);
	case FORM_BOOL:
		if (!net_want_bool(v, &yes))
			return false;
		*n = yes;
		return true;
	case FORM_WORDS:
		return to_word(v, t->words, n);
	case FORM_PROTOCOL:
		*n = pve_span_eq(v, "802.1ad") || pve_span_eq(v, "802.1AD") ? 0x88a8 : 0x8100;
		return *n == 0x88a8 || pve_span_eq(v, "802.1q") || pve_span_eq(v, "802.1Q");
	default:
		return pve_num_span(v, t->max ? t->max : UINT32_MAX, n) == 0;
	}
}

static const char *to_text(struct net_wanting *w, const struct net_want_attr *t, struct pve_span v)
{
	switch (t->form) {
	case FORM_MAC:
		return to_mac(w, v);
	case FORM_ADDRESSES:
		return to_addresses(w, v);
	case FORM_NAME:
		v = pve_span_word(&v);
		return v.len ? pve_arena_memdup(&w->want->mem, v.p, v.len) : NULL;
	default:
		return v.len ? pve_arena_memdup(&w->want->mem, v.p, v.len) : NULL;
	}
}

/* --- which options count ------------------------------------------------------- */

/* An attribute of another kind of link means nothing here ("bridge-stp" in a stanza that
 * Proxmox VE reads as a bond), nor one of a bond in another mode. */
static bool applies(struct net_wanting *w, const struct net_link *l, const struct net_want_attr *t,
		    const struct net_option *o, unsigned mode)
{
	const char *kind = pve_nl_attrs[t->attr].kind;

	if (kind && strcmp(kind, l->kind) != 0)
		return false;
	if (!t->modes || t->modes & MODE(mode))
		return true;
	net_want_say(w, PVE_WARNING, o, "%s means nothing in mode %s and is left out", t->key,
		     modes[mode]);
	return false;
}

static void want_attr(struct net_wanting *w, struct net_link *l, const struct net_want_attr *t,
		      const struct net_option *o)
{
	const char *text;
	uint64_t n;

	if (t->form == FORM_MAC && (pve_span_eq(o->value, "random") ||
				    pve_span_eq(o->value, "ether random")))
		return;
	if (!pve_nl_attr_is_text(t->attr)) {
		if (to_number(t, o->value, &n))
			net_link_set_number(l, t->attr, n);
		else
			net_want_say(w, PVE_ERROR, o, "'%.*s' is no value of %s",
				     PVE_SPAN_ARG(o->value), t->key);
		return;
	}
	text = to_text(w, t, o->value);
	if (text)
		net_link_set_text(l, t->attr, text);
	else if (strcmp(t->key, "bridge-hw") == 0)
		net_want_say(w, PVE_WARNING, o, "only a MAC address is applied, not '%.*s'",
			     PVE_SPAN_ARG(o->value));
	else
		net_want_say(w, PVE_ERROR, o, "'%.*s' is no value of %s", PVE_SPAN_ARG(o->value),
			     t->key);
}

/* A bridge that runs STP has a forward delay of 2 s at least; the kernel raises less. */
static void mend_delay(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	if (net_link_number(l, PVE_NL_BR_STP, 0) == 0 ||
	    net_link_number(l, PVE_NL_BR_FD, 200) >= 200)
		return;
	net_want_say(w, PVE_WARNING, net_iface_find(i, NET_K_BRIDGE_FD),
		     "with STP the delay is 2 s at least");
	net_link_set_number(l, PVE_NL_BR_FD, 200);
}

static const struct net_option *option_of(const struct net_iface *i, const char *key)
{
	for (size_t n = i->nopts; n > 0; n--)
		if (strcmp(i->opt[n - 1]->key->name, key) == 0)
			return i->opt[n - 1];
	return NULL;
}

/* Delays of a bond count in steps of its monitoring: the kernel rounds down, and knows none
 * without it. */
static void mend_bond_delay(struct net_wanting *w, struct net_link *l, const struct net_iface *i,
			    enum pve_nl_attr a, const char *key)
{
	uint64_t mode = net_link_number(l, PVE_NL_BOND_MODE, 0), delay = net_link_number(l, a, 0);
	uint64_t miimon = net_link_number(l, PVE_NL_BOND_MIIMON, mode >= 4 ? 100 : 0);

	if (!delay || (miimon && delay % miimon == 0))
		return;
	if (miimon) {
		net_want_say(w, PVE_WARNING, option_of(i, key),
			     "%s is rounded down to a multiple of bond-miimon", key);
		net_link_set_number(l, a, delay - delay % miimon);
	} else {
		net_want_say(w, PVE_WARNING, option_of(i, key),
			     "%s means nothing without bond-miimon and is left out", key);
		net_link_unset(l, a);
	}
}

void net_want_attrs(struct net_wanting *w, struct net_link *l, const struct net_iface *i)
{
	const struct net_option *o = net_iface_find(i, NET_K_BOND_MODE);
	uint64_t mode = 0;

	if (o)
		to_word(o->value, modes, &mode);
	for (size_t n = 0; n < i->nopts; n++) {
		const struct net_want_attr *t;

		o = i->opt[n];
		t = pve_map_get(&w->attrs, pve_span(o->key->name));
		if (t && applies(w, l, t, o, mode < 7 ? (unsigned)mode : 0))
			want_attr(w, l, t, o);
	}
	mend_delay(w, l, i);
	mend_bond_delay(w, l, i, PVE_NL_BOND_UPDELAY, "bond-updelay");
	mend_bond_delay(w, l, i, PVE_NL_BOND_DOWNDELAY, "bond-downdelay");
}

/* --- and back ------------------------------------------------------------------ */

static const struct net_want_attr *attr_of(enum pve_nl_attr a)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++)
		if (attrs[i].attr == a)
			return &attrs[i];
	return NULL;
}

const char *net_want_key(enum pve_nl_attr a)
{
	static const char *const others[PVE_NL_NATTRS] = {
		[PVE_NL_MASTER] = "master",
		[PVE_NL_LOWER] = "vlan-raw-device",
		[PVE_NL_VLAN_ID] = "vlan-id",
		[PVE_NL_PORT_COST] = "bridge-pathcosts",
		[PVE_NL_PORT_PRIO] = "bridge-portprios",
	};
	const struct net_want_attr *t;

	if (others[a])
		return others[a];
	t = attr_of(a);
	return t ? t->key : pve_nl_attrs[a].name;
}

static size_t count_words(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return n;
}

void net_want_word(const struct pve_nl_value *v, struct pve_buf *out)
{
	const struct net_want_attr *t = attr_of(v->attr);

	if (v->s)
		pve_buf_puts(out, *v->s ? v->s : "none");
	else if (t && t->form == FORM_WORDS && v->n < count_words(t->words))
		pve_buf_puts(out, t->words[v->n]);
	else if ((t && t->form == FORM_BOOL) || v->attr == PVE_NL_UP)
		pve_buf_puts(out, v->n ? "yes" : "no");
	else if (t && t->form == FORM_PROTOCOL)
		pve_buf_puts(out, v->n == 0x88a8 ? "802.1ad" : "802.1q");
	else if (t && t->form == FORM_SECONDS && v->n % 100)
		pve_buf_printf(out, "%" PRIu64 ".%02u", v->n / 100, (unsigned)(v->n % 100));
	else
		pve_buf_printf(out, "%" PRIu64, t && t->form == FORM_SECONDS ? v->n / 100 : v->n);
}
