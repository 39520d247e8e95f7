/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-acme/accounts.h"
#include "pve-acme/box.h"
#include "pve-acme/domains.h"
#include "pve-acme/node.h"
#include "pve-acme/plugins.h"
#include "pvecommon/mem.h"

struct conf {
	struct pve_conf_colon config;
	struct acme_domains d;
	struct pve_diags diags;
};

static void read_config(struct conf *c, const char *text)
{
	*c = (struct conf){0};
	pve_conf_colon_parse(&c->config, pve_span(text), "f", NULL);
	acme_domains_parse(&c->d, &c->config, "f", &c->diags);
}

static void conf_done(struct conf *c)
{
	acme_domains_done(&c->d);
	pve_conf_colon_done(&c->config);
	pve_diags_done(&c->diags);
}

static void names_and_how_they_are_validated(void **state)
{
	struct conf c;

	(void)state;
	read_config(&c, "acme: account=le,domains=A.example;b.example\n"
			"acmedomain2: plugin=dns1,domain=c.example,alias=_x.d.example\n"
			"acmedomain5: e.example\nacmedomain6: f.example\n");
	assert_int_equal(c.diags.errors, 0);
	assert_string_equal(c.d.account, "le");
	assert_int_equal(c.d.n, 4);
	assert_string_equal(c.d.v[0].name, "a.example");
	assert_string_equal(c.d.v[0].plugin, "standalone");
	assert_string_equal(c.d.v[2].name, "c.example");
	assert_string_equal(c.d.v[2].plugin, "dns1");
	assert_string_equal(c.d.v[2].alias, "_x.d.example");
	assert_string_equal(c.d.v[2].key, "acmedomain2");
	assert_int_equal(c.d.v[2].line, 2);
	assert_null(acme_domains_find(&c.d, "f.example"));
	conf_done(&c);
}

static void the_account_is_default(void **state)
{
	struct conf c;

	(void)state;
	read_config(&c, "acme: domains=a.example\n");
	assert_string_equal(c.d.account, "default");
	conf_done(&c);
	read_config(&c, "acme: other\n");
	assert_string_equal(c.d.account, "other");
	assert_int_equal(c.d.n, 0);
	conf_done(&c);
	read_config(&c, "");
	assert_string_equal(c.d.account, "default");
	conf_done(&c);
}

static void what_is_a_name(void **state)
{
	static const struct {
		const char *name;
		int good; /* 1: also for Proxmox VE; 2: for us only */
	} cases[] = {
		{"a.example", 1}, {"xn--bcher-kva.example", 1}, {"a_b-c.1.example", 1}, {"1.2", 1},
		{"*.a.example", 2}, {"192.0.2.1", 2}, {"2001:db8::1", 2}, {"example", 0},
		{"a.example.", 0}, {".example", 0}, {"a..b", 0}, {"-a.example", 0}, {"_a.example", 0},
		{"*.example.*", 0}, {"*", 0}, {"*.", 0}, {"a.*.example", 0}, {"a b.example", 0},
		{"b\303\274cher.example", 0}, {"a/b.example", 0},
		{"1234567890123456789012345678901234567890123456789012345678901234.example", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		PVE_FREE char *text = pve_asprintf("acmedomain0: domain=%s\n", cases[i].name);
		struct conf c;

		read_config(&c, text);
		if (c.d.n != (cases[i].good > 0) || (c.d.n && c.d.v[0].foreign != (cases[i].good == 2)))
			fail_msg("%s", cases[i].name);
		assert_int_equal(c.diags.errors, !cases[i].good);
		conf_done(&c);
	}
}

static void a_name_twice_names_both_keys(void **state)
{
	struct conf c;

	(void)state;
	read_config(&c, "acme: domains=a.example;A.EXAMPLE\nacmedomain1: a.example\n");
	assert_int_equal(c.diags.errors, 2);
	assert_string_equal(c.diags.v[0].msg, "'a.example' is named twice, by acme and by acme");
	assert_string_equal(c.diags.v[1].msg, "'a.example' is named twice, by acme and by acmedomain1");
	assert_int_equal(c.diags.v[1].line, 2);
	conf_done(&c);
}

static void plugins_are_read(void **state)
{
	static const char text[] = "dns: one\n\tapi ovh\n\tdata QT1iCiNjCkI9ImMgZCIK\n\tnodes n1,n2\n"
				   "\tvalidation-delay 5\n\tdisable\n\n"
				   "standalone: tls\n\tapi tls-alpn\n\ndns: bad\n\tvalidation-delay x\n\n"
				   "mail: odd\n\tapi x\n";
	struct pve_conf_section_file f = {0};
	struct acme_plugins p = {0};
	struct pve_arena mem = {0};
	struct pve_diags d = {0};
	const struct acme_plugin *one;

	(void)state;
	pve_conf_section_parse(&f, pve_span(text), "f", &d);
	acme_plugins_parse(&p, &f, "f", &d);
	assert_int_equal(d.errors, 3); /* the delay, no api, the type */
	one = acme_plugins_find(&p, "one");
	assert_string_equal(one->api, "ovh");
	assert_string_equal(one->data, "A=b\n#c\nB=\"c d\"\n");
	assert_string_equal(acme_plugin_data(one, "B", &mem), "c d");
	assert_null(acme_plugin_data(one, "C", &mem));
	assert_int_equal(one->delay, 5);
	assert_true(one->disabled);
	assert_true(acme_plugin_is_for(one, "n2"));
	assert_false(acme_plugin_is_for(one, "n3"));
	assert_string_equal(acme_plugin_challenge(one), "dns-01");
	assert_string_equal(acme_plugin_challenge(acme_plugins_find(&p, "tls")), "tls-alpn-01");
	one = acme_plugins_find(&p, "standalone");
	assert_int_equal(one->line, 0);
	assert_string_equal(acme_plugin_challenge(one), "http-01");
	acme_plugins_done(&p);
	pve_conf_section_done(&f);
	pve_arena_done(&mem);
	pve_diags_done(&d);
}

static void accounts_keep_what_is_not_known(void **state)
{
	static const char text[] = "{\"zeta\": [1, 2.5, null], \"key\": \"K\", \"directoryUrl\": \"D\", "
				   "\"debug\": true}";
	struct acme_stored a = {0};
	PVE_BUF out = {0};

	(void)state;
	assert_int_equal(acme_stored_parse(&a, pve_span(text), NULL), 0);
	assert_string_equal(a.directory, "D");
	assert_null(a.location);
	assert_int_equal(acme_stored_set_account(&a, "{\"status\":\"valid\"}", "L", NULL), 0);
	acme_stored_format(&a, &out);
	assert_string_equal(pve_buf_str(&out), "{\n"
					       "   \"account\": {\n"
					       "      \"status\": \"valid\"\n"
					       "   },\n"
					       "   \"debug\": true,\n"
					       "   \"directory\": \"D\",\n"
					       "   \"directoryUrl\": \"D\",\n"
					       "   \"key\": \"K\",\n"
					       "   \"location\": \"L\",\n"
					       "   \"zeta\": [\n"
					       "      1,\n"
					       "      2.5,\n"
					       "      null\n"
					       "   ]\n"
					       "}\n");
	acme_stored_done(&a);
}

static void nodes_by_name_and_link(void **state)
{
	struct acme_node n = {0};

	(void)state;
	assert_true(acme_node_set_link(&n, "nodes/pve-1"));
	assert_string_equal(n.key, "/etc/pve/nodes/pve-1/pveproxy-ssl.key");
	assert_true(acme_node_set_link(&n, "/etc/pve/nodes/b"));
	assert_false(acme_node_set_link(&n, "nodes/"));
	assert_false(acme_node_set_link(&n, "x/y"));
	assert_false(acme_node_set(&n, "../x"));
	assert_false(acme_node_set(&n, "-a"));
	assert_false(acme_node_set(&n, ""));
	assert_string_equal(n.name, "b");
}

static void boxes_hold_several_lines_and_no_control_character(void **state)
{
	const struct acme_box_row rows[] = {{"k", "one\ntwo words"}, {"long", "\033["}, {"none", ""}};
	PVE_BUF out = {0};

	(void)state;
	acme_box_format(rows, 3, true, &out);
	assert_string_equal(pve_buf_str(&out), "+------+-----------+\n"
					       "| key  | value     |\n"
					       "+======+===========+\n"
					       "| k    | one       |\n"
					       "|      | two words |\n"
					       "+------+-----------+\n"
					       "| long | \\x1b[     |\n"
					       "+------+-----------+\n"
					       "| none |           |\n"
					       "+------+-----------+\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_how_they_are_validated),
		cmocka_unit_test(the_account_is_default),
		cmocka_unit_test(what_is_a_name),
		cmocka_unit_test(a_name_twice_names_both_keys),
		cmocka_unit_test(plugins_are_read),
		cmocka_unit_test(accounts_keep_what_is_not_known),
		cmocka_unit_test(nodes_by_name_and_link),
		cmocka_unit_test(boxes_hold_several_lines_and_no_control_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
