/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "pvecommon/map.h"
#include "pvecommon/mem.h"

static void empty(void **state)
{
	struct pve_map m = {0};

	(void)state;
	assert_null(pve_map_get(&m, pve_span("x")));
	pve_map_done(&m);
}

static void replaces(void **state)
{
	struct pve_map m = {0};
	int a, b;

	(void)state;
	assert_null(pve_map_set(&m, pve_span("k"), &a));
	assert_ptr_equal(pve_map_set(&m, pve_span("k"), &b), &a);
	assert_ptr_equal(pve_map_get(&m, pve_span("k")), &b);
	assert_int_equal(m.n, 1);
	assert_null(pve_map_get(&m, pve_span("K")));
	pve_map_done(&m);
	assert_int_equal(m.n, 0);
}

/* An empty key, whatever its pointer, and keys with NULs are keys as any other. */
static void odd_keys(void **state)
{
	struct pve_map m = {0};
	int a, b, c;

	(void)state;
	pve_map_set(&m, (struct pve_span){0}, &a);
	pve_map_set(&m, (struct pve_span){"x\0y", 3}, &b);
	pve_map_set(&m, (struct pve_span){"x\0z", 3}, &c);
	assert_ptr_equal(pve_map_get(&m, pve_span("")), &a);
	assert_ptr_equal(pve_map_get(&m, (struct pve_span){"x\0y", 3}), &b);
	assert_ptr_equal(pve_map_get(&m, (struct pve_span){"x\0z", 3}), &c);
	assert_null(pve_map_get(&m, pve_span("x")));
	pve_map_done(&m);
}

/* Wherever the last one was found, what is found is the same. */
static void near_or_far(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
	const size_t n = sizeof(names) / sizeof(*names);
	struct pve_map m = {0};
	size_t near = 0;

	(void)state;
	assert_null(pve_map_get_near(&m, pve_span("a"), &near));
	for (size_t i = 0; i < n; i++)
		pve_map_set(&m, pve_span(names[i]), (void *)names[i]);
	for (size_t from = 0; from <= n; from++)
		for (size_t i = 0; i < n; i++) {
			near = from;
			assert_ptr_equal(pve_map_get_near(&m, pve_span(names[i]), &near), names[i]);
			assert_int_equal(near, i);
			assert_null(pve_map_get_near(&m, pve_span("ab"), &near));
			assert_null(pve_map_get_near(&m, (struct pve_span){0}, &near));
			assert_int_equal(near, i);
		}
	pve_map_done(&m);
}

/* What is placed belongs to its entry; the key may be other memory afterwards. */
static void placed(void **state)
{
	char passing[] = "name", own[] = "name";
	struct pve_map m = {0};
	struct pve_map_entry *e = pve_map_place(&m, pve_span(passing));

	(void)state;
	assert_null(e->value);
	e->key = own;
	e->value = own;
	memset(passing, 'x', sizeof(passing));
	assert_ptr_equal(pve_map_place(&m, pve_span("name"))->value, own);
	assert_ptr_equal(pve_map_get(&m, pve_span("name")), own);
	assert_int_equal(m.n, 1);
	pve_map_done(&m);
}

static void hundred_thousand(void **state)
{
	enum { N = 100000 };
	struct pve_arena a = {0};
	struct pve_map m = {0};
	char **key = pve_calloc(N, sizeof(*key));

	(void)state;
	for (int i = 0; i < N; i++) {
		key[i] = pve_arena_printf(&a, "vmbr%d", i);
		assert_null(pve_map_set(&m, pve_span(key[i]), key[i]));
	}
	assert_int_equal(m.n, N);
	assert_true(m.cap >= 2 * m.n);
	assert_int_equal(m.cap & (m.cap - 1), 0);
	for (int i = 0; i < N; i++)
		assert_ptr_equal(pve_map_get(&m, pve_span(key[i])), key[i]);
	assert_null(pve_map_get(&m, pve_span("vmbr100000")));
	pve_map_done(&m);
	free(key);
	pve_arena_done(&a);
}

/* Every length from 0 to 40, each byte of which counts. */
static void every_byte_counts(void **state)
{
	enum { MAX = 40 };
	struct pve_arena a = {0};
	struct pve_map m = {0};
	int value[MAX + 1][MAX + 1];

	(void)state;
	for (size_t len = 0; len <= MAX; len++)
		for (size_t at = 0; at <= len; at++) {
			char *key = pve_arena_memdup(&a, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
						     len);

			if (at < len)
				key[at] = 'b';
			assert_null(pve_map_set(&m, (struct pve_span){key, len}, &value[len][at]));
		}
	for (size_t len = 0; len <= MAX; len++)
		for (size_t at = 0; at <= len; at++) {
			char key[MAX + 1] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

			if (at < len)
				key[at] = 'b';
			assert_ptr_equal(pve_map_get(&m, (struct pve_span){key, len}),
					 &value[len][at]);
		}
	pve_map_done(&m);
	pve_arena_done(&a);
}

/* Room that was made is enough, and what was there before it is still there. */
static void reserves(void **state)
{
	struct pve_arena a = {0};
	struct pve_map m = {0};
	const void *entry;
	int x;

	(void)state;
	pve_map_set(&m, pve_span("before"), &x);
	pve_map_reserve(&m, 5000);
	entry = m.entry;
	for (int i = 0; i < 4999; i++)
		pve_map_set(&m, pve_span(pve_arena_printf(&a, "%d", i)), &x);
	assert_ptr_equal(m.entry, entry);
	pve_map_reserve(&m, 10);
	assert_int_equal(m.n, 5000);
	assert_ptr_equal(pve_map_get(&m, pve_span("before")), &x);
	assert_ptr_equal(pve_map_get(&m, pve_span("4998")), &x);
	assert_null(pve_map_get(&m, pve_span("4999")));
	pve_map_done(&m);
	pve_arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(replaces),
		cmocka_unit_test(odd_keys),
		cmocka_unit_test(near_or_far),
		cmocka_unit_test(placed),
		cmocka_unit_test(hundred_thousand),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(reserves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
