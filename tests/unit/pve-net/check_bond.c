/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bonds and the MTU of what stands on them. */
#include "check_case.h"

#define BOND(mode) "iface bond0 inet manual\n\tbond-slaves eno1 eno2\n\tbond-mode " mode "\n"
#define WATCHED(mode) BOND(mode) "\tbond-miimon 100\n"

static void modes(void **state)
{
	static const struct check_case cases[] = {
		{WATCHED("balance-rr"), ""},
		{WATCHED("active-backup"), ""},
		{WATCHED("balance-xor"), ""},
		{WATCHED("broadcast"), ""},
		{WATCHED("802.3ad"), ""},
		{WATCHED("balance-tlb"), ""},
		{WATCHED("balance-alb"), ""},
		{WATCHED("4"), ""},
		{WATCHED("6"), ""},
		{WATCHED("7"), "BOND-MODE:3"},
		{WATCHED("lacp"), "BOND-MODE:3"},
		{WATCHED("802.3AD"), "BOND-MODE:3"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void policies(void **state)
{
	static const struct check_case cases[] = {
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy layer2\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy layer2+3\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy layer3+4\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy encap3+4\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy vlan+srcmac\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy 1\n", ""},
		{WATCHED("802.3ad") "\tbond-xmit-hash-policy layer4\n", "BOND-HASH:5"},
		{WATCHED("802.3ad") "\tbond-xmit_hash_policy layer3\n", "BOND-HASH:5"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void values(void **state)
{
	static const struct check_case cases[] = {
		{WATCHED("802.3ad") "\tbond-lacp-rate fast\n", ""},
		{WATCHED("802.3ad") "\tbond-lacp-rate 1\n", ""},
		{WATCHED("802.3ad") "\tbond-lacp-rate 30\n", "BOND-VALUE:5"},
		{WATCHED("802.3ad") "\tbond-min-links two\n", "BOND-VALUE:5"},
		{WATCHED("802.3ad") "\tbond-min-links 2\n", ""},
		{BOND("active-backup") "\tbond-miimon 100ms\n", "BOND-VALUE:4"},
		{BOND("active-backup") "\tbond-miimon -1\n", "BOND-VALUE:4"},
		{WATCHED("active-backup") "\tbond-lacp-rate fast\n", "BOND-LACP:5"},
		{WATCHED("active-backup") "\tbond-ad-select bandwidth\n", "BOND-LACP:5"},
		{"iface bond0 inet manual\n\tbond-slaves eno1\n\tbond-miimon 100\n"
		 "\tbond-lacp-rate slow\n",
		 "BOND-LACP:4"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void primaries(void **state)
{
	static const struct check_case cases[] = {
		{WATCHED("active-backup") "\tbond-primary eno1\n", ""},
		{WATCHED("balance-alb") "\tbond-primary eno2\n", ""},
		{WATCHED("active-backup") "\tbond-primary eno3\n", "BOND-PRIMARY:5"},
		{WATCHED("802.3ad") "\tbond-primary eno1\n", "BOND-PRIMARY:5"},
		{WATCHED("balance-rr") "\tbond-primary eno1\n", "BOND-PRIMARY:5"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void monitoring(void **state)
{
	static const struct check_case cases[] = {
		{BOND("active-backup"), "BOND-MONITOR:1"},
		{BOND("balance-rr"), "BOND-MONITOR:1"},
		{BOND("broadcast") "\tbond-miimon 0\n", "BOND-MONITOR:4"},
		{BOND("802.3ad"), ""}, /* the kernel sets 100 ms by itself */
		{BOND("balance-tlb"), ""},
		{BOND("active-backup") "\tbond-arp-interval 500\n\tbond-arp-ip-target 10.0.0.1\n",
		 ""},
		{WATCHED("active-backup") "\tbond-arp-interval 500\n", "BOND-MONITOR:4"},
		{WATCHED("active-backup") "\tbond-arp-interval 0\n", ""},
		{BOND("802.3ad") "\tbond-arp-interval 500\n", "BOND-ARP:4"},
		{BOND("balance-alb") "\tbond-arp-interval 500\n", "BOND-ARP:4"},
		{WATCHED("active-backup") "\tbond-updelay 200\n\tbond-downdelay 300\n", ""},
		{WATCHED("active-backup") "\tbond-updelay 250\n", "BOND-DELAY:5"},
		{WATCHED("active-backup") "\tbond-downdelay 50\n", "BOND-DELAY:5"},
		{WATCHED("active-backup") "\tbond-updelay 0\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

#define LACP "iface bond0 inet manual\n\tbond-slaves eno1\n\tbond-mode 802.3ad\n"
#define FAILOVER "iface bond0 inet manual\n\tbond-slaves eno1\n\tbond-mode 1\n\tbond-miimon 100\n"
#define RING(name) "iface " name " inet static\n\taddress 10.20.0.11/24\n"

static void cluster(void **state)
{
	static const char conf[] = "nodelist {\n  node {\n    ring0_addr: 10.20.0.11\n"
				   "    ring1_addr: node1.example.com\n  }\n}\n";
	static const struct check_case cases[] = {
		{LACP RING("vmbr0") "\tbridge-ports bond0\n", "BOND-COROSYNC:5"},
		{LACP RING("bond0.5"), "BOND-COROSYNC:5"},
		{FAILOVER RING("bond0.5"), ""},
		{LACP RING("eno9"), ""},
		{LACP "iface bond0.5 inet static\n\taddress 10.30.0.11/24\n", ""},
	};
	struct check_facts facts = {0};

	(void)state;
	check_facts_corosync(&facts, pve_span(conf));
	assert_int_equal(facts.ring.n, 1);
	CHECK_CASES(cases, &facts);
	check_facts_done(&facts);
}

#define NIC(name, mtu) "iface " name " inet manual\n\tmtu " mtu "\n"
#define BRIDGE(ports, mtu) "iface vmbr0 inet manual\n\tbridge-ports " ports "\n\tmtu " mtu "\n"

static void mtu(void **state)
{
	static const struct check_case cases[] = {
		{NIC("eno1", "1500"), ""},
		{NIC("eno1", "68"), ""},
		{NIC("eno1", "67"), "MTU-INVALID:2"},
		{NIC("eno1", "65535"), ""},
		{NIC("eno1", "65536"), "MTU-INVALID:2"},
		{NIC("eno1", "jumbo"), "MTU-INVALID:2"},
		{NIC("lo", "65536"), ""},
		{"iface eno1 inet6 static\n\taddress 2001:db8::7/64\n\tmtu 1279\n", "MTU-IPV6:3"},
		{"iface eno1 inet6 static\n\taddress 2001:db8::7/64\n\tmtu 1280\n", ""},
		{"iface eno1 inet6 auto\n\tmtu 1000\n", "MTU-IPV6:2"},
		{"iface eno1 inet static\n\taddress 192.0.2.7/24\n\tmtu 1000\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void mtu_chain(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("eno1", "1500"), ""},
		{BRIDGE("eno1", "9000"), "MTU-CHAIN:3"},
		{BRIDGE("eno1", "9000") NIC("eno1", "9000"), ""},
		{BRIDGE("none", "9000"), ""},
		{BRIDGE("eno1", "1400"), ""},
		{NIC("eno1.5", "9000"), "MTU-CHAIN:2"},
		{NIC("eno1", "9000") NIC("eno1.5", "9000"), ""},
		{NIC("eno1", "9000") NIC("eno1.5", "9001"), "MTU-CHAIN:4"},
		/* A VLAN that says nothing has that of its parent. */
		{NIC("eno1", "9000") "iface eno1.5 inet manual\n" BRIDGE("eno1.5", "9000"), ""},
		{BRIDGE("eno1.5", "9000"), "MTU-CHAIN:3"},
		/* A bridge that says nothing has that of its smallest port. */
		{"iface vmbr0 inet manual\n\tbridge-ports eno1\n" NIC("vmbr0.5", "9000"),
		 "MTU-CHAIN:4"},
		{"iface vmbr0 inet manual\n\tbridge-ports eno1\n" NIC("eno1", "9000")
			 NIC("vmbr0.5", "9000"),
		 ""},
		/* A bond decides for its slaves, and has 1500 unless it says more. */
		{LACP NIC("eno1", "9000"), "MTU-BOND:5"},
		{LACP "\tmtu 9000\n" NIC("eno1", "9000"), ""},
		{LACP "\tmtu 9000\n" BRIDGE("bond0", "9000"), ""},
		{LACP BRIDGE("bond0", "9000"), "MTU-CHAIN:6"},
		{LACP "\tmtu 9000\n" NIC("bond0.5", "9000"), ""},
		{LACP "\tmtu 9000\n" NIC("eno1.5", "9000"), ""},
		/* Nobody knows about a tap. */
		{BRIDGE("tap7", "9000"), ""},
		{"iface vxlan7 inet manual\n\tvxlan-id 7\n\tvxlan-physdev eno1\n\tmtu 1500\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),      cmocka_unit_test(policies),
		cmocka_unit_test(values),     cmocka_unit_test(primaries),
		cmocka_unit_test(monitoring), cmocka_unit_test(cluster),
		cmocka_unit_test(mtu),        cmocka_unit_test(mtu_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
