/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left to ovs-vsctl and dhclient. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pve-net/service.h"

struct config {
	struct net_conf conf;
	struct net_model model;
};

static void config_read(struct config *c, const char *text)
{
	net_conf_parse(&c->conf, "interfaces", pve_span(text));
	net_model_read(&c->model, &c->conf);
}

static void config_done(struct config *c)
{
	net_model_done(&c->model);
	net_conf_done(&c->conf);
}

/* All steps between two configurations as text. */
static void expect(const char *before, const char *after, struct net_services s, const char *want)
{
	struct config old, new;
	PVE_PLAN plan = {0};
	PVE_BUF text = {0};

	config_read(&old, before);
	config_read(&new, after);
	net_service_plan_before(&plan, &s, &old.model, &new.model);
	net_service_plan_after(&plan, &s, &new.model);
	for (size_t i = 0; i < plan.n; i++) {
		pve_step_format(&plan.v[i], &text);
		pve_buf_putc(&text, '\n');
		for (const char *const *u = plan.v[i].undo; u && *u; u++)
			pve_buf_printf(&text, "%s%s", u == plan.v[i].undo ? "undo " : " ", *u);
		pve_buf_putc(&text, '\n');
	}
	assert_string_equal(pve_buf_str(&text), want);
	config_done(&new);
	config_done(&old);
	net_services_done(&s);
}

#define OVS                                                                                        \
	"auto vmbr0\niface vmbr0 inet static\n address 192.0.2.9/24\n ovs_type OVSBridge\n"        \
	" ovs_ports bond0 mgmt\n ovs_mtu 9000\n"                                                    \
	"auto bond0\niface bond0 inet manual\n ovs_bonds eno1 eno2\n ovs_type OVSBond\n"           \
	" ovs_bridge vmbr0\n ovs_options bond_mode=balance-slb tag=3\n"                            \
	"auto mgmt\niface mgmt inet static\n address 10.0.0.2/24\n ovs_type OVSIntPort\n"           \
	" ovs_bridge vmbr0\n ovs_options tag=50\n ovs_extra set interface ${IFACE} external-ids:a=b\n"

#define MAKE                                                                                       \
	"ovs-vsctl --timeout=15 -- --may-exist add-br vmbr0 -- set Interface vmbr0 "               \
	"mtu_request=9000 -- --fake-iface --may-exist add-bond vmbr0 bond0 eno1 eno2 "             \
	"-- set Port bond0 bond_mode=balance-slb tag=3 -- --may-exist add-port vmbr0 mgmt -- set "  \
	"Port mgmt tag=50 -- set Interface mgmt type=internal -- set interface mgmt external-ids:a=b"
#define UNMAKE                                                                                     \
	"ovs-vsctl --timeout=15 -- --if-exists del-port bond0 -- --if-exists del-port mgmt -- "    \
	"--if-exists del-br vmbr0"

static void test_ovs(void **state)
{
	const struct net_services have = {.have_ovs = true}, missing = {.have_ovs = true,
									 .ovs_missing = true};

	(void)state;
	expect("", OVS, have, "run " MAKE "\nundo " UNMAKE "\n");
	expect(OVS, "", have, "run " UNMAKE "\nundo " MAKE "\n");
	/* Nothing changed: nothing runs, unless the bridge is not there (the first run since boot). */
	expect(OVS, OVS, have, "");
	expect(OVS, OVS, missing, "run " MAKE "\nundo " MAKE "\n");
	expect("", OVS, (struct net_services){.have_ovs = false}, "");
	expect("", "iface vmbr0 inet manual\n ovs_type OVSBridge\n", have, "");
}

#define SWITCH "auto b\niface b inet manual\n ovs_type OVSBridge\n"
#define PORT(bridge, options)                                                                      \
	"auto p\niface p inet manual\n ovs_type OVSPort\n ovs_bridge " bridge "\n" options
#define BOND(slaves)                                                                               \
	"auto o\niface o inet manual\n ovs_type OVSBond\n ovs_bridge b\n ovs_bonds " slaves "\n"
#define BR "ovs-vsctl --timeout=15 -- --may-exist add-br b"

/* add-port does nothing for a port that is there, and fails for one of another bridge. */
static void test_ovs_changes(void **state)
{
	const struct net_services have = {.have_ovs = true};

	(void)state;
	expect(SWITCH PORT("b", " ovs_options tag=5 trunks=1,2\n"), SWITCH PORT("b", " ovs_options tag=6\n"), have,
	       "run " BR " -- --may-exist add-port b p -- clear Port p trunks -- set Port p tag=6\n"
	       "undo " BR " -- --may-exist add-port b p -- set Port p tag=5 trunks=1,2\n");
	expect(SWITCH PORT("b", " ovs_options other_config:a=1 other_config:b=2\n"),
	       SWITCH PORT("b", " ovs_options other_config:b=2 -- set Interface p mtu_request=1400\n"), have,
	       "run " BR " -- --may-exist add-port b p -- remove Port p other_config a -- set Port p "
	       "other_config:b=2 -- set Interface p mtu_request=1400\n"
	       "undo " BR " -- --may-exist add-port b p -- set Port p other_config:a=1 other_config:b=2\n");
	expect(SWITCH "auto c\niface c inet manual\n ovs_type OVSBridge\n" PORT("b", ""),
	       SWITCH "auto c\niface c inet manual\n ovs_type OVSBridge\n" PORT("c", ""), have,
	       "run ovs-vsctl --timeout=15 -- --if-exists del-port p -- --may-exist add-br b -- --may-exist "
	       "add-br c -- --may-exist add-port c p\n"
	       "undo ovs-vsctl --timeout=15 -- --if-exists del-port p -- --may-exist add-br b -- --may-exist "
	       "add-br c -- --may-exist add-port b p\n");
	expect(SWITCH BOND("eno1 eno2"), SWITCH BOND("eno1 eno3"), have,
	       "run ovs-vsctl --timeout=15 -- --if-exists del-port o -- --may-exist add-br b -- --fake-iface "
	       "--may-exist add-bond b o eno1 eno3\n"
	       "undo ovs-vsctl --timeout=15 -- --if-exists del-port o -- --may-exist add-br b -- --fake-iface "
	       "--may-exist add-bond b o eno1 eno2\n");
}

/* What is refused between two configurations, "" when nothing is. */
static void expect_refusal(const char *before, const char *after, const char *want)
{
	const struct net_services have = {.have_ovs = true};
	struct pve_diags d = {0};
	struct config old, new;

	config_read(&old, before);
	config_read(&new, after);
	net_service_refuse(&have, &old.model, &new.model, &d);
	assert_string_equal(d.n ? d.v[0].msg : "", want);
	assert_true(d.n <= 1 && (!d.n || d.v[0].severity == PVE_ERROR));
	pve_diags_done(&d);
	config_done(&new);
	config_done(&old);
}

/* ovs-vsctl would not move it, and an internal port that is made anew has no addresses. */
static void test_ovs_internal(void **state)
{
#define TWO SWITCH "auto c\niface c inet manual\n ovs_type OVSBridge\n"
#define INTERNAL(bridge)                                                                           \
	"auto m\niface m inet static\n address 192.0.2.9/24\n ovs_type OVSIntPort\n ovs_bridge " bridge "\n"
	(void)state;
	expect_refusal(TWO INTERNAL("b"), TWO INTERNAL("c"),
		       "m: an internal port of Open vSwitch would lose its addresses on the way from b to c: "
		       "add one of another name to c, or take this one out and apply that first");
	expect_refusal(TWO INTERNAL("b"), TWO INTERNAL("b"), "");
	expect_refusal(TWO INTERNAL("b"), TWO, "");
	expect_refusal(TWO, TWO INTERNAL("c"), "");
	expect_refusal(TWO PORT("b", ""), TWO PORT("c", ""), "");
}

static void test_dhcp(void **state)
{
	static const char dhcp[] = "auto eno1\niface eno1 inet dhcp\niface eno1 inet6 dhcp\n";
	static const char fixed[] = "auto eno1\niface eno1 inet static\n address 192.0.2.9/24\n";
	struct net_services running = {.have_dhclient = true};

	(void)state;
#define FOUR "-pf /run/dhclient.eno1.pid -lf /var/lib/dhcp/dhclient.eno1.leases eno1\n"
#define SIX "-pf /run/dhclient6.eno1.pid -lf /var/lib/dhcp/dhclient6.eno1.leases eno1\n"
	expect("", dhcp, (struct net_services){.have_dhclient = true},
	       "run dhclient -4 " FOUR "undo dhclient -4 -r " FOUR "run dhclient -6 " SIX
	       "undo dhclient -6 -r " SIX);
	pve_strv_add(&running.dhcp, "4 eno1");
	pve_strv_add(&running.dhcp, "6 eno1");
	expect(dhcp, dhcp, running, "");
	running.dhcp = (struct pve_strv){0};
	pve_strv_add(&running.dhcp, "4 eno1");
	expect(dhcp, fixed, running, "run dhclient -4 -r " FOUR "undo dhclient -4 " FOUR);
	expect("", dhcp, (struct net_services){.have_dhclient = false}, "");
	/* Not started at boot. */
	expect("", "iface eno1 inet dhcp\n", (struct net_services){.have_dhclient = true}, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_ovs),
					   cmocka_unit_test(test_ovs_changes),
					   cmocka_unit_test(test_ovs_internal),
					   cmocka_unit_test(test_dhcp)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
