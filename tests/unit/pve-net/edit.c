/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "edit_case.h"

/* The new text, or the beginning of the error. */
#define EDIT(text, command, want)                                            \
	do {                                                                 \
		PVE_FREE char *got_ = edit_text(text, command, NULL);        \
		if (strncmp(want, "error", 5) == 0 && strlen(got_) > strlen(want)) \
			got_[strlen(want)] = '\0';                           \
		assert_string_equal(got_, want);                             \
	} while (0)

#define HEAD "# the head\n\nauto lo\niface lo inet loopback\n\n"
#define TAIL "\n# a tail\nmapping eth0\n\tscript /bin/x\n\tmap a b\n"
#define BRIDGE                                                                    \
	"auto vmbr0\n# private\niface vmbr0 inet static\n\taddress  192.0.2.2/24\n" \
	"\tgateway  192.0.2.1\n\tbridge_ports eno1 \\\n\t  eno2\n\tbridge_stp off\n" \
	"\tx-own  thing\n\n\tpost-up echo hello # no comment\n"

static void values(void **state)
{
	(void)state;
	EDIT("iface a inet manual\n\tmtu 1500\n", "set|a|mtu=9000", "iface a inet manual\n\tmtu 9000\n");
	EDIT("iface a inet manual\n\tmtu 9000\n", "set|a|mtu=9000", "iface a inet manual\n\tmtu 9000\n");
	EDIT("iface a inet manual\n  mtu   1500  \n", "set|a|mtu=9000",
	     "iface a inet manual\n  mtu   9000\n");
	EDIT("iface a inet manual\n", "set|a|mtu=9000", "iface a inet manual\n\tmtu 9000\n");
	EDIT("iface a inet manual", "set|a|mtu=9000", "iface a inet manual\n\tmtu 9000\n");
	EDIT("iface a inet manual\n\tmtu 1500", "set|a|mtu=9000", "iface a inet manual\n\tmtu 9000");
	EDIT("iface a inet manual\n    up x\n", "set|a|mtu=9000",
	     "iface a inet manual\n    mtu 9000\n    up x\n");
	EDIT("iface a inet manual\n\tmtu 1500\n\tup x\n", "set|a|mtu=", "iface a inet manual\n\tup x\n");
	EDIT("iface a inet manual\n\tmtu 1\n\tmtu 2\n", "set|a|mtu=1500",
	     "iface a inet manual\n\tmtu 1500\n");
	EDIT("iface a inet manual\n\tmtu 1 \\\n 5\n\tup x\n", "set|a|mtu=1500",
	     "iface a inet manual\n\tmtu 1500\n\tup x\n");
	EDIT("iface a inet manual\n\tmtu? 1400\n", "set|a|mtu=1500", "iface a inet manual\n\tmtu? 1500\n");
	EDIT("iface a inet manual\n\tbridge_ports none\n", "set|a|bridge-stp=on",
	     "iface a inet manual\n\tbridge_ports none\n\tbridge_stp on\n");
	EDIT("iface a inet manual\n\tovs_type OVSBridge\n", "set|a|mtu=9000",
	     "iface a inet manual\n\tovs_type OVSBridge\n\tovs_mtu 9000\n");
	EDIT("iface a inet manual\n\tovs_mtu 1500\n", "set|a|mtu=9000",
	     "iface a inet manual\n\tovs_mtu 9000\n");
}

/* All but the one line is what it was. */
static void lossless(void **state)
{
	(void)state;
	EDIT(HEAD BRIDGE TAIL, "set|vmbr0|bridge-stp=on",
	     HEAD "auto vmbr0\n# private\niface vmbr0 inet static\n\taddress  192.0.2.2/24\n"
		  "\tgateway  192.0.2.1\n\tbridge_ports eno1 \\\n\t  eno2\n\tbridge_stp on\n"
		  "\tx-own  thing\n\n\tpost-up echo hello # no comment\n" TAIL);
	EDIT(HEAD BRIDGE TAIL, "set|vmbr0|bridge-ports-=eno1",
	     HEAD "auto vmbr0\n# private\niface vmbr0 inet static\n\taddress  192.0.2.2/24\n"
		  "\tgateway  192.0.2.1\n\tbridge_ports \\\n\t  eno2\n\tbridge_stp off\n"
		  "\tx-own  thing\n\n\tpost-up echo hello # no comment\n" TAIL);
	/* A new hook goes beside the old one, another option not below the blank line. */
	EDIT(HEAD BRIDGE TAIL, "set|vmbr0|mtu=9000|post-up+=true",
	     HEAD "auto vmbr0\n# private\niface vmbr0 inet static\n\taddress  192.0.2.2/24\n"
		  "\tgateway  192.0.2.1\n\tbridge_ports eno1 \\\n\t  eno2\n\tbridge_stp off\n"
		  "\tx-own  thing\n\tmtu 9000\n\n\tpost-up echo hello # no comment\n"
		  "\tpost-up true\n" TAIL);
	EDIT("auto a\r\niface a inet static\r\n  address 192.0.2.1/24\r\n", "set|a|mtu=9000",
	     "auto a\r\niface a inet static\r\n  address 192.0.2.1/24\r\n  mtu 9000\r\n");
	EDIT("iface a inet static\r\n  address 192.0.2.1/24", "set|a|mtu=9000",
	     "iface a inet static\r\n  address 192.0.2.1/24\r\n  mtu 9000\r\n");
}

/* A backslash at the end of the file must not swallow what comes behind it. */
static void dangling(void **state)
{
	(void)state;
	EDIT("iface a inet manual\n\tup x \\", "set|a|up+=y", "iface a inet manual\n\tup x \\\n\n\tup y\n");
	EDIT("iface a inet manual\n\tup x \\\n", "set|a|up+=y",
	     "iface a inet manual\n\tup x \\\n\n\tup y\n");
	EDIT("iface a inet manual\n# x \\", "set|a|mtu=1500", "iface a inet manual\n\tmtu 1500\n# x \\");
}

static void other_methods(void **state)
{
	(void)state;
	EDIT("iface a inet dhcp\n", "set|a|mtu=9000", "iface a inet dhcp\n\tmtu 9000\n");
	EDIT("iface a inet6 auto\n", "set|a|mtu=9000", "iface a inet6 auto\n\tmtu 9000\n");
	EDIT("iface a inet dhcp\niface a inet6 auto\n\tmtu 1500\n", "set|a|mtu=9000",
	     "iface a inet dhcp\niface a inet6 auto\n\tmtu 9000\n");
	EDIT("iface a\n\taddress 192.0.2.1/24\n", "set|a|address=2001:db8::1/64",
	     "iface a\n\taddress 192.0.2.1/24\n\taddress 2001:db8::1/64\n");
	EDIT("iface a inet dhcp\n", "set|a|address=192.0.2.1/24",
	     "error 65: a gets its IPv4 address by dhcp: set method=static");
	EDIT("iface a inet dhcp\n", "set|a|address=192.0.2.1/24|method=static",
	     "iface a inet static\n\taddress 192.0.2.1/24\n");
	EDIT("iface a inet dhcp\n", "set|a|method6=auto", "iface a inet dhcp\n\niface a inet6 auto\n");
	EDIT("iface a inet dhcp\n\niface a inet6 auto\n", "set|a|method6=", "iface a inet dhcp\n");
	EDIT("iface a inet dhcp\n", "set|a|method=", "error 64: a would have no stanza left");
	EDIT("iface a inet dhcp\n", "set|a|method=magic", "error 64: method=magic: no such method");
	EDIT("iface a inet6 auto\n", "set|a|method6=bootp", "error 64: method6=bootp: no such method");
	/* What is read as a method can be set. */
	EDIT("iface a inet6 auto\n", "set|a|method6=ppp", "iface a inet6 ppp\n");
}

static void addresses(void **state)
{
	(void)state;
	EDIT("iface a inet manual\n\tmtu 1500\n", "set|a|address=192.0.2.1/24|gateway=192.0.2.254",
	     "iface a inet static\n\taddress 192.0.2.1/24\n\tgateway 192.0.2.254\n\tmtu 1500\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1\n\tnetmask 255.255.255.0\n\tmtu 1500\n",
	     "set|a|address=192.0.2.9/25", "iface a inet static\n\taddress 192.0.2.9/25\n\tmtu 1500\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n", "set|a|address=", "iface a inet manual\n");
	EDIT("iface a inet  static \\\n inherits b\n\taddress 192.0.2.1/24\n", "set|a|address=",
	     "iface a inet  manual \\\n inherits b\n");
	EDIT("iface a inet manual\n", "set|a|address=2001:db8::1/64|gateway=2001:db8::2",
	     "iface a inet manual\n\niface a inet6 static\n\taddress 2001:db8::1/64\n\tgateway "
	     "2001:db8::2\n");
	EDIT("iface a inet dhcp\n\niface a inet6 manual\n\tmtu 1500\n", "set|a|address=2001:db8::1/64",
	     "iface a inet dhcp\n\niface a inet6 static\n\taddress 2001:db8::1/64\n\tmtu 1500\n");
	EDIT("iface a inet dhcp\n\niface a inet6 static\n\taddress 2001:db8::1/64\n",
	     "set|a|address6=", "iface a inet dhcp\n");
	/* A second one is a stanza of its own, or joins where several are already. */
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n", "set|a|address+=192.0.2.2/24",
	     "iface a inet static\n\taddress 192.0.2.1/24\n\niface a inet static\n\taddress "
	     "192.0.2.2/24\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n\taddress 192.0.2.2/24\n",
	     "set|a|address+=192.0.2.3/24",
	     "iface a inet static\n\taddress 192.0.2.1/24\n\taddress 192.0.2.2/24\n\taddress "
	     "192.0.2.3/24\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n", "set|a|address+=192.0.2.1/24",
	     "iface a inet static\n\taddress 192.0.2.1/24\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n\niface a inet static\n\taddress "
	     "192.0.2.2/24\n",
	     "set|a|address-=192.0.2.2/24", "iface a inet static\n\taddress 192.0.2.1/24\n");
	EDIT("iface a inet static\n\taddress 192.0.2.1/24\n", "set|a|address-=192.0.2.7/24",
	     "error 65: a has no address 192.0.2.7/24");
	EDIT("iface a inet6 auto\n", "set|a|address+=2001:db8::1/64",
	     "iface a inet6 auto\n\niface a inet6 static\n\taddress 2001:db8::1/64\n");
	EDIT("iface a inet manual\n", "set|a|gateway=192.0.2.1",
	     "error 65: a has no IPv4 address for the gateway");
}

static void lists(void **state)
{
	(void)state;
	EDIT("iface b inet manual\n\tbridge-ports none\n", "set|b|bridge-ports+=eno1",
	     "iface b inet manual\n\tbridge-ports eno1\n");
	EDIT("iface b inet manual\n\tbridge-ports eno1\n", "set|b|bridge-ports-=eno1",
	     "iface b inet manual\n\tbridge-ports none\n");
	EDIT("iface b inet manual\n\tbridge-ports eno1\n", "set|b|bridge-ports+=eno1",
	     "iface b inet manual\n\tbridge-ports eno1\n");
	EDIT("iface b inet manual\n\tbridge-ports eno1  eno2\n", "set|b|bridge-ports-=eno2",
	     "iface b inet manual\n\tbridge-ports eno1\n");
	EDIT("iface b inet manual\n\tbridge-ports eno1\n", "set|b|bridge-ports-=eno2",
	     "error 65: b: eno2 is not among its bridge-ports");
	EDIT("iface b inet manual\n\tup a\n\tup b\n", "set|b|up-=a", "iface b inet manual\n\tup b\n");
	EDIT("iface b inet manual\n\tup a\n\tup b\n", "set|b|up=c", "error 64: b has 2 up commands");
	EDIT("iface b inet manual\n\tup a\n", "set|b|post-up=c", "iface b inet manual\n\tup c\n");
	EDIT("iface b inet manual\n", "set|b|mtu+=5", "error 64: mtu has one value: use mtu=");
}

static void refused(void **state)
{
	static const char *const wrong[] = {
		"mtu=12",	    "mtu=9k",		  "address=192.0.2.1",	"address=192.0.2.1/33",
		"address=nonsense/8", "gateway=192.0.2.1/24", "bond-mode=fast",	"bond-miimon=-1",
		"bond-xmit-hash-policy=layer5", "bridge-vids=0-5", "bridge-vids=5-2", "vlan-id=4095",
		"bridge-ports=eno1/2", "bond-slaves=averyveryverylongname", "bridge-stp=maybe",
		"hwaddress=01:00:00:00:00:00", "bond-lacp-rate=9", "vlan-protocol=802.1x",
		"vxlan-id=16777216", "autostart=maybe", "bridge-fd=x", "ovs_type=OVSThing",
		"description=a\nup reboot", "up=echo\\", "x=\001"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		PVE_FREE char *command = pve_asprintf("set|a|%s", wrong[i]);

		EDIT("iface a inet static\n\taddress 192.0.2.9/24\n\tbridge-ports none\n", command,
		     "error 64: ");
	}
	EDIT("iface a inet manual\n", "set|b|mtu=1500", "error 65: b: no such interface");
	EDIT("iface a inet manual\n", "set|a|mut=1500",
	     "error 64: mut: no engine knows this option; is it mtu?; --force takes it");
	EDIT("iface a inet manual\n", "set!|a|mut=1500", "iface a inet manual\n\tmut 1500\n");
	EDIT("iface a inet manual\n\tmut 1400\n", "set|a|mut=1500", "iface a inet manual\n\tmut 1500\n");
	EDIT("iface a inet manual\n", "set|a|mtu", "error 64: 'mtu' is not OPTION=VALUE");
	EDIT("iface a inet manual\n", "set|a|mtu=1|bond-mode=x",
	     "error 64: mtu=1: bytes, 68 to 65535\nbond-mode=x: one of");
}

static void computed(void **state)
{
	(void)state;
	EDIT("% for i in range(9):\niface a inet manual\n% endfor\n", "set|a|mtu=1500",
	     "error 65: f:2: a is made by template lines");
	EDIT("% for i in range(9):\niface x${i} inet manual\n% endfor\niface a inet manual\n",
	     "set|a|mtu=1500",
	     "% for i in range(9):\niface x${i} inet manual\n% endfor\niface a inet manual\n\tmtu "
	     "1500\n");
	EDIT("%\niface a inet manual\n\tmtu ${m}\n", "set|a|mtu=1500",
	     "error 65: f:3: mtu is computed by a template");
	EDIT("iface b inet manual\n\tmtu 1500\niface a inet manual inherits b\n", "set|a|mtu=9000",
	     "error 65: a inherits mtu from b (f:2)");
	EDIT("iface b inet manual\n\tmtu 1500\niface a inet manual inherits b\n", "set!|a|mtu=9000",
	     "iface b inet manual\n\tmtu 1500\niface a inet manual inherits b\n\tmtu 9000\n");
}

static void autostart(void **state)
{
	(void)state;
	EDIT("iface a inet manual\n", "set|a|autostart=yes", "auto a\niface a inet manual\n");
	EDIT("auto a b\niface a inet manual\n", "set|a|autostart=no", "auto b\niface a inet manual\n");
	EDIT("auto a\niface a inet manual\n", "set|a|autostart=no", "iface a inet manual\n");
	EDIT("allow-hotplug a\niface a inet manual\n", "set|a|autostart=yes",
	     "auto a\niface a inet manual\n");
	EDIT("auto a\niface a inet manual\n", "set|a|autostart=hotplug",
	     "allow-hotplug a\niface a inet manual\n");
	EDIT("auto a\niface a inet manual\n", "set|a|autostart=yes", "auto a\niface a inet manual\n");
}

static void additions(void **state)
{
	(void)state;
	EDIT("", "add|vmbr1", "auto vmbr1\niface vmbr1 inet manual\n\tbridge-ports none\n\tbridge-stp "
			      "off\n\tbridge-fd 0\n");
	EDIT("auto lo\niface lo inet loopback\n\nsource interfaces.d/*\n", "add|eno1",
	     "auto lo\niface lo inet loopback\n\niface eno1 inet manual\n\nsource interfaces.d/*\n");
	EDIT("iface a inet manual\n    mtu 1500\n", "add|eno1.5|address=192.0.2.1/24",
	     "iface a inet manual\n    mtu 1500\n\nauto eno1.5\niface eno1.5 inet static\n    address "
	     "192.0.2.1/24\n");
	EDIT("iface a inet manual", "add|b|address=192.0.2.1/24|address=2001:db8::1/64|mtu=1500",
	     "iface a inet manual\n\nauto b\niface b inet static\n\taddress 192.0.2.1/24\n\tmtu "
	     "1500\n\niface b inet6 static\n\taddress 2001:db8::1/64\n");
	EDIT("iface a inet manual\n", "add|a", "error 65: a exists already");
	EDIT("iface a inet manual\n", "add|b c", "error 64: the name 'b c' has a blank");
	EDIT("iface a inet manual\n", "add|bond0", "error 64: a bond needs bond-slaves");
	EDIT("", "add|bond0|bond-slaves=a b|bond-mode=1",
	     "auto bond0\niface bond0 inet manual\n\tbond-slaves a b\n\tbond-mode 1\n\tbond-miimon "
	     "100\n");
	EDIT("", "add|x|ovs-type=OVSBridge", "auto x\niface x inet manual\n\tovs_type OVSBridge\n");
}

static void removals(void **state)
{
	(void)state;
	EDIT(HEAD BRIDGE TAIL, "remove|vmbr0", HEAD "# a tail\nmapping eth0\n\tscript /bin/x\n\tmap a b\n");
	EDIT("auto a b\niface a inet manual\n\n# of b\niface b inet manual\n", "remove|b",
	     "auto a\niface a inet manual\n");
	EDIT("# of the file\nauto a\niface a inet manual\n\niface b inet manual\n", "remove|a",
	     "# of the file\n\niface b inet manual\n");
	EDIT("iface a inet manual\n\niface b inet manual\n\tbridge-ports a c\n", "remove|a",
	     "error 65: b has a in bridge-ports (f:4): take it out first, or use --cascade");
	EDIT("iface a inet manual\n\niface b inet manual\n\tbridge-ports a c\n", "remove!|a",
	     "iface b inet manual\n\tbridge-ports c\n");
	EDIT("iface a inet manual\n\niface b inet manual\n\tbridge-ports a\n", "remove!|a",
	     "iface b inet manual\n\tbridge-ports none\n");
	EDIT("iface a inet manual\n\niface a.5 inet manual\n", "remove|a",
	     "error 65: a.5 stands on a (f:3)");
	EDIT("auto a a.5\niface a inet manual\n\niface a.5 inet manual\n\niface v inet "
	     "manual\n\tvlan-raw-device a.5\n",
	     "remove!|a", "");
	EDIT("iface a inet manual\n\niface b inet manual inherits a\n", "remove!|a",
	     "error 65: b inherits from a");
	EDIT("iface a inet manual\n", "remove|b", "error 65: b: no such interface");
	EDIT("iface a inet manual\n\niface bond0 inet manual\n\tbond-slaves a c\n\tbond-primary a\n",
	     "remove!|a", "iface bond0 inet manual\n\tbond-slaves c\n");
}

static void renames(void **state)
{
	PVE_BUF notes = {0};
	char *got;

	(void)state;
	EDIT("auto eno1 eno10\nallow-eno1 x\niface eno1 inet manual\n\niface eno1.5 inet "
	     "manual\n\niface eno1:0 inet manual\n\niface eno10 inet manual\n",
	     "rename|eno1|nic0",
	     "auto nic0 eno10\nallow-nic0 x\niface nic0 inet manual\n\niface nic0.5 inet "
	     "manual\n\niface nic0:0 inet manual\n\niface eno10 inet manual\n");
	EDIT("iface eno1 inet manual\niface b inet manual\n\tbridge_ports eno1 \\\n\t eno1.7 x\n"
	     "\tdescription eno1 is here\niface c inet manual inherits eno1\n\tbond-primary eno1\n",
	     "rename|eno1|nic0",
	     "iface nic0 inet manual\niface b inet manual\n\tbridge_ports nic0 \\\n\t nic0.7 x\n"
	     "\tdescription eno1 is here\niface c inet manual inherits nic0\n\tbond-primary nic0\n");
	EDIT("iface b inet manual\n\tbridge_ports en\\\no1 x\niface eno1 inet manual\n",
	     "rename|eno1|nic0", "iface b inet manual\n\tbridge_ports nic0 x\niface nic0 inet manual\n");
	EDIT("iface static inet static\n\taddress 192.0.2.1/24\n", "rename|static|b",
	     "iface b inet static\n\taddress 192.0.2.1/24\n");
	EDIT("iface a inet manual\niface b inet manual\n", "rename|a|b", "error 65: b exists already");
	EDIT("iface a inet manual\n", "rename|a|waytoolongforalink", "error 64: the name");
	EDIT("iface a.1234 inet manual\niface a inet manual\n", "rename|a|fourteen-chars",
	     "error 64: a.1234 would be called fourteen-chars.1234, which is longer");
	EDIT("iface a inet manual\n", "rename|c|d", "error 65: c: no such interface");

	got = edit_text("iface eno1 inet manual\n\tup echo 1 > /proc/x/eno1/y; ip -o eno1 eno10 "
			"eno1.5@eno1\n\tdescription eno1\n",
			"rename|eno1|nic0", &notes);
	assert_string_equal(got, "iface nic0 inet manual\n\tup echo 1 > /proc/x/nic0/y; ip -o nic0 "
				 "eno10 nic0.5@nic0\n\tdescription eno1\n");
	assert_non_null(strstr(notes.data, "f:2: changed in a hook"));
	assert_non_null(strstr(notes.data, "f:3: names eno1 and was not changed"));
	free(got);
}

static void firewall(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	assert_int_equal(net_rename_words(pve_span("# eno1\n" "IN ACCEPT -i eno1 -p tcp\n|eno10 eno1.5\n"),
					  "eno1", "nic0", &out),
			 2);
	assert_string_equal(out.data, "# eno1\n" "IN ACCEPT -i nic0 -p tcp\n|eno10 nic0.5\n");
}

/* Is the result of one change read without a parser, and as one would? */
static bool rereads(const char *text, const char *iface, const char *change)
{
	struct net_conf conf;
	struct net_change c;
	struct net_edit ed;
	PVE_BUF out = {0};
	bool can, same;

	net_conf_parse(&conf, "f", pve_span(text));
	net_edit_init(&ed, &conf);
	assert_int_equal(net_change_parse(&ed, change, &c, NULL), 0);
	net_edit_set(&ed, iface, &c, 1);
	assert_int_equal(net_edit_err(&ed, NULL), 0);
	net_edit_format(&ed, 0, &out);
	can = edit_rereads(&ed, &conf, (struct pve_span){out.data, out.len}, &same);
	assert_true(same);
	net_edit_done(&ed);
	net_conf_done(&conf);
	return can;
}

static void reread(void **state)
{
	static const char text[] = "auto a\niface a inet manual\n\tmtu 1500\n\n\tbridge-fd 0\n\t# below\n\n"
				   "# leads\niface b inet manual\n\tmtu 1400\n\nauto b\n";

	(void)state;
	assert_true(rereads(text, "a", "mtu=9000"));
	assert_true(rereads(text, "a", "bridge-fd=15"));
	assert_true(rereads(text, "a", "bridge-stp=on"));
	assert_true(rereads(text, "b", "mtu=68"));
	assert_true(rereads(text, "b", "post-up+=true"));
	/* White space is what ifupdown takes for it. */
	assert_true(rereads("iface a inet manual\n\v mtu 1500\n", "a", "mtu=1400"));
	assert_true(rereads("iface a inet manual\n bridge-ports eno1 eno2\f\n", "a",
			    "bridge-ports-=eno1"));
	/* Lines that go, continued ones, no line end, templates, diagnostics. */
	assert_false(rereads(text, "a", "mtu="));
	assert_false(rereads("iface a inet manual\n\tmtu \\\n1500\n", "a", "mtu=1400"));
	assert_false(rereads("iface a inet manual\n\tmtu 1500", "a", "mtu=1400"));
	assert_false(rereads("% x\niface a inet manual\n\tmtu 1500\n", "a", "mtu=1400"));
	assert_false(rereads("iface b inet manual\n\tmtu\niface a inet manual\n\tmtu 1500\n", "a",
			     "mtu=1400"));
	assert_true(rereads("iface a inet manual\r\n\tmtu 1500\r\niface b inet manual\r\n", "a",
			    "mtu=1400"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),    cmocka_unit_test(lossless), cmocka_unit_test(dangling),
		cmocka_unit_test(other_methods), cmocka_unit_test(addresses),
		cmocka_unit_test(lists),     cmocka_unit_test(refused),
		cmocka_unit_test(computed),  cmocka_unit_test(autostart),
		cmocka_unit_test(additions), cmocka_unit_test(removals),
		cmocka_unit_test(renames),   cmocka_unit_test(firewall),
		cmocka_unit_test(reread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
