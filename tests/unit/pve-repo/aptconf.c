/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/scratch.h"
#include "pve-repo/aptconf.h"

static void parse(struct repo_aptconf *c, const char *text, struct pve_diags *d)
{
	repo_aptconf_init(c);
	repo_aptconf_parse(c, "f", pve_span(text), d);
}

static void values(void **state)
{
	struct pve_diags d = {0};
	struct repo_aptconf c;

	(void)state;
	parse(&c,
	      "APT { Get::Assume-Yes \"true\"; };\nacquire::Check-Date \"false\"; // no\n"
	      "Acquire::Check-Date \"off\"; /* last\none */ Dir::State \"/s\";\n"
	      "Dir::Etc { parts \"/p/\"; main \"m\"; }; Dir \"/d\"; Dir::State::lists \"l/\";",
	      &d);
	assert_int_equal(d.n, 0);
	assert_true(repo_aptconf_bool(&c, "apt::get::assume-yes", false));
	assert_false(repo_aptconf_bool(&c, "Acquire::Check-Date", true));
	assert_true(repo_aptconf_bool(&c, "No::Such", true));
	assert_int_equal(repo_aptconf_find(&c, "Acquire::Check-Date")->line, 3);
	assert_string_equal(repo_aptconf_path(&c, "Dir::State::lists"), "/s/l");
	assert_string_equal(repo_aptconf_path(&c, "Dir::Etc::parts"), "/p");
	assert_string_equal(repo_aptconf_path(&c, "Dir::Etc::main"), "/d/etc/apt/m");
	assert_string_equal(repo_aptconf_path(&c, "Dir::State::status"), "/var/lib/dpkg/status");
	repo_aptconf_done(&c);
}

static bool count(const struct repo_aptconf_item *item, void *data)
{
	(void)item;
	return ++*(int *)data < 100;
}

static void lists(void **state)
{
	struct pve_diags d = {0};
	struct repo_aptconf c;
	int n = 0;

	(void)state;
	parse(&c, "L { \"a\"; \"b c\"; };\nL:: d;\nM { \"a\"; }\n#clear M;\nM:: \"z\";\n", &d);
	assert_int_equal(d.n, 0);
	repo_aptconf_each(&c, "L", count, &n);
	assert_int_equal(n, 3);
	n = 0;
	repo_aptconf_each(&c, "M", count, &n);
	assert_int_equal(n, 1);
	assert_string_equal(repo_aptconf_get(&c, "L::"), "d");
	repo_aptconf_done(&c);
}

static void errors(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {{"A \"x\";\nB", 2}, {"A {\n\n", 3},    {"}\n", 1},
		   {"\nA \"x\n;", 2},  {"\n/* x", 2},     {"{ A \"b\"; };", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct pve_diags d = {0};
		struct repo_aptconf c;

		parse(&c, bad[i].text, &d);
		assert_true(d.errors > 0);
		assert_int_equal(d.v[0].line, bad[i].line);
		pve_diags_done(&d);
		repo_aptconf_done(&c);
	}
}

/* --- beside apt-config ---------------------------------------------------------------- */

#define CONF                                                                                       \
	"// made for a test\nAcquire::http::Proxy \"http://p:3128\";\n# a comment\n"               \
	"APT { Default-Release \"bookworm\"; Get { Assume-Yes yes; } };\n"                         \
	"X::Y { a \"1\"; b { c \"2\"; \"l1\"; \"l2\"; }; \"l3\"; };\nX::Z 5;\n"                    \
	"#clear X::Z;\nX::Q \"it is\" ;\nX::Q \"so\";\n"

/* What apt-config tells of each name that we read is the same. */
static void beside_apt(void **state)
{
	struct repo_aptconf c;
	struct pve_err e = {0};
	struct scratch s;
	char line[4096];
	int seen = 0;
	FILE *f;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/conf", CONF "Dir::Etc::parts \"/nowhere\"; Dir::Etc::main \"/none\";", 0644);
	{
		PVE_FREE char *path = pve_asprintf("%s/conf", s.dir);
		struct pve_sys host;

		setenv("APT_CONFIG", path, 1);
		assert_int_equal(pve_sys_init(&host, NULL, &e), 0);
		assert_int_equal(repo_aptconf_read(&c, &host, &e), 0);
		pve_sys_done(&host);
	}
	f = popen("apt-config dump --format '%F\t%v%n'", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *tab = strchr(line, '\t'), *key = line;
		size_t n;

		assert_non_null(tab);
		*tab++ = '\0';
		tab[strcspn(tab, "\n")] = '\0';
		n = strlen(key);
		if (n > 2 && strcmp(key + n - 2, "::") == 0)
			continue; /* of lists only the last one is found by name */
		if (!repo_aptconf_find(&c, key))
			continue;
		seen++;
		if (strcmp(repo_aptconf_get(&c, key), tab) != 0)
			fail_msg("%s is '%s' here and '%s' for apt", key,
				 repo_aptconf_get(&c, key), tab);
	}
	assert_int_equal(pclose(f), 0);
	assert_true(seen >= 22);
	repo_aptconf_done(&c);
	unsetenv("APT_CONFIG");
	scratch_done(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(lists),
		cmocka_unit_test(errors),
		cmocka_unit_test(beside_apt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
