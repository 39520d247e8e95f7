/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pveio/arc.h"
#include "scratch.h"

#define TEXT "Package: a\nVersion: 1\n\n"

/* TEXT, compressed by each program. */
static const struct {
	const char *name, *bytes;
	size_t n;
} files[] = {
	{"plain", TEXT, sizeof(TEXT) - 1},
	{"gzip",
	 "\037\213\010\000\000\000\000\000\000\003\013\110\114\316\116\114\117\265\122"
	 "\110\344\012\113\055\052\316\314\317\263\122\060\344\342\002\000\026\102\100"
	 "\200\027\000\000\000",
	 43},
	{"bzip2",
	 "\102\132\150\071\061\101\131\046\123\131\142\112\235\370\000\000\004\133\200"
	 "\000\020\100\000\040\020\101\000\052\251\230\000\040\000\042\043\115\062\036"
	 "\123\005\060\000\115\027\056\310\307\273\115\101\201\345\243\062\052\305\334"
	 "\221\116\024\044\030\222\247\176\000",
	 66},
	{"xz",
	 "\375\067\172\130\132\000\000\004\346\326\264\106\002\000\041\001\026\000\000"
	 "\000\164\057\345\243\001\000\026\120\141\143\153\141\147\145\072\040\141\012"
	 "\126\145\162\163\151\157\156\072\040\061\012\012\000\000\322\162\070\017\046"
	 "\256\057\011\000\001\057\027\201\010\111\261\037\266\363\175\001\000\000\000"
	 "\000\004\131\132",
	 80},
	{"lz4",
	 "\004\042\115\030\144\100\247\027\000\000\200\120\141\143\153\141\147\145\072"
	 "\040\141\012\126\145\162\163\151\157\156\072\040\061\012\012\000\000\000\000"
	 "\205\047\346\265",
	 42},
	{"zstd",
	 "\050\265\057\375\004\130\271\000\000\120\141\143\153\141\147\145\072\040\141"
	 "\012\126\145\162\163\151\157\156\072\040\061\012\012\105\337\041\364",
	 36},
};

static ssize_t read_all(const struct scratch *s, const char *bytes, size_t n, char *out,
			size_t max, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf("%s/f", s->dir);
	FILE *f = fopen(path, "w");
	struct pve_arc *arc;
	ssize_t got, sum = 0;

	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	arc = pve_arc_open(open(path, O_RDONLY | O_CLOEXEC), "f", e);
	if (!arc)
		return -1;
	while ((got = pve_arc_read(arc, out + sum, max - (size_t)sum < 5 ? 0 : 5, e)) > 0)
		sum += got;
	pve_arc_close(arc);
	return got < 0 ? -1 : sum;
}

static void every_kind(void **state)
{
	struct scratch s;
	char out[100];

	(void)state;
	scratch_new(&s);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct pve_err e = {0};
		ssize_t n = read_all(&s, files[i].bytes, files[i].n, out, sizeof(out), &e);

		if (n < 0)
			fail_msg("%s: %s", files[i].name, e.msg);
		assert_int_equal(n, sizeof(TEXT) - 1);
		assert_memory_equal(out, TEXT, sizeof(TEXT) - 1);
	}
	scratch_done(&s);
}

/* A file that is cut anywhere is never taken for a whole one. */
static void cut(void **state)
{
	struct scratch s;
	char out[100];

	(void)state;
	scratch_new(&s);
	for (size_t i = 1; i < sizeof(files) / sizeof(*files); i++)
		for (size_t n = 6; n < files[i].n; n += 3) {
			struct pve_err e = {0};

			if (read_all(&s, files[i].bytes, n, out, sizeof(out), &e) >= 0)
				fail_msg("%s cut to %zu bytes is read", files[i].name, n);
			assert_int_equal(e.code, PVE_DATA);
		}
	scratch_done(&s);
}

static void empty(void **state)
{
	struct pve_err e = {0};
	struct scratch s;
	char out[100];

	(void)state;
	scratch_new(&s);
	assert_int_equal(read_all(&s, "", 0, out, sizeof(out), &e), 0);
	assert_int_equal(read_all(&s, "B", 1, out, sizeof(out), &e), 1);
	scratch_done(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(cut),
		cmocka_unit_test(empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
