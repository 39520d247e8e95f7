/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-net/engine.h"

static void words(void **state)
{
	(void)state;
	assert_int_equal(net_engine_parse(NULL), NET_ENGINE_NATIVE);
	assert_int_equal(net_engine_parse("ifupdown2"), NET_ENGINE_IFUPDOWN2);
	assert_int_equal(net_engine_parse("reboot"), NET_ENGINE_REBOOT);
	assert_string_equal(net_engine_name(NET_ENGINE_REBOOT), "reboot");
}

static void builds_of_proxmox(void **state)
{
	static const struct {
		const char *version;
		bool pve;
	} cases[] = {
		{"", false},
		{"3.0.0-1.1", false},
		{"1.2.8-1+pve1", true},
		{"1.2.7-1+pve1", false},
		{"3.3.0-1+pmx10", true},
		{"3.2.0-1+proxmox1", true},
		{"3.0.0-1.1~bpo12", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (net_engine_is_pve(pve_span(cases[i].version)) != cases[i].pve)
			fail_msg("%s", cases[i].version);
}

static void installed_versions(void **state)
{
	struct pve_dpkg db = {0};
	struct net_engine_versions v;

	(void)state;
	pve_buf_puts(&db.text, "Package: ifupdown2\nStatus: install ok installed\n"
			       "Architecture: all\nVersion: 3.0.0-1.1\n\n"
			       "Package: ifupdown\nStatus: deinstall ok config-files\n"
			       "Architecture: amd64\nVersion: 0.8.41\n");
	pve_dpkg_parse(&db, "status", NULL);
	net_engine_versions(&db, &v);
	assert_true(pve_span_eq(v.ifupdown2, "3.0.0-1.1"));
	assert_int_equal(v.ifupdown.len, 0);
	pve_dpkg_done(&db);
}

static int check(const char *version, const char *text, struct pve_err *e)
{
	const struct net_engine_versions v = {.ifupdown2 = pve_span(version)};
	struct net_conf conf;
	struct net_model model;
	int ret;

	net_conf_parse(&conf, NET_INTERFACES, pve_span(text));
	net_model_read(&model, &conf);
	ret = net_engine_check(NET_ENGINE_IFUPDOWN2, &v, &model, e);
	net_model_done(&model);
	net_conf_done(&conf);
	return ret;
}

#define BRIDGE "iface vmbr0 inet manual\n bridge-ports eno1\n"

static void only_where_guests_stay(void **state)
{
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(check("", BRIDGE, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_int_equal(check("3.3.0-1+pmx1", BRIDGE, &e), 0);
	assert_int_equal(check("3.0.0-1.1", "iface eno1 inet dhcp\n", &e), 0);
	assert_int_equal(check("3.0.0-1.1", BRIDGE, &e), -1);
	assert_int_equal(e.code, PVE_DENIED);
	assert_non_null(strstr(e.msg, "version 3.0.0-1.1 would take running guests off vmbr0"));
	assert_int_equal(check("3.0.0-1.1", BRIDGE " bridge-ports-condone-regex ^tap[0-9]\n", &e),
			 -1);
	assert_int_equal(check("3.0.0-1.1", BRIDGE " bridge-ports-condone-regex ((\n", &e), -1);
	assert_int_equal(check("3.0.0-1.1",
			       BRIDGE " bridge-ports-condone-regex ^(tap|veth|fwpr)[0-9]\n", &e),
			 0);
}

static void reload_stands_on_both_sides(void **state)
{
	PVE_PLAN plan = {0};

	(void)state;
	net_engine_plan_before(&plan, NET_ENGINE_NATIVE);
	net_engine_plan_after(&plan, NET_ENGINE_REBOOT);
	assert_int_equal(plan.n, 0);
	net_engine_plan_before(&plan, NET_ENGINE_IFUPDOWN2);
	net_engine_plan_after(&plan, NET_ENGINE_IFUPDOWN2);
	assert_int_equal(plan.n, 2);
	assert_string_equal(plan.v[0].argv[1], "skip");
	assert_string_equal(plan.v[0].undo[1], "again");
	assert_string_equal(plan.v[1].argv[1], "run");
	assert_string_equal(plan.v[1].undo[1], "skip");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(builds_of_proxmox),
		cmocka_unit_test(installed_versions),
		cmocka_unit_test(only_where_guests_stay),
		cmocka_unit_test(reload_stands_on_both_sides),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
