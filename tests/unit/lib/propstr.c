/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pvecommon/propstr.h"

static void open_string(struct pve_propstr *p, const char *text)
{
	*p = (struct pve_propstr){0};
	pve_propstr_parse(p, pve_span(text), "domain", NULL, 0, NULL);
}

static void is_text(const struct pve_propstr *p, const char *want)
{
	PVE_BUF b = {0};

	pve_propstr_format(p, &b);
	assert_string_equal(pve_buf_str(&b), want);
}

static bool has(const struct pve_propstr *p, const char *key, const char *value)
{
	const struct pve_prop *part = pve_propstr_find(p, key);

	return part && pve_span_eq(part->value, value);
}

static void reads(void **state)
{
	struct pve_propstr p = {0};
	struct pve_diags d = {0};

	(void)state;
	pve_propstr_parse(&p, pve_span("plugin=x,d.example,alias=a=b, c"), "domain", "f", 3, &d);
	assert_int_equal(d.errors, 1); /* the second bare part */
	assert_true(has(&p, "domain", "d.example"));
	assert_true(has(&p, "plugin", "x"));
	assert_true(has(&p, "alias", "a=b"));
	assert_null(pve_propstr_find(&p, ""));
	assert_int_equal(p.n, 4);
	is_text(&p, "plugin=x,d.example,alias=a=b, c");
	pve_diags_done(&d);
	pve_propstr_done(&p);
}

static void reports(void **state)
{
	static const struct {
		const char *text, *want;
		size_t n;
		enum pve_severity severity;
	} cases[] = {
		{"", NULL, 0, 0},
		{"a", NULL, 0, 0},
		{"domain=a", NULL, 0, 0},
		{"a,", "f:7: empty part between commas", 1, PVE_WARNING},
		{",", "f:7: empty part between commas", 2, PVE_WARNING},
		{" \t", "f:7: empty part between commas", 1, PVE_WARNING},
		{"a,domain=b", "f:7: key 'domain' is given twice", 1, PVE_ERROR},
		{"x=1,x=1", "f:7: key 'x' is given twice", 1, PVE_ERROR},
		{"x=", "f:7: 'x=' has no value", 1, PVE_ERROR},
		{"=x", "f:7: '=x' has no key", 1, PVE_ERROR},
		{"=", "f:7: '=' has no key", 1, PVE_ERROR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_propstr p = {0};
		struct pve_diags d = {0};

		pve_propstr_parse(&p, pve_span(cases[i].text), "domain", "f", 7, &d);
		assert_int_equal(d.n, cases[i].n);
		if (d.n) {
			PVE_FREE char *line = pve_diag_format(&d.v[0]);

			assert_string_equal(line, cases[i].want);
			assert_int_equal(d.v[0].severity, cases[i].severity);
		}
		is_text(&p, cases[i].text);
		pve_diags_done(&d);
		pve_propstr_done(&p);
	}
}

static void bare_without_default(void **state)
{
	struct pve_propstr p = {0};
	struct pve_diags d = {0};

	(void)state;
	pve_propstr_parse(&p, pve_span("a,b=c"), NULL, "f", 1, &d);
	assert_int_equal(d.errors, 1);
	assert_string_equal(d.v[0].msg, "'a' has no key");
	assert_int_equal(pve_propstr_set(&p, "b", pve_span("d"), NULL), 0);
	is_text(&p, "a,b=d");
	pve_diags_done(&d);
	pve_propstr_done(&p);
}

static void edits(void **state)
{
	static const struct {
		const char *before, *key, *value, *after; /* value NULL: remove */
	} cases[] = {
		{"", "domain", "a", "a"},
		{"", "plugin", "x", "plugin=x"},
		{"plugin=x", "domain", "a", "a,plugin=x"},
		{"a,plugin=x", "domain", "b", "b,plugin=x"},
		{"domain=a,plugin=x", "domain", "b", "domain=b,plugin=x"},
		{"a,plugin=x", "domain", "b=c", "domain=b=c,plugin=x"},
		{"a", "alias", "b=c d", "a,alias=b=c d"},
		{"a,,plugin=x,", "plugin", "x", "a,,plugin=x,"},
		{"a,,plugin=x,", "plugin", "y", "a,,plugin=y,"},
		{"a,plugin=x,plugin=y,b", "plugin", NULL, "a,b"},
		{"a,plugin=x", "domain", NULL, "plugin=x"},
		{"a", "domain", NULL, ""},
		{"a,=,b=", "b", NULL, "a,=,b="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_propstr p;

		open_string(&p, cases[i].before);
		if (cases[i].value)
			assert_int_equal(
				pve_propstr_set(&p, cases[i].key, pve_span(cases[i].value), NULL),
				0);
		else
			pve_propstr_remove(&p, cases[i].key);
		is_text(&p, cases[i].after);
		if (cases[i].value)
			assert_true(has(&p, cases[i].key, cases[i].value));
		else
			assert_null(pve_propstr_find(&p, cases[i].key));
		pve_propstr_done(&p);
	}
}

static void refuses_what_it_cannot_hold(void **state)
{
	static const struct {
		const char *key, *value;
	} cases[] = {{"x", ""}, {"x", "a,b"}, {"x", "a\nb"}, {"x", " a"},
		     {"", "a"}, {"a=b", "c"}, {"a,b", "c"},  {"domain", ""}};
	struct pve_propstr p;
	struct pve_err e = {0};

	(void)state;
	open_string(&p, "a,x=y");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(pve_propstr_set(&p, cases[i].key, pve_span(cases[i].value), &e),
				 -1);
		assert_int_equal(e.code, PVE_USAGE);
	}
	is_text(&p, "a,x=y");
	pve_propstr_done(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(reports),
		cmocka_unit_test(bare_without_default),
		cmocka_unit_test(edits),
		cmocka_unit_test(refuses_what_it_cannot_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
