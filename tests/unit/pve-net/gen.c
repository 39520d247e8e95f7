/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/scratch.h"
#include "pve-net/model.h"
#include "pve-net/probe_gen.h"

static void sample(struct net_gen *g)
{
	*g = (struct net_gen){
		.time = 1764245082,
		.user = "alice",
		.login = "",
		.from = "192.0.2.7",
		.via = "apply",
		.why = "two\nlines, a \\ and \xff",
		.plan = pve_span("change /etc/network/interfaces: \n"),
	};
	net_gen_add(g, "/etc/network/interfaces", 0644, pve_span("iface a inet manual\nsource x\n"));
	net_gen_add(g, "/etc/network/interfaces.d/odd\nname", 0600, pve_span("end\n"));
	net_gen_add(g, "/etc/network/interfaces.d/empty", 0644, (struct pve_span){NULL, 0});
}

static void every_field_comes_back(void **state)
{
	NET_GEN g = {0};
	NET_GEN back = {0};
	PVE_BUF bytes = {0};
	PVE_BUF again = {0};
	struct pve_err e = {0};

	(void)state;
	sample(&g);
	net_gen_format(&g, &bytes);
	if (net_gen_parse((struct pve_span){bytes.data, bytes.len}, &back, &e) < 0)
		fail_msg("%s", e.msg);
	net_gen_format(&back, &again);
	assert_int_equal(again.len, bytes.len);
	assert_memory_equal(again.data, bytes.data, bytes.len);
	assert_string_equal(back.why, g.why);
	assert_int_equal(back.file[1].mode, 0600);
	assert_string_equal(back.file[1].path, g.file[1].path);
	assert_true(net_gen_same(&g, &back));
	/* No prefix of it is taken for one. */
	for (size_t n = 0; n < bytes.len; n++) {
		struct net_gen part;

		assert_int_equal(net_gen_parse((struct pve_span){bytes.data, n}, &part, &e), -1);
		assert_int_equal(e.code, PVE_DATA);
	}
}

static void damage_is_named_by_line(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"", "not a generation of pve-net"},
		{"pve-net generation 2\n", "not a generation of pve-net"},
		{"pve-net generation 1\ntime x\n", "line 2 is damaged"},
		{"pve-net generation 1\ntime 1\nuser a\nlogin \nfrom \nvia \nwhy \nplan 9\n", "line 8"},
		{"pve-net generation 1\ntime 1\nuser \nlogin \nfrom \nvia \nwhy \nplan 2\na\n\n"
		 "file 1 0644 etc\nx\nend\n",
		 "line 12"},
		{"pve-net generation 1\ntime 1\nuser \nlogin \nfrom \nvia \nwhy \nplan 0\n\n"
		 "file 1 644 /etc\nx\nend\n",
		 "line 10"},
		{"pve-net generation 1\ntime 1\nuser \nlogin \nfrom \nvia \nwhy \nplan 0\n\nend\nmore\n",
		 "line 10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_err e = {0};
		struct net_gen g;

		assert_int_equal(net_gen_parse(pve_span(cases[i].text), &g, &e), -1);
		if (!strstr(e.msg, cases[i].error))
			fail_msg("case %zu: %s", i, e.msg);
	}
}

static void as_a_configuration(void **state)
{
	NET_GEN g = {0};
	struct net_conf c;
	struct net_model m;

	(void)state;
	net_gen_add(&g, NET_INTERFACES, 0644, pve_span("iface a inet manual\n"));
	net_gen_add(&g, "/etc/network/interfaces.d/b", 0644, pve_span("iface b inherits a\n"));
	net_gen_conf(&g, &c);
	net_model_read(&m, &c);
	assert_false(c.missing);
	assert_int_equal(m.nifaces, 2);
	assert_int_equal(c.diags.errors, 0);
	net_model_done(&m);
	net_conf_done(&c);
}

static void diff_names_the_files(void **state)
{
	NET_GEN a = {0};
	NET_GEN b = {0};
	PVE_BUF out = {0};

	(void)state;
	net_gen_add(&a, "/same", 0644, pve_span("x\n"));
	net_gen_add(&b, "/same", 0644, pve_span("x\n"));
	net_gen_add(&a, "/gone", 0644, pve_span("g\n"));
	net_gen_add(&b, "/new", 0644, pve_span("n\n"));
	net_gen_diff(&a, &b, &out);
	assert_string_equal(pve_buf_str(&out), "--- /gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
					       "--- /dev/null\n+++ /new\n@@ -0,0 +1 @@\n+n\n");
}

/* The text of the plan that adds one generation to a store that holds from..to. */
static void planned(unsigned from, unsigned to, const char *last, const char *now,
		    struct pve_buf *text)
{
	struct net_gen_store store = {.parent = to > 0, .dir = to > 0};
	NET_GEN newest = {0};
	NET_GEN before = {0};
	NET_GEN after = {0};
	PVE_PLAN plan = {0};

	store.number = pve_calloc(to + 1, sizeof(unsigned));
	for (unsigned i = from; i <= to && to; i++)
		store.number[store.n++] = i;
	newest.number = to;
	net_gen_add(&newest, "/f", 0644, pve_span(last ? last : ""));
	net_gen_add(&before, "/f", 0644, pve_span(now));
	net_gen_add(&after, "/f", 0644, pve_span("after"));
	net_gen_plan(&plan, &store, last ? &newest : NULL, &before, &after);
	assert_int_equal(pve_plan_verify(&plan, NULL), 0);
	pve_plan_format(&plan, text);
	net_gen_store_done(&store);
}

static void store_grows_and_stays_bounded(void **state)
{
	PVE_BUF first = {0};
	PVE_BUF same = {0};
	PVE_BUF hand = {0};
	PVE_BUF none = {0};
	PVE_BUF edited = {0};
	PVE_BUF back = {0};

	(void)state;
	planned(1, 0, NULL, "x", &first);
	assert_string_equal(pve_buf_str(&first),
			    "mkdir /var/lib/pve-net: for what pve-net has to remember\n"
			    "mkdir /var/lib/pve-net/generations: for the generations to roll back to\n"
			    "create /var/lib/pve-net/generations/1: the files as they were\n"
			    "create /var/lib/pve-net/generations/2: to be able to roll back to it\n");
	planned(5, 54, "x", "x", &same);
	assert_string_equal(pve_buf_str(&same),
			    "create /var/lib/pve-net/generations/55: to be able to roll back to it\n"
			    "remove /var/lib/pve-net/generations/5: only the last 50 are kept\n");
	/* What is there already is not added once more. */
	planned(5, 54, "after", "after", &none);
	assert_int_equal(none.len, 0);
	planned(1, 1, "x", "after", &edited);
	assert_string_equal(pve_buf_str(&edited), "create /var/lib/pve-net/generations/2: to be "
						  "able to roll back to it\n");
	planned(1, 1, "after", "y", &back);
	assert_string_equal(pve_buf_str(&back),
			    "create /var/lib/pve-net/generations/2: the files as somebody else has "
			    "left them\n"
			    "create /var/lib/pve-net/generations/3: to be able to roll back to it\n");
	planned(5, 54, "x", "y", &hand);
	assert_string_equal(pve_buf_str(&hand),
			    "create /var/lib/pve-net/generations/55: the files as somebody else has "
			    "left them\n"
			    "create /var/lib/pve-net/generations/56: to be able to roll back to it\n"
			    "remove /var/lib/pve-net/generations/5: only the last 50 are kept\n"
			    "remove /var/lib/pve-net/generations/6: only the last 50 are kept\n");
}

static void store_is_read(void **state)
{
	NET_GEN g = {0};
	NET_GEN last = {0};
	PVE_BUF bytes = {0};
	struct pve_err e = {0};
	NET_GEN_STORE store = {0};
	struct scratch s;
	bool there = true;

	(void)state;
	scratch_new(&s);
	assert_int_equal(net_gen_last(&s.sys, &last, &there, &e), 0);
	assert_false(there);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, NET_GEN_DIR, NULL), 0);
	sample(&g);
	net_gen_format(&g, &bytes);
	scratch_put(&s, NET_GEN_DIR "/9", pve_buf_str(&bytes), 0600);
	scratch_put(&s, NET_GEN_DIR "/10", pve_buf_str(&bytes), 0600);
	scratch_put(&s, NET_GEN_DIR "/.11.pve-net.tmp", "", 0600);
	scratch_put(&s, NET_GEN_DIR "/012", "", 0600);
	scratch_put(&s, NET_GEN_DIR "/10.bak", "", 0600);
	assert_int_equal(net_gen_list(&s.sys, &store, &e), 0);
	assert_int_equal(store.n, 2);
	assert_int_equal(store.number[1], 10);
	assert_int_equal(net_gen_last(&s.sys, &last, &there, &e), 0);
	assert_true(there && last.number == 10 && net_gen_same(&last, &g));
	net_gen_done(&last);
	assert_int_equal(net_gen_read(&s.sys, 3, &last, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	scratch_put(&s, NET_GEN_DIR "/11", "junk", 0600);
	assert_int_equal(net_gen_last(&s.sys, &last, &there, &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_non_null(strstr(e.msg, "generations/11: not a generation"));
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_back),
		cmocka_unit_test(damage_is_named_by_line),
		cmocka_unit_test(as_a_configuration),
		cmocka_unit_test(diff_names_the_files),
		cmocka_unit_test(store_grows_and_stays_bounded),
		cmocka_unit_test(store_is_read),
	};

	return cmocka_run_group_tests_name("gen", tests, NULL, NULL);
}
