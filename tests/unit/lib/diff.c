/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unified diff that patch(1) would take: checked by applying it ourselves, for thousands
 * of random pairs, and against hand-written hunks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "pvecommon/diff.h"
#include "pvecommon/mem.h"

static struct pve_span next_line(struct pve_span *text)
{
	const char *nl = text->len ? memchr(text->p, '\n', text->len) : NULL;
	struct pve_span l = {text->p, nl ? (size_t)(nl + 1 - text->p) : text->len};

	text->p += l.len;
	text->len -= l.len;
	return l;
}

/* Applies a unified diff; every context and removed line must be what the text has. */
static void patch(struct pve_span text, struct pve_span diff, struct pve_buf *out)
{
	size_t line = 0;

	next_line(&diff);
	next_line(&diff);
	while (diff.len) {
		struct pve_span d = next_line(&diff);
		unsigned long from, n = 1;

		if (d.p[0] == '@') {
			char *end;

			from = strtoul(d.p + 4, &end, 10);
			if (*end == ',')
				n = strtoul(end + 1, NULL, 10);
			for (size_t to = n ? from - 1 : from; line < to; line++)
				pve_buf_span(out, next_line(&text));
			continue;
		}
		assert_true(d.p[0] == ' ' || d.p[0] == '-' || d.p[0] == '+');
		/* The marker takes the added newline away again. */
		if (diff.len && diff.p[0] == '\\') {
			next_line(&diff);
			d.len--;
		}
		if (d.p[0] != '+') {
			struct pve_span t = next_line(&text);

			line++;
			assert_true(pve_span_same(t, (struct pve_span){d.p + 1, d.len - 1}));
		}
		if (d.p[0] != '-')
			pve_buf_add(out, d.p + 1, d.len - 1);
	}
	pve_buf_span(out, text);
}

static void check(struct pve_span a, struct pve_span b)
{
	PVE_BUF diff = {0}, again = {0};

	pve_diff(a, b, "a", "b", &diff);
	if (pve_span_same(a, b)) {
		assert_int_equal(diff.len, 0);
		return;
	}
	patch(a, (struct pve_span){diff.data, diff.len}, &again);
	assert_int_equal(again.len, b.len);
	assert_memory_equal(pve_buf_str(&again), b.len ? b.p : "", b.len);
}

static void random_text(struct pve_buf *b)
{
	int n = rand() % 40;

	for (int i = 0; i < n; i++)
		pve_buf_printf(b, "%c%s", 'a' + rand() % 5, i == n - 1 && rand() % 3 == 0 ? "" : "\n");
}

static void random_pairs_apply(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		PVE_BUF a = {0}, b = {0};

		random_text(&a);
		random_text(&b);
		check((struct pve_span){a.data, a.len}, (struct pve_span){b.data, b.len});
	}
}

static void hunks_are_as_diff_u_prints_them(void **state)
{
	PVE_BUF out = {0};

	(void)state;
	pve_diff(pve_span("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), pve_span("1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
		 "old", "new", &out);
	assert_string_equal(pve_buf_str(&out), "--- old\n+++ new\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n"
					       "+five\n 6\n 7\n 8\n");
	pve_buf_done(&out);
	pve_diff(pve_span(""), pve_span("x"), "old", "new", &out);
	assert_string_equal(pve_buf_str(&out), "--- old\n+++ new\n@@ -0,0 +1 @@\n+x\n"
					       "\\ No newline at end of file\n");
	pve_buf_done(&out);
	/* Six equal lines between two changes: one hunk; seven: two. */
	pve_diff(pve_span("a\n1\n2\n3\n4\n5\n6\nb\n"), pve_span("A\n1\n2\n3\n4\n5\n6\nB\n"), "o", "n",
		 &out);
	assert_non_null(strstr(pve_buf_str(&out), "@@ -1,8 +1,8 @@"));
	pve_buf_done(&out);
	pve_diff(pve_span("a\n1\n2\n3\n4\n5\n6\n7\nb\n"), pve_span("A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
		 "o", "n", &out);
	assert_non_null(strstr(pve_buf_str(&out), "@@ -1,4 +1,4 @@"));
	assert_non_null(strstr(pve_buf_str(&out), "@@ -6,4 +6,4 @@"));
}

static void too_many_edits_replace_the_middle(void **state)
{
	PVE_BUF a = {0}, b = {0};

	(void)state;
	for (int i = 0; i < 5000; i++) {
		pve_buf_printf(&a, "a%d\n", i);
		pve_buf_printf(&b, "b%d\n", i);
	}
	check((struct pve_span){a.data, a.len}, (struct pve_span){b.data, b.len});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_pairs_apply),
		cmocka_unit_test(hunks_are_as_diff_u_prints_them),
		cmocka_unit_test(too_many_edits_replace_the_middle),
	};

	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
