/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "pvecommon/conf_colon.h"

static void open_file(struct pve_conf_colon *c, const char *text)
{
	*c = (struct pve_conf_colon){0};
	pve_conf_colon_parse(c, pve_span(text), "config", NULL);
}

static void is_text(const struct pve_conf_colon *c, const char *want)
{
	PVE_BUF b = {0};

	pve_conf_colon_format(c, &b);
	assert_string_equal(pve_buf_str(&b), want);
}

static void reads(void **state)
{
	struct pve_conf_colon c = {0};
	struct pve_diags d = {0};
	const struct pve_conf_colon_key *k;

	(void)state;
	pve_conf_colon_parse(&c,
			     pve_span("#text\nacme: account=a\nacmedomain0:  d.example,plugin=x \n"
				      "\nstartall-onboot-delay: 10"),
			     "config", &d);
	assert_int_equal(d.n, 0);
	k = pve_conf_colon_find(&c, "acmedomain0");
	assert_true(pve_span_eq(k->value, "d.example,plugin=x"));
	assert_int_equal(k->line, 2);
	assert_non_null(pve_conf_colon_find(&c, "startall-onboot-delay"));
	assert_null(pve_conf_colon_find(&c, "acmedomain1"));
	assert_null(pve_conf_colon_find(&c, ""));
	pve_conf_colon_done(&c);
}

static void reports_all_and_keeps_all(void **state)
{
	static const char text[] = "acme: a\n acme: b\nAcme: c\nacme:\nwhat\nacme1a: d\nacme: e\n"
				   "[x]\n  \n-a: b\ndescription:\n";
	static const unsigned lines[] = {2, 3, 4, 5, 6, 7, 8, 10, 11};
	struct pve_conf_colon c = {0};
	struct pve_diags d = {0};

	(void)state;
	pve_conf_colon_parse(&c, pve_span(text), "config", &d);
	assert_int_equal(d.n, sizeof(lines) / sizeof(*lines));
	for (size_t i = 0; i < d.n; i++) {
		assert_int_equal(d.v[i].line, lines[i]);
		assert_int_equal(d.v[i].severity, lines[i] == 7 ? PVE_WARNING : PVE_ERROR);
	}
	assert_true(pve_span_eq(pve_conf_colon_find(&c, "acme")->value, "e"));
	is_text(&c, text);
	pve_diags_done(&d);
	pve_conf_colon_done(&c);
}

static void sets(void **state)
{
	struct pve_conf_colon c;

	(void)state;
	open_file(&c, "#d\r\nacme: a\r\nlocation:  x \r\nacme: b");
	assert_int_equal(pve_conf_colon_set(&c, "acme", pve_span("b"), NULL), 0);
	assert_int_equal(pve_conf_colon_set(&c, "location", pve_span("x"), NULL), 0);
	is_text(&c, "#d\r\nacme: a\r\nlocation:  x \r\nacme: b");
	assert_int_equal(pve_conf_colon_set(&c, "acme", pve_span("c"), NULL), 0);
	assert_int_equal(pve_conf_colon_set(&c, "location", pve_span("y=1: 2"), NULL), 0);
	is_text(&c, "#d\r\nacme: a\r\nlocation:  y=1: 2 \r\nacme: c");
	assert_int_equal(pve_conf_colon_set(&c, "wakeonlan", pve_span("m"), NULL), 0);
	assert_int_equal(pve_conf_colon_set(&c, "acmedomain0", pve_span("d"), NULL), 0);
	is_text(&c, "#d\r\nacme: a\r\nacmedomain0: d\r\nlocation:  y=1: 2 \r\nacme: c\r\n"
		    "wakeonlan: m\r\n");
	assert_true(pve_conf_colon_remove(&c, "acme"));
	assert_false(pve_conf_colon_remove(&c, "acme"));
	is_text(&c, "#d\r\nacmedomain0: d\r\nlocation:  y=1: 2 \r\nwakeonlan: m\r\n");
	pve_conf_colon_done(&c);
}

static void refuses_what_it_cannot_hold(void **state)
{
	static const struct {
		const char *key, *value;
	} cases[] = {{"acme", ""},     {"acme", "a\nb"}, {"acme", " a"}, {"Acme", "a"},
		     {"acme: x", "a"}, {"", "a"},        {"1", "a"},     {"description", "a"}};
	struct pve_conf_colon c;
	struct pve_err e = {0};

	(void)state;
	open_file(&c, "acme: a\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(pve_conf_colon_set(&c, cases[i].key, pve_span(cases[i].value), &e),
				 -1);
		assert_int_equal(e.code, PVE_USAGE);
	}
	is_text(&c, "acme: a\n");
	pve_conf_colon_done(&c);
}

static void describes_as(const char *before, const char *text, const char *after)
{
	struct pve_conf_colon c;
	PVE_BUF b = {0};

	open_file(&c, before);
	pve_conf_colon_describe(&c, pve_span(text));
	is_text(&c, after);
	assert_int_equal(pve_conf_colon_description(&c, &b), *text != '\0');
	if (*text && text[strlen(text) - 1] == '\n')
		pve_buf_putc(&b, '\n');
	assert_string_equal(pve_buf_str(&b), text);
	pve_conf_colon_done(&c);
}

static void descriptions(void **state)
{
	(void)state;
	describes_as("", "a", "#a\n");
	describes_as("acme: a\n", "50%: \xc3\xa9\ttab\n\nend",
		     "#50%25%3A %C3%A9%09tab\n#\n#end\nacme: a\n");
	describes_as("#%61\nacme: a\ndescription: b%3a\n", "a\nb:\n",
		     "#%61\nacme: a\ndescription: b%3a\n");
	describes_as("#a\nacme: a\n#b\n#c\n", "a\nx", "#a\nacme: a\n#x\n");
	describes_as("#a\nacme: a\n", "a\nb\nc", "#a\n#b\n#c\nacme: a\n");
	describes_as("#a\nacme: a\n#b\n", "", "acme: a\n");
	describes_as("#a\n", "100%\n% 1%zz", "#100%25\n#%25 1%25zz\n");
	describes_as("#100%\n#%zz", "100%\n%zz", "#100%\n#%zz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),        cmocka_unit_test(reports_all_and_keeps_all),
		cmocka_unit_test(sets),         cmocka_unit_test(refuses_what_it_cannot_hold),
		cmocka_unit_test(descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
