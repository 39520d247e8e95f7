/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pve-net/ipv6.h"

static struct pve_strv words(const char *text)
{
	struct pve_strv l = {0};

	pve_strv_split(&l, pve_span(text), " ");
	return l;
}

static void decided_by(const struct ipv6_rules *r, const char *name, const char *file,
		       unsigned line, bool off)
{
	const struct ipv6_rule *rule = ipv6_rules_find(r, name);

	assert_non_null(rule);
	assert_string_equal(rule->file, file);
	assert_int_equal(rule->line, line);
	assert_int_equal(rule->off, off);
}

static void rules(void **state)
{
	struct ipv6_rules r = {0};

	(void)state;
	assert_null(ipv6_rules_find(&r, "eno1"));
	ipv6_rules_read(
		&r,
		pve_span("# c\nnet.ipv6.conf.default.disable_ipv6 = 1\r\n"
			 "net.ipv6.conf.all.forwarding = 1\nvm.swappiness=1\nnonsense\n=\n"),
		"a");
	decided_by(&r, "eno1", "a", 2, true);
	assert_null(ipv6_rules_find(&r, "all"));

	ipv6_rules_read(&r,
			pve_span("net.ipv6.conf.eno1.disable_ipv6=0\n"
				 "-net/ipv6/conf/eno1.50/disable_ipv6 = 1\n"),
			"b");
	decided_by(&r, "eno1", "b", 1, false);
	decided_by(&r, "eno1.50", "b", 2, true);
	decided_by(&r, "eno2", "a", 2, true);

	/* all comes later and takes every link with it, but not default */
	ipv6_rules_read(&r, pve_span("net.ipv6.conf.all.disable_ipv6=0"), "c");
	decided_by(&r, "eno1", "c", 1, false);
	decided_by(&r, "eno1.50", "c", 1, false);
	decided_by(&r, "all", "c", 1, false);

	/* and a link again */
	ipv6_rules_read(&r, pve_span("net.ipv6.conf.eno1/50.disable_ipv6 = 1"), "d");
	decided_by(&r, "eno1.50", "d", 1, true);
	decided_by(&r, "eno1", "c", 1, false);

	/* a glob counts where no line names the link */
	ipv6_rules_read(
		&r,
		pve_span("net.ipv6.conf.en*.disable_ipv6 = 1\n-net.ipv6.conf.eno7.disable_ipv6"),
		"e");
	decided_by(&r, "eno2", "e", 1, true);
	decided_by(&r, "eno1", "c", 1, false);
	decided_by(&r, "eno7", "c", 1, false);
	ipv6_rules_done(&r);
}

static void off_is(const char *was, const char *names, const char *want)
{
	struct pve_strv n = words(names);
	PVE_BUF out = {0};

	assert_int_equal(ipv6_snippet_off(pve_span(was), &n, &out, NULL), 0);
	assert_string_equal(pve_buf_str(&out), want);
	pve_strv_done(&n);
}

static void on_is(const char *was, const char *names, const char *want)
{
	struct pve_strv n = words(names);
	PVE_BUF out = {0};

	assert_int_equal(ipv6_snippet_on(pve_span(was), &n, &out, NULL), 0);
	assert_string_equal(pve_buf_str(&out), want);
	pve_strv_done(&n);
}

#define GUIDE "net.ipv6.conf.all.disable_ipv6 = 1\nnet.ipv6.conf.default.disable_ipv6 = 1\n"

static void snippet(void **state)
{
	(void)state;
	off_is("", "", GUIDE);
	off_is(GUIDE, "", GUIDE);
	off_is("", "eno1.50", "net.ipv6.conf.eno1/50.disable_ipv6 = 1\n");
	off_is(GUIDE, "eno1", GUIDE "net.ipv6.conf.eno1.disable_ipv6 = 1\n");
	on_is(GUIDE, "", "");
	on_is("# mine\n" GUIDE, "", "# mine\n");
	on_is(GUIDE "net.ipv6.conf.eno1/50.disable_ipv6 = 1\n", "eno1.50", GUIDE);
	on_is(GUIDE "net.ipv6.conf.eno1/50.disable_ipv6 = 1\n", "", "");
	on_is("", "eno1", "");
}

static void values(const char *now_, const char *names_, const char *want_, const char *record_)
{
	struct pve_strv now = words(now_), names = words(names_), old = {0}, want = {0},
			record = {0}, after = {0}, back = {0}, left = {0};
	char *text;

	ipv6_want_off(&now, &names, &want);
	ipv6_record_off(&old, &now, &want, &record);
	text = pve_strv_join(&want, " ");
	assert_string_equal(text, want_);
	free(text);
	text = pve_strv_join(&record, " ");
	assert_string_equal(text, record_);
	free(text);

	/* on gives back exactly what was there */
	for (size_t i = 0; i < now.n; i++) {
		char *v = pve_strdup(now.v[i]), *eq = strrchr(v, '=');
		char wanted;

		*eq = '\0';
		wanted = ipv6_value(&want, v);
		pve_strv_addf(&after, "%s=%c", v, wanted ? wanted : eq[1]);
		free(v);
	}
	ipv6_want_on(&after, &record, &names, &back);
	for (size_t i = 0; i < back.n; i++)
		assert_true(pve_strv_has(&now, back.v[i]));
	assert_int_equal(back.n, want.n);
	ipv6_record_on(&record, &back, &left);
	assert_int_equal(left.n, 0);

	pve_strv_done(&now);
	pve_strv_done(&names);
	pve_strv_done(&want);
	pve_strv_done(&record);
	pve_strv_done(&after);
	pve_strv_done(&back);
}

static void off_and_on(void **state)
{
	(void)state;
	values("all=0 default=0 eno1=0 tap100i0=1", "", "all=1 default=1 eno1=1 tap100i0=1",
	       "all=0 default=0 eno1=0 tap100i0=1");
	values("all=0 default=0 eno1=0 eno2=1", "eno1 eno2 eno3", "eno1=1 eno2=1", "eno1=0 eno2=1");
	values("all=0 eno1.50=0 a=b=0", "eno1.50 a=b", "eno1.50=1 a=b=1", "eno1.50=0 a=b=0");
}

/* After a reboot there is no record: links of guests stay off, as Proxmox VE makes them. */
static void on_without_record(void **state)
{
	struct pve_strv now = words("all=1 default=1 eno1=1 fwln100i0=1 tap100i0=1 vmbr0=1"),
			none = {0}, one = words("tap100i0"), want = {0}, asked = {0};
	char *text;

	(void)state;
	ipv6_want_on(&now, &none, &none, &want);
	text = pve_strv_join(&want, " ");
	assert_string_equal(text, "all=0 default=0 eno1=0 fwln100i0=1 tap100i0=1 vmbr0=0");
	free(text);
	ipv6_want_on(&now, &none, &one, &asked);
	assert_string_equal(asked.v[0], "tap100i0=0");
	pve_strv_done(&now);
	pve_strv_done(&one);
	pve_strv_done(&want);
	pve_strv_done(&asked);
}

/* A second off does not forget the first. */
static void off_twice(void **state)
{
	struct pve_strv old = words("eno1=0"), now = words("all=0 eno1=1 eno2=0"),
			want = words("all=1 eno1=1 eno2=1"), record = {0};
	char *text;

	(void)state;
	ipv6_record_off(&old, &now, &want, &record);
	text = pve_strv_join(&record, " ");
	assert_string_equal(text, "eno1=0 all=0 eno2=0");
	free(text);
	pve_strv_done(&old);
	pve_strv_done(&now);
	pve_strv_done(&want);
	pve_strv_done(&record);
}

static void warnings(void **state)
{
	struct pve_diags d = {0};
	struct net_conf conf = {0};
	struct pve_strv none = {0}, other = words("eno2");

	(void)state;
	ipv6_warn_hosts(pve_span("::1 pve localhost\n2001:db8::1 other # pve\nff02::1 pve\n"
				 "2001:db8::2 pve.example.org pve\n192.0.2.1 pve\n"),
			"hosts", pve_span("pve"), &d);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.v[0].line, 4);
	ipv6_warn_corosync(pve_span("nodelist {\n  node {\n    ring0_addr: 10.0.0.1\n"
				    "    ring1_addr: fd00::1\n  }\n}\n"),
			   "corosync.conf", &d);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.v[1].line, 4);

	net_conf_parse(&conf, "interfaces",
		       pve_span("iface lo inet6 loopback\niface eno1 inet manual\n"
				"iface eno1 inet6 auto\niface eno2 inet6 manual\n"));
	ipv6_warn_stanzas(&conf, &other, &d);
	assert_int_equal(d.n, 2);
	ipv6_warn_stanzas(&conf, &none, &d);
	assert_int_equal(d.n, 3);
	assert_int_equal(d.v[2].line, 3);
	pve_diags_done(&d);
	net_conf_done(&conf);
	pve_strv_done(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),      cmocka_unit_test(snippet),
		cmocka_unit_test(off_and_on), cmocka_unit_test(on_without_record),
		cmocka_unit_test(off_twice),  cmocka_unit_test(warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
