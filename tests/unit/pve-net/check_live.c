/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration against links, and facts from other files. */
#include <net/if_arp.h>

#include "check_case.h"

/* What a test's kernel has: names, kinds ("" is a NIC), MTUs and bridges. */
struct host {
	struct pve_nl_link link[8];
	struct pve_nl_snapshot live;
	struct pve_map map;
	struct check_facts facts;
};

static void add(struct host *h, const char *name, const char *kind, uint32_t mtu, int master)
{
	struct pve_nl_link *l = &h->link[h->live.nlinks++];

	*l = (struct pve_nl_link){
		.index = (int)h->live.nlinks,
		.name = name,
		.kind = kind,
		.type = ARPHRD_ETHER,
		.mtu = mtu,
		.max_mtu = 9000,
		.master = master,
		.mac = "02:00:00:00:00:01",
		.perm_mac = "",
		.operstate = "up",
	};
	pve_map_set(&h->map, pve_span(name), l);
	h->live.link = h->link;
	h->facts.link = &h->map;
	h->facts.live = &h->live;
}

static void host_done(struct host *h)
{
	pve_map_done(&h->map);
	*h = (struct host){0};
}

#define NIC(name) "auto " name "\niface " name " inet manual\n"
#define BRIDGE(ports) "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports " ports "\n"

static void nics(void **state)
{
	static const struct check_case cases[] = {
		{NIC("eno1") NIC("eno2"), ""},
		{NIC("eno1"), "NIC-UNUSED:1"},
		{NIC("eno1") NIC("eno2") NIC("eno3"), "LINK-MISSING:6"},
		{NIC("eno1") NIC("eno2") "iface eno3 inet manual\n", ""},
		{NIC("eno1") NIC("eno2") "allow-hotplug eno3\niface eno3 inet manual\n", ""},
		{NIC("eno1") BRIDGE("eno2"), ""},
		{NIC("eno1") BRIDGE("eno3") NIC("eno2"), "LINK-MISSING:5"},
		{NIC("eno1") BRIDGE("eno3") NIC("eno2") "iface eno3 inet manual\n",
		 "LINK-MISSING:8"},
		{NIC("eno1.5") NIC("eno2"), ""},
		{NIC("eno3.5") NIC("eno1") NIC("eno2"), ""},
	};
	struct host h = {0};

	(void)state;
	add(&h, "eno1", "", 1500, 0);
	add(&h, "eno2", "", 1500, 0);
	CHECK_CASES(cases, &h.facts);
	host_done(&h);
}

/* One NIC is missing and one has no stanza: most likely that one under a new name. */
static void renamed(void **state)
{
	struct pve_findings found = {0};
	struct host h = {0};

	(void)state;
	add(&h, "enp9s0", "", 1500, 0);
	check_run("f", pve_span(NIC("eno1")), &h.facts, &found);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[1].code, "NET-LINK-MISSING");
	assert_string_equal(found.v[1].fix, "pve-net rename eno1 enp9s0");
	pve_findings_done(&found);
	host_done(&h);
}

static void other_names(void **state)
{
	static const char *const alt[] = {"enp2s0"};
	static const struct check_case cases[] = {
		{NIC("enp2s0"), "NAME-ALTNAME:2"},
		{NIC("eno1"), ""},
		{"iface enp2s0 inet manual\n\tbridge-ports none\n", "NAME-ALTNAME:1 LINK-KIND:1"},
	};
	struct host h = {0};

	(void)state;
	add(&h, "eno1", "", 1500, 0);
	h.link[0].altname = alt;
	h.link[0].naltnames = 1;
	pve_map_set(&h.map, pve_span(alt[0]), &h.link[0]);
	CHECK_CASES(cases, &h.facts);
	host_done(&h);
}

static void links_of_others(void **state)
{
	static const struct check_case cases[] = {{NIC("eno1"), ""}};
	struct host h = {0};

	(void)state;
	add(&h, "eno1", "", 1500, 0);
	add(&h, "tap100i0", "tun", 1500, 0);
	add(&h, "docker0", "bridge", 1500, 0);
	CHECK_CASES(cases, &h.facts);
	host_done(&h);
}

static void kinds(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("none"), ""},
		{"iface vmbr0 inet manual\n\tbond-slaves none\n\tbond-mode 4\n",
		 "NAME-BOND:1 LINK-KIND:1"},
		{BRIDGE("dummy0") "iface dummy0 inet manual\n", "LINK-KIND:4"},
		{BRIDGE("bond0"), ""}, /* somebody else makes the bond */
		{BRIDGE("bond1"), "PORT-UNDEFINED:3"},
	};
	struct host h = {0};

	(void)state;
	add(&h, "vmbr0", "bridge", 1500, 0);
	add(&h, "dummy0", "veth", 1500, 0);
	add(&h, "bond0", "bond", 1500, 0);
	CHECK_CASES(cases, &h.facts);
	host_done(&h);
}

static void mtus(void **state)
{
	static const struct check_case cases[] = {
		{NIC("eno1") "\tmtu 9000\n", ""},
		{NIC("eno1") "\tmtu 9001\n", "MTU-MAX:3"},
		{NIC("eno1") "\tmtu 9000\n" BRIDGE("eno1") "\tmtu 9000\n", "MTU-GUEST:7"},
		{NIC("eno1") BRIDGE("eno1") "\tmtu 1500\n", ""},
		{NIC("eno1") BRIDGE("eno1"), ""},
	};
	struct host h = {0};

	(void)state;
	add(&h, "vmbr0", "bridge", 1500, 0);
	add(&h, "eno1", "", 1500, 1);
	add(&h, "tap7i0", "tun", 1500, 1);
	add(&h, "tap8i0", "tun", 1500, 1);
	CHECK_CASES(cases, &h.facts);
	host_done(&h);
}

static void corosync_conf(void **state)
{
	struct check_facts facts = {0};
	static const unsigned char v4[] = {10, 0, 0, 1};

	(void)state;
	check_facts_corosync(&facts, pve_span("ring0_addr: 10.0.0.1\n\tring1_addr:fd00::1\r\n"
					      "ring2_addr: host\nring_addr: 10.0.0.2\n"
					      "bindnetaddr: 10.0.0.3\nring0_addr 10.0.0.4\n\n:\n"
					      "ring7_addr: 10.0.0.5"));
	assert_int_equal(facts.ring.n, 3);
	assert_non_null(pve_map_get(&facts.ring, (struct pve_span){(const char *)v4, 4}));
	check_facts_done(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nics),          cmocka_unit_test(renamed),
		cmocka_unit_test(other_names),   cmocka_unit_test(links_of_others),
		cmocka_unit_test(kinds),         cmocka_unit_test(mtus),
		cmocka_unit_test(corosync_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
