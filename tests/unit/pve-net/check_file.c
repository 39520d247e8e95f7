/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks, files as such, and what the parser has to say. */
#include "check_case.h"

#define HOOK(line) "iface eno1 inet manual\n\t" line "\n"

static void hooks(void **state)
{
	static const struct check_case cases[] = {
		{HOOK("up iptables -t nat -A POSTROUTING -j MASQUERADE"), "HOOK-FIREWALL:2"},
		{HOOK("post-up iptables -t raw -I PREROUTING -j CT"), "HOOK-FIREWALL:2"},
		{HOOK("pre-up /usr/sbin/ip6tables --append INPUT -j DROP"), "HOOK-FIREWALL:2"},
		{HOOK("up iptables -C INPUT -j DROP || iptables -A INPUT -j DROP"), ""},
		{HOOK("post-down iptables -t nat -D POSTROUTING -j MASQUERADE"), ""},
		{HOOK("up iptables-restore /etc/rules"), ""},
		{HOOK("up ip addr add 192.0.2.9/24 dev eno1"), "HOOK-ADDRESS:2"},
		{HOOK("up ip -6 address add 2001:db8::9/64 dev eno1"), "HOOK-ADDRESS:2"},
		{HOOK("up true && /sbin/ip a a 192.0.2.9/24 dev eno1"), "HOOK-ADDRESS:2"},
		{HOOK("up ip route add 192.0.2.0/24 dev eno1"), ""},
		{HOOK("up ip addr show"), ""},
		{HOOK("up ifconfig eno1 up"), "HOOK-LEGACY:2"},
		{HOOK("up route add default gw 192.0.2.1 || true"), "HOOK-LEGACY:2"},
		{HOOK("up if true; then /sbin/brctl stp vmbr0 on; fi"), "HOOK-LEGACY:2"},
		{HOOK("up ip route flush cache"), ""},
		{HOOK("up echo ifconfig"), ""},
		{HOOK("up ./firewall.sh"), "HOOK-RELATIVE:2"},
		{HOOK("up scripts/firewall.sh start"), "HOOK-RELATIVE:2"},
		{HOOK("up A=/x scripts/firewall.sh"), "HOOK-RELATIVE:2"},
		{HOOK("up /etc/firewall.sh"), ""},
		{HOOK("up $HOME/firewall.sh"), ""},
		{HOOK("up echo 1 > /proc/sys/net/ipv4/ip_forward"), ""},
		{HOOK("up printf 'a\\nb'"), "HOOK-BACKSLASH:2"},
		{HOOK("up echo a; \\\n\techo b"), ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void legacy_where_it_is_installed(void **state)
{
	static const struct check_case cases[] = {
		{HOOK("up ifconfig eno1 up"), ""},
		{HOOK("up brctl show"), "HOOK-LEGACY:2"},
	};
	const struct check_facts facts = {.legacy = 1};

	(void)state;
	CHECK_CASES(cases, &facts);
}

static void files(void **state)
{
	static const struct check_case cases[] = {
		{"", ""},
		{"iface eno1 inet manual\n", ""},
		{"iface eno1 inet manual", "FILE-NEWLINE:1"},
		{"auto eno1\niface eno1 inet manual\n\tmtu 1500", "FILE-NEWLINE:3"},
		{"auto eno1\r\niface eno1 inet manual\r\n", "FILE-CRLF:1"},
		{"auto eno1\niface eno1 inet manual\r\n", "FILE-CRLF:2"},
		{"# text \\\niface eno1 inet manual\n", "FILE-COMMENT:1"},
		{"# text \\ more\niface eno1 inet manual\n", ""},
		{"%for i in range(3):\niface eno${i} inet manual\n%endfor\n", "FILE-TEMPLATE:1"},
		{"iface eno1 inet manual\n\tup echo ${IFACE}\n", ""},
		{"iface eno1 inet manual\n\tup date +%s; echo ${IFACE}\n", "FILE-TEMPLATE:2"},
		{"iface eno1 inet manual\n\tup date +%s\n", ""},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void sdn(void **state)
{
	static const struct check_case cases[] = {{"iface eno1 inet manual\n", "FILE-SDN:1"}};
	const struct check_facts facts = {.sdn = true};
	struct pve_findings found = {0};

	(void)state;
	CHECK_CASES(cases, &facts);
	check_run("/etc/network/interfaces.d/sdn", pve_span("iface eno1 inet manual\n"), &facts,
		  &found);
	assert_int_equal(found.n, 0);
	pve_findings_done(&found);
}

static void syntax(void **state)
{
	static const struct check_case cases[] = {
		{"iface\n", "SYNTAX:1"},
		{"iface eno1 inet\n", "SYNTAX:1"},
		{"iface eno1 inet statisch\n", "SYNTAX:1"},
		{"iface eno1 inet7 static\n", "SYNTAX:1"},
		{"iface eno1 inet manual\n\tmtu\n", "SYNTAX:2"},
		{"address 192.0.2.7\n", "SYNTAX:1"},
		{"iface eno1 inet manual extra\n", "READING:1"},
		{"iface eno1\n", "READING:1"},
		{"iface eno1 inet manual\n\tgateway\n", "SYNTAX:2"},
		{"iface eno1 inet static\n\taddress\n", "SYNTAX:2"},
		{"iface bond0 inet manual\n\tbond-slaves eno1\n\tbond-miimon\n\tbond-mode\n"
		 "\tbond-primary\n",
		 "SYNTAX:3 SYNTAX:4 SYNTAX:5"},
	};

	(void)state;
	CHECK_CASES(cases, &check_no_facts);
}

static void typeless_is_fine_with_ifupdown2(void **state)
{
	static const struct check_case cases[] = {
		{"iface eno1\n", ""},
		{"iface eno1 inet manual extra\n", "READING:1"},
	};
	const struct check_facts facts = {.ifupdown2 = true};

	(void)state;
	CHECK_CASES(cases, &facts);
}

/* Each only where the reader that takes it otherwise is on the host. */
static void readers(void **state)
{
#define READERS                                                                                    \
	"auto /eth*\nauto swp[1-2]\nauto all\n"                                                 \
	"allow-hotplug a\n"                                                                       \
	"iface b inet manual\n\tmtu 1400\n"                                                     \
	"iface a inet static inherits b\n\taddress \\\n\t  192.0.2.7/24\n\tmtu? 1500\n"   \
	"iface c can static\niface d inet6 auto\n"                                               \
	"no-auto-down a\nno-scripts a\nrename x=y\n"                                            \
	"mapping eth*\n\tscript /bin/true\nsource-directory none\n"
	static const struct check_case plain[] = {{READERS, "READING:2 READING:3"}};
	static const struct check_case two[] = {
		{READERS, "READING:1 READING:7 READING:10 READING:11 READING:13 READING:14 READING:15 "
			  "READING:16"}};
	static const struct check_case stock[] = {
		{READERS, "READING:1 ENGINE-STOCK:1 READING:7 READING:10 READING:11 READING:12 "
			  "READING:13 READING:14 READING:15 READING:16 READING:18"}};
	static const struct check_case gui[] = {
		{READERS, "READING:2 READING:3 READING:4 READING:8"}};
	const struct check_facts with_two = {.ifupdown2 = true};
	const struct check_facts with_stock = {.ifupdown2 = true,
					       .engine.ifupdown2 = pve_span("3.0.0-1.1")};
	const struct check_facts with_gui = {.gui = true};

	(void)state;
	CHECK_CASES(plain, &check_no_facts);
	CHECK_CASES(two, &with_two);
	CHECK_CASES(stock, &with_stock);
	CHECK_CASES(gui, &with_gui);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks),  cmocka_unit_test(legacy_where_it_is_installed),
		cmocka_unit_test(files),  cmocka_unit_test(sdn),
		cmocka_unit_test(syntax), cmocka_unit_test(typeless_is_fine_with_ifupdown2),
		cmocka_unit_test(readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
