/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pvecommon/wake.h"

static void packet(void **state)
{
	static const unsigned char mac[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
	unsigned char p[PVE_WAKE_SIZE];

	(void)state;
	pve_wake_packet(p, mac);
	for (int i = 0; i < 6; i++)
		assert_int_equal(p[i], 0xff);
	for (int i = 6; i < PVE_WAKE_SIZE; i++)
		assert_int_equal(p[i], mac[i % 6]);
}

static void macs(void **state)
{
	static const char *const bad[] = {
		"52:54:00:12:34",    "52:54:00:12:34:5",     "52:54:00:12:34:567",
		"52:54-00:12:34:56", "52:54:00:12:34:5g",    "01:00:5e:00:00:01",
		"ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00",    "52 54 00 12 34 56",
		"525400123456",	     "52:54:00:12:34:56:78", "",
		"é2:54:00:12:34:5",
	};
	unsigned char mac[6] = {9};
	char text[PVE_WAKE_MAC_TEXT];
	struct pve_err e;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(pve_wake_mac_parse(bad[i], mac, &e), -1);
		assert_int_equal(e.code, PVE_USAGE);
		assert_int_equal(mac[0], 9);
	}
	assert_int_equal(pve_wake_mac_parse("52-54-00-AB-cd-EF", mac, NULL), 0);
	assert_string_equal(pve_wake_mac_text(mac, text), "52:54:00:ab:cd:ef");
	assert_true(pve_wake_is_mac("52:54"));
	assert_true(pve_wake_is_mac("52-54-00-AB-cd-EF"));
	assert_false(pve_wake_is_mac("52-54"));
	assert_false(pve_wake_is_mac("pve-a-b-c-d-e-g"));
	assert_true(pve_wake_is_node("pve-1"));
	assert_false(pve_wake_is_node("../x"));
	assert_false(pve_wake_is_node(""));
}

static void read_node(struct pve_wake_node *n, const char *text, size_t errors, unsigned line)
{
	struct pve_diags d = {0};

	pve_wake_node_parse(n, pve_span(text), "config", &d);
	assert_int_equal(d.errors, errors);
	if (errors)
		assert_int_equal(d.v[0].line, line);
	pve_diags_done(&d);
}

static void node(void **state)
{
	struct pve_wake_node n;
	char text[PVE_WAKE_MAC_TEXT];

	(void)state;
	read_node(&n, "", 0, 0);
	assert_false(n.has_mac);
	read_node(&n, "#a node\nacme: domains=x.example\nwakeonlan: 52:54:00:12:34:56\n", 0, 0);
	assert_true(n.has_mac);
	assert_string_equal(pve_wake_mac_text(n.mac, text), "52:54:00:12:34:56");
	assert_string_equal(n.interface, "");
	read_node(&n,
		  "wakeonlan: bind-interface=vmbr0,mac=52:54:00:12:34:57,"
		  "broadcast-address=192.0.2.255\n",
		  0, 0);
	assert_int_equal(n.mac[5], 0x57);
	assert_string_equal(n.interface, "vmbr0");
	assert_string_equal(n.broadcast, "192.0.2.255");
	read_node(&n, "a: b\nwakeonlan: 53:54:00:12:34:57\n", 1, 2);
	assert_false(n.has_mac);
	read_node(&n, "wakeonlan: bind-interface=vmbr0\n", 1, 1);
	read_node(&n, "wakeonlan: 52:54:00:12:34:57,broadcast-address=x,bind-interface=a/b\n", 2, 1);
	read_node(&n, "wakeonlan: 52:54:00:12:34:57,bind-interface=sixteen-letters-\n", 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet),
		cmocka_unit_test(macs),
		cmocka_unit_test(node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
