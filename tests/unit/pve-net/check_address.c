/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, subnets, gateways. */
#include "check_case.h"

#define STATIC(name, address) "iface " name " inet static\n\taddress " address "\n"
#define STATIC6(name, address) "iface " name " inet6 static\n\taddress " address "\n"

static void literals(void **state)
{
	static const struct check_case cases[] = {
		{STATIC("eno1", "192.0.2.7/24"), ""},
		{STATIC("eno1", "192.0.2.256/24"), "ADDRESS-INVALID:2"},
		{STATIC("eno1", "192.0.2/24"), "ADDRESS-INVALID:2"},
		{STATIC("eno1", "host.example.com"), "ADDRESS-INVALID:2"},
		{STATIC("eno1", "fe80::1%eno1/64"), "ADDRESS-INVALID:2"},
		{STATIC6("eno1", "2001:db8::7/64"), ""},
		{STATIC6("eno1", "2001:db8:::7/64"), "ADDRESS-INVALID:2"},
		{STATIC("eno1", "2001:db8::7/64"), "ADDRESS-INVALID:2"},
		{STATIC6("eno1", "192.0.2.7/24"), "ADDRESS-INVALID:2"},
		{STATIC("eno1", "192.0.2.7/33"), "PREFIX-INVALID:2"},
		{STATIC("eno1", "192.0.2.7/"), "PREFIX-INVALID:2"},
		{STATIC("eno1", "192.0.2.7/x"), "PREFIX-INVALID:2"},
		{STATIC6("eno1", "2001:db8::7/129"), "PREFIX-INVALID:2"},
		{STATIC("eno1", "192.0.2.7") "\tnetmask 255.255.255.0\n", ""},
		{STATIC("eno1", "192.0.2.7") "\tnetmask 24\n", ""},
		{STATIC("eno1", "192.0.2.7") "\tnetmask 255.0.255.0\n", "PREFIX-INVALID:3"},
		{STATIC("eno1", "192.0.2.7") "\tnetmask 255.255.255.256\n", "PREFIX-INVALID:3"},
		{STATIC6("eno1", "2001:db8::7") "\tnetmask 64\n", ""},
		{STATIC("eno1", "192.0.2.7"), "PREFIX-MISSING:2"},
		{STATIC6("eno1", "2001:db8::7"), "PREFIX-MISSING:2"},
		{STATIC("eno1", "192.0.2.7") "\tpointopoint 192.0.2.1\n", ""},
		{STATIC("eno1", "0.0.0.0"), ""},
		{"iface lo inet loopback\n\taddress 127.0.0.1\n", ""},
		{"iface eno1 inet static\n\tmtu 1500\n", "ADDRESS-MISSING:1"},
		{"iface eno1 inet manual\n\tmtu 1500\n", ""},
		{"iface eno1 inet dhcp\n", ""},
		{"iface a inet static\n\taddress 192.0.2.7/24\n"
		 "iface eno1 inet static inherits a\n\tmtu 1500\n",
		 ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void kinds(void **state)
{
	static const struct check_case cases[] = {
		{STATIC("eno1", "192.0.2.0/24"), "ADDRESS-NETWORK:2"},
		{STATIC("eno1", "192.0.2.255/24"), "ADDRESS-NETWORK:2"},
		{STATIC("eno1", "192.0.2.255/23"), ""},
		{STATIC("eno1", "192.0.2.0/31"), ""},
		{STATIC("eno1", "192.0.2.1/31"), ""},
		{STATIC("eno1", "192.0.2.0/32"), ""},
		{STATIC("eno1", "224.0.0.5/24"), "ADDRESS-MULTICAST:2"},
		{STATIC("eno1", "255.255.255.255/32"), "ADDRESS-MULTICAST:2"},
		{STATIC6("eno1", "ff02::1/64"), "ADDRESS-MULTICAST:2"},
		{STATIC6("eno1", "2001:db8::/64"), "ADDRESS-ANYCAST:2"},
		{STATIC6("eno1", "2001:db8::/127"), ""},
		{STATIC6("eno1", "2001:db8::/128"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void duplicates(void **state)
{
	static const struct check_case cases[] = {
		{STATIC("a", "192.0.2.7/24") STATIC("b", "198.51.100.7/24"), ""},
		{STATIC("a", "192.0.2.7/24") STATIC("b", "192.0.2.7/24"), "ADDRESS-DUPLICATE:4"},
		{STATIC("a", "192.0.2.7/24") STATIC("b", "192.0.2.7/24")
			 STATIC("c", "192.0.2.7/24"),
		 "ADDRESS-DUPLICATE:4 ADDRESS-DUPLICATE:6"},
		{STATIC("a", "192.0.2.7/24") "\taddress 192.0.2.7/24\n", "ADDRESS-DUPLICATE:3"},
		{STATIC6("a", "2001:db8::7/64") STATIC6("b", "2001:DB8:0::7/64"),
		 "ADDRESS-DUPLICATE:4"},
		/* One address for the host and, as a host route, for its guests. */
		{STATIC("a", "192.0.2.7/24") STATIC("b", "192.0.2.7/32"), ""},
		{STATIC6("a", "fe80::1/64") STATIC6("b", "fe80::1/64"), ""},
		{STATIC("a", "0.0.0.0/0") STATIC("b", "0.0.0.0/0"), ""},
		{STATIC("a", "192.0.2.7/24") STATIC("b", "192.0.2.7/24") "\tvrf red\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void overlaps(void **state)
{
	static const struct check_case cases[] = {
		{STATIC("a", "192.0.2.7/24") STATIC("b", "192.0.2.8/24"), "ADDRESS-OVERLAP:4"},
		{STATIC("a", "10.0.0.1/8") STATIC("b", "10.1.0.1/16"), "ADDRESS-OVERLAP:4"},
		{STATIC("a", "10.1.0.1/16") STATIC("b", "10.0.0.1/8"), "ADDRESS-OVERLAP:4"},
		{STATIC("a", "10.1.0.1/16") STATIC("b", "10.2.0.1/16"), ""},
		{STATIC("a", "10.0.0.1/24") STATIC("b", "10.0.0.9/32"), ""},
		{STATIC("a", "10.0.0.1/24") STATIC("a:0", "10.0.0.9/24"), ""},
		{STATIC("a", "10.0.0.1/24") "\taddress 10.0.0.9/24\n", ""},
		{STATIC("a", "10.0.0.1/8") STATIC("b", "10.1.0.1/16") STATIC("c", "10.1.1.1/24"),
		 "ADDRESS-OVERLAP:4 ADDRESS-OVERLAP:6"},
		/* Between two of one interface: the one around both is another's. */
		{STATIC("a", "10.0.0.1/8") STATIC("b", "10.1.0.1/16") "\taddress 10.1.0.2/16\n",
		 "ADDRESS-OVERLAP:4 ADDRESS-OVERLAP:5"},
		{STATIC6("a", "2001:db8::1/48") STATIC6("b", "2001:db8:0:5::1/64"),
		 "ADDRESS-OVERLAP:4"},
		{STATIC6("a", "fe80::1/64") STATIC6("b", "fe80::2/64"), ""},
		{STATIC("a", "10.0.0.1/24") STATIC6("b", "a00::1/24"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

#define BRIDGE "iface vmbr0 inet manual\n\tbridge-ports eno1\n"
#define BOND "iface bond0 inet manual\n\tbond-slaves eno1\n\tbond-miimon 100\n"

static void ports(void **state)
{
	static const struct check_case cases[] = {
		{BRIDGE "iface eno1 inet manual\n", ""},
		{BRIDGE STATIC("eno1", "192.0.2.7/24"), "ADDRESS-PORT:4"},
		{BRIDGE STATIC("eno1", "0.0.0.0"), ""},
		{BRIDGE STATIC6("eno1", "::"), ""},
		{BRIDGE "iface eno1 inet dhcp\n", "ADDRESS-PORT:3"},
		{BRIDGE "iface eno1 inet6 auto\n", "ADDRESS-PORT:3"},
		{BOND STATIC("eno1", "192.0.2.7/24"), "ADDRESS-PORT:5"},
		{BOND "iface eno1 inet dhcp\n", "ADDRESS-PORT:4"},
		{"iface eno1 inet manual\niface eno1.5 inet static\n\taddress 192.0.2.7/24\n", ""},
		/* An internal port of Open vSwitch is where the host has its address. */
		{"iface vmbr0 inet manual\n\tovs_type OVSBridge\n\tovs_ports mgmt\n"
		 "iface mgmt inet static\n\taddress 192.0.2.7/24\n\tovs_type OVSIntPort\n"
		 "\tovs_bridge vmbr0\n",
		 ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

#define A "auto a\niface a inet static\n\taddress 192.0.2.7/24\n"
#define A6 "auto a\niface a inet6 static\n\taddress 2001:db8::7/64\n"

static void gateways(void **state)
{
	static const struct check_case cases[] = {
		{A "\tgateway 192.0.2.1\n", ""},
		{A "\tgateway 192.0.2.300\n", "GATEWAY-INVALID:4"},
		{A "\tgateway router\n", "GATEWAY-INVALID:4"},
		{A "\tgateway 192.0.2.1/24\n", "GATEWAY-INVALID:4"},
		{A "\tgateway 2001:db8::1\n", "GATEWAY-INVALID:4"},
		{A "\tgateway 224.0.0.1\n", "GATEWAY-INVALID:4"},
		{A "\tgateway 0.0.0.0\n", "GATEWAY-INVALID:4"},
		{A "\tgateway 192.0.2.7\n", "GATEWAY-SELF:4"},
		{A "\tgateway 198.51.100.1\n", "GATEWAY-UNREACHABLE:4"},
		{A "\tgateway 198.51.100.1\n\tpre-up ip route add 198.51.100.1 dev a\n", ""},
		{A "\taddress 198.51.100.7/24\n\tgateway 198.51.100.1\n", ""},
		{"auto a\niface a inet static\n\taddress 192.0.2.7/32\n\tgateway 198.51.100.1\n",
		 ""},
		{A6 "\tgateway 2001:db8::1\n", ""},
		{A6 "\tgateway fe80::1\n", ""},
		{A6 "\tgateway 2001:db8:1::1\n", "GATEWAY-UNREACHABLE:4"},
		{A6 "\tgateway 192.0.2.1\n", "GATEWAY-INVALID:4"},
		{"auto a\niface a inet dhcp\n\tgateway 192.0.2.1\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

#define WAY(name, net)                                                                             \
	"auto " name "\niface " name " inet static\n\taddress " net ".2/24\n\tgateway " net ".1\n"

static void two_gateways(void **state)
{
	static const struct check_case cases[] = {
		{WAY("a", "192.0.2") WAY("b", "198.51.100"), "GATEWAY-TWICE:8"},
		{WAY("a", "192.0.2") WAY("b", "198.51.100") WAY("c", "203.0.113"),
		 "GATEWAY-TWICE:8 GATEWAY-TWICE:12"},
		{WAY("a", "192.0.2") WAY("b", "198.51.100") "\tmetric 100\n", ""},
		{WAY("a", "192.0.2") WAY("b", "198.51.100") "\ttable 7\n", ""},
		{WAY("a", "192.0.2") WAY("b", "198.51.100") "\tvrf red\n", ""},
		{WAY("a", "192.0.2") "\tmetric 5\n" WAY("b", "198.51.100") "\tmetric 5\n",
		 "GATEWAY-TWICE:9"},
		{A "\tgateway 192.0.2.1\niface a inet6 static\n\taddress 2001:db8::7/64\n"
		   "\tgateway 2001:db8::1\n",
		 ""},
		{A "\tgateway 192.0.2.1\n\tgateway 192.0.2.9\n", "GATEWAY-TWICE:5"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void ipv6_off(void **state)
{
	static const struct check_case all[] = {
		{A6, "INET6-DISABLED:3"},
		{A, ""},
		{"auto lo\niface lo inet loopback\n\taddress ::1/128\n", "ADDRESS-INVALID:3"},
		{A6 "auto b\niface b inet6 static\n\taddress 2001:db8:1::7/64\n",
		 "INET6-DISABLED:3 INET6-DISABLED:6"},
	};
	static const struct check_case one[] = {
		{A6, ""},
		{"auto b\niface b inet6 static\n\taddress 2001:db8:1::7/64\n", "INET6-DISABLED:3"},
	};
	struct check_facts facts = {0};

	(void)state;
	ipv6_rules_read(&facts.ipv6, pve_span("net.ipv6.conf.all.disable_ipv6 = 1\n"), "f");
	CHECK_CASES(all, &facts);
	check_facts_done(&facts);
	ipv6_rules_read(&facts.ipv6, pve_span("net.ipv6.conf.b.disable_ipv6 = 1\n"), "f");
	CHECK_CASES(one, &facts);
	check_facts_done(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),     cmocka_unit_test(kinds),
		cmocka_unit_test(duplicates),   cmocka_unit_test(overlaps),
		cmocka_unit_test(ports),        cmocka_unit_test(gateways),
		cmocka_unit_test(two_gateways), cmocka_unit_test(ipv6_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
