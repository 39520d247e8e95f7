/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bonds, by the rules of drivers/net/bonding/bond_options.c. */
#include "check_impl.h"

/* Modes, as sets of bits. */
enum {
	RR = 1,
	ACTIVE_BACKUP = 2,
	XOR = 4,
	BROADCAST = 8,
	LACP = 16,
	TLB = 32,
	ALB = 64,
};

static unsigned mode_bit(const char *mode)
{
	static const char *const name[] = {"balance-rr", "active-backup", "balance-xor",
					   "broadcast",  "802.3ad",       "balance-tlb",
					   "balance-alb"};

	for (unsigned n = 0; n < 7; n++)
		if (!strcmp(mode, name[n]))
			return 1u << n;
	return 0;
}

const char *check_bond_mode(const struct net_iface *i)
{
	return i->rare->bond_mode ? i->rare->bond_mode : "balance-rr";
}

/* The own option with a value, or NULL. */
static const struct net_option *own(const struct net_iface *i, enum net_key_id id)
{
	const struct net_option *o = net_iface_find(i, id);

	return o && o->value.len && check_owns(i, o) ? o : NULL;
}

static int64_t number(const struct net_iface *i, enum net_key_id id)
{
	const struct net_option *o = net_iface_find(i, id);

	return o ? check_number(o) : 0;
}

static void mode(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = own(i, NET_K_BOND_MODE);

	if (o && !mode_bit(i->rare->bond_mode))
		check_opt(c, CHECK_BOND_MODE, o,
			  "%s: %.*s is no bonding mode; the bond comes up as balance-rr or not at "
			  "all",
			  i->name, CHECK_VALUE(o));
}

static void hash(struct check *c, const struct net_iface *i)
{
	const struct net_option *o = own(i, NET_K_BOND_XMIT_HASH_POLICY);

	if (o && !check_word_in(o->value, "layer2 layer3+4 layer2+3 encap2+3 encap3+4 vlan+srcmac "
					  "0 1 2 3 4 5"))
		check_fix(check_opt(c, CHECK_BOND_HASH, o,
				    "%s: %.*s is no transmit hash policy; layer2, layer2+3 and "
				    "layer3+4 are",
				    i->name, CHECK_VALUE(o)),
			  "set", i->name, "bond-xmit-hash-policy=layer2+3");
}

static void values(struct check *c, const struct net_iface *i)
{
	static const enum net_key_id numbers[] = {NET_K_BOND_MIIMON, NET_K_BOND_UPDELAY,
						  NET_K_BOND_DOWNDELAY, NET_K_BOND_ARP_INTERVAL,
						  NET_K_BOND_MIN_LINKS};
	const struct net_option *o;

	for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++) {
		o = own(i, numbers[n]);
		if (o && (check_number(o) < 0 || check_number(o) > INT32_MAX))
			check_opt(c, CHECK_BOND_VALUE, o, "%s: %s is a number, not %.*s", i->name,
				  o->key->name, CHECK_VALUE(o));
	}
	o = own(i, NET_K_BOND_LACP_RATE);
	if (o && !check_word_in(o->value, "slow fast 0 1"))
		check_fix(check_opt(c, CHECK_BOND_VALUE, o, "%s: %s is slow or fast, not %.*s",
				    i->name, o->key->name, CHECK_VALUE(o)),
			  "set", i->name, "bond-lacp-rate=fast");
}

static void lacp(struct check *c, const struct net_iface *i, unsigned bit)
{
	for (size_t n = 0; n < i->nopts && bit != LACP; n++) {
		const struct net_option *o = i->opt[n];

		if ((o->key->id == NET_K_BOND_LACP_RATE || o->key->id == NET_K_BOND_AD) &&
		    check_owns(i, o))
			check_fix(check_opt(c, CHECK_BOND_LACP, o,
					    "%s: %s is for the mode 802.3ad, but the mode is %s",
					    i->name, o->key->name, check_bond_mode(i)),
				  "set", i->name, "%s=", o->key->name);
	}
}

static void primary(struct check *c, const struct net_iface *i, unsigned bit)
{
	const struct net_option *o = own(i, NET_K_BOND_PRIMARY);

	if (!o)
		return;
	if (!(bit & (ACTIVE_BACKUP | TLB | ALB))) {
		check_fix(check_opt(c, CHECK_BOND_PRIMARY, o,
				    "%s: a primary is for the modes active-backup, balance-tlb and "
				    "balance-alb, not %s",
				    i->name, check_bond_mode(i)),
			  "set", i->name, "bond-primary=");
		return;
	}
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (e->relation == NET_SLAVE && pve_span_eq(o->value, e->lower->name))
			return;
	check_opt(c, CHECK_BOND_PRIMARY, o, "%s: the primary %.*s is not one of its slaves",
		  i->name, CHECK_VALUE(o));
}

/* LACP, tlb and alb know no ARP monitoring, and the kernel turns MII monitoring on for them
 * when nobody does; the other modes have none until they are told. */
static void monitor(struct check *c, const struct net_iface *i, unsigned bit)
{
	const struct net_option *arp = own(i, NET_K_BOND_ARP_INTERVAL);
	const struct net_option *mii = own(i, NET_K_BOND_MIIMON);
	bool has_arp = number(i, NET_K_BOND_ARP_INTERVAL) > 0;
	bool has_mii = number(i, NET_K_BOND_MIIMON) != 0;

	if (has_arp && arp && bit & (LACP | TLB | ALB)) {
		check_fix(check_opt(c, CHECK_BOND_ARP, arp,
				    "%s: the mode %s has no ARP monitoring: the kernel refuses it",
				    i->name, i->rare->bond_mode),
			  "set", i->name, "bond-arp-interval= bond-miimon=100");
	} else if (has_arp && has_mii && mii) {
		check_fix(
			check_opt(c, CHECK_BOND_MONITOR, mii,
				  "%s has both bond-miimon and bond-arp-interval: the one that is "
				  "set last turns the other off",
				  i->name),
			"set", i->name, "bond-arp-interval=");
	} else if (!has_arp && !has_mii && bit & (RR | ACTIVE_BACKUP | XOR | BROADCAST)) {
		const char *text = pve_arena_printf(
			&c->mem, "%s does not watch its links: a dead cable stays in use", i->name);
		struct pve_finding *f =
			mii ? check_opt(c, CHECK_BOND_MONITOR, mii, "%s", text)
			    : check_stanza(c, CHECK_BOND_MONITOR, i->stanza[0], "%s", text);

		check_fix(f, "set", i->name, "bond-miimon=100");
	}
}

/* Neither works but in steps of miimon. */
static void delay(struct check *c, const struct net_iface *i, enum net_key_id id)
{
	const struct net_option *o = own(i, id);
	long long ms = o ? check_number(o) : 0, step = number(i, NET_K_BOND_MIIMON);

	if (ms <= 0 || step <= 0 || ms % step == 0)
		return;
	check_fix(check_opt(c, CHECK_BOND_DELAY, o,
			    "%s: %s %lld is no multiple of bond-miimon %lld: the kernel takes %lld",
			    i->name, o->key->name, ms, step, ms - ms % step),
		  "set", i->name, "%s=%lld", o->key->name, ms - ms % step + step);
}

/* --- the cluster network ----------------------------------------------------------- */

/* The bond under an interface, or NULL.  Only the first way down is followed: a bridge over
 * two bonds is rare, and a circle ends. */
static const struct net_iface *bond_under(const struct net_iface *i)
{
	for (unsigned depth = 0; i && depth < 8; depth++) {
		if (i->type == NET_T_BOND)
			return i;
		i = i->lower ? i->lower->lower : NULL;
	}
	return NULL;
}

static void corosync(struct check *c, const struct net_iface *i)
{
	const struct net_iface *bond;

	for (const struct net_addr *a = i->addr; a; a = a->next) {
		struct pve_span bytes = {(const char *)&a->bytes, a->family == AF_INET6 ? 16 : 4};

		if (!a->family || !pve_map_get(&c->facts->ring, bytes))
			continue;
		bond = bond_under(i);
		if (bond && mode_bit(check_bond_mode(bond)) != ACTIVE_BACKUP && bond->nstanzas)
			check_opt(
				c, CHECK_BOND_COROSYNC, a->opt,
				"%s carries the cluster network (%s) over %s in mode %s: corosync "
				"wants active-backup",
				i->name, a->text, bond->name, check_bond_mode(bond));
	}
}

static void check_one(struct check *c, const struct net_iface *i)
{
	unsigned bit = mode_bit(check_bond_mode(i));

	mode(c, i);
	hash(c, i);
	values(c, i);
	if (bit) {
		lacp(c, i, bit);
		primary(c, i, bit);
		monitor(c, i, bit);
	}
	delay(c, i, NET_K_BOND_UPDELAY);
	delay(c, i, NET_K_BOND_DOWNDELAY);
}

void check_bonds(struct check *c)
{
	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		if (i->type == NET_T_BOND)
			check_one(c, i);
		if (c->facts->ring.n)
			corosync(c, i);
	}
}
