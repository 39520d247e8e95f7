/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pvecommon/deb822.h"
#include "pvecommon/dpkg.h"
#include "pvecommon/err.h"
#include "scratch.h"

/* --- deb822 ------------------------------------------------------------------------ */

static void stanzas(void **state)
{
	struct pve_span text = pve_span("\n\nA: 1\nB: 2\n\n\r\n\nA: 3\r\nB:\r\n 4\r\n\r\nA: 5"), s;

	(void)state;
	assert_true(pve_deb822_next(&text, &s));
	assert_true(pve_span_eq(s, "A: 1\nB: 2"));
	assert_true(pve_deb822_next(&text, &s));
	assert_true(pve_span_eq(pve_deb822_get(s, "a"), "3"));
	assert_true(pve_span_eq(pve_deb822_get(s, "B"), "4"));
	assert_null(pve_deb822_get(s, "C").p);
	assert_true(pve_deb822_next(&text, &s));
	assert_true(pve_span_eq(s, "A: 5"));
	assert_false(pve_deb822_next(&text, &s));
}

static void fields(void **state)
{
	struct pve_span s = pve_span(" stray\nA : x  \n y\n# no\n .\nbad line\nB:\n"), name, value,
			l;

	(void)state;
	assert_true(pve_deb822_field(&s, &name, &value));
	assert_true(pve_span_eq(name, "A"));
	assert_true(pve_deb822_line(&value, &l) && pve_span_eq(l, "x"));
	assert_true(pve_deb822_line(&value, &l) && pve_span_eq(l, "y"));
	assert_true(pve_deb822_line(&value, &l) && pve_span_eq(l, "# no"));
	assert_true(pve_deb822_line(&value, &l) && pve_span_eq(l, "."));
	assert_false(pve_deb822_line(&value, &l));
	assert_true(pve_deb822_field(&s, &name, &value));
	assert_true(pve_span_eq(name, "B") && value.len == 0 && value.p);
	assert_false(pve_deb822_field(&s, &name, &value));
}

static void yes(void **state)
{
	(void)state;
	assert_true(pve_deb822_yes(pve_span("Yes")));
	assert_true(pve_deb822_yes(pve_span("1")));
	assert_false(pve_deb822_yes(pve_span("no")));
	assert_false(pve_deb822_yes(pve_span("")));
}

/* The fast loop finds an end wherever it lies, and never one that is none. */
static void end_anywhere(void **state)
{
	static const char *const ends[] = {"\n\n", "\n\r\n"};
	char text[400];

	(void)state;
	for (unsigned which = 0; which < 2; which++)
		for (size_t at = 0; at < 300; at++) {
			size_t n = strlen(ends[which]);

			memset(text, 'x', sizeof(text));
			text[at / 2] = '\n'; /* single newlines, and CR LF, are none */
			text[at / 3] = '\r';
			memcpy(text + at, ends[which], n);
			if (at && text[at - 1] == '\n')
				continue;
			assert_int_equal(pve_deb822_end((struct pve_span){text, sizeof(text)}),
					 at + n);
			assert_int_equal(pve_deb822_end((struct pve_span){text, at + n}), at + n);
			assert_int_equal(pve_deb822_end((struct pve_span){text, at + n - 1}), 0);
		}
}

/* --- status ------------------------------------------------------------------------ */

#define STATUS                                                                                     \
	"Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2-3\n"          \
	"Source: sa (9-9)\nDescription: x\n y\n\n"                                                 \
	"Package: b\nStatus: hold ok installed\nArchitecture: all\nVersion: 1\n\n"                 \
	"Package: c\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n"       \
	"Package: a\nStatus: install reinstreq half-installed\nArchitecture: i386\n"               \
	"Version: 1:2-2\nSource: sa\n"

static void status(void **state)
{
	struct pve_dpkg_package *a, *b;
	struct pve_err e = {0};
	struct pve_dpkg db;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/status", STATUS, 0644);
	assert_int_equal(pve_dpkg_read(&db, &s.sys, "/status", &e), 0);
	assert_int_equal(db.n, 4);
	a = pve_dpkg_find(&db, pve_span("a"));
	assert_true(a && pve_span_eq(a->version, "1:2-3") && pve_span_eq(a->arch, "amd64"));
	assert_true(pve_span_eq(a->source, "sa") && pve_span_eq(a->source_version, "9-9"));
	assert_true(a->want == PVE_DPKG_INSTALL && a->state == PVE_DPKG_INSTALLED);
	a = a->next;
	assert_true(a && pve_span_eq(a->arch, "i386") && a->reinstall && pve_dpkg_present(a));
	assert_true(pve_span_eq(a->source, "sa") && pve_span_eq(a->source_version, "1:2-2"));
	assert_null(a->next);
	b = pve_dpkg_find(&db, pve_span("b"));
	assert_true(b && b->want == PVE_DPKG_HOLD && pve_span_eq(b->source, "b"));
	assert_true(pve_span_eq(pve_dpkg_version(&db, "a"), "1:2-3"));
	assert_null(pve_dpkg_version(&db, "c").p);
	assert_null(pve_dpkg_version(&db, "d").p);
	pve_dpkg_done(&db);
	scratch_done(&s);
}

static void bad_status(void **state)
{
	struct pve_err e = {0};
	struct pve_dpkg db;
	struct scratch s;

	(void)state;
	scratch_new(&s);
	scratch_put(&s, "/status",
		    "Package: a\nStatus: install ok installed\nVersion: 1\n\nStatus: install ok\n\n"
		    "Package: c\nStatus: install ok perfect\n\nPackage: d\n",
		    0644);
	assert_int_equal(pve_dpkg_read(&db, &s.sys, "/status", &e), -1);
	assert_int_equal(e.code, PVE_DATA);
	assert_string_equal(e.msg, "/status:5: a stanza without a field Package\n"
				   "/status:7: a Status that is not three known words\n"
				   "/status:10: a package without a field Status");
	assert_int_equal(pve_dpkg_read(&db, &s.sys, "/none", &e), -1);
	scratch_done(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stanzas), cmocka_unit_test(fields),
		cmocka_unit_test(yes),     cmocka_unit_test(end_anywhere),
		cmocka_unit_test(status),  cmocka_unit_test(bad_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
