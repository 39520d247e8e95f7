/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_case.h"

static void open_vswitch(void **state)
{
	static const struct check_case cases[] = {
		{"auto b\niface b inet manual\n\tovs_type OVSBridge\n\tovs_ports p q\n\n"
		 "iface p inet manual\n\tovs_type OVSIntPort\n\tovs_bridge b\n\n"
		 "iface q inet manual\n\tovs_type OVSBond\n\tovs_bonds eno1 eno2\n\tovs_options "
		 "tag=5 bond_mode=balance-slb\n\n"
		 "iface eno1 inet manual\niface eno2 inet manual\n",
		 ""},
		{"auto b\niface b inet manual\n\tovs_type OVSBridge\n\tovs_ports x\n\niface x inet "
		 "manual\n",
		 "OVS-PORT:4"},
		{"auto q\niface q inet manual\n\tovs_type OVSBond\n\tovs_bonds x eno1\n\tovs_options "
		 "bond_mode=rr\n\niface x inet manual\n\niface eno1 inet manual\n",
		 "OVS-BOND:4 OVS-BOND:5"},
	};
	struct check_facts facts = {0};

	(void)state;
	CHECK_CASES(cases, &facts);
}

static void vxlan(void **state)
{
	static const struct check_case cases[] = {
		{"auto a\niface a inet manual\n\tvxlan-id 5\n\tvxlan-remoteip 192.0.2.1\n", ""},
		{"auto a\niface a inet manual\n\tvxlan-id 0\n", "VXLAN-ID:3"},
		{"auto a\niface a inet manual\n\tvxlan-id 5\n\nauto c\niface c inet "
		 "manual\n\tvxlan-id 5\n",
		 "VXLAN-ID:7"},
		{"auto a\niface a inet manual\n\tvxlan-id 5\n\tvxlan-svcnodeip 239.1.1.1\n",
		 "VXLAN-PEERS:4"},
		{"iface eno1 inet manual\nauto a\niface a inet manual\n\tvxlan-id 5\n\t"
		 "vxlan-svcnodeip 239.1.1.1\n\tvxlan-physdev eno1\n",
		 ""},
		{"auto a\niface a inet manual\n\tvxlan-id 5\n\tvxlan-svcnodeip 239.1.1.1\n\t"
		 "vxlan-remoteip 192.0.2.1\n",
		 "VXLAN-PEERS:4"},
	};
	struct check_facts facts = {0};

	(void)state;
	CHECK_CASES(cases, &facts);
}

static void uplinks(void **state)
{
	static const struct check_case cases[] = {
		{"iface eno1 inet manual\n\tuplink-id 1\niface eno2 inet manual\n\tuplink-id 2\n", ""},
		{"iface eno1 inet manual\n\tuplink-id 1\niface eno2 inet manual\n\tuplink-id 1\n",
		 "UPLINK:4"},
		{"auto b\niface b inet manual\n\tbridge-ports none\n\tuplink-id 1\n", "UPLINK:4"},
		{"auto b\niface b inet manual\n\tbridge-ports eno1\n\tbridge-stp off\n\niface eno1 "
		 "inet manual\n\tbridge-learning off\n\niface eno2 inet manual\n\tbridge-learning "
		 "off\n",
		 "BRIDGE-FLAG:10"},
	};
	struct check_facts facts = {0};

	(void)state;
	CHECK_CASES(cases, &facts);
}

static void engines(void **state)
{
	static const struct check_case old[] = {{"auto lo\niface lo inet loopback\n", "ENGINE-OLD:1"}};
	static const struct check_case good[] = {{"auto lo\niface lo inet loopback\n", ""}};
	static const struct check_case stock[] = {
		{"iface b inet manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\niface c inet "
		 "manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\n",
		 "ENGINE-STOCK:1 BRIDGE-AWARE-TWICE:6"}};
	struct check_facts facts = {0};

	(void)state;
	facts.engine.ifupdown = pve_span("0.8.35");
	CHECK_CASES(old, &facts);
	facts.engine.ifupdown = pve_span("0.8.35+pve1");
	CHECK_CASES(good, &facts);
	facts.engine.ifupdown = pve_span("0.8.41");
	CHECK_CASES(good, &facts);
	facts.engine = (struct net_engine_versions){.ifupdown2 = pve_span("3.0.0-1.1")};
	CHECK_CASES(stock, &facts);
	facts.engine.ifupdown2 = pve_span("3.3.0-1+pmx9");
	CHECK_CASES(good, &facts);
}

static void file(void **state)
{
	static const struct check_case good[] = {{"auto lo\niface lo inet loopback\n", ""}};
	static const struct check_case bad[] = {{"auto lo\niface lo inet loopback\n", "FILE-MODE:1"}};
	static const struct check_case stale[] = {
		{"auto lo\niface lo inet loopback\n", "STAGED-STALE:1"}};
	static const struct check_case several[] = {
		{"auto lo a b\niface a inet manual\niface b inet manual\n", "AUTO-SEVERAL:1"}};
	struct check_facts facts = {.mode = 0644, .writable = 0022};

	(void)state;
	CHECK_CASES(good, &facts);
	CHECK_CASES(several, &facts);
	facts.mode = 0600;
	CHECK_CASES(good, &facts);
	facts.mode = 0664;
	CHECK_CASES(bad, &facts);
	facts.mode = 0755;
	CHECK_CASES(bad, &facts);
	facts.mode = 0644;
	facts.owner = 1000;
	CHECK_CASES(bad, &facts);
	facts.owner = 0;
	facts.staged = CHECK_STAGED_GOOD;
	CHECK_CASES(good, &facts);
	facts.staged = CHECK_STAGED_STALE;
	CHECK_CASES(stale, &facts);
}

static void hooks(void **state)
{
	static const struct check_case cases[] = {
		{"iface a inet manual\n\tup /opt/there && /opt/gone -x; /opt/gone\n", "HOOK-MISSING:2"},
		{"iface a inet manual\n\tup /opt/there /opt/gone\n", ""},
	};
	static const char text[] = "iface a inet manual\n\tup /b/c x; /a\n\tdown /a $X\n\tup ls /z\n";
	struct check_facts facts = {0};
	struct net_conf conf;
	PVE_STRV paths = {0};

	(void)state;
	pve_map_set(&facts.absent, pve_span("/opt/gone"), &facts);
	CHECK_CASES(cases, &facts);
	check_facts_done(&facts);
	net_conf_parse(&conf, "f", pve_span(text));
	check_hook_programs(&conf, &paths);
	assert_int_equal(paths.n, 2);
	assert_string_equal(paths.v[0], "/a");
	assert_string_equal(paths.v[1], "/b/c");
	net_conf_done(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_vswitch), cmocka_unit_test(vxlan), cmocka_unit_test(uplinks),
		cmocka_unit_test(engines),      cmocka_unit_test(file),  cmocka_unit_test(hooks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
