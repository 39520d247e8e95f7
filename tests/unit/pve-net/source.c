/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files make up a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../lib/scratch.h"
#include "pve-net/source.h"

/* "name:path ..." of the iface stanzas, in reading order. */
static char *order(const struct net_conf *c)
{
	struct pve_buf b = {0};

	for (size_t i = 0; i < c->nstanzas; i++)
		if (c->stanza[i]->kind == NET_IFACE)
			pve_buf_printf(&b, "%s%.*s", b.len ? " " : "",
				       PVE_SPAN_ARG(c->stanza[i]->name));
	pve_buf_puts(&b, "");
	return pve_buf_take(&b);
}

static void setup_tree(struct scratch *s, const char *main_text)
{
	scratch_new(s);
	assert_int_equal(pve_fs_mkdir_parents(&s->sys, "/etc/network/interfaces.d/dir", NULL), 0);
	scratch_put(s, "/etc/network/interfaces", main_text, 0644);
	scratch_put(s, "/etc/network/interfaces.d/b", "iface b inet manual\n", 0644);
	scratch_put(s, "/etc/network/interfaces.d/a", "iface a inet manual\n", 0644);
	scratch_put(s, "/etc/network/interfaces.d/c.bak", "iface c inet manual\n", 0644);
	scratch_put(s, "/etc/network/interfaces.d/.d", "iface d inet manual\n", 0644);
	scratch_put(s, "/etc/extra", "iface e inet manual\nsource extra\n", 0644);
}

static void orders(void **state)
{
	static const struct {
		const char *text, *want;
		size_t files, diags;
	} cases[] = {
		{"iface x inet manual\n", "x", 1, 0},
		{"source /etc/network/interfaces.d/*\niface x inet manual\n", "a b c x", 4, 1},
		{"source interfaces.d/[ab]\n", "a b", 3, 0},
		{"source interfaces.d/?\n", "a b", 3, 0},
		{"source-directory interfaces.d\niface x inet manual\n", "a b x", 3, 1},
		{"source-directory inter*\n", "a b", 3, 1},
		{"source interfaces.d/b interfaces.d/a\n", "b a", 3, 0},
		{"source /etc/*/interfaces.d/a\n", "a", 2, 0},
		/* Twice, itself, out of the root, nothing there. */
		{"source interfaces.d/a\nsource interfaces.d/a\niface x inet manual\n", "a x", 2,
		 1},
		{"source interfaces\niface x inet manual\n", "x", 1, 1},
		{"source ../extra\n", "e", 2, 1},
		{"source ../../../../../../etc/extra\n", "e", 2, 1},
		{"source nothing\nsource no*\nsource-directory nothing\n", "", 1, 2},
		{"source $HOME/x\n", "", 1, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pve_err e = {0};
		struct net_conf c;
		struct scratch s;
		char *got;

		setup_tree(&s, cases[i].text);
		assert_int_equal(net_conf_read(&c, &s.sys, NET_INTERFACES, &e), 0);
		got = order(&c);
		assert_string_equal(got, cases[i].want);
		assert_int_equal(c.nfiles, cases[i].files);
		assert_int_equal(c.diags.n, cases[i].diags);
		assert_false(c.missing);
		free(got);
		net_conf_done(&c);
		scratch_done(&s);
	}
}

static void failures(void **state)
{
	struct pve_err e = {0};
	struct net_conf c;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	assert_int_equal(net_conf_read(&c, &s.sys, NET_INTERFACES, &e), 0);
	assert_true(c.missing && !c.nfiles && !c.nstanzas);
	net_conf_done(&c);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, NET_INTERFACES, NULL), 0);
	assert_int_equal(net_conf_read(&c, &s.sys, NET_INTERFACES, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_null(c.file);
	scratch_done(&s);
}

/* Forty files, each sourcing the next. */
static void depth(void **state)
{
	struct net_conf c;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/etc/network", NULL), 0);
	scratch_put(&s, NET_INTERFACES, "source f0\n", 0644);
	for (int i = 0; i < 40; i++) {
		PVE_FREE char *path = pve_asprintf("/etc/network/f%d", i);
		PVE_FREE char *text = pve_asprintf("source f%d\niface i%d inet manual\n", i + 1, i);

		scratch_put(&s, path, text, 0644);
	}
	assert_int_equal(net_conf_read(&c, &s.sys, NET_INTERFACES, NULL), 0);
	assert_int_equal(c.nfiles, 32);
	assert_int_equal(c.diags.n, 1);
	net_conf_done(&c);
	scratch_done(&s);
}

static void inherits(void **state)
{
	static const char text[] = "iface a inet static inherits b\n"
				   "iface b inet static\n"
				   "iface c inet static inherits b\n"
				   "iface d inet static inherits d\n";
	struct net_conf c;

	(void)state;
	net_conf_parse(&c, "f", pve_span(text));
	assert_int_equal(c.diags.n, 2);
	assert_int_equal(c.diags.v[0].line, 1);
	assert_int_equal(c.diags.v[1].line, 4);
	assert_int_equal(c.diags.errors, 2);
	net_conf_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(failures),
					   cmocka_unit_test(depth), cmocka_unit_test(inherits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
