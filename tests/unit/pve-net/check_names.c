/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_case.h"

static void names(void **state)
{
	static const struct check_case cases[] = {
		{"auto eno1\niface eno1 inet manual\n", ""},
		{"auto abcdefghijklmno\niface abcdefghijklmno inet manual\n", ""}, /* 15 */
		{"auto abcdefghijklmnop\niface abcdefghijklmnop inet manual\n", "NAME-INVALID:2"},
		{"auto a/b\niface a/b inet manual\n", "NAME-INVALID:2"},
		{"auto a%b\niface a%b inet manual\n", "NAME-INVALID:2"},
		{"auto ..\niface .. inet manual\n", "NAME-INVALID:2"},
		{"auto .\niface . inet manual\n", "NAME-INVALID:2"},
		{"auto eno1:0\niface eno1:0 inet manual\n", ""},
		{"auto enp129s0f0np0:12\niface enp129s0f0np0:12 inet manual\n", "NAME-INVALID:2"},
		/* A template to inherit from is no interface. */
		{"iface template-for-all-nics inet manual\n"
		 "auto eno1\niface eno1 inet manual inherits template-for-all-nics\n",
		 ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void owned_by_others(void **state)
{
	static const struct check_case cases[] = {
		{"auto tap100i0\niface tap100i0 inet manual\n", "NAME-GUEST:2"},
		{"iface veth101i1 inet manual\n", "NAME-GUEST:1"},
		{"iface fwpr100p0 inet manual\n", "NAME-GUEST:1"},
		{"iface fwln100i0 inet manual\n", "NAME-GUEST:1"},
		{"iface fwln100o0 inet manual\n", "NAME-GUEST:1"},
		{"iface fwbr100i0 inet manual\n", "NAME-GUEST:1"},
		{"iface tap0 inet manual\n", ""},
		{"iface tap100i inet manual\n", ""},
		{"iface tapi0 inet manual\n", ""},
		{"iface vethwan inet manual\n", ""},
		{"iface tap100i0x inet manual\n", ""},
		{"iface ln_web inet manual\n", "NAME-SDN:1"},
		{"iface pr_web inet manual\n", "NAME-SDN:1"},
		{"iface vxlan_web inet manual\n", "NAME-SDN:1"},
		{"iface vxlan7 inet manual\n", ""},
		/* The guide's own VLAN example has such a bridge. */
		{"auto vmbr0v5\niface vmbr0v5 inet manual\n\tbridge-ports none\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void sdn_owns_its_names(void **state)
{
	struct pve_findings found = {0};

	(void)state;
	check_run("/etc/network/interfaces.d/sdn",
		  pve_span("iface vxlan_web inet manual\n\tvxlan-id 7\n"), &check_no_facts, &found);
	assert_int_equal(found.n, 0);
	pve_findings_done(&found);
}

static void bridges_and_bonds(void **state)
{
	static const struct check_case cases[] = {
		{"iface vmbr123456 inet manual\n\tbridge-ports none\n", ""}, /* 10 */
		{"iface vmbr1234567 inet manual\n\tbridge-ports none\n", "NAME-BRIDGE-LONG:1"},
		{"iface vmbr1234567 inet manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\n",
		 ""},
		{"iface dummy1234567 inet manual\n", ""},
		{"auto bond0\niface bond0 inet manual\n\tbond-slaves eno1\n\tbond-miimon 100\n",
		 ""},
		{"iface bond-lan inet manual\n\tbond-slaves eno1\n\tbond-miimon 100\n",
		 "NAME-BOND:1"},
		{"iface uplink inet manual\n\tslaves eno1\n\tbond_miimon 100\n", "NAME-BOND:1"},
		{"iface bond inet manual\n\tbond-slaves eno1\n\tbond-miimon 100\n", "NAME-BOND:1"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void rename_takes_a_free_name(void **state)
{
	struct pve_findings found = {0};

	(void)state;
	check_run("f",
		  pve_span("iface vmbr0 inet manual\n\tbridge-ports none\n"
			   "iface vmbr-storage inet manual\n\tbridge-ports none\n"),
		  &check_no_facts, &found);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0].fix, "pve-net rename vmbr-storage vmbr1");
	pve_findings_done(&found);
}

/* Names come from a file and the fix goes to a shell. */
static void fix_is_safe(void **state)
{
	static const char text[] = "auto vmbr$(id)\niface vmbr$(id) inet static\n"
				   "\taddress 10.0.0.1/24\n\tgateway 10.0.0.1\n"
				   "\tbridge-ports none\n";
	struct pve_findings found = {0};

	(void)state;
	check_run("/etc/it's", pve_span(text), &check_no_facts, &found);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.v[0].fix, "editor +4 '/etc/it'\\''s'");
	assert_string_equal(found.v[0].object, "/etc/it's:4");
	pve_findings_done(&found);
}

static void autostart(void **state)
{
	static const struct check_case cases[] = {
		{"auto eno1\niface eno1 inet manual\n", ""},
		{"auto eno1 eno2\niface eno1 inet manual\n", "AUTO-SEVERAL:1 AUTO-UNDEFINED:1"},
		{"auto lo\n", ""},
		{"auto /eth*\n", ""},
		{"auto swp[1-4]\n", "READING:1"}, /* which only ifupdown2 takes for a range */
		{"allow-hotplug usb0\n", ""},
		{"iface eno1 inet manual\nauto eno1\n", "AUTO-BELOW:2"},
		{"auto eno1\niface eno1 inet manual\nauto eno1\n", ""},
		{"iface eno1 inet manual\nallow-hotplug eno1\n", ""},
		{"iface eno1 inet static\n\taddress 10.0.0.2/24\n\tgateway 10.0.0.1\n",
		 "AUTO-MISSING:1"},
		{"allow-hotplug eno1\n"
		 "iface eno1 inet static\n\taddress 10.0.0.2/24\n\tgateway 10.0.0.1\n",
		 ""},
		/* A spare way out beside the one that comes up. */
		{"auto eno1\niface eno1 inet static\n\taddress 10.0.0.2/24\n\tgateway 10.0.0.1\n"
		 "iface eno2 inet static\n\taddress 10.0.1.2/24\n\tgateway 10.0.1.1\n",
		 ""},
		{"iface eno1 inet6 static\n\taddress 2001:db8::2/64\n\tgateway 2001:db8::1\n",
		 "AUTO-MISSING:1"},
		{"iface eno1 inet manual\niface eno1 inet6 manual\n", ""},
		{"iface eno1 inet static\n\taddress 10.0.0.2/24\n"
		 "iface eno1 inet static\n\taddress 10.0.0.3/24\n",
		 "STANZA-TWICE:3"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void options(void **state)
{
	static const struct check_case cases[] = {
		{"iface eno1 inet manual\n\tmut 1500\n", ""}, /* too short to guess */
		{"iface vmbr0 inet manual\n\tbridge-prots eno1\n", "OPTION-UNKNOWN:2"},
		{"iface vmbr0 inet manual\n\tbridge_prots eno1\n", "OPTION-UNKNOWN:2"},
		{"iface eno1 inet static\n\taddress 10.0.0.2/24\n\tgatway 10.0.0.1\n",
		 "OPTION-UNKNOWN:3"},
		{"iface eno1 inet manual\n\tx-our-own-tag 7\n", ""},
		{"iface eno1 inet manual\n\tgatway 1\n\tgatway 2\n",
		 "OPTION-UNKNOWN:2 OPTION-UNKNOWN:3"},
		{"iface eno1 inet manual\n\tmtu 1500\n\tmtu 1400\n", "OPTION-TWICE:3"},
		{"iface vmbr0 inet manual\n\tbridge-ports none\n\tbridge_stp off\n\tbridge-stp "
		 "off\n",
		 "OPTION-TWICE:4"},
		{"iface eno1 inet manual\n\tup true\n\tup true\n\tpost-up true\n", ""},
		{"iface eno1 inet static\n\taddress 10.0.0.2/24\n\taddress 10.0.1.2/24\n", ""},
		{"iface vmbr0 inet manual\n\tbridge-ports eno1\n\n\tup true\n\tup true\n",
		 "OPTION-DETACHED:4"},
		{"iface vmbr0 inet manual\n\tbridge-ports eno1\n\niface eno1 inet manual\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(owned_by_others),
		cmocka_unit_test(sdn_owns_its_names),
		cmocka_unit_test(bridges_and_bonds),
		cmocka_unit_test(rename_takes_a_free_name),
		cmocka_unit_test(fix_is_safe),
		cmocka_unit_test(autostart),
		cmocka_unit_test(options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
