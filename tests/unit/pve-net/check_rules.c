/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an interfaces file must not have, rule by rule: a file that breaks the rule and what is found
 * then, and one beside it that does not.  Rules that need the running kernel are in check_live.c,
 * what is planned over a connection in lockout.c. */
#include "check_case.h"

struct rule {
	const char *name;
	const char *bad, *want; /* want as in struct check_case, everything that is found */
	const char *good;       /* finds nothing */
};

#define STATIC(addresses) "auto eno1\niface eno1 inet static\n" addresses
#define STATIC6(addresses) "auto eno1\niface eno1 inet6 static\n" addresses
#define ADDRESS(a) "\taddress " a "\n"
#define TWO(a, b) STATIC(ADDRESS(a)) "auto eno2\niface eno2 inet static\n" ADDRESS(b)
#define BRIDGE(lines) "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1\n" lines
#define BOND(lines) "auto bond0\niface bond0 inet manual\n\tbond-slaves eno1 eno2\n" lines
#define MII "\tbond-miimon 100\n"
#define HOOK(line) "iface eno1 inet manual\n\tup " line "\n"
#define MANUAL(name) "iface " name " inet manual\n"

/* clang-format off */
static const struct rule rules[] = {
	/* Names. */
	{"longer than 15 bytes", "auto vmbr0123456789ab\n" MANUAL("vmbr0123456789ab"), "NAME-INVALID:2",
	 "auto eno123456789abc\n" MANUAL("eno123456789abc")},
	{"with a slash", "auto a\niface a/b inet manual\nauto a/b\n" MANUAL("a"), "NAME-INVALID:2 AUTO-BELOW:3", "auto a\n" MANUAL("a")},
	{"of dots only", "auto ..\n" MANUAL(".."), "NAME-INVALID:2", "auto a.b\n" MANUAL("a.b")},
	{"with a percent sign", "auto a%d\n" MANUAL("a%d"), "NAME-INVALID:2", "auto ad\n" MANUAL("ad")},
	{"of a bridge, over 10 characters", "auto vmbrstorage\niface vmbrstorage inet manual\n\tbridge-ports none\n",
	 "NAME-BRIDGE-LONG:2", "auto vmbrstorag\niface vmbrstorag inet manual\n\tbridge-ports none\n"},
	{"of a guest's port", "auto tap100i0\n" MANUAL("tap100i0"), "NAME-GUEST:2", "auto tap100\n" MANUAL("tap100")},
	{"of the SDN", "auto vxlan_a\niface vxlan_a inet manual\n\tvxlan-id 7\n", "NAME-SDN:2",
	 "auto vxlana\niface vxlana inet manual\n\tvxlan-id 7\n"},

	/* Addresses. */
	{"bad literal", STATIC(ADDRESS("192.0.2.299/24")), "ADDRESS-INVALID:3", STATIC(ADDRESS("192.0.2.29/24"))},
	{"prefix out of range", STATIC(ADDRESS("192.0.2.9/33")), "PREFIX-INVALID:3", STATIC(ADDRESS("192.0.2.9/32"))},
	{"IPv6 prefix out of range", STATIC6(ADDRESS("2001:db8::9/129")), "PREFIX-INVALID:3", STATIC6(ADDRESS("2001:db8::9/128"))},
	{"no prefix", STATIC(ADDRESS("192.0.2.9")), "PREFIX-MISSING:3", STATIC(ADDRESS("192.0.2.9") "\tnetmask 255.255.255.0\n")},
	{"network address", STATIC(ADDRESS("192.0.2.0/24")), "ADDRESS-NETWORK:3", STATIC(ADDRESS("192.0.2.0/31"))},
	{"broadcast address", STATIC(ADDRESS("192.0.2.255/24")), "ADDRESS-NETWORK:3", STATIC(ADDRESS("192.0.2.254/24"))},
	{"multicast", STATIC(ADDRESS("224.0.0.5/24")), "ADDRESS-MULTICAST:3", STATIC(ADDRESS("223.0.0.5/24"))},
	{"IPv6 multicast", STATIC6(ADDRESS("ff02::9/64")), "ADDRESS-MULTICAST:3", STATIC6(ADDRESS("fd02::9/64"))},
	{"on two interfaces", TWO("192.0.2.9/24", "192.0.2.9/24"), "ADDRESS-DUPLICATE:6", TWO("192.0.2.9/24", "198.51.100.9/24")},
	{"overlapping subnets", TWO("10.0.0.9/8", "10.1.0.9/16"), "ADDRESS-OVERLAP:6", TWO("10.0.0.9/16", "10.1.0.9/16")},
	{"subnet-router anycast", STATIC6(ADDRESS("2001:db8::/64")), "ADDRESS-ANYCAST:3", STATIC6(ADDRESS("2001:db8::/127"))},
	{"zone index", STATIC6(ADDRESS("fe80::9%eno1/64")), "ADDRESS-INVALID:3", STATIC6(ADDRESS("fe80::9/64"))},
	{"gateway in no subnet", STATIC(ADDRESS("192.0.2.9/24") "\tgateway 198.51.100.1\n"), "GATEWAY-UNREACHABLE:4",
	 STATIC(ADDRESS("192.0.2.9/24") "\tgateway 192.0.2.1\n")},
	{"IPv6 gateway in no subnet", STATIC6(ADDRESS("2001:db8::9/64") "\tgateway 2001:db8:1::1\n"), "GATEWAY-UNREACHABLE:4",
	 STATIC6(ADDRESS("2001:db8::9/64") "\tgateway fe80::1\n")},
	{"gateway equal to the own address", STATIC(ADDRESS("192.0.2.9/24") "\tgateway 192.0.2.9\n"), "GATEWAY-SELF:4",
	 STATIC(ADDRESS("192.0.2.9/24") "\tgateway 192.0.2.10\n")},
	{"two default gateways", TWO("192.0.2.9/24", "198.51.100.9/24") "\tgateway 198.51.100.1\nauto eno3\niface eno3 inet static\n"
	 ADDRESS("203.0.113.9/24") "\tgateway 203.0.113.1\n", "GATEWAY-TWICE:11",
	 TWO("192.0.2.9/24", "198.51.100.9/24") "\tgateway 198.51.100.1\nauto eno3\niface eno3 inet static\n"
	 ADDRESS("203.0.113.9/24") "\tgateway 203.0.113.1\n\tmetric 10\n"},
	{"address on an enslaved port", BRIDGE("") "auto eno1\niface eno1 inet static\n" ADDRESS("192.0.2.9/24"), "ADDRESS-PORT:6",
	 BRIDGE("") "auto eno1\niface eno1 inet static\n" ADDRESS("0.0.0.0")},

	/* What stands on what. */
	{"missing port", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports bond0\n", "PORT-UNDEFINED:3",
	 "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports bond0\n" BOND(MII)},
	{"doubly used port", BRIDGE("") "auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno1\n", "PORT-TWICE:6",
	 BRIDGE("") "auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno1.5\n"},
	{"slave of a bond that is a port", BRIDGE("") BOND(MII), "PORT-TWICE:6", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports bond0\n" BOND(MII)},
	{"circle", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports a\nauto a\niface a inet manual\n\tvlan-raw-device vmbr0\n\tvlan-id 5\n",
	 "GRAPH-CYCLE:6", BRIDGE("") "auto a\niface a inet manual\n\tvlan-raw-device vmbr0\n\tvlan-id 5\n"},
	{"slave that is a bridge", "auto bond0\niface bond0 inet manual\n\tbond-slaves vmbr0\n" MII
	 "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports none\n", "PORT-KIND:3", BOND(MII)},
	{"bond in bond", "auto bond1\niface bond1 inet manual\n\tbond-slaves bond0\n" MII BOND(MII), "BOND-NESTED:3", BOND(MII)},
	{"VLAN over VLAN", "auto eno1.5.7\n" MANUAL("eno1.5.7") "auto eno1.5\n" MANUAL("eno1.5"), "VLAN-STACKED:2",
	 "auto eno1.5.7\n" MANUAL("eno1.5.7") "auto eno1.5\n" MANUAL("eno1.5") "\tvlan-protocol 802.1ad\n"},
	{"raw device against the dotted name", "auto eno1.5\n" MANUAL("eno1.5") "\tvlan-raw-device eno2\n", "VLAN-PARENT:3",
	 "auto eno1.5\n" MANUAL("eno1.5") "\tvlan-raw-device eno1\n"},
	{"VLAN id 0", "auto eno1.0\n" MANUAL("eno1.0"), "VLAN-ID:2", "auto eno1.1\n" MANUAL("eno1.1")},
	{"VLAN id 4095", "auto eno1.4095\n" MANUAL("eno1.4095"), "VLAN-ID:2", "auto eno1.4094\n" MANUAL("eno1.4094")},
	{"two VLANs of one parent and id", "auto eno1.5\n" MANUAL("eno1.5") "auto v\n" MANUAL("v") "\tvlan-raw-device eno1\n\tvlan-id 5\n",
	 "VLAN-DUPLICATE:4", "auto eno1.5\n" MANUAL("eno1.5") "auto v\n" MANUAL("v") "\tvlan-raw-device eno1\n\tvlan-id 6\n"},
	{"bridge-vids on a bridge that does not filter", BRIDGE("\tbridge-vids 2-9\n"), "BRIDGE-UNAWARE:4",
	 BRIDGE("\tbridge-vids 2-9\n\tbridge-vlan-aware yes\n")},
	{"bridge-access on a port of one", BRIDGE("") "iface eno1 inet manual\n\tbridge-access 5\n", "BRIDGE-UNAWARE:5",
	 BRIDGE("\tbridge-vlan-aware yes\n") "iface eno1 inet manual\n\tbridge-access 5\n"},
	{"vids outside 1 to 4094", BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 2-4095\n"), "BRIDGE-VIDS:5",
	 BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 1-4094\n")},
	{"vids reversed", BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 9-2\n"), "BRIDGE-VIDS:5", BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 9 2\n")},
	{"vids overlapping", BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 2-9 5\n"), "BRIDGE-VIDS-OVERLAP:5",
	 BRIDGE("\tbridge-vlan-aware yes\n\tbridge-vids 2-9 15\n")},

	/* Bonds. */
	{"unknown mode", BOND(MII "\tbond-mode lacp\n"), "BOND-MODE:5", BOND(MII "\tbond-mode 4\n")},
	{"unknown policy", BOND(MII "\tbond-mode 802.3ad\n\tbond-xmit-hash-policy layer4\n"), "BOND-HASH:6",
	 BOND(MII "\tbond-mode 802.3ad\n\tbond-xmit-hash-policy vlan+srcmac\n")},
	{"lacp-rate outside 802.3ad", BOND(MII "\tbond-mode balance-xor\n\tbond-lacp-rate fast\n"), "BOND-LACP:6",
	 BOND(MII "\tbond-mode 802.3ad\n\tbond-lacp-rate fast\n")},
	{"ad-* outside 802.3ad", BOND(MII "\tbond-ad-select count\n"), "BOND-LACP:5", BOND(MII "\tbond-mode 4\n\tbond-ad-select count\n")},
	{"primary that is no slave", BOND(MII "\tbond-mode active-backup\n\tbond-primary eno3\n"), "BOND-PRIMARY:6",
	 BOND(MII "\tbond-mode active-backup\n\tbond-primary eno2\n")},
	{"primary in another mode", BOND(MII "\tbond-mode broadcast\n\tbond-primary eno1\n"), "BOND-PRIMARY:6",
	 BOND(MII "\tbond-mode balance-alb\n\tbond-primary eno1\n")},
	{"miimon and arp-interval", BOND(MII "\tbond-arp-interval 100\n"), "BOND-MONITOR:4", BOND("\tbond-arp-interval 100\n")},
	{"neither of them", BOND(""), "BOND-MONITOR:2", BOND("\tbond-mode 802.3ad\n")},
	{"updelay no multiple of miimon", BOND(MII "\tbond-updelay 250\n"), "BOND-DELAY:5", BOND(MII "\tbond-updelay 200\n")},
	{"downdelay no multiple of miimon", BOND(MII "\tbond-downdelay 50\n"), "BOND-DELAY:5", BOND(MII "\tbond-downdelay 0\n")},
	{"ARP monitoring in 802.3ad", BOND("\tbond-mode 802.3ad\n\tbond-arp-interval 100\n"), "BOND-ARP:5",
	 BOND("\tbond-mode balance-xor\n\tbond-arp-interval 100\n")},
	{"ARP monitoring in tlb", BOND("\tbond-mode 5\n\tbond-arp-interval 100\n"), "BOND-ARP:5", BOND("\tbond-mode 5\n" MII)},
	{"ARP monitoring in alb", BOND("\tbond-mode balance-alb\n\tbond-arp-interval 100\n"), "BOND-ARP:5", BOND("\tbond-mode 6\n")},

	/* MTU. */
	{"below 68", "auto eno1\n" MANUAL("eno1") "\tmtu 67\n", "MTU-INVALID:3", "auto eno1\n" MANUAL("eno1") "\tmtu 68\n"},
	{"below 1280 with IPv6", STATIC6(ADDRESS("2001:db8::9/64") "\tmtu 1279\n"), "MTU-IPV6:4", STATIC6(ADDRESS("2001:db8::9/64") "\tmtu 1280\n")},
	{"VLAN above its raw device", "auto eno1.5\n" MANUAL("eno1.5") "\tmtu 1501\n", "MTU-CHAIN:3", "auto eno1.5\n" MANUAL("eno1.5") "\tmtu 1500\n"},
	{"bridge above its port", BRIDGE("\tmtu 9000\n"), "MTU-CHAIN:4", BRIDGE("\tmtu 9000\n") MANUAL("eno1") "\tmtu 9000\n"},
	{"slave above its bond", BOND(MII) MANUAL("eno1") "\tmtu 9000\n", "MTU-BOND:6", BOND(MII "\tmtu 9000\n") MANUAL("eno1") "\tmtu 9000\n"},
	{"port above its Open vSwitch bridge", "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports p\nauto p\n" MANUAL("p")
	 "\tovs_type OVSIntPort\n\tovs_bridge b\n\tovs_mtu 9000\n", "MTU-OVS:9", "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports p\n\tovs_mtu 9000\n"
	 "auto p\n" MANUAL("p") "\tovs_type OVSIntPort\n\tovs_bridge b\n\tovs_mtu 9000\n"},
	{"NIC above its Open vSwitch bond", "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports o\nauto o\n" MANUAL("o")
	 "\tovs_type OVSBond\n\tovs_bridge b\n\tovs_bonds eno1\n\tovs_options bond_mode=active-backup\n" MANUAL("eno1") "\tmtu 1600\n", "MTU-OVS:12",
	 "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports o\nauto o\n" MANUAL("o")
	 "\tovs_type OVSBond\n\tovs_bridge b\n\tovs_bonds eno1\n\tovs_options bond_mode=active-backup\n" MANUAL("eno1") "\tmtu 1500\n"},

	/* Bridges. */
	{"fd outside 2 to 30 with STP", BRIDGE("\tbridge-stp on\n\tbridge-fd 1\n"), "BRIDGE-TIMER:5", BRIDGE("\tbridge-stp off\n\tbridge-fd 0\n")},
	{"hello outside 1 to 10", BRIDGE("\tbridge-hello 11\n"), "BRIDGE-TIMER:4", BRIDGE("\tbridge-hello 10\n")},
	{"maxage outside 6 to 40", BRIDGE("\tbridge-maxage 5\n"), "BRIDGE-TIMER:4", BRIDGE("\tbridge-maxage 6\n")},
	{"two uplinks without STP", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1 eno2\n", "BRIDGE-LOOP:3",
	 "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports eno1 eno2\n\tbridge-stp on\n"},
	{"ports all", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports all\n", "BRIDGE-PORTS:3", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports none\n"},
	{"ports by regex", "auto vmbr0\niface vmbr0 inet manual\n\tbridge-ports regex eth.*\n", "BRIDGE-PORTS:3", BRIDGE("")},
	{"VLAN device and VLAN-aware bridge on one uplink", BRIDGE("\tbridge-vlan-aware yes\n") "auto eno1.30\n" MANUAL("eno1.30"),
	 "BRIDGE-STOLEN:6", BRIDGE("\tbridge-vlan-aware yes\n") "auto vmbr0.30\n" MANUAL("vmbr0.30")},

	/* Hooks. */
	{"ip addr add", HOOK("ip addr add 192.0.2.9/24 dev eno1"), "HOOK-ADDRESS:2", HOOK("ip route add 192.0.2.0/24 dev eno1")},
	{"iptables -A", HOOK("iptables -A INPUT -j DROP"), "HOOK-FIREWALL:2", HOOK("iptables -C INPUT -j DROP || iptables -A INPUT -j DROP")},
	{"iptables -I", HOOK("iptables -I INPUT -j DROP"), "HOOK-FIREWALL:2", HOOK("iptables -D INPUT -j DROP")},
	{"ifconfig", HOOK("ifconfig eno1 up"), "HOOK-LEGACY:2", HOOK("ip link set eno1 up")},
	{"brctl", HOOK("brctl stp vmbr0 on"), "HOOK-LEGACY:2", HOOK("bridge link")},
	{"route", HOOK("route add default gw 192.0.2.1"), "HOOK-LEGACY:2", HOOK("ip route add default via 192.0.2.1")},
	{"vconfig", HOOK("vconfig add eno1 5"), "HOOK-LEGACY:2", HOOK("ip link add link eno1 name eno1.5 type vlan id 5")},
	{"backslash", HOOK("printf 'a\\nb'"), "HOOK-BACKSLASH:2", HOOK("printf a")},
	{"percent template", "%for i in range(3):\n", "FILE-TEMPLATE:1", HOOK("date +%s")},
	{"relative command", HOOK("./up.sh"), "HOOK-RELATIVE:2", HOOK("/root/up.sh")},

	/* The file. */
	{"auto below iface", MANUAL("eno1") "auto eno1\n", "AUTO-BELOW:2", "auto eno1\n" MANUAL("eno1")},
	{"several names on auto", "auto a b\n" MANUAL("a") MANUAL("b"), "AUTO-SEVERAL:1", "auto a\nauto b\n" MANUAL("a") MANUAL("b")},
	{"option after a blank line", MANUAL("eno1") "\n\tmtu 1400\n", "OPTION-DETACHED:3", MANUAL("eno1") "\tmtu 1400\n"},
	{"comment that ends in a backslash", "# a \\\n", "FILE-COMMENT:1", "# a\n"},
	{"duplicate key", MANUAL("eno1") "\tmtu 1400\n\tmtu 1500\n", "OPTION-TWICE:3", MANUAL("eno1") "\tmtu 1400\n"},
	{"unknown key near a known one", BRIDGE("\tbridge-vlan-awre yes\n"), "OPTION-UNKNOWN:4", BRIDGE("\tx-remark here\n")},
	{"mako expression", "iface eno1 inet static\n\taddress ${x}/24\n# %\n", "FILE-TEMPLATE:2 ADDRESS-INVALID:2", "# ${x}\n"},
	{"CRLF", "auto eno1\r\n" MANUAL("eno1"), "FILE-CRLF:1", "auto eno1\n" MANUAL("eno1")},
	{"no final newline", "auto lo", "FILE-NEWLINE:1", "auto lo\niface lo inet loopback\n"},

	/* What Proxmox VE's writer refuses to save. */
	{"Open vSwitch port without a type", "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports eno1\n" MANUAL("eno1"), "OVS-PORT:4",
	 "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports eno1\n" MANUAL("eno1") "\tovs_type OVSPort\n\tovs_bridge b\n"},
	{"Open vSwitch bond of another mode", "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports o\nauto o\n" MANUAL("o")
	 "\tovs_type OVSBond\n\tovs_bridge b\n\tovs_bonds eno1\n\tovs_options bond_mode=802.3ad\n", "OVS-BOND:10",
	 "auto b\n" MANUAL("b") "\tovs_type OVSBridge\n\tovs_ports o\nauto o\n" MANUAL("o")
	 "\tovs_type OVSBond\n\tovs_bridge b\n\tovs_bonds eno1\n\tovs_options bond_mode=balance-slb\n"},
	{"VLAN protocol", "auto eno1.5\n" MANUAL("eno1.5") "\tvlan-protocol 802.1x\n", "VLAN-PROTOCOL:3", "auto eno1.5\n" MANUAL("eno1.5") "\tvlan-protocol 802.1ad\n"},
	{"custom VLAN name without a parent", "auto mgmt\n" MANUAL("mgmt") "\tvlan-id 5\n", "VLAN-PARENT:2",
	 "auto mgmt\n" MANUAL("mgmt") "\tvlan-id 5\n\tvlan-raw-device eno1\n"},
	{"one VXLAN id twice", "auto v\n" MANUAL("v") "\tvxlan-id 7\nauto w\n" MANUAL("w") "\tvxlan-id 7\n", "VXLAN-ID:6",
	 "auto v\n" MANUAL("v") "\tvxlan-id 7\nauto w\n" MANUAL("w") "\tvxlan-id 8\n"},
	{"VXLAN with a group and remotes", "auto v\n" MANUAL("v") "\tvxlan-id 7\n\tvxlan-svcnodeip 239.0.0.1\n\tvxlan-physdev eno1\n\tvxlan-remoteip 10.0.0.2\n",
	 "VXLAN-PEERS:4", "auto v\n" MANUAL("v") "\tvxlan-id 7\n\tvxlan-svcnodeip 239.0.0.1\n\tvxlan-physdev eno1\n"},
	{"VXLAN with a group and no device", "auto v\n" MANUAL("v") "\tvxlan-id 7\n\tvxlan-svcnodeip 239.0.0.1\n", "VXLAN-PEERS:4",
	 "auto v\n" MANUAL("v") "\tvxlan-id 7\n\tvxlan-remoteip 10.0.0.2\n"},
	{"uplink-id of a bridge", BRIDGE("\tuplink-id 3\n"), "UPLINK:4", MANUAL("eno1") "\tuplink-id 3\n"},
	{"uplink-id twice", MANUAL("eno1") "\tuplink-id 3\n" MANUAL("eno2") "\tuplink-id 3\n", "UPLINK:4",
	 MANUAL("eno1") "\tuplink-id 3\n" MANUAL("eno2") "\tuplink-id 4\n"},
	{"flag of a bridge port elsewhere", MANUAL("eno1") "\tbridge-learning off\n", "BRIDGE-FLAG:2", BRIDGE("") MANUAL("eno1") "\tbridge-learning off\n"},
};
/* clang-format on */

static void each_rule(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct check_case broken = {rules[i].bad, rules[i].want};
		const struct check_case kept = {rules[i].good, ""};
		bool good = check_case_holds(&broken, &check_no_facts);

		good = check_case_holds(&kept, &check_no_facts) && good;
		if (!good)
			print_error("--- rule: %s\n", rules[i].name);
		bad += !good;
	}
	assert_int_equal(bad, 0);
}

/* Rules that depend on another file of the host. */
static void inet6_while_it_is_off(void **state)
{
	static const struct check_case off[] = {
		{"auto eno1\niface eno1 inet6 auto\n", "INET6-DISABLED:2"},
		{"auto eno1\niface eno1 inet6 dhcp\n", "INET6-DISABLED:2"},
		{STATIC6(ADDRESS("2001:db8::9/64")), "INET6-DISABLED:3"},
		{"auto eno1\niface eno1 inet6 manual\n", ""},
		{"auto eno1\niface eno1 inet dhcp\n", ""},
	};
	static const struct check_case on[] = {{"auto eno1\niface eno1 inet6 auto\n", ""}};
	struct check_facts facts = {0};

	(void)state;
	ipv6_rules_read(&facts.ipv6, pve_span("net.ipv6.conf.all.disable_ipv6 = 1\n"),
			"/etc/sysctl.d/disable-ipv6.conf");
	CHECK_CASES(off, &facts);
	check_facts_done(&facts);
	CHECK_CASES(on, &facts);
}

static void corosync_on_a_bond(void **state)
{
	static const struct check_case cases[] = {
		{"auto bond0\niface bond0 inet static\n" ADDRESS("10.0.0.1/24") "\tbond-slaves eno1 eno2\n" MII,
		 "BOND-COROSYNC:3"},
		{"auto bond0\niface bond0 inet static\n" ADDRESS("10.0.0.1/24")
		 "\tbond-slaves eno1 eno2\n\tbond-mode active-backup\n" MII, ""},
	};
	struct check_facts facts = {0};

	(void)state;
	check_facts_corosync(&facts, pve_span("  ring0_addr: 10.0.0.1\n"));
	CHECK_CASES(cases, &facts);
	check_facts_done(&facts);
}

/* What stock ifupdown2 makes of two VLAN-aware bridges is a policy of its own. */
static void several_aware_bridges(void **state)
{
	static const char text[] = "auto a\niface a inet manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\n"
				   "auto b\niface b inet manual\n\tbridge-ports none\n\tbridge-vlan-aware yes\n";
	static const struct check_case bad[] = {{text, "ENGINE-STOCK:1 BRIDGE-AWARE-TWICE:8"}};
	static const struct check_case good[] = {{text, "ENGINE-STOCK:1"}};
	static const char *const policies[][2] = {
		{"{\"bridge\": {\"module_globals\": {\"multiple_vlan_aware_bridge_support\": \"yes\"}}}", "y"},
		{"{\"bridge\":{\"module_globals\":{\"multiple_vlan_aware_bridge_support\":true}}}", "y"},
		{"{\"bridge\": {\"module_globals\": {\"multiple_vlan_aware_bridge_support\": \"no\"}}}", ""},
		{"{\"bridge\": {}}", ""},
		{"{\"multiple_vlan_aware_bridge_support\"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct check_facts facts = {.engine.ifupdown2 = pve_span("3.0.0-1.1")};

		check_facts_policy(&facts, pve_span(policies[i][0]));
		if (*policies[i][1])
			CHECK_CASES(good, &facts);
		else
			CHECK_CASES(bad, &facts);
	}
}

/* pveproxy reads the file as www-data; without Proxmox VE a private one hurts nobody. */
static void private_file(void **state)
{
	static const struct check_case bad[] = {{"auto lo\niface lo inet loopback\n", "FILE-MODE:1"}};
	static const struct check_case good[] = {{"auto lo\niface lo inet loopback\n", ""}};
	static const mode_t modes[] = {0600, 0640, 0400};
	struct check_facts facts = {.writable = 0022};

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		facts.mode = modes[i];
		facts.gui = true;
		CHECK_CASES(bad, &facts);
		facts.gui = false;
		CHECK_CASES(good, &facts);
	}
	facts.gui = true;
	facts.mode = 0644;
	CHECK_CASES(good, &facts);
	facts.mode = 0; /* not known */
	CHECK_CASES(good, &facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),          cmocka_unit_test(inet6_while_it_is_off),
		cmocka_unit_test(corosync_on_a_bond), cmocka_unit_test(several_aware_bridges),
		cmocka_unit_test(private_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
