/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links are made and changed, from below upwards. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "ops_impl.h"

/* As many values as one operation may have. */
#define VALUES_MAX PVE_NL_NATTRS

/* Values to set, with what they were. */
struct change {
	struct pve_nl_value to[VALUES_MAX], from[VALUES_MAX];
	size_t n;
};

static void change_add(struct change *c, struct pve_nl_value to, struct pve_nl_value from)
{
	c->from[c->n] = from;
	c->to[c->n++] = to;
}

static struct pve_nl_value number(enum pve_nl_attr a, uint64_t n)
{
	return (struct pve_nl_value){.attr = a, .n = n};
}

static void value_set(struct net_link *l, const struct pve_nl_value *v)
{
	if (v->s)
		net_link_set_text(l, v->attr, v->s);
	else
		net_link_set_number(l, v->attr, v->n);
}

/* "mtu 1500 > 9000, bond-miimon 0 > 100" */
static void describe(struct net_planner *p, const struct change *c)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < c->n; i++) {
		pve_buf_printf(&text, "%s%s ", i ? ", " : "", net_want_key(c->to[i].attr));
		net_want_word(&c->from[i], &text);
		pve_buf_puts(&text, " > ");
		net_want_word(&c->to[i], &text);
	}
	net_op_action(p, "%s", pve_buf_str(&text));
}

/* The way back.  What only the new mode of a bond has is set back before the mode is. */
static void change_undo(struct net_planner *p, const char *name, const struct change *c,
			struct pve_buf *undo)
{
	struct pve_nl_value v[VALUES_MAX];
	size_t n = 0, mode = c->n;

	for (size_t i = 0; i < c->n; i++)
		if (c->from[i].attr == PVE_NL_BOND_MODE)
			mode = i;
		else
			v[n++] = c->from[i];
	if (n)
		pve_buf_puts(undo, net_op_set(p, name, v, n));
	if (mode < c->n)
		pve_buf_puts(undo, net_op_set(p, name, &c->from[mode], 1));
}

/* One operation for all of them; now follows. */
static void emit(struct net_planner *p, struct net_link *now, const struct change *c,
		 enum net_risk risk, const char *why)
{
	PVE_BUF undo = {0};

	if (!c->n)
		return;
	change_undo(p, now->name, c, &undo);
	for (size_t i = 0; i < c->n; i++)
		if (c->to[i].attr == PVE_NL_MTU) {
			net_ops_mtu_ipv6(p, now, c->to[i].n, &undo);
			net_ops_mtu_follows(p, now, c->to[i].n, 8, &undo);
		}
	net_op_add(p, risk, now->name, net_op_set(p, now->name, c->to, c->n),
		   net_op_text(p, "%s", pve_buf_str(&undo)), "%s", why);
	describe(p, c);
	for (size_t i = 0; i < c->n; i++)
		value_set(now, &c->to[i]);
}

/* --- down for a moment --------------------------------------------------------- */

static void go_down(struct net_planner *p, struct net_link *now, const char *why)
{
	struct pve_nl_value up = number(PVE_NL_UP, 1), down = number(PVE_NL_UP, 0);
	const char *lost;

	if (!net_link_number(now, PVE_NL_UP, 0))
		return;
	lost = net_ops_lose(p, now);
	net_op_add(p, NET_RISK_OUTAGE, now->name, net_op_set(p, now->name, &down, 1),
		   net_op_text(p, "%s%s", net_op_set(p, now->name, &up, 1), lost), "%s", why);
	net_op_action(p, "down");
	net_link_set_number(now, PVE_NL_UP, 0);
}

static void go_up(struct net_planner *p, struct net_link *now, const char *why)
{
	struct change c = {.n = 0};

	if (net_link_number(now, PVE_NL_UP, 0))
		return;
	change_add(&c, number(PVE_NL_UP, 1), number(PVE_NL_UP, 0));
	emit(p, now, &c, NET_RISK_NONE, why);
	net_op_action(p, "up");
}

/* --- a new link ---------------------------------------------------------------- */

static bool is_for_creation(const struct net_link *want, const struct pve_nl_value *v)
{
	if (pve_nl_attrs[v->attr].place == PVE_NL_AT_PORT || v->attr == PVE_NL_MASTER)
		return false;
	/* In the request that makes a bridge it does not count as set by hand. */
	if (v->attr == PVE_NL_MTU && strcmp(want->kind, "bridge") == 0)
		return false;
	return !v->s || *v->s;
}

/* What the kernel gives it beside what was asked for. */
static struct net_link *model_new(struct net_planner *p, const struct net_link *want)
{
	const struct net_link *lower =
		net_state_find(p->now, net_link_text(want, PVE_NL_LOWER));
	struct net_link *now = net_state_add(p->now, want->name);

	now->nvalues = 0;
	now->kind = want->kind;
	now->ip = NULL;
	now->ip_end = &now->ip;
	now->hop = NULL;
	now->hop_end = &now->hop;
	now->remote = NULL;
	now->remote_end = &now->remote;
	now->vlans = NULL;
	net_link_set_number(now, PVE_NL_UP, 0);
	net_link_set_number(now, PVE_NL_MTU, lower ? net_link_number(lower, PVE_NL_MTU, 1500) : 1500);
	net_link_set_text(now, PVE_NL_MASTER, "");
	for (unsigned i = 0; i < want->nvalues; i++)
		if (is_for_creation(want, &want->value[i]))
			value_set(now, &want->value[i]);
	if (strcmp(now->kind, "bridge") == 0) {
		net_vids_set(&net_link_vlans(p->now, now)->all, 1, true);
		net_vids_set(&now->vlans->untagged, 1, true);
		now->vlans->pvid = 1;
	}
	return now;
}

static void model_peer(struct net_planner *p, const struct net_link *l)
{
	const char *name = net_link_text(l, PVE_NL_VETH_PEER);
	struct net_link *peer;

	if (strcmp(l->kind, "veth") != 0 || !*name || net_state_find(p->now, name))
		return;
	peer = net_state_add(p->now, name);
	peer->nvalues = 0;
	peer->kind = "veth";
	net_link_set_number(peer, PVE_NL_UP, 0);
	net_link_set_number(peer, PVE_NL_MTU, 1500);
	net_link_set_text(peer, PVE_NL_MASTER, "");
	net_link_set_text(peer, PVE_NL_VETH_PEER, l->name);
}

static const char *identity(struct net_planner *p, const struct net_link *l)
{
	PVE_BUF text = {0};

	for (unsigned i = 0; i < l->nvalues; i++)
		if (pve_nl_attrs[l->value[i].attr].fixed && pve_nl_attrs[l->value[i].attr].kind &&
		    !l->value[i].s) {
			pve_buf_putc(&text, '\t');
			net_value_format(&l->value[i], &text);
		}
	return net_op_text(p, "%s", pve_buf_str(&text));
}

/* Two VLANs with one id on one device, or VXLANs with one id, cannot be. */
static void clear_the_way(struct net_planner *p, const struct net_link *want)
{
	static const enum pve_nl_attr same[] = {PVE_NL_LOWER, PVE_NL_VLAN_ID, PVE_NL_VLAN_PROTO,
						PVE_NL_VXLAN_ID, PVE_NL_VRF_TABLE};

	if (strcmp(want->kind, "vlan") != 0 && strcmp(want->kind, "vxlan") != 0)
		return;
	for (size_t i = 0; i < p->nold; i++) {
		struct net_link *old = net_state_find(p->now, p->old[i]->name);
		bool clash = old && strcmp(old->kind, want->kind) == 0;

		for (size_t k = 0; clash && k < sizeof(same) / sizeof(same[0]); k++) {
			const struct pve_nl_value *a = net_link_value(old, same[k]);
			const struct pve_nl_value *b = net_link_value(want, same[k]);

			clash = !a || !b || pve_nl_value_same(a, b);
		}
		if (clash)
			net_ops_delete(p, old, "it stands where a new one must");
	}
}

/* What it needs must be there, or the kernel refuses. */
static bool has_its_lower(struct net_planner *p, struct net_link *want)
{
	static const enum pve_nl_attr lowers[] = {PVE_NL_LOWER, PVE_NL_VXLAN_DEV};

	for (size_t i = 0; i < 2; i++) {
		const char *name = net_link_text(want, lowers[i]);

		if (*name && !net_state_find(p->now, name)) {
			net_op_warn(p, "%s: not made: there is no %s", want->name, name);
			want->gone = true;
			return false;
		}
	}
	return true;
}

static void create(struct net_planner *p, struct net_link *want)
{
	PVE_BUF words = {0};
	PVE_BUF action = {0};
	struct net_link *now;

	if (!has_its_lower(p, want))
		return;
	clear_the_way(p, want);
	pve_buf_printf(&words, "add\t%s\t%s", want->name, want->kind);
	pve_buf_printf(&action, "create %s", want->kind);
	for (unsigned i = 0; i < want->nvalues; i++) {
		if (!is_for_creation(want, &want->value[i]))
			continue;
		pve_buf_putc(&words, '\t');
		net_value_format(&want->value[i], &words);
		if (want->value[i].attr == PVE_NL_UP)
			continue;
		pve_buf_printf(&action, ", %s ", net_want_key(want->value[i].attr));
		net_want_word(&want->value[i], &action);
	}
	net_op_add(p, NET_RISK_NONE, want->name, net_op_text(p, "%s\n", pve_buf_str(&words)),
		   net_op_text(p, "del\t%s\t%s%s\n", want->name, want->kind, identity(p, want)),
		   "it is configured and not there");
	net_op_action(p, "%s", pve_buf_str(&action));
	now = model_new(p, want);
	model_peer(p, now);
	if (strcmp(want->kind, "bridge") == 0 && net_link_value(want, PVE_NL_MTU)) {
		struct change c = {.n = 0};

		change_add(&c, *net_link_value(want, PVE_NL_MTU), number(PVE_NL_MTU, 1500));
		emit(p, now, &c, NET_RISK_NONE, "set by itself it does not follow the ports");
	}
}

/* --- a link that is there ------------------------------------------------------ */

static bool is_bond(const struct net_link *l)
{
	return l && strcmp(l->kind, "bond") == 0;
}

/* drivers/net/bonding/bond_options.c: BOND_OPTFLAG_IFDOWN, BOND_OPTFLAG_NOSLAVES. */
static bool needs_down(enum pve_nl_attr a)
{
	return a == PVE_NL_BOND_MODE || a == PVE_NL_BOND_LACP_RATE || a == PVE_NL_BOND_AD_SELECT ||
	       a == PVE_NL_BOND_AD_KEY || a == PVE_NL_BOND_TLB_DYNAMIC;
}

static bool needs_no_slaves(enum pve_nl_attr a)
{
	return a == PVE_NL_BOND_MODE || a == PVE_NL_BOND_FAIL_OVER_MAC;
}

/* Attributes with a place of their own in the order. */
static bool comes_later(struct net_planner *p, const struct net_link *want,
			const struct pve_nl_value *v, const struct pve_nl_value *is)
{
	const struct net_link *master = net_state_find(p->want, net_link_text(want, PVE_NL_MASTER));

	switch (v->attr) {
	case PVE_NL_MASTER:
		return true;
	case PVE_NL_MTU:
		return v->n < is->n;
	case PVE_NL_BR_FILTERING:
		return v->n == 1; /* when the tables are ready */
	case PVE_NL_UP:
	case PVE_NL_MAC:
		return is_bond(master); /* a bond has its slaves as it wants them */
	default:
		return pve_nl_attrs[v->attr].place == PVE_NL_AT_PORT;
	}
}

struct changes {
	struct change now, down; /* at once; with the link down */
	bool stp_off;            /* before the rest: with STP the delays have limits */
	bool release;
	bool mac;
};

static bool differs(const struct pve_nl_value *v, const struct pve_nl_value *is)
{
	return is && !pve_nl_value_same(v, is);
}

static void find_changes(struct net_planner *p, const struct net_link *want,
			 const struct net_link *now, struct changes *c)
{
	for (unsigned i = 0; i < want->nvalues; i++) {
		const struct pve_nl_value *v = &want->value[i];
		const struct pve_nl_value *is = net_link_value(now, v->attr);
		bool down = needs_down(v->attr);

		if (!differs(v, is) || pve_nl_attrs[v->attr].fixed || comes_later(p, want, v, is))
			continue;
		c->release |= needs_no_slaves(v->attr);
		c->stp_off |= v->attr == PVE_NL_BR_STP && !v->n;
		/* Many NICs take a new address only while they are down. */
		if (v->attr == PVE_NL_MAC && !*now->kind)
			c->mac = down = true;
		change_add(down ? &c->down : &c->now, *v, *is);
	}
}

static void release_slaves(struct net_planner *p, struct net_link *bond)
{
	for (size_t i = 0; i < p->now->n; i++) {
		struct net_link *slave = p->now->link[i];
		struct pve_nl_value none = {.attr = PVE_NL_MASTER, .s = ""};

		if (slave->gone || strcmp(net_link_text(slave, PVE_NL_MASTER), bond->name) != 0)
			continue;
		net_op_add(p, NET_RISK_OUTAGE, slave->name, net_op_set(p, slave->name, &none, 1),
			   net_op_attach(p, slave),
			   "the mode of a bond can change only without slaves");
		net_op_action(p, "release from %s", bond->name);
		net_link_set_text(slave, PVE_NL_MASTER, "");
		net_link_set_text(net_op_want_back(p, slave), PVE_NL_MASTER, bond->name);
	}
}

static void change_link(struct net_planner *p, const struct net_link *want, struct net_link *now)
{
	struct changes c = {.stp_off = false};
	bool was_up = net_link_number(now, PVE_NL_UP, 0);

	find_changes(p, want, now, &c);
	if (c.stp_off) {
		struct change stp = {.n = 0};

		change_add(&stp, number(PVE_NL_BR_STP, 0),
			   number(PVE_NL_BR_STP, net_link_number(now, PVE_NL_BR_STP, 0)));
		emit(p, now, &stp, NET_RISK_NONE, "the configuration says otherwise");
		c = (struct changes){.stp_off = false};
		find_changes(p, want, now, &c);
	}
	if (c.release)
		release_slaves(p, now);
	if (c.down.n) {
		go_down(p, now, c.mac ? "its address can change only while it is down"
				      : "this can change only while it is down");
		emit(p, now, &c.down, NET_RISK_BLIP, "the configuration says otherwise");
		if (was_up)
			go_up(p, now, "it was up");
		c = (struct changes){.stp_off = false};
		find_changes(p, want, now, &c);
	}
	if (c.now.n && net_link_number(want, PVE_NL_UP, 1) == 0 && was_up)
		net_ops_lose(p, now);
	emit(p, now, &c.now, NET_RISK_NONE, "the configuration says otherwise");
}

/* It will be there, down. */
static void expect_ovs(struct net_planner *p, struct net_link *want)
{
	if (!p->opts->ovs) {
		want->gone = true;
		return;
	}
	net_link_set_number(model_new(p, want), PVE_NL_UP, 0);
	change_link(p, want, net_state_find(p->now, want->name));
}

/* What cannot be changed: kind, id and protocol of a VLAN, most of a VXLAN. */
static const char *must_be_made_anew(struct net_planner *p, const struct net_link *want,
				     const struct net_link *now)
{
	if (!want->make)
		return NULL;
	if (strcmp(want->kind, now->kind) != 0)
		return net_op_text(p, "it is a %s and is to be a %s",
				   *now->kind ? now->kind : "device of its own", want->kind);
	if (strcmp(want->kind, "veth") == 0)
		return NULL;
	for (unsigned i = 0; i < want->nvalues; i++) {
		const struct pve_nl_value *is = net_link_value(now, want->value[i].attr);

		if (pve_nl_attrs[want->value[i].attr].fixed && differs(&want->value[i], is))
			return net_op_text(p, "its %s cannot be changed",
					   pve_nl_attrs[want->value[i].attr].name);
	}
	return NULL;
}

static void plan_link(struct net_planner *p, struct net_link *want)
{
	struct net_link *now = net_state_find(p->now, want->name);
	const char *why;

	if (now && (why = must_be_made_anew(p, want, now))) {
		if (!has_its_lower(p, want) || !net_ops_take_down(p, now, why))
			return;
		now = NULL;
	}
	if (now) {
		change_link(p, want, now);
	} else if (strcmp(want->kind, NET_KIND_OVS) == 0) {
		expect_ovs(p, want);
	} else if (want->make) {
		create(p, want);
	} else {
		if (!want->optional && want->iface)
			net_op_warn(p, "%s: there is no such link; it is left out", want->name);
		want->gone = true;
	}
}

void net_ops_links(struct net_planner *p)
{
	for (size_t i = 0; i < p->n; i++)
		plan_link(p, p->up[i]);
}

void net_ops_restored(struct net_planner *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->up[i]->iface)
			plan_link(p, p->up[i]);
}

/* --- MTU ----------------------------------------------------------------------- */

static void set_mtu(struct net_planner *p, const struct net_link *want, bool raise)
{
	struct net_link *now = net_state_find(p->now, want->name);
	const struct pve_nl_value *v = net_link_value(want, PVE_NL_MTU), *is;
	struct change c = {.n = 0};

	if (!now || !v || !(is = net_link_value(now, PVE_NL_MTU)) || is->n == v->n ||
	    (v->n > is->n) != raise)
		return;
	change_add(&c, *v, *is);
	emit(p, now, &c, raise ? NET_RISK_NONE : NET_RISK_BLIP, "the configuration says otherwise");
}

void net_ops_mtus(struct net_planner *p)
{
	for (size_t i = p->n; i-- > 0;)
		set_mtu(p, p->up[i], false);
	for (size_t i = 0; i < p->n; i++)
		set_mtu(p, p->up[i], true);
}
