/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/out.h"

enum { NAME, COUNT, SIZE, UP, SINCE, NOTE, NCOLS };

static const struct pve_col cols[NCOLS] = {
	[NAME] = {"name", PVE_T_STR, false, "its name"},
	[COUNT] = {"count", PVE_T_INT, false, "how many"},
	[SIZE] = {"size", PVE_T_SIZE, false, "how large"},
	[UP] = {"up", PVE_T_BOOL, false, "is it up"},
	[SINCE] = {"since", PVE_T_TIME, true, "since when"},
	[NOTE] = {"note", PVE_T_STR, true, "free text"},
};

static struct pve_out *start(struct pve_out_opts opts)
{
	struct pve_err e = {0};
	struct pve_out *out = pve_out_new(cols, NCOLS, &opts, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(out);
	return out;
}

/* What is printed; the caller frees it.  Ends out. */
static char *printed(struct pve_out *out)
{
	struct pve_err e = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(pve_out_print(out, f, &e), 0);
	fclose(f);
	assert_int_equal(strlen(text), len);
	pve_out_free(out);
	return text;
}

static void expect(struct pve_out *out, const char *want)
{
	char *text = printed(out);

	assert_string_equal(text, want);
	free(text);
}

/* One row with everything set, one empty. */
static struct pve_out *two_rows(struct pve_out_opts opts)
{
	struct pve_out *out = start(opts);
	struct pve_row *row = pve_out_row(out, NULL);

	pve_row_str(row, NAME, "eth0");
	pve_row_int(row, COUNT, INT64_MIN);
	pve_row_size(row, SIZE, 1536);
	pve_row_bool(row, UP, true);
	pve_row_time(row, SINCE, 1000000000);
	pve_row_fmt(row, NOTE, "%s %d", "n", 1);
	pve_out_row(out, NULL);
	return out;
}

static void lines(void **state)
{
	(void)state;
	expect(two_rows((struct pve_out_opts){.no_header = true}),
	       "eth0\t-9223372036854775808\t1536\t1\n\t\t\t\n");
	expect(two_rows((struct pve_out_opts){.no_header = true, .columns = "note,since,name"}),
	       "n 1\t2001-09-09T01:46:40Z\teth0\n\t\t\n");
}

static void table(void **state)
{
	(void)state;
	expect(two_rows((struct pve_out_opts){.columns = "name,size,up,since,note"}),
	       "name size up  since                note\n"
	       "eth0 1.5K yes 2001-09-09T01:46:40Z n 1\n"
	       "-       - -   -                    -\n");
}

static void json(void **state)
{
	(void)state;
	expect(two_rows((struct pve_out_opts){.json = true, .columns = "+since"}),
	       "[\n  {\"name\": \"eth0\", \"count\": -9223372036854775808, \"size\": 1536, "
	       "\"up\": true, \"since\": \"2001-09-09T01:46:40Z\"},\n"
	       "  {\"name\": null, \"count\": null, \"size\": null, \"up\": null, "
	       "\"since\": null}\n]\n");
}

/* What is not known is an empty cell, not "" or a number below zero. */
static void cells_of_nothing(void **state)
{
	struct pve_out *out = start((struct pve_out_opts){.json = true, .columns = "name,count,note"});
	struct pve_row *row = pve_out_row(out, NULL);

	(void)state;
	pve_row_text(row, NAME, "");
	pve_row_text(row, NOTE, NULL);
	pve_row_count(row, COUNT, -1);
	row = pve_out_row(out, NULL);
	pve_row_text(row, NAME, "n");
	pve_row_count(row, COUNT, 0);
	expect(out, "[\n  {\"name\": null, \"count\": null, \"note\": null},\n"
		    "  {\"name\": \"n\", \"count\": 0, \"note\": null}\n]\n");
}

static void no_rows(void **state)
{
	(void)state;
	expect(start((struct pve_out_opts){0}), "");
	expect(start((struct pve_out_opts){.no_header = true}), "");
	expect(start((struct pve_out_opts){.json = true}), "[]\n");
}

static void columns(void **state)
{
	struct pve_out *out = start((struct pve_out_opts){.columns = "note,name"});

	(void)state;
	assert_true(pve_out_wants(out, NAME) && pve_out_wants(out, NOTE));
	assert_false(pve_out_wants(out, UP) || pve_out_wants(out, SINCE));
	pve_out_free(out);
	expect(two_rows((struct pve_out_opts){.no_header = true, .columns = "name,name"}),
	       "eth0\teth0\n\t\n");
	expect(two_rows((struct pve_out_opts){.no_header = true, .columns = "+name,note"}),
	       "eth0\t-9223372036854775808\t1536\t1\tn 1\n\t\t\t\t\n");
	expect(two_rows((struct pve_out_opts){.no_header = true, .columns = "up,+note,+up"}),
	       "1\tn 1\n\t\n");
}

static void unknown_columns(void **state)
{
	static const struct {
		const char *list, *msg;
	} cases[] = {
		{"nmae", "unknown column 'nmae'; did you mean 'name'? "
			 "(all: name,count,size,up,since,note)"},
		{"+xyzzy", "unknown column 'xyzzy' (all: name,count,size,up,since,note)"},
		{"name,", "unknown column '' (all: name,count,size,up,since,note)"},
		{",", "unknown column '' (all: name,count,size,up,since,note)"},
		{"NAME", "unknown column 'NAME' (all: name,count,size,up,since,note)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pve_out_opts opts = {.columns = cases[i].list};
		struct pve_err e = {0};

		assert_null(pve_out_new(cols, NCOLS, &opts, &e));
		assert_string_equal(e.msg, cases[i].msg);
		assert_int_equal(e.code, PVE_USAGE);
	}
}

/* --- bytes that nobody expects ---------------------------------------------------- */

static struct pve_out *hostile(struct pve_out_opts opts)
{
	struct pve_out *out;

	opts.columns = "note,name";
	out = start(opts);
	pve_row_str(pve_out_row(out, NULL), NOTE, "a\tb\nc\\\x1b[2J\x7f\xc2\x9b\xff\xc3\xbc");
	return out;
}

static void controls_in_lines(void **state)
{
	(void)state;
	expect(hostile((struct pve_out_opts){.no_header = true}),
	       "a\\tb\\nc\\\\\\x1b[2J\\x7f\\xc2\\x9b\\xff\xc3\xbc\t\n");
}

static void controls_in_json(void **state)
{
	char *text = printed(hostile((struct pve_out_opts){.json = true}));
	json_t *root = json_loads(text, 0, NULL);

	(void)state;
	assert_string_equal(text, "[\n  {\"note\": \"a\\tb\\nc\\\\\\u001B[2J\\u007F\\u009B"
				  "\xef\xbf\xbd\xc3\xbc\", \"name\": null}\n]\n");
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(json_array_get(root, 0), "note")),
			    "a\tb\nc\\\x1b[2J\x7f\xc2\x9b\xef\xbf\xbd\xc3\xbc");
	json_decref(root);
	free(text);
}

static void controls_in_a_table(void **state)
{
	static const char *const locales[] = {"C", "C.UTF-8"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *text;

		assert_non_null(setlocale(LC_CTYPE, locales[i]));
		text = printed(hostile((struct pve_out_opts){0}));
		for (const char *p = text; *p; p++)
			assert_true((unsigned char)*p >= 0x20 || *p == '\n');
		assert_non_null(strstr(text, "\na\\x09b\\x0ac\\\\x1b[2J\\x7f\\xc2\\x9b\\xff"));
		assert_true(!strstr(text, "\xc2\x9b") && !strchr(text, 0x7f));
		assert_int_equal(i, !!strstr(text, "\xff\xc3\xbc") || !!strstr(text, "\xc3\xbc"));
		free(text);
	}
	setlocale(LC_CTYPE, "C");
}

static void long_lines_stay_whole(void **state)
{
	struct pve_out *out = start((struct pve_out_opts){.columns = "note,name"});
	char note[3000], *text;

	(void)state;
	memset(note, 'x', sizeof(note));
	note[sizeof(note) - 1] = '\0';
	pve_row_str(pve_out_row(out, NULL), NOTE, note);
	text = printed(out);
	assert_non_null(strstr(text, note));
	free(text);
}

static void numbers_at_their_limits(void **state)
{
	struct pve_out *out =
		start((struct pve_out_opts){.no_header = true, .columns = "size,count"});
	struct pve_row *row = pve_out_row(out, NULL);

	(void)state;
	pve_row_size(row, SIZE, UINT64_MAX);
	pve_row_int(row, COUNT, INT64_MAX);
	expect(out, "18446744073709551615\t9223372036854775807\n");
	out = start((struct pve_out_opts){.json = true, .columns = "size"});
	pve_row_size(pve_out_row(out, NULL), SIZE, UINT64_MAX);
	expect(out, "[\n  {\"size\": 1.8446744073709552e19}\n]\n");
}

/* --- trees and colour ----------------------------------------------------------------- */

static struct pve_out *tree_of(struct pve_out_opts opts)
{
	struct pve_out *out;
	struct pve_row *top, *child;

	opts.tree = true;
	opts.columns = "name,note";
	out = start(opts);
	top = pve_out_row(out, NULL);
	pve_row_str(top, NAME, "vmbr0");
	child = pve_out_row(out, top);
	pve_row_str(child, NAME, "bond0");
	pve_row_str(pve_out_row(out, child), NAME, "eth0");
	pve_row_str(pve_out_row(out, top), NAME, "tap1");
	return out;
}

static void tree(void **state)
{
	(void)state;
	expect(tree_of((struct pve_out_opts){0}), "name     note\n"
						  "vmbr0    -\n"
						  "|-bond0  -\n"
						  "| `-eth0 -\n"
						  "`-tap1   -\n");
	expect(tree_of((struct pve_out_opts){.no_header = true}),
	       "vmbr0\t\nbond0\t\neth0\t\ntap1\t\n");
	expect(tree_of((struct pve_out_opts){.json = true}),
	       "[\n  {\"name\": \"vmbr0\", \"note\": null},\n"
	       "  {\"name\": \"bond0\", \"note\": null},\n"
	       "  {\"name\": \"eth0\", \"note\": null},\n"
	       "  {\"name\": \"tap1\", \"note\": null}\n]\n");
}

static void color_only_when_asked(void **state)
{
	(void)state;
	for (int color = 0; color < 2; color++) {
		struct pve_out *out =
			start((struct pve_out_opts){.color = color, .columns = "name"});
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, NAME, "x");
		pve_row_color(row, "red");
		expect(out, color ? "name\n\033[31mx\033[0m\n" : "name\nx\n");
	}
}

/* --- failures ----------------------------------------------------------------------------- */

static void full_disk(void **state)
{
	static const struct pve_out_opts shapes[] = {{0}, {.no_header = true}, {.json = true}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		FILE *f = fopen("/dev/full", "we");
		struct pve_out *out = two_rows(shapes[i]);
		struct pve_err e = {0};

		assert_non_null(f);
		assert_int_equal(pve_out_print(out, f, &e), -1);
		assert_string_equal(e.msg, "writing output: No space left on device");
		assert_int_equal(e.code, PVE_FAILED);
		assert_int_equal(e.sys, ENOSPC);
		pve_out_free(out);
		fclose(f);
	}
	pve_out_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(table),
		cmocka_unit_test(json),
		cmocka_unit_test(cells_of_nothing),
		cmocka_unit_test(no_rows),
		cmocka_unit_test(columns),
		cmocka_unit_test(unknown_columns),
		cmocka_unit_test(controls_in_lines),
		cmocka_unit_test(controls_in_json),
		cmocka_unit_test(controls_in_a_table),
		cmocka_unit_test(long_lines_stay_whole),
		cmocka_unit_test(numbers_at_their_limits),
		cmocka_unit_test(tree),
		cmocka_unit_test(color_only_when_asked),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
