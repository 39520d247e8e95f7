/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manifest of an ESP: what is written is read back, and what is no manifest is told line by
 * line. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pve-boot/manifest.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FIRST "pve-boot manifest 1\n"
#define LINE(path) A64 "\t5\t1\t2\t3\t" path "\t/boot/x\n"

static void put(struct manifest *m, const char *path, uint64_t size, const char *source)
{
	struct manifest_file f = {
		.size = size, .mtime = 1, .ctime = 2, .inode = 3, .path = path, .source = source};

	memcpy(f.sha256, A64, sizeof(f.sha256));
	manifest_put(m, &f);
}

static void round_trip(void **state)
{
	struct manifest m = {0}, again = {0};
	struct pve_diags diags = {0};
	PVE_BUF text = {0};

	(void)state;
	put(&m, "vmlinuz-1", 5, "/boot/vmlinuz-1");
	put(&m, "odd\tname\n\\", 0, "");
	manifest_format(&m, &text);
	assert_string_equal(text.data, FIRST A64 "\t5\t1\t2\t3\tvmlinuz-1\t/boot/vmlinuz-1\n" A64
						 "\t0\t1\t2\t3\todd\\tname\\n\\\\\t\nend 2\n");
	assert_int_equal(
		manifest_parse(&again, (struct pve_span){text.data, text.len}, "m", &diags), 0);
	assert_int_equal(again.n, 2);
	assert_string_equal(again.v[1].path, "odd\tname\n\\");
	assert_string_equal(again.v[0].source, "/boot/vmlinuz-1");
	assert_int_equal(again.v[0].inode, 3);
	manifest_done(&m);
	manifest_done(&again);
	pve_diags_done(&diags);
}

static void put_replaces_and_remove_forgets(void **state)
{
	struct manifest m = {0};

	(void)state;
	put(&m, "a", 1, "");
	put(&m, "b", 2, "");
	put(&m, "A", 3, "/boot/a");
	assert_int_equal(m.n, 2);
	assert_int_equal(manifest_find(&m, "a")->size, 3);
	manifest_remove(&m, "a");
	manifest_remove(&m, "never");
	assert_int_equal(m.n, 1);
	assert_string_equal(m.v[0].path, "b");
	assert_null(manifest_find(&m, "a"));
	manifest_done(&m);
}

static const struct {
	const char *text;
	const char *told; /* the first diagnostic; NULL: it is good */
	size_t files;
} texts[] = {
	{FIRST "end 0\n", NULL, 0},
	{FIRST LINE("x") "end 1\n", NULL, 1},
	{FIRST LINE("x") "end 1", NULL, 1},
	{"", "m: the last line is missing: the manifest is not whole", 0},
	{FIRST LINE("x"), "m: the last line is missing: the manifest is not whole", 1},
	{FIRST LINE("x") LINE("y") "end 1\n",
	 "m:4: the number of files is another: the manifest is not whole", 2},
	{"manifest 9\nend 0\n", "m:1: does not begin with 'pve-boot manifest 1'", 0},
	{FIRST LINE("x") LINE("X") "end 2\n", "m:3: the file is listed already", 1},
	{FIRST "end 0\n" LINE("x"), "m:3: something stands behind the end", 0},
	{FIRST "a b\n" LINE("x") "end 2\n", "m:2: no line of seven fields", 1},
	{FIRST "aa\t5\t1\t2\t3\tx\t\nend 1\n", "m:2: no SHA-256 digest in the first field", 0},
	{FIRST A64 "\t-5\t1\t2\t3\tx\t\nend 1\n", "m:2: size, times and inode are not all numbers",
	 0},
	{FIRST LINE("../x") "end 1\n", "m:2: no path of a file in the sixth field or the seventh",
	 0},
	{FIRST LINE("/x") "end 1\n", "m:2: no path of a file in the sixth field or the seventh", 0},
	{FIRST LINE("x/") "end 1\n", "m:2: no path of a file in the sixth field or the seventh", 0},
	{FIRST LINE("x\\x00y") "end 1\n",
	 "m:2: no path of a file in the sixth field or the seventh", 0},
};

static void what_is_no_manifest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct manifest m = {0};
		struct pve_diags diags = {0};
		int rc = manifest_parse(&m, pve_span(texts[i].text), "m", &diags);

		print_message("# %zu\n", i);
		assert_int_equal(rc, texts[i].told ? -1 : 0);
		assert_int_equal(m.n, texts[i].files);
		if (texts[i].told) {
			PVE_FREE char *told = pve_diag_format(&diags.v[0]);

			assert_string_equal(told, texts[i].told);
		}
		manifest_done(&m);
		pve_diags_done(&diags);
	}
}

static void no_endless_manifest(void **state)
{
	struct manifest m = {0};
	struct pve_diags diags = {0};
	PVE_BUF text = {0};

	(void)state;
	pve_buf_puts(&text, FIRST);
	for (int i = 0; i <= MANIFEST_FILES_MAX; i++)
		pve_buf_printf(&text, A64 "\t5\t1\t2\t3\tf%d\t\n", i);
	pve_buf_printf(&text, "end %d\n", MANIFEST_FILES_MAX + 1);
	assert_int_equal(manifest_parse(&m, (struct pve_span){text.data, text.len}, "m", &diags),
			 -1);
	assert_int_equal(m.n, MANIFEST_FILES_MAX);
	manifest_done(&m);
	pve_diags_done(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(put_replaces_and_remove_forgets),
		cmocka_unit_test(what_is_no_manifest),
		cmocka_unit_test(no_endless_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
