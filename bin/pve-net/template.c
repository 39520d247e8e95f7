/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "template.h"

#include "edit_impl.h"
#include "value.h"

/* What a set-up asks for. */
enum {
	TAKES_BOND = 1,         /* the NICs are slaves of a bond */
	TAKES_GUESTS = 2,       /* --guests */
	TAKES_VLAN = 4,         /* --vlan */
	TAKES_BOND_ADDRESS = 8, /* --bond-address, --bridge-nic */
};

struct made {
	struct net_edit *ed;
	const struct net_template *t;
	struct pve_buf text;
};

struct net_template_kind {
	const char *name;
	unsigned takes;
	void (*make)(struct made *m);
};

/* --- pieces --------------------------------------------------------------------- */

static void option(struct made *m, const char *name, const char *value)
{
	pve_buf_span(&m->text, edit_indent(m->ed->conf->file[0], NULL));
	pve_buf_printf(&m->text, "%s %s\n", name, value);
}

static void head(struct made *m, bool automatic, const char *name, const char *method)
{
	if (m->text.len)
		pve_buf_putc(&m->text, '\n');
	if (automatic)
		pve_buf_printf(&m->text, "auto %s\n", name);
	pve_buf_printf(&m->text, "iface %s inet %s\n", name, method);
}

/* The address and gateway of the host itself. */
static void host_address(struct made *m)
{
	option(m, "address", m->t->address);
	if (m->t->gateway)
		option(m, "gateway", m->t->gateway);
}

static void bridge_options(struct made *m, const char *ports)
{
	option(m, "bridge-ports", ports);
	option(m, "bridge-stp", "off");
	option(m, "bridge-fd", "0");
}

/* A NIC that only others stand on. */
static void plain_nic(struct made *m, const char *name)
{
	if (!edit_defined(m->ed, name))
		head(m, false, name, "manual");
}

static void bond(struct made *m, const char *address)
{
	PVE_FREE char *slaves = pve_strv_join(&m->t->nics, " ");
	const char *mode = m->t->mode ? m->t->mode : "802.3ad";

	for (size_t i = 0; i < m->t->nics.n; i++)
		plain_nic(m, m->t->nics.v[i]);
	head(m, true, m->t->bond, address ? "static" : "manual");
	if (address)
		option(m, "address", address);
	option(m, "bond-slaves", slaves);
	option(m, "bond-miimon", "100");
	option(m, "bond-mode", mode);
	/* The other modes know no policy. */
	if (m->t->hash)
		option(m, "bond-xmit-hash-policy", m->t->hash);
	else if (strcmp(mode, "802.3ad") == 0 || strcmp(mode, "balance-xor") == 0)
		option(m, "bond-xmit-hash-policy", "layer2+3");
}

static const char *vlan_of(struct made *m, const char *lower)
{
	return pve_arena_printf(&m->ed->mem, "%s.%s", lower, m->t->vlan);
}

/* The subnet of an address as text: 10.10.10.0/24. */
static const char *subnet_of(struct made *m, const char *address)
{
	struct net_addr a = {0};
	unsigned char *b = a.bytes.s6_addr;

	net_addr_parse(pve_span(address), &a);
	for (int bit = a.prefix < 0 ? 32 : a.prefix; bit < 32; bit++)
		b[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
	return pve_arena_printf(&m->ed->mem, "%u.%u.%u.%u/%d", b[0], b[1], b[2], b[3], a.prefix);
}

/* --- the set-ups ---------------------------------------------------------------- */

static void make_bridged(struct made *m)
{
	plain_nic(m, m->t->nics.v[0]);
	head(m, true, m->t->bridge, "static");
	host_address(m);
	bridge_options(m, m->t->nics.v[0]);
}

static void make_routed(struct made *m)
{
	const char *nic = m->t->nics.v[0];

	head(m, true, nic, "static");
	host_address(m);
	option(m, "post-up", "echo 1 > /proc/sys/net/ipv4/ip_forward");
	option(m, "post-up",
	       pve_arena_printf(&m->ed->mem, "echo 1 > /proc/sys/net/ipv4/conf/%s/proxy_arp", nic));
	head(m, true, m->t->bridge, "static");
	option(m, "address", m->t->guests);
	bridge_options(m, "none");
}

static void masquerade_hook(struct made *m, const char *when, char action)
{
	option(m, when,
	       pve_arena_printf(&m->ed->mem,
				"iptables -t nat -%c POSTROUTING -s '%s' -o %s -j MASQUERADE",
				action, subnet_of(m, m->t->guests), m->t->nics.v[0]));
}

static void make_masquerade(struct made *m)
{
	head(m, true, m->t->nics.v[0], "static");
	host_address(m);
	head(m, true, m->t->bridge, "static");
	option(m, "address", m->t->guests);
	bridge_options(m, "none");
	option(m, "post-up", "echo 1 > /proc/sys/net/ipv4/ip_forward");
	masquerade_hook(m, "post-up", 'A');
	masquerade_hook(m, "post-down", 'D');
}

static void make_bond(struct made *m)
{
	plain_nic(m, m->t->bridge_nic);
	bond(m, m->t->bond_address);
	head(m, true, m->t->bridge, "static");
	host_address(m);
	bridge_options(m, m->t->bridge_nic);
}

static void make_bond_bridge(struct made *m)
{
	bond(m, NULL);
	head(m, true, m->t->bridge, "static");
	host_address(m);
	bridge_options(m, m->t->bond);
}

/* The host on a VLAN of its own, beside a bridge of everything. */
static void vlan_bridges(struct made *m, const char *lower)
{
	const char *vlan = vlan_of(m, lower);

	head(m, false, vlan, "manual");
	head(m, true, pve_arena_printf(&m->ed->mem, "%sv%s", m->t->bridge, m->t->vlan), "static");
	host_address(m);
	bridge_options(m, vlan);
	head(m, true, m->t->bridge, "manual");
	bridge_options(m, lower);
}

static void make_vlan(struct made *m)
{
	plain_nic(m, m->t->nics.v[0]);
	vlan_bridges(m, m->t->nics.v[0]);
}

static void make_vlan_bond(struct made *m)
{
	bond(m, NULL);
	vlan_bridges(m, m->t->bond);
}

static void make_vlan_aware(struct made *m)
{
	plain_nic(m, m->t->nics.v[0]);
	head(m, true, vlan_of(m, m->t->bridge), "static");
	host_address(m);
	head(m, true, m->t->bridge, "manual");
	bridge_options(m, m->t->nics.v[0]);
	option(m, "bridge-vlan-aware", "yes");
	/* The guide leaves it out, since Proxmox VE means it; the engines let nothing but VLAN 1
	 * through to the uplink without it. */
	option(m, "bridge-vids", "2-4094");
}

static const struct net_template_kind kinds[] = {
	{"bridged", 0, make_bridged},
	{"routed", TAKES_GUESTS, make_routed},
	{"masquerade", TAKES_GUESTS, make_masquerade},
	{"bond", TAKES_BOND | TAKES_BOND_ADDRESS, make_bond},
	{"bond-bridge", TAKES_BOND, make_bond_bridge},
	{"vlan", TAKES_VLAN, make_vlan},
	{"vlan-aware", TAKES_VLAN, make_vlan_aware},
	{"vlan-bond", TAKES_BOND | TAKES_VLAN, make_vlan_bond},
};

const struct net_template_kind *net_template_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* --- what is given -------------------------------------------------------------- */

static void check_value(struct net_edit *ed, const char *what, enum net_key_id id,
			const char *value)
{
	const struct net_key key = {"", id};
	const char *why = value ? net_value_refusal(&key, pve_span(value)) : NULL;

	if (why)
		edit_complain(ed, PVE_USAGE, "--%s %s: %s", what, value, why);
}

static void check_need(struct net_edit *ed, const struct net_template *t, const char *what,
		       bool needed, const char *value)
{
	if (needed && !value)
		edit_complain(ed, PVE_USAGE, "%s needs --%s", t->kind->name, what);
	else if (!needed && value)
		edit_complain(ed, PVE_USAGE, "%s has no use for --%s", t->kind->name, what);
}

static void check_nics(struct net_edit *ed, const struct net_template *t)
{
	size_t min = t->kind->takes & TAKES_BOND ? 2 : 1;

	if (t->nics.n < min || (min == 1 && t->nics.n > 1))
		edit_complain(ed, PVE_USAGE, "%s needs --nic %s", t->kind->name,
			      min == 2 ? "twice or more" : "once");
	for (size_t i = 0; i < t->nics.n; i++) {
		check_value(ed, "nic", NET_K_BOND_PRIMARY, t->nics.v[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(t->nics.v[i], t->nics.v[k]) == 0)
				edit_complain(ed, PVE_USAGE, "--nic %s is given twice",
					      t->nics.v[i]);
	}
}

static void check_four(struct net_edit *ed, const char *what, const char *value)
{
	check_value(ed, what, NET_K_ADDRESS, value);
	if (value && strchr(value, ':'))
		edit_complain(ed, PVE_USAGE,
			      "--%s %s: an IPv4 address; add others with 'pve-net "
			      "set'",
			      what, value);
}

static void check_given(struct net_edit *ed, const struct net_template *t)
{
	unsigned takes = t->kind->takes;

	check_nics(ed, t);
	check_need(ed, t, "address", true, t->address);
	check_need(ed, t, "guests", takes & TAKES_GUESTS, t->guests);
	check_need(ed, t, "bond-address", takes & TAKES_BOND_ADDRESS, t->bond_address);
	check_need(ed, t, "bridge-nic", takes & TAKES_BOND_ADDRESS, t->bridge_nic);
	check_four(ed, "address", t->address);
	check_four(ed, "guests", t->guests);
	check_four(ed, "bond-address", t->bond_address);
	check_value(ed, "gateway", NET_K_GATEWAY, t->gateway);
	check_value(ed, "bridge", NET_K_BOND_PRIMARY, t->bridge);
	check_value(ed, "bond", NET_K_BOND_PRIMARY, t->bond);
	check_value(ed, "bridge-nic", NET_K_BOND_PRIMARY, t->bridge_nic);
	check_value(ed, "mode", NET_K_BOND_MODE, t->mode);
	check_value(ed, "hash", NET_K_BOND_XMIT_HASH_POLICY, t->hash);
	check_value(ed, "vlan", NET_K_VLAN_ID, t->vlan);
}

/* A NIC may have a stanza, but nothing in it. */
static void check_nic_is_free(struct net_edit *ed, const char *name)
{
	const struct net_stanza *s;
	size_t at = 0;

	while ((s = edit_next(ed, name, &at)))
		if (s->nopts || !pve_span_eq(s->head->method, "manual"))
			edit_complain(ed, PVE_DATA, "%s:%u: %s is in use already: remove it first",
				      s->head->file->path, s->line, name);
}

static void check_is_new(struct net_edit *ed, const char *name)
{
	if (edit_defined(ed, name))
		edit_complain(ed, PVE_DATA, "%s exists already", name);
}

/* The NIC of routed and masquerade gets a stanza of its own. */
static void check_conflicts(struct net_edit *ed, const struct net_template *t)
{
	bool own = t->kind->takes & TAKES_GUESTS;

	for (size_t i = 0; i < t->nics.n; i++)
		(own ? check_is_new : check_nic_is_free)(ed, t->nics.v[i]);
	if (t->bridge_nic)
		check_nic_is_free(ed, t->bridge_nic);
	check_is_new(ed, t->bridge);
	if (t->kind->takes & TAKES_BOND)
		check_is_new(ed, t->bond);
}

void net_template_apply(struct net_edit *ed, const struct net_template *t)
{
	struct made m = {.ed = ed, .t = t};

	check_given(ed, t);
	if (!ed->code)
		check_conflicts(ed, t);
	if (ed->code)
		return;
	if (!edit_defined(ed, "lo"))
		pve_buf_puts(&m.text, "auto lo\niface lo inet loopback\n");
	t->kind->make(&m);
	net_edit_append(ed, (struct pve_span){m.text.data, m.text.len});
	pve_buf_done(&m.text);
}
