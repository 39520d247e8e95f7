/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration and kernel in, operations out; and the operations carried out on a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel.h"
#include "pvecommon/diff.h"

/* A configuration and what it wants. */
struct config {
	struct net_conf conf;
	struct net_model model;
	struct net_state want;
	struct pve_diags diags;
};

static void config_read(struct config *c, const char *text)
{
	*c = (struct config){.diags = {0}};
	net_conf_parse(&c->conf, "interfaces", pve_span(text));
	net_model_read(&c->model, &c->conf);
	net_want_read(&c->want, &c->model, &c->diags);
}

static void config_done(struct config *c)
{
	net_state_done(&c->want);
	net_model_done(&c->model);
	net_conf_done(&c->conf);
	pve_diags_done(&c->diags);
}

static void nic(struct net_state *k, const char *name)
{
	struct net_link *l = net_state_add(k, name);

	kernel_defaults(l);
}

static void kernel_init(struct net_state *k)
{
	net_state_init(k);
	nic(k, "lo");
	nic(k, "eno1");
	nic(k, "eno2");
	nic(k, "eno3");
}

static void copy_state(struct net_state *to, const struct net_state *from)
{
	net_state_init(to);
	for (size_t i = 0; i < from->n; i++) {
		const struct net_link *f = from->link[i];
		struct net_link *l;

		if (f->gone)
			continue;
		l = net_state_add(to, f->name);
		l->kind = f->kind;
		for (unsigned n = 0; n < f->nvalues; n++)
			if (f->value[n].s)
				net_link_set_text(l, f->value[n].attr, f->value[n].s);
			else
				net_link_set_number(l, f->value[n].attr, f->value[n].n);
		for (const struct net_ip *ip = f->ip; ip; ip = ip->next)
			net_link_add_ip(to, l, ip);
		for (const struct net_hop *h = f->hop; h; h = h->next)
			net_link_add_hop(to, l, h);
		for (const struct net_remote *r = f->remote; r; r = r->next)
			net_link_add_remote(to, l, &r->r);
		if (f->vlans)
			*net_link_vlans(to, l) = *f->vlans;
	}
}

/* Plans from the kernel, which stays as it is, to the configuration. */
static void plan(struct net_ops *ops, const char *text, const struct net_state *k,
		 const char *owned_text, bool force)
{
	struct config c, owned;
	struct net_state now;
	struct net_ops_opts o = {.model = &c.model, .force = force};

	config_read(&c, text);
	config_read(&owned, owned_text ? owned_text : "");
	o.owned = &owned.want;
	copy_state(&now, k);
	net_want_rename(&c.want, &now);
	net_ops_plan(ops, &c.want, &now, &o);
	net_state_done(&now);
	config_done(&owned);
	config_done(&c);
}

static void carry_out(struct net_state *k, const struct net_ops *ops)
{
	for (size_t i = 0; i < ops->n; i++)
		if (kernel_do(k, ops->v[i].words) < 0)
			fail_msg("%s %s: %s\n%s", ops->v[i].object, ops->v[i].action, kernel_says,
				 ops->v[i].words);
}

static char *dump(const struct net_state *k)
{
	struct pve_buf b = {0};

	kernel_dump(k, &b);
	return pve_buf_take(&b);
}

/* "object: action [risk]" of each. */
static char *listed(const struct net_ops *ops)
{
	struct pve_buf b = {0};

	for (size_t i = 0; i < ops->n; i++)
		pve_buf_printf(&b, "%s: %s%s%s\n", ops->v[i].object, ops->v[i].action,
			       ops->v[i].risk ? " !" : "",
			       ops->v[i].risk ? net_risk_name(ops->v[i].risk) : "");
	for (size_t i = 0; i < ops->diags.n; i++)
		pve_buf_printf(&b, "%s: %s\n",
			       ops->diags.v[i].severity == PVE_ERROR ? "refused" : "warning",
			       ops->diags.v[i].msg);
	return b.len ? pve_buf_take(&b) : pve_strdup("");
}

/* From "before", which is in effect, to "after": these operations; and the second plan is empty. */
static void expect(const char *before, const char *more, const char *after, const char *want)
{
	struct net_state k;
	struct net_ops ops;
	char *got;

	kernel_init(&k);
	plan(&ops, before, &k, NULL, false);
	carry_out(&k, &ops);
	net_ops_done(&ops);
	if (more && kernel_do(&k, more) < 0)
		fail_msg("%s", kernel_says);
	plan(&ops, after, &k, before, false);
	got = listed(&ops);
	assert_string_equal(got, want);
	free(got);
	if (!ops.diags.errors) {
		carry_out(&k, &ops);
		net_ops_done(&ops);
		plan(&ops, after, &k, before, false);
		got = listed(&ops);
		if (!strstr(want, "warning"))
			assert_string_equal(got, "");
		free(got);
	}
	net_ops_done(&ops);
	net_state_done(&k);
}

#define LO "auto lo\niface lo inet loopback\n"
#define BRIDGE                                                                                     \
	"auto vmbr0\niface vmbr0 inet static\n address 192.0.2.9/24\n gateway 192.0.2.1\n"         \
	" bridge-ports eno1\n bridge-stp off\n bridge-fd 0\n"
#define PLAIN "auto eno1\niface eno1 inet static\n address 192.0.2.9/24\n gateway 192.0.2.1\n"
#define TAP "add\ttap100i0\t\nset\ttap100i0\tmaster=vmbr0\tup=1\n"

static void test_create(void **state)
{
	(void)state;
	expect("", NULL, BRIDGE,
	       "eno1: up no > yes\n"
	       "vmbr0: create bridge, bridge-stp no, bridge-fd 0\n"
	       "eno1: attach to vmbr0\n"
	       "vmbr0: add address 192.0.2.9/24\n"
	       "vmbr0: add gateway 192.0.2.1\n");
	/* A bridge's MTU is set by itself, for it follows the ports otherwise. */
	expect("", NULL, "auto vmbr1\niface vmbr1 inet manual\n bridge-ports none\n mtu 1400\n",
	       "vmbr1: create bridge\nvmbr1: mtu 1500 > 1400\n");
	/* Below comes first, whatever the order of the stanzas. */
	expect("", NULL,
	       "auto vmbr0\niface vmbr0 inet manual\n bridge-ports bond0.5\n"
	       "auto bond0\niface bond0 inet manual\n bond-slaves eno1 eno2\n bond-mode 802.3ad\n"
	       " bond-miimon 100\n bond-lacp-rate fast\n",
	       "bond0: create bond, bond-mode 802.3ad, bond-miimon 100, bond-lacp-rate fast\n"
	       "bond0.5: create vlan, vlan-raw-device bond0, vlan-id 5, vlan-protocol 802.1q\n"
	       "vmbr0: create bridge\n"
	       "eno1: enslave to bond0 (down, enslave, up)\n"
	       "eno2: enslave to bond0 (down, enslave, up)\n"
	       "bond0.5: attach to vmbr0\n");
}

static void test_nothing(void **state)
{
	(void)state;
	expect(LO BRIDGE, NULL, LO BRIDGE, "");
	/* What nobody configured is not touched. */
	expect(LO BRIDGE, TAP "addr+\tvmbr0\t198.51.100.1/24\n", LO BRIDGE, "");
	expect(LO BRIDGE, "set\tvmbr0\tmtu=1400\tbridge.ageing=7\n", LO BRIDGE, "");
}

static void test_move_address(void **state)
{
	(void)state;
	/* The new one before the old one goes. */
	expect(PLAIN, NULL, BRIDGE,
	       "vmbr0: create bridge, bridge-stp no, bridge-fd 0\n"
	       "eno1: attach to vmbr0 !blip\n"
	       "vmbr0: add address 192.0.2.9/24\n"
	       "vmbr0: gateway 192.0.2.1 (eno1) > 192.0.2.1 !blip\n"
	       "eno1: remove address 192.0.2.9/24 !outage\n");
	expect(BRIDGE, NULL, PLAIN,
	       "eno1: release from vmbr0 !outage\n"
	       "eno1: add address 192.0.2.9/24\n"
	       "eno1: gateway 192.0.2.1 (vmbr0) > 192.0.2.1 !blip\n"
	       "vmbr0: delete bridge !outage\n");
	expect("auto eno1\niface eno1 inet static\n address 192.0.2.9/24\n address 192.0.2.10/24\n", NULL,
	       "auto eno1\niface eno1 inet static\n address 192.0.2.10/24\n",
	       "eno1: remove address 192.0.2.9/24 !blip\n");
}

static void test_guests(void **state)
{
	(void)state;
	expect(BRIDGE, TAP, PLAIN,
	       "eno1: release from vmbr0 !outage\n"
	       "eno1: add address 192.0.2.9/24\n"
	       "eno1: gateway 192.0.2.1 (vmbr0) > 192.0.2.1 !blip\n"
	       "refused: vmbr0: it is not configured any more, but tap100i0 would lose it; stop or "
	       "move them first, or use --force\n");
	expect(BRIDGE, TAP, BRIDGE " bridge-vlan-aware yes\n",
	       "refused: vmbr0: VLAN filtering would leave tap100i0 with VLAN 1 alone, and no guest's "
	       "configuration says which ids it needs; detach it, or use --force\n");
}

static void test_vlan_id(void **state)
{
	(void)state;
	/* What stands on it comes along, also what somebody else has put there. */
	expect("auto mgmt\niface mgmt inet static\n address 10.0.5.2/24\n vlan-raw-device eno1\n vlan-id 5\n",
	       "add\tforeign\tvlan\tlower=mgmt\tvlan.id=9\tvlan.protocol=33024\tup=1\n"
	       "addr+\tforeign\t10.9.0.1/24\naddr+\tmgmt\t10.0.5.77/24\n",
	       "auto mgmt\niface mgmt inet static\n address 10.0.5.2/24\n vlan-raw-device eno1\n vlan-id 6\n",
	       "foreign: delete vlan !outage\n"
	       "mgmt: delete vlan !outage\n"
	       "mgmt: create vlan, vlan-raw-device eno1, vlan-id 6, vlan-protocol 802.1q, mtu 1500\n"
	       "foreign: create vlan, mtu 1500, vlan-raw-device mgmt, vlan-id 9, vlan-protocol 802.1q\n"
	       "mgmt: add address 10.0.5.2/24\n"
	       "mgmt: add address 10.0.5.77/24\n"
	       "foreign: add address 10.9.0.1/24\n");
	/* Another name for the same id: the old device is in the way. */
	expect("auto eno1.5\niface eno1.5 inet manual\n", NULL,
	       "auto v5\niface v5 inet manual\n vlan-raw-device eno1\n vlan-id 5\n",
	       "eno1.5: delete vlan !outage\n"
	       "v5: create vlan, vlan-raw-device eno1, vlan-id 5, vlan-protocol 802.1q\n");
}

#define BOND "auto bond0\niface bond0 inet static\n address 10.0.0.1/24\n address 2001:db8::1/64\n" \
	     " gateway 10.0.0.254\n bond-slaves eno1 eno2\n bond-miimon 100\n bond-mode "

static void test_bond_mode(void **state)
{
	(void)state;
	/* Only without slaves, and down; and what the kernel forgets meanwhile is set again. */
	expect(BOND "active-backup\n", NULL, BOND "802.3ad\n",
	       "eno1: release from bond0 !outage\n"
	       "eno2: release from bond0 !outage\n"
	       "bond0: down !outage\n"
	       "bond0: bond-mode active-backup > 802.3ad !blip\n"
	       "bond0: up\n"
	       "eno1: enslave to bond0 (down, enslave, up) !blip\n"
	       "eno2: enslave to bond0 (down, enslave, up) !blip\n"
	       "bond0: add address 2001:db8::1/64\n"
	       "bond0: add gateway 10.0.0.254\n");
	expect(BOND "802.3ad\n bond-xmit-hash-policy layer2\n", NULL,
	       BOND "802.3ad\n bond-xmit-hash-policy layer3+4\n",
	       "bond0: bond-xmit-hash-policy layer2 > layer3+4\n");
}

#define CHAIN(n, v, b)                                                                             \
	"auto eno1\niface eno1 inet manual\n mtu " n "\nauto eno1.5\niface eno1.5 inet manual\n mtu " v    \
	"\nauto vmbr0\niface vmbr0 inet manual\n bridge-ports eno1.5\n mtu " b "\n"

static void test_mtu(void **state)
{
	(void)state;
	expect(CHAIN("1500", "1500", "1500"), NULL, CHAIN("9000", "9000", "9000"),
	       "eno1: mtu 1500 > 9000\neno1.5: mtu 1500 > 9000\nvmbr0: mtu 1500 > 9000\n");
	expect(CHAIN("9000", "9000", "9000"), NULL, CHAIN("1500", "1500", "1500"),
	       "vmbr0: mtu 9000 > 1500 !blip\neno1.5: mtu 9000 > 1500 !blip\n"
	       "eno1: mtu 9000 > 1500 !blip\n");
}

static void test_removed_option(void **state)
{
	(void)state;
	expect("auto vmbr1\niface vmbr1 inet manual\n bridge-ports none\n bridge-ageing 10\n mtu 1400\n",
	       NULL, "auto vmbr1\niface vmbr1 inet manual\n bridge-ports none\n",
	       "vmbr1: bridge-ageing 10 > 300, mtu 1400 > 1500\n");
}

static void test_missing(void **state)
{
	(void)state;
	expect("", NULL, "auto eno9\niface eno9 inet manual\nauto eno9.5\niface eno9.5 inet manual\n",
	       "warning: eno9: there is no such link; it is left out\n"
	       "warning: eno9.5: not made: there is no eno9\n");
	expect("", NULL, "allow-hotplug eno9\niface eno9 inet manual\n", "");
	/* Not started at boot, but named: neither made nor deleted. */
	expect(BRIDGE, NULL, "iface vmbr0 inet manual\n bridge-ports eno1\nauto lo\niface lo inet loopback\n",
	       "lo: up no > yes\neno1: release from vmbr0 !outage\n"
	       "vmbr0: remove gateway 192.0.2.1 !outage\nvmbr0: remove address 192.0.2.9/24 !outage\n");
}

static void test_vlan_aware(void **state)
{
	(void)state;
	expect(BRIDGE, NULL, BRIDGE " bridge-vlan-aware yes\n bridge-vids 2-4094\n",
	       "eno1: add VLANs 2-4094\nvmbr0: filter VLANs !blip\n");
	expect(BRIDGE " bridge-vlan-aware yes\n bridge-vids 10 20-30\n", NULL,
	       BRIDGE " bridge-vlan-aware yes\n bridge-vids 20-25 40\n bridge-pvid 7\n",
	       "eno1: add VLANs 7,40\neno1: remove VLANs 1,10,26-30 !outage\n");
	expect(BRIDGE " bridge-vlan-aware yes\n", NULL,
	       BRIDGE " bridge-vlan-aware yes\nauto vmbr0.5\niface vmbr0.5 inet manual\n",
	       "vmbr0.5: create vlan, vlan-raw-device vmbr0, vlan-id 5, vlan-protocol 802.1q\n"
	       "vmbr0: add VLANs 5\n");
}

/* --- every configuration after every other ------------------------------------- */

static const char *const every[] = {
	"",
	LO PLAIN,
	LO BRIDGE,
	LO BRIDGE " bridge-vlan-aware yes\n bridge-vids 2-4094\n",
	LO BRIDGE " bridge-vlan-aware yes\n bridge-vids 5-9\nauto vmbr0.5\niface vmbr0.5 inet static\n"
		  " address 10.0.5.2/24\n",
	BOND "active-backup\n bond-primary eno2\n",
	BOND "802.3ad\n bond-lacp-rate fast\n mtu 9000\n",
	BOND "balance-alb\nauto bond0.7\niface bond0.7 inet static\n address 10.7.0.1/24\n"
	     "auto vmbr0\niface vmbr0 inet manual\n bridge-ports bond0.8\n bridge-stp on\n bridge-fd 4\n",
	CHAIN("9000", "8000", "7000"),
	CHAIN("1500", "1400", "1300"),
	"auto v5\niface v5 inet static\n vlan-raw-device eno1\n vlan-id 5\n address 10.0.5.2/24\n",
	"auto v5\niface v5 inet static\n vlan-raw-device eno2\n vlan-id 6\n address 10.0.5.2/24\n"
	" address 10.0.5.3/24\n gateway 10.0.5.1\n",
	"auto x\niface x inet static\n link-type dummy\n address 10.0.5.2/24\n",
	"auto x\niface x inet manual\n bridge-ports eno3\n bridge-stp off\n bridge-ageing 20\n",
	"auto eno1.5\niface eno1.5 inet manual\nauto eno1.5.6\niface eno1.5.6 inet static\n"
	" address 10.6.0.1/24\n",
};

static void change(const char *before, const char *after)
{
	struct net_state k;
	struct net_ops first, second, third;
	char *was, *is, *more;

	kernel_init(&k);
	/* Somebody else's, which has to survive all of it. */
	assert_int_equal(kernel_do(&k, "add\tdocker0\tbridge\tup=1\naddr+\tdocker0\t172.17.0.1/16\n"
				       "add\tveth7\t\nset\tveth7\tmaster=docker0\tup=1\n"), 0);
	plan(&first, before, &k, NULL, false);
	carry_out(&k, &first);
	was = dump(&k);
	plan(&second, after, &k, before, false);
	if (second.diags.errors)
		fail_msg("%s", second.diags.v[0].msg);
	carry_out(&k, &second);
	plan(&third, after, &k, before, false);
	more = listed(&third);
	if (*more)
		fail_msg("still to do after\n%s\nthen\n%s\n%s", before, after, more);
	is = dump(&k);
	assert_non_null(strstr(is, "docker0 address 172.17.0.1/16"));
	assert_non_null(strstr(is, "veth7 master=docker0"));
	free(is);
	/* Back again, the last one first. */
	for (size_t i = second.n; i-- > 0;)
		if (kernel_do(&k, second.v[i].undo) < 0)
			fail_msg("undo of %s %s: %s", second.v[i].object, second.v[i].action, kernel_says);
	is = dump(&k);
	if (strcmp(is, was) != 0) {
		PVE_BUF diff = {0};

		pve_diff(pve_span(was), pve_span(is), "before", "undone", &diff);
		fail_msg("%s\nthen %s\n%s", before, after, pve_buf_str(&diff));
	}
	free(is);
	free(was);
	free(more);
	net_ops_done(&first);
	net_ops_done(&second);
	net_ops_done(&third);
	net_state_done(&k);
}

static void test_every_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++)
		for (size_t j = 0; j < sizeof(every) / sizeof(every[0]); j++)
			change(every[i], every[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),         cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_move_address),   cmocka_unit_test(test_guests),
		cmocka_unit_test(test_vlan_id),        cmocka_unit_test(test_bond_mode),
		cmocka_unit_test(test_mtu),            cmocka_unit_test(test_removed_option),
		cmocka_unit_test(test_missing),        cmocka_unit_test(test_vlan_aware),
		cmocka_unit_test(test_every_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
