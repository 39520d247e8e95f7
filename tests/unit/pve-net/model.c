/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a configuration means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "pve-net/model.h"

/* "name type start addresses gw=.. on=.. vlan=.. mtu=.. mode=.. aware words=.. #comment" */
static void put_iface(struct pve_buf *b, const struct net_iface *i)
{
	pve_buf_printf(b, "%s %s %s", i->name, net_type_name(i->type), net_start_name(i->start));
	for (const struct net_addr *a = i->addr; a; a = a->next)
		pve_buf_printf(b, " %s", a->text);
	for (const struct net_addr *a = i->rare->gateway; a; a = a->next)
		pve_buf_printf(b, " gw=%s", a->text);
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		pve_buf_printf(b, " %s=%s", e->relation == NET_RAW ? "on" : "port", e->lower->name);
	for (size_t n = 0; n < i->rare->nport_words; n++)
		pve_buf_printf(b, " word=%s", i->rare->port_word[n]);
	if (i->vlan_id >= 0)
		pve_buf_printf(b, " vlan=%d", i->vlan_id);
	if (i->mtu)
		pve_buf_printf(b, " mtu=%u", i->mtu);
	if (i->rare->bond_mode)
		pve_buf_printf(b, " mode=%s", i->rare->bond_mode);
	if (i->vlan_aware)
		pve_buf_puts(b, " aware");
	if (i->rare->comment)
		pve_buf_printf(b, " #%s", i->rare->comment);
	pve_buf_putc(b, '\n');
}

static char *meaning(const char *text)
{
	struct net_conf c;
	struct net_model m;
	struct pve_buf b = {0};

	net_conf_parse(&c, "f", pve_span(text));
	net_model_read(&m, &c);
	for (size_t n = 0; n < m.nifaces; n++) {
		assert_int_equal(m.iface[n]->order, n);
		assert_ptr_equal(net_model_find(&m, m.iface[n]->name), m.iface[n]);
		put_iface(&b, m.iface[n]);
	}
	for (size_t n = 0; n < m.nmentions; n++) {
		pve_buf_puts(&b, "? ");
		put_iface(&b, m.mention[n]);
	}
	for (size_t n = 0; n < m.norphans; n++)
		pve_buf_printf(&b, "orphan %s\n", m.orphan[n].name);
	pve_buf_puts(&b, "");
	net_model_done(&m);
	net_conf_done(&c);
	return pve_buf_take(&b);
}

struct meaning_case {
	const char *text, *want;
};

static void check_meanings(const struct meaning_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		PVE_FREE char *got = meaning(cases[i].text);

		assert_string_equal(got, cases[i].want);
	}
}

#define CHECK_MEANINGS(cases) check_meanings(cases, sizeof(cases) / sizeof((cases)[0]))

#define STANZA(name, options) "iface " name " inet manual\n" options

static void types(void **state)
{
	static const struct meaning_case cases[] = {
		{STANZA("lo", ""), "lo loopback no\n"},
		{"iface x inet loopback\n", "x loopback no\n"},
		{STANZA("eno1", ""), "eno1 eth no\n"},
		{STANZA("nic0", "") STANZA("nicx", ""), "nic0 eth no\nnicx unknown no\n"},
		{STANZA("x", " bridge_ports none\n"), "x bridge no word=none\n"},
		{STANZA("x", " bridge-vlan-aware no\n"), "x bridge no\n"},
		{STANZA("bond3", ""), "bond3 bond no\n"},
		{STANZA("bond-lan", " bond_mode 1\n"), "bond-lan bond no mode=active-backup\n"},
		{STANZA("lag", "") STANZA("eno1", " bond-master lag\n"),
		 "lag bond no port=eno1\neno1 eth no\n"},
		{STANZA("eno1.7", ""), "eno1.7 vlan no on=eno1 vlan=7\n? eno1 eth no\n"},
		{STANZA("eno1.7.8", ""),
		 "eno1.7.8 vlan no on=eno1.7 vlan=8\n? eno1.7 vlan no on=eno1 vlan=7\n"
		 "? eno1 eth no\n"},
		{STANZA("br.lan", ""), "br.lan unknown no\n"},
		{STANZA("vlan0040", " vlan-raw-device eno1\n"),
		 "vlan0040 vlan no on=eno1 vlan=40\n? eno1 eth no\n"},
		{STANZA("mgmt", " vlan-raw-device eno1\n vlan-id 9\n"),
		 "mgmt vlan no on=eno1 vlan=9\n? eno1 eth no\n"},
		{STANZA("eno1:0", ""), "eno1:0 alias no on=eno1\n? eno1 eth no\n"},
		{STANZA("x", " vxlan-id 5\n vxlan-physdev eno1\n"),
		 "x vxlan no on=eno1\n? eno1 eth no\n"},
		{STANZA("x", " link-type dummy\n") STANZA("dummy1", ""),
		 "x dummy no\ndummy1 dummy no\n"},
		{"iface x inet6 v4tunnel\n endpoint 192.0.2.1\n", "x tunnel no\n"},
		{"iface x inet ppp\n provider y\n", "x ppp no\n"},
		{STANZA("x", " vrf-table auto\n"), "x vrf no\n"},
		{STANZA("v0", " ovs_type OVSBridge\n ovs_ports p0 b0\n")
			 STANZA("p0", " ovs_type OVSIntPort\n ovs_bridge v0\n")
				 STANZA("b0", " ovs_type OVSBond\n ovs_bonds e0 e1\n"),
		 "v0 OVSBridge no port=p0 port=b0\np0 OVSIntPort no\n"
		 "b0 OVSBond no port=e0 port=e1\n? e0 unknown no\n? e1 unknown no\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void addresses(void **state)
{
	static const struct meaning_case cases[] = {
		{"iface a inet static\n address 10.0.0.1/24\n gateway 10.0.0.254\n mtu 9000\n",
		 "a unknown no 10.0.0.1/24 gw=10.0.0.254 mtu=9000\n"},
		{"iface a inet static\n address 10.0.0.1\n netmask 255.255.255.248\n",
		 "a unknown no 10.0.0.1/29\n"},
		{"iface a inet static\n netmask 24\n address 10.0.0.1\n",
		 "a unknown no 10.0.0.1/24\n"},
		{"iface a inet6 static\n address fd00::1\n netmask ffff:ffff::\n",
		 "a unknown no fd00::1/32\n"},
		/* A mask with a hole, or out of range, is none. */
		{"iface a inet static\n address 10.0.0.1\n netmask 255.0.255.0\n",
		 "a unknown no 10.0.0.1\n"},
		/* Pairs, as ifupdown2 has them; each stanza has its own. */
		{"iface a inet static\n address 10.0.0.1\n netmask 24\n address 10.0.1.1\n netmask "
		 "25\n"
		 "iface a inet6 static\n address fd00::1/64\n",
		 "a unknown no 10.0.0.1/24 10.0.1.1/25 fd00::1/64\n"},
		{"iface a inet static\n address nonsense\n mtu much\n", "a unknown no nonsense\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void ports(void **state)
{
	static const struct meaning_case cases[] = {
		{STANZA("b", " bridge-ports e1 e2.5\n bridge-vlan-aware yes\n"),
		 "b bridge no port=e1 port=e2.5 aware\n? e1 unknown no\n"
		 "? e2.5 vlan no on=e2 vlan=5\n? e2 unknown no\n"},
		{STANZA("b", " bridge-ports all regex eth.* x noregex e1\n"),
		 "b bridge no port=e1 word=all word=regex word=eth.* word=x word=noregex\n"
		 "? e1 unknown no\n"},
		{STANZA("b", " bridge-ports swp[1-4]\n"), "b bridge no word=swp[1-4]\n"},
		{STANZA("b", " bond-slaves none\n bond-mode 4\n"),
		 "b bond no word=none mode=802.3ad\n"},
		{STANZA("b", " bond-slaves e1\n") STANZA("e1", " bond-master b\n"),
		 "b bond no port=e1\ne1 unknown no\n"},
		{STANZA("b", " bond-slaves e1\n bond-mode 9\n"), "b bond no port=e1 mode=9\n"
								 "? e1 unknown no\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void starts(void **state)
{
	static const struct meaning_case cases[] = {
		{"auto a lo c\n" STANZA("a", "") "allow-hotplug b\n" STANZA("b", ""),
		 "a unknown yes\nb unknown hotplug\norphan c\n"},
		{"allow-hotplug a\nauto a\n" STANZA("a", ""), "a unknown yes\n"},
		{"allow-vmbr0 a\nallow-ovs b\n" STANZA("a", "") STANZA("b", ""),
		 "a unknown class\nb unknown yes\n"},
		{"auto /e*\n" STANZA("e1", "") STANZA("f1", ""), "e1 unknown yes\nf1 unknown no\n"},
		{"auto all\n" STANZA("a", ""), "a unknown yes\n"},
		{"auto eth0=home\n" STANZA("home", ""), "home unknown yes\n"},
		{STANZA("a", " auto\n"), "a unknown yes\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void comments(void **state)
{
	static const struct meaning_case cases[] = {
		{STANZA("a", " mtu 3\n#one\n# two\n"), "a unknown no mtu=3 #one\ntwo\n"},
		{"#above\n" STANZA("a", ""), "a unknown no #above\n"},
		{"#above\nauto a\n" STANZA("a", ""), "a unknown yes #above\n"},
		{"#above\nauto a\n" STANZA("a", "#in\n"), "a unknown yes #in\n"},
		{"#above\nauto a b\n" STANZA("a", ""), "a unknown yes\norphan b\n"},
		{STANZA("a", "#1\n\n") "iface a inet6 manual\n#2\n\n", "a unknown no #1\n2\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void inherits(void **state)
{
	static const struct meaning_case cases[] = {
		{"iface a inet static\n address 10.0.0.1\n mtu 3\n"
		 "iface b inet static inherits a\n netmask 24\n",
		 "a unknown no 10.0.0.1 mtu=3\nb unknown no 10.0.0.1/24 mtu=3\n"},
		{"iface a inet6 static\n mtu 6\niface a inet static\n mtu 4\n"
		 "iface b inet static inherits a\n",
		 "a unknown no mtu=4\nb unknown no mtu=4\n"},
		/* Circles end. */
		{"iface a inherits b\n mtu 3\niface b inherits a\n",
		 "a unknown no mtu=3\nb unknown no mtu=3\n"},
		{"iface a inherits a\n mtu 3\n", "a unknown no mtu=3\n"},
		{"iface a inherits nothing\n mtu 3\n", "a unknown no mtu=3\n"},
	};

	(void)state;
	CHECK_MEANINGS(cases);
}

static void lookups(void **state)
{
	struct net_conf c;
	struct net_model m;
	const struct net_iface *a, *b;
	const struct net_option *o;

	(void)state;
	net_conf_parse(&c, "f",
		       pve_span("iface a inet static\n up x\n mtu 1\n"
				"iface b inet static inherits a\n up y\n up z\n"));
	net_model_read(&m, &c);
	a = net_model_find(&m, "a");
	b = net_model_find(&m, "b");
	assert_null(net_model_find(&m, "c"));
	assert_int_equal(b->nopts, 4);
	o = net_iface_next(b, NET_K_UP, NULL);
	assert_int_equal(o->line, 2);
	assert_false(net_iface_owns(b, o));
	assert_true(net_iface_owns(a, o));
	o = net_iface_next(b, NET_K_UP, o);
	assert_int_equal(o->line, 5);
	o = net_iface_next(b, NET_K_UP, o);
	assert_int_equal(o->line, 6);
	assert_true(net_iface_owns(b, o));
	assert_null(net_iface_next(b, NET_K_UP, o));
	assert_ptr_equal(net_iface_find(b, NET_K_UP), o);
	assert_null(net_iface_find(b, NET_K_GATEWAY));
	net_model_done(&m);
	net_conf_done(&c);
}

static void literals(void **state)
{
	static const struct {
		const char *text;
		int family, prefix;
	} cases[] = {
		{"10.0.0.1/24", AF_INET, 24},
		{" 10.0.0.1 ", AF_INET, -1},
		{"10.0.0.1/33", AF_INET, -1},
		{"10.0.0.1/", AF_INET, -1},
		{"10.0.0.1/+4", AF_INET, -1},
		{"10.0.0.1/255.255.0.0", AF_INET, 16},
		{"10.0.0.256", 0, -1},
		{"10.1", 0, -1},
		{"", 0, -1},
		{"fd00::1/64", AF_INET6, 64},
		{"::/0", AF_INET6, 0},
		{"::1/129", AF_INET6, -1},
		{"fe80::1%eth0", 0, -1},
		{"10.0.0.1/0", AF_INET, 0},
		{"::ffff:10.0.0.1", AF_INET6, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_addr a = {0};

		assert_int_equal(net_addr_parse(pve_span(cases[i].text), &a), cases[i].family != 0);
		assert_int_equal(a.family, cases[i].family);
		assert_int_equal(a.prefix, cases[i].prefix);
	}
}

static void covers(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{"10.0.0.1/24", "10.0.0.254", true},    {"10.0.0.1/24", "10.0.1.1", false},
		{"10.0.0.0/29", "10.0.0.7", true},      {"10.0.0.0/29", "10.0.0.8", false},
		{"10.0.0.1/32", "10.0.0.1", true},      {"0.0.0.0/0", "192.0.2.1", true},
		{"10.0.0.1", "10.0.0.1", false},        {"fd00::1/64", "fd00::ffff", true},
		{"fd00::1/64", "fd00:0:0:1::1", false}, {"::/0", "10.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_addr a = {0}, b = {0};

		net_addr_parse(pve_span(cases[i].a), &a);
		net_addr_parse(pve_span(cases[i].b), &b);
		assert_int_equal(net_addr_covers(&a, &b), cases[i].want);
	}
}

static void vids(void **state)
{
	static const struct {
		const char *text;
		int rc;
		const char *bad;
		bool overlap;
		unsigned count;
	} cases[] = {
		{"2-4094", 0, "", false, 4093}, {"1 5,7", 0, "", false, 3},
		{"", 0, "", false, 0},          {"5-3 9", -1, "5-3", false, 1},
		{"0", -1, "0", false, 0},       {"4095 x", -1, "4095", false, 0},
		{"1-5 4", 0, "", true, 5},      {"1-5,5-6", 0, "", true, 6},
		{"-", -1, "-", false, 0},       {"1-2-3", -1, "1-2-3", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pve_span bad = {"", 0};
		struct net_vids v;
		unsigned count = 0;
		bool overlap;

		assert_int_equal(net_vids_parse(pve_span(cases[i].text), &v, &bad, &overlap),
				 cases[i].rc);
		for (unsigned id = 0; id < 5000; id++)
			count += net_vids_has(&v, id);
		assert_int_equal(count, cases[i].count);
		assert_int_equal(overlap, cases[i].overlap);
		assert_true(pve_span_eq(bad, cases[i].bad));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types),   cmocka_unit_test(addresses), cmocka_unit_test(ports),
		cmocka_unit_test(starts),  cmocka_unit_test(comments),  cmocka_unit_test(inherits),
		cmocka_unit_test(lookups), cmocka_unit_test(literals),  cmocka_unit_test(covers),
		cmocka_unit_test(vids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
