/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pvecommon/conf_section.h"

static const char STORAGE[] = "dir: local\n"
			      "\tpath /var/lib/vz\n"
			      "\tcontent iso,vztmpl,backup\n"
			      "\n"
			      "# the installer's\n"
			      "zfspool: local-zfs\n"
			      "\tpool rpool/data\n"
			      "\tsparse\n"
			      "\t# both kinds\n"
			      "\tcontent images,rootdir\n"
			      "\n";

static void open_file(struct pve_conf_section_file *f, const char *text)
{
	*f = (struct pve_conf_section_file){0};
	pve_conf_section_parse(f, pve_span(text), "storage.cfg", NULL);
}

static void is_text(const struct pve_conf_section_file *f, const char *want)
{
	PVE_BUF b = {0};

	pve_conf_section_format(f, &b);
	assert_string_equal(pve_buf_str(&b), want);
}

static void reads(void **state)
{
	struct pve_conf_section_file f = {0};
	struct pve_diags d = {0};
	const struct pve_conf_section_key *k;
	struct pve_conf_section *s;

	(void)state;
	pve_conf_section_parse(&f, pve_span(STORAGE), "storage.cfg", &d);
	assert_int_equal(d.n, 0);
	assert_int_equal(f.n, 2);
	s = pve_conf_section_find(&f, "ZFSpool", "local-zfs");
	assert_ptr_equal(s, &f.v[1]);
	assert_int_equal(s->line, 5);
	assert_int_equal(s->end, 10);
	assert_int_equal(s->nkeys, 3);
	k = pve_conf_section_get(&f, s, "pool");
	assert_true(pve_span_eq(k->value, "rpool/data"));
	assert_int_equal(k->line, 6);
	assert_int_equal(pve_conf_section_get(&f, s, "sparse")->value.len, 0);
	assert_null(pve_conf_section_get(&f, s, "path"));
	assert_null(pve_conf_section_find(&f, "dir", "local-zfs"));
	assert_null(pve_conf_section_find(&f, NULL, "LOCAL"));
	assert_ptr_equal(pve_conf_section_find(&f, NULL, "local"), &f.v[0]);
	is_text(&f, STORAGE);
	pve_conf_section_done(&f);
}

static void headers(void **state)
{
	static const struct {
		const char *line, *type, *id; /* type NULL: no header */
	} cases[] = {
		{"graphite:", "graphite", "graphite"},
		{"dir:local", "dir", "local"},
		{"dir: \tlocal  ", "dir", "local"},
		{"nfs: a:b", "nfs", "a:b"},
		{"a:b: c", "a:b", "c"},
		{"a:b:c", "a:b", "c"},
		{"dir : local", NULL, NULL},
		{"dir: a b", NULL, NULL},
		{"a:b c", NULL, NULL},
		{": local", NULL, NULL},
		{"dir", NULL, NULL},
		{" dir: local", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_conf_section_file f = {0};
		struct pve_diags d = {0};

		pve_conf_section_parse(&f, pve_span(cases[i].line), "f", &d);
		assert_int_equal(f.n, cases[i].type != NULL);
		assert_int_equal(d.errors, cases[i].type == NULL);
		if (cases[i].type) {
			assert_true(pve_span_eq(f.v[0].type, cases[i].type));
			assert_true(pve_span_eq(f.v[0].id, cases[i].id));
			assert_int_equal(f.v[0].bare, i == 0);
		}
		pve_diags_done(&d);
		pve_conf_section_done(&f);
	}
}

static void reports_all_and_keeps_all(void **state)
{
	static const char text[] = "stray\n"
				   "dir: a\n"
				   "\tpath /a\n"
				   "path /b\n"
				   "\tpath /c\n"
				   "  \n"
				   "lvm: b\n"
				   "\n"
				   "\tindented x\n"
				   "lvm: a\r\n"
				   "\tvgname v\r\n";
	static const char *const want[] = {
		"storage.cfg:1: line belongs to no section: ignored",
		"storage.cfg:4: line is not indented and no section header: ignored",
		"storage.cfg:5: 'path' is given again in section 'a'",
		"storage.cfg:6: a line of blanks does not end section 'a'",
		"storage.cfg:7: an empty line is missing before section 'b'",
		"storage.cfg:9: line belongs to no section: ignored",
		"storage.cfg:10: line ends in CR LF, so Proxmox VE sees no empty lines",
		"storage.cfg:10: section 'a' is defined again: this one counts",
	};
	struct pve_conf_section_file f = {0};
	struct pve_diags d = {0};

	(void)state;
	pve_conf_section_parse(&f, pve_span(text), "storage.cfg", &d);
	assert_int_equal(d.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < d.n; i++) {
		PVE_FREE char *line = pve_diag_format(&d.v[i]);

		assert_string_equal(line, want[i]);
	}
	assert_int_equal(d.errors, 4);
	assert_int_equal(f.n, 2);
	assert_ptr_equal(pve_conf_section_find(&f, NULL, "a"), &f.v[1]);
	assert_true(pve_span_eq(pve_conf_section_get(&f, &f.v[0], "path")->value, "/a"));
	assert_true(f.keys[1].repeated);
	is_text(&f, text);
	pve_diags_done(&d);
	pve_conf_section_done(&f);
}

static void sets_keys(void **state)
{
	struct pve_conf_section_file f;
	struct pve_conf_section *s;

	(void)state;
	open_file(&f, "a: x\n    k  v \n    b\n    #c\n\na: y\n\na: z");
	s = pve_conf_section_find(&f, "a", "x");
	assert_int_equal(pve_conf_section_set(&f, s, "k", pve_span("v"), NULL), 0);
	is_text(&f, "a: x\n    k  v \n    b\n    #c\n\na: y\n\na: z");
	assert_int_equal(pve_conf_section_set(&f, s, "k", pve_span("new v"), NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s, "b", pve_span("1"), NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s, "n", pve_span("w"), NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s + 1, "flag", pve_span(""), NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s + 2, "k", pve_span("#v"), NULL), 0);
	is_text(&f,
		"a: x\n    k  new v \n    b 1\n    n w\n    #c\n\na: y\n\tflag\n\na: z\n\tk #v\n");
	assert_int_equal(pve_conf_section_set(&f, s, "k", pve_span(""), NULL), 0);
	assert_int_equal(pve_conf_section_get(&f, s, "k")->value.len, 0);
	is_text(&f, "a: x\n    k \n    b 1\n    n w\n    #c\n\na: y\n\tflag\n\na: z\n\tk #v\n");
	pve_conf_section_done(&f);
}

static void refuses_what_it_cannot_hold(void **state)
{
	struct pve_conf_section_file f;
	struct pve_err e = {0};

	(void)state;
	open_file(&f, STORAGE);
	assert_int_equal(pve_conf_section_set(&f, f.v, "path", pve_span("a\nb: c"), &e), -1);
	assert_int_equal(e.code, PVE_USAGE);
	assert_int_equal(pve_conf_section_set(&f, f.v, "path", pve_span(" x"), &e), -1);
	assert_int_equal(pve_conf_section_set(&f, f.v, "a b", pve_span("x"), &e), -1);
	assert_int_equal(pve_conf_section_set(&f, f.v, "#a", pve_span("x"), &e), -1);
	assert_int_equal(pve_conf_section_set(&f, f.v, "", pve_span("x"), &e), -1);
	assert_int_equal(pve_conf_section_add(&f, "dir", "local", NULL, &e), -1);
	assert_int_equal(e.code, PVE_FAILED);
	assert_string_equal(e.msg, "a section 'local' is there already");
	assert_int_equal(pve_conf_section_add(&f, "dir", "a b", NULL, &e), -1);
	assert_int_equal(pve_conf_section_add(&f, "", "a", NULL, &e), -1);
	assert_int_equal(pve_conf_section_add(&f, "dir", "a\n", NULL, &e), -1);
	is_text(&f, STORAGE);
	pve_conf_section_done(&f);
}

static void removes_keys(void **state)
{
	struct pve_conf_section_file f;

	(void)state;
	open_file(&f, "a: x\n\tk 1\n\tl 2\n\t# of k\n\tk 3\n\na: y\n\tk 4\n");
	assert_true(pve_conf_section_remove(&f, &f.v[0], "k"));
	assert_false(pve_conf_section_remove(&f, &f.v[0], "k"));
	is_text(&f, "a: x\n\tl 2\n\t# of k\n\na: y\n\tk 4\n");
	assert_true(pve_conf_section_remove(&f, &f.v[0], "l"));
	assert_int_equal(f.v[0].nkeys, 0);
	assert_int_equal(f.n, 2);
	pve_conf_section_done(&f);
}

/* Adding and dropping gives the same bytes, but for a last line that was not terminated. */
static void adds_and_drops(void **state)
{
	static const char *const files[] = {"",
					    "\n",
					    STORAGE,
					    "a: x\n\tk 1\n",
					    "# only\n",
					    "a: x\r\n\tk 1\r\n\r\n",
					    "a: x\n\n# end\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct pve_conf_section_file f;
		struct pve_conf_section *s = NULL;

		open_file(&f, files[i]);
		assert_int_equal(pve_conf_section_add(&f, "lvm", "new", &s, NULL), 0);
		assert_int_equal(pve_conf_section_set(&f, s, "vgname", pve_span("v"), NULL), 0);
		assert_ptr_equal(s, pve_conf_section_find(&f, "lvm", "new"));
		assert_int_equal(s->nkeys, 1);
		pve_conf_section_drop(&f, s);
		is_text(&f, files[i]);
		pve_conf_section_done(&f);
	}
}

static void added_sections_read_well(void **state)
{
	struct pve_conf_section_file f;
	struct pve_conf_section *s;

	(void)state;
	open_file(&f, "a: x\n\tk 1");
	assert_int_equal(pve_conf_section_add(&f, "b", "y", &s, NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s, "k", pve_span("2"), NULL), 0);
	is_text(&f, "a: x\n\tk 1\n\nb: y\n\tk 2\n");
	pve_conf_section_done(&f);
	open_file(&f, "");
	assert_int_equal(pve_conf_section_add(&f, "b", "y", &s, NULL), 0);
	assert_int_equal(pve_conf_section_set(&f, s, "k", pve_span("2"), NULL), 0);
	is_text(&f, "b: y\n\tk 2\n\n");
	pve_conf_section_done(&f);
}

static void drops_with_its_comment(void **state)
{
	struct pve_conf_section_file f;

	(void)state;
	open_file(&f, "# file\n\n# one\n# two\na: x\n\tk 1\n\n# of y\na: y\n\tk 2\n");
	pve_conf_section_drop(&f, &f.v[0]);
	is_text(&f, "# file\n\n# of y\na: y\n\tk 2\n");
	pve_conf_section_drop(&f, &f.v[0]);
	is_text(&f, "# file\n");
	assert_int_equal(f.n, 0);
	pve_conf_section_done(&f);
}

static void many_sections(void **state)
{
	struct pve_conf_section_file f = {0};
	struct pve_diags d = {0};
	PVE_BUF b = {0};

	(void)state;
	for (int i = 0; i < 20000; i++)
		pve_buf_printf(&b, "dir: s%d\n\tpath /%d\n\tk%d\n\n", i, i, i);
	pve_conf_section_parse(&f, (struct pve_span){b.data, b.len}, "f", &d);
	assert_int_equal(d.n, 0);
	assert_int_equal(f.n, 20000);
	assert_int_equal(f.nkeys, 40000);
	pve_conf_section_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(headers),
		cmocka_unit_test(reports_all_and_keeps_all),
		cmocka_unit_test(sets_keys),
		cmocka_unit_test(refuses_what_it_cannot_hold),
		cmocka_unit_test(removes_keys),
		cmocka_unit_test(adds_and_drops),
		cmocka_unit_test(added_sections_read_well),
		cmocka_unit_test(drops_with_its_comment),
		cmocka_unit_test(many_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
