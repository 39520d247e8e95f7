/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-net/explain.h"

static void sentences(void **state)
{
	static const struct {
		const char *name, *type, *text;
	} all[] = {
		{"enp3s0f1", "ethernet",
		 "Ethernet device on PCI bus 3, slot 0, function 1 (lspci -s 0000:03:00.1)"},
		{"enp65s0", "ethernet",
		 "Ethernet device on PCI bus 65, slot 0 (lspci -s 0000:41:00.0)"},
		{"enP16p1s0f0", "ethernet",
		 "Ethernet device on PCI domain 16, bus 1, slot 0, function 0 (lspci -s "
		 "0010:01:00.0)"},
		{"eno1", "ethernet", "Ethernet device on board, number 1 as the firmware counts"},
		{"eno1np0", "ethernet",
		 "Ethernet device on board, number 1 as the firmware counts, port 0"},
		{"ens1", "ethernet", "Ethernet device in hot-plug slot 1"},
		{"enP2s1f1", "ethernet",
		 "Ethernet device in PCI domain 2, hot-plug slot 1, function 1"},
		{"ens2f0np1s2", "ethernet",
		 "Ethernet device in hot-plug slot 2, function 0, port 1, part 2 of it"},
		{"ens2f0d1", "ethernet",
		 "Ethernet device in hot-plug slot 2, function 0, device port 1"},
		{"enp8s0f0npf0vf3", "ethernet",
		 "Ethernet device on PCI bus 8, slot 0, function 0, port of physical function 0, "
		 "representing its virtual function 3 (lspci -s 0000:08:00.0)"},
		{"ens2f0nleft", "ethernet",
		 "Ethernet device in hot-plug slot 2, function 0, port \"left\""},
		{"enp8s0f0v2", "ethernet",
		 "Ethernet device on PCI bus 8, slot 0, function 0, virtual function 2 (lspci -s "
		 "0000:08:00.0)"},
		{"enp0s20u1u2c2i1", "ethernet",
		 "Ethernet device on PCI bus 0, slot 20, USB port 1.2, configuration 2, interface "
		 "1 "
		 "(lspci -s 0000:00:14.0)"},
		{"enx78e7d1ea46da", "ethernet",
		 "Ethernet device with the MAC address 78:e7:d1:ea:46:da"},
		{"enx0250b6000001", "ethernet",
		 "Ethernet device with the MAC address 02:50:b6:00:00:01, which is not burnt in "
		 "but "
		 "locally assigned"},
		{"end0", "ethernet", "Ethernet device in the device tree, alias 0"},
		{"enX0", "ethernet", "Ethernet device of a Xen guest, number 0"},
		{"enaAPMC0D05i1", "ethernet",
		 "Ethernet device of the ACPI platform, device APMC0D05, instance 1"},
		{"encf5f0", "ethernet", "Ethernet device on the s390 channel f5f0"},
		{"eni10np1", "ethernet", "Ethernet device simulated by netdevsim 10, port 1"},
		{"wlp2s0", "wlan",
		 "wireless LAN device on PCI bus 2, slot 0 (lspci -s 0000:02:00.0)"},
		{"ibp5s0", "infiniband",
		 "InfiniBand device on PCI bus 5, slot 0 (lspci -s 0000:05:00.0)"},
		{"eth0", "ethernet",
		 "Ethernet device 0 in the order in which the kernel found them; another may get "
		 "the "
		 "name at the next boot"},
		{"nic3", "ethernet", "network device 3 with a name pinned by Proxmox VE"},
		{"vmbr4094", "bridge", "bridge 4094 of Proxmox VE"},
		{"vmbr4095", "bridge",
		 "bridge 4095 of Proxmox VE; Proxmox VE counts them from 0 to 4094"},
		{"bond0", "bond", "bond 0"},
		{"tap100i2", "tap", "network device 2 of virtual machine 100"},
		{"veth101i0", "veth", "host side of network device 0 of container 101"},
		{"veth12ab34c", "veth",
		 "one end of a virtual cable; container engines name theirs so"},
		{"fwbr100i1", "bridge", "firewall bridge of network device 1 of guest 100"},
		{"vmbr0v5", "bridge",
		 "bridge that Proxmox VE made for the guests in VLAN 5 below vmbr0"},
		{"vmbr0.5", "vlan", "VLAN 5 on vmbr0: bridge 0 of Proxmox VE"},
		{"eno1.50", "vlan",
		 "VLAN 50 on eno1: Ethernet device on board, number 1 as the firmware counts"},
		{"lan.50", "vlan", "VLAN 50 on lan"},
		{"bond0.4095", "vlan", "VLAN 4095 on bond0: bond 0; VLAN ids go from 1 to 4094"},
		{"bond0.2.3", "vlan", "VLAN 3 on bond0.2: VLAN 2 on bond0: bond 0"},
		{"vlan7", "vlan",
		 "VLAN 7; the name does not say of which interface, its vlan-raw-device does"},
		{"eth0:1", "alias", "further address, labelled 1, of eth0"},
		{"vxlan_blue", "vxlan", "VXLAN of the SDN virtual network blue"},
		{"uplink", "unknown", "a name that somebody chose; it says nothing by itself"},
		{"enp3", "unknown", "a name that somebody chose; it says nothing by itself"},
		{"vmbr", "unknown", "a name that somebody chose; it says nothing by itself"},
		{"eth00", "unknown", "a name that somebody chose; it says nothing by itself"},
		{"a/b", "invalid", "names hold no blanks, slashes and control characters"},
		{"", "invalid", "empty"},
		{"..", "invalid", "the kernel does not allow this name"},
		{"enp129s0f1np1d12", "unknown",
		 "a name that somebody chose; it says nothing by itself; with 16 bytes it can only "
		 "be an alternative name, for interfaces' own names have at most 15"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct explain x = {0};

		explain_name(&x, all[i].name);
		assert_string_equal(pve_buf_str(&x.text), all[i].text);
		assert_string_equal(x.type, all[i].type);
		explain_done(&x);
	}
}

static void fields(void **state)
{
	struct explain x = {0};

	(void)state;
	explain_name(&x, "enP1p255s31f7");
	assert_true(x.has_pci);
	assert_int_equal(x.domain, 1);
	assert_int_equal(x.bus, 255);
	assert_int_equal(x.slot, 31);
	assert_int_equal(x.function, 7);
	assert_int_equal(x.guest, -1);
	assert_int_equal(x.vlan, -1);
	explain_done(&x);

	x = (struct explain){0};
	explain_name(&x, "enp256s0");
	assert_false(x.has_pci);
	explain_done(&x);

	x = (struct explain){0};
	explain_name(&x, "fwpr4711p3");
	assert_int_equal(x.guest, 4711);
	explain_done(&x);

	x = (struct explain){0};
	explain_name(&x, "vmbr12v40");
	assert_int_equal(x.vlan, 40);
	assert_int_equal(x.parent, strlen("vmbr12"));
	explain_done(&x);
}

/* Every prefix of every known name, and a number that does not fit, is a name too. */
static void any_string(void **state)
{
	static const char *const names[] = {"enP16p1s0f0npf0vf3",
					    "enp0s20u1u2c2i1",
					    "enaAPMC0D05i1",
					    "enx78e7d1ea46da",
					    "bond0.2.3.4.5.6.7",
					    "eth0:1",
					    "ens99999999999999999999",
					    "vmbr0v99999999999",
					    "eno1npsf",
					    "ens1f0np",
					    "tap1i",
					    "."};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t n = 0; n <= strlen(names[i]); n++) {
			char name[64] = "";
			struct explain x = {0};

			memcpy(name, names[i], n);
			explain_name(&x, name);
			assert_non_null(x.type);
			assert_true(x.text.len > 0);
			explain_done(&x);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
		cmocka_unit_test(fields),
		cmocka_unit_test(any_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
