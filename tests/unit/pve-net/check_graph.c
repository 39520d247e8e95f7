/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands on what: ports, circles, VLANs, bridges. */
#include "check_case.h"

#define BRIDGE(name, ports) "iface " name " inet manual\n\tbridge-ports " ports "\n"
#define AWARE(name, ports) BRIDGE(name, ports) "\tbridge-vlan-aware yes\n"
#define BOND(name, slaves)                                                                         \
	"iface " name " inet manual\n\tbond-slaves " slaves "\n\tbond-miimon 100\n"
#define NIC(name) "iface " name " inet manual\n"

static void undefined(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("vmbr0", "eno1"), ""},
		{BRIDGE("vmbr0", "uplink0"), ""}, /* whatever a .link file calls it */
		{BRIDGE("vmbr0", "none"), ""},
		{BRIDGE("vmbr0", "bond0"), "PORT-UNDEFINED:2"},
		{BRIDGE("vmbr0", "bond0.5"), "PORT-UNDEFINED:2"},
		{BRIDGE("vmbr0", "eno1.5"), ""},
		{BRIDGE("vmbr0", "bond0") BOND("bond0", "eno1"), ""},
		{BRIDGE("vmbr0", "bond0.5") BOND("bond0", "eno1"), ""},
		{NIC("vmbr1.7"), "PORT-UNDEFINED:1"},
		{NIC("bond1.7"), "PORT-UNDEFINED:1"},
		{NIC("v7") "\tvlan-raw-device bond1\n\tvlan-id 7\n", "PORT-UNDEFINED:2"},
		{NIC("vmbr1:0"), "PORT-UNDEFINED:1"},
		{BOND("bond0", "eno1 vmbr7"), "PORT-UNDEFINED:2"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void owners(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("vmbr0", "eno1") BRIDGE("vmbr1", "eno2"), ""},
		{BRIDGE("vmbr0", "eno1") BRIDGE("vmbr1", "eno1"), "PORT-TWICE:4"},
		{BRIDGE("vmbr0", "eno1") BOND("bond0", "eno1"), "PORT-TWICE:4"},
		{BRIDGE("vmbr0", "eno1") BRIDGE("vmbr1", "eno1") NIC("eno1"), "PORT-TWICE:4"},
		{BRIDGE("vmbr0", "eno1 eno1"), ""},
		{BRIDGE("vmbr0", "eno1") BRIDGE("vmbr1", "eno1.5"), ""},
		{BOND("bond0", "eno1") NIC("eno1") "\tbond-master bond0\n", ""},
		{BOND("bond0", "eno1") BOND("bond1", "eno2") NIC("eno1") "\tbond-master bond1\n",
		 "PORT-TWICE:8"},
		{BRIDGE("vmbr0", "eno1") BRIDGE("vmbr1", "eno1") BRIDGE("vmbr2", "eno1"),
		 "PORT-TWICE:4 PORT-TWICE:6"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void kinds(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("vmbr0", "vmbr1") BRIDGE("vmbr1", "none"), "PORT-KIND:2"},
		{BRIDGE("vmbr0", "vmbr1.5") BRIDGE("vmbr1", "none"), ""},
		{BOND("bond0", "vmbr1") BRIDGE("vmbr1", "none"), "PORT-KIND:2"},
		{BRIDGE("vmbr0", "lo"), "PORT-KIND:2"},
		{BOND("bond0", "bond1") BOND("bond1", "eno1"), "BOND-NESTED:2"},
		{BRIDGE("vmbr0", "bond1") BOND("bond1", "eno1"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void circles(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("vmbr0", "vmbr0"), "GRAPH-CYCLE:2"},
		{BRIDGE("vmbr0", "vmbr0.5"), "GRAPH-CYCLE:1"},
		{BRIDGE("vmbr0", "vmbr0.5") NIC("vmbr0.5"), "GRAPH-CYCLE:3"},
		{NIC("a.1") "\tvlan-raw-device b.1\n" NIC("b.1") "\tvlan-raw-device a.1\n",
		 "VLAN-STACKED:1 VLAN-PARENT:2 VLAN-STACKED:3 GRAPH-CYCLE:4 VLAN-PARENT:4"},
		/* A diamond is none. */
		{BRIDGE("vmbr0", "eno1.5 eno1.6") NIC("eno1.5") NIC("eno1.6"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void vlans(void **state)
{
	static const struct check_case cases[] = {
		{NIC("eno1.1") NIC("eno1.4094"), ""},
		{NIC("eno1.0"), "VLAN-ID:1"},
		{NIC("eno1.4095"), "VLAN-ID:1"},
		{NIC("eno1.99999"), "VLAN-ID:1"},
		{NIC("v7") "\tvlan-raw-device eno1\n\tvlan-id 4095\n", "VLAN-ID:3"},
		{NIC("v7") "\tvlan-raw-device eno1\n\tvlan-id seven\n", "VLAN-ID:3"},
		{NIC("storage") "\tvlan-raw-device eno1\n", "VLAN-ID:1"},
		{NIC("vlan7") "\tvlan-raw-device eno1\n", ""},
		{NIC("eno1.7") "\tvlan-id 8\n", "VLAN-ID:2"},
		{NIC("eno1.7") "\tvlan-id 7\n", ""},
		{NIC("storage") "\tvlan-id 7\n", "VLAN-PARENT:1"},
		{NIC("eno1.7") "\tvlan-raw-device eno1\n", ""},
		{NIC("eno1.7") "\tvlan-raw-device eno2\n", "VLAN-PARENT:2"},
		{NIC("eno1.7") "\tvlan-protocol 802.1q\n", ""},
		{NIC("eno1.7") "\tvlan-protocol 802.1ad\n", ""},
		{NIC("eno1.7") "\tvlan-protocol 802.1Q\n", ""},
		{NIC("eno1.7") "\tvlan-protocol qinq\n", "VLAN-PROTOCOL:2"},
		{NIC("eno1.7") NIC("v7") "\tvlan-raw-device eno1\n\tvlan-id 7\n",
		 "VLAN-DUPLICATE:2"},
		{NIC("eno1.7") NIC("v7") "\tvlan-raw-device eno2\n\tvlan-id 7\n", ""},
		{NIC("eno1.7") NIC("v7") "\tvlan-raw-device eno1\n\tvlan-id 7\n"
					 "\tvlan-protocol 802.1ad\n",
		 ""},
		{NIC("eno1.7") NIC("eno1.7.8"), "VLAN-STACKED:2"},
		{NIC("eno1.7") "\tvlan-protocol 802.1ad\n" NIC("eno1.7.8"), ""},
		{NIC("eno1.7.8"), "VLAN-STACKED:1"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void vlan_tables(void **state)
{
	static const struct check_case cases[] = {
		{AWARE("vmbr0", "eno1") "\tbridge-vids 2-4094\n", ""},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 2 4,6-8\n", ""},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 2-4095\n", "BRIDGE-VIDS:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 0-10\n", "BRIDGE-VIDS:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 10-2\n", "BRIDGE-VIDS:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-vids ten\n", "BRIDGE-VIDS:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 2-10 8-12\n", "BRIDGE-VIDS-OVERLAP:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-pvid 1\n", ""},
		{AWARE("vmbr0", "eno1") "\tbridge-pvid 0\n", ""},
		{AWARE("vmbr0", "eno1") "\tbridge-pvid 5000\n", "BRIDGE-VIDS:4"},
		{AWARE("vmbr0", "eno1") NIC("eno1") "\tbridge-access 0\n", "BRIDGE-VIDS:5"},
		{AWARE("vmbr0", "eno1") NIC("eno1") "\tbridge-access 5\n", ""},
		{BRIDGE("vmbr0", "eno1") NIC("eno1") "\tbridge-access 5\n", "BRIDGE-UNAWARE:4"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-vids 2-4094\n", "BRIDGE-UNAWARE:3"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-vlan-aware no\n\tbridge-pvid 7\n",
		 "BRIDGE-UNAWARE:4"},
		{NIC("eno1") "\tbridge-access 5\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void stolen(void **state)
{
	static const struct check_case cases[] = {
		{AWARE("vmbr0", "eno1") NIC("eno1.7"), "BRIDGE-STOLEN:4"},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 10-20\n" NIC("eno1.7"), ""},
		{AWARE("vmbr0", "eno1") "\tbridge-vids 5-20\n" NIC("eno1.7"), "BRIDGE-STOLEN:5"},
		{AWARE("vmbr0", "eno1") NIC("vmbr0.7"), ""},
		{BRIDGE("vmbr0", "eno1") NIC("eno1.7"), ""},
		{AWARE("vmbr0", "eno1") NIC("eno2.7"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void bridges(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE("vmbr0", "all"), "BRIDGE-PORTS:2"},
		{BRIDGE("vmbr0", "regex eth.*"), "BRIDGE-PORTS:2"},
		{BRIDGE("vmbr0", "glob swp1-3"), "BRIDGE-PORTS:2"},
		{BRIDGE("vmbr0", "eth*"), "BRIDGE-PORTS:2"},
		{BRIDGE("vmbr0", "eno1 eno2"), "BRIDGE-LOOP:2"},
		{BRIDGE("vmbr0", "eno1 eno2") "\tbridge-stp on\n", ""},
		{BRIDGE("vmbr0", "eno1 eno2") "\tbridge-stp yes\n", ""},
		{BRIDGE("vmbr0", "eno1 eno2") "\tbridge-stp off\n", "BRIDGE-LOOP:2"},
		{BRIDGE("vmbr0", "eno1 bond0") BOND("bond0", "eno2"), "BRIDGE-LOOP:2"},
		{BRIDGE("vmbr0", "eno1 tap0"), ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-fd 0\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-stp off\n\tbridge-fd 0\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-stp on\n\tbridge-fd 0\n", "BRIDGE-TIMER:4"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-stp on\n\tbridge-fd 2\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-stp on\n\tbridge-fd 30\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-stp on\n\tbridge-fd 31\n", "BRIDGE-TIMER:4"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-fd none\n", "BRIDGE-TIMER:3"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-hello 2.5\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-hello 0\n", "BRIDGE-TIMER:3"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-hello 11\n", "BRIDGE-TIMER:3"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-maxage 20\n", ""},
		{BRIDGE("vmbr0", "eno1") "\tbridge-maxage 5\n", "BRIDGE-TIMER:3"},
		{BRIDGE("vmbr0", "eno1") "\tbridge-maxage 41\n", "BRIDGE-TIMER:3"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undefined), cmocka_unit_test(owners),
		cmocka_unit_test(kinds),     cmocka_unit_test(circles),
		cmocka_unit_test(vlans),     cmocka_unit_test(vlan_tables),
		cmocka_unit_test(stolen),    cmocka_unit_test(bridges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
