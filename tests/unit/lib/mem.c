/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/mem.h"

static void nothing_is_still_a_pointer(void **state)
{
	PVE_FREE void *a = pve_malloc(0), *b = pve_calloc(0, 0), *c = pve_realloc(NULL, 0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
}

static void calloc_zeroes(void **state)
{
	PVE_FREE char *p = pve_calloc(100, 10);

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
}

static void strings(void **state)
{
	PVE_FREE char *a = pve_strdup("eno1"), *b = pve_strndup("vmbr0.100", 5);
	PVE_FREE char *c = pve_asprintf("%s:%d", a, 7);

	(void)state;
	assert_string_equal(a, "eno1");
	assert_string_equal(b, "vmbr0");
	assert_string_equal(c, "eno1:7");
}

static void grow_doubles_and_keeps(void **state)
{
	int *v = NULL;
	size_t n = 0, cap = 0, moves = 0, last = 0;

	(void)state;
	for (; n < 10000; n++) {
		v = pve_grow(v, n, &cap, sizeof(*v));
		assert_true(cap > n);
		moves += cap != last;
		last = cap;
		v[n] = (int)n;
	}
	assert_true(moves < 20);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i], i);
	free(v);
}

static void take_disarms(void **state)
{
	char *p = pve_strdup("x"), *q = pve_take_ptr(&p);
	int fd = 7;

	(void)state;
	assert_null(p);
	assert_string_equal(q, "x");
	free(q);
	assert_int_equal(pve_take_fd(&fd), 7);
	assert_int_equal(fd, -1);
}

static int open_null(void)
{
	PVE_CLOSE int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	PVE_CLOSE int none = -1;

	assert_true(fd >= 0);
	assert_int_equal(none, -1);
	return fd;
}

static void scope_exit_closes(void **state)
{
	int fd = open_null();

	(void)state;
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(errno, EBADF);
	{
		PVE_FCLOSE FILE *f = fopen("/dev/null", "r");
		PVE_FCLOSE FILE *none = NULL;

		assert_non_null(f);
		assert_null(none);
		fd = fileno(f);
	}
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void arena_aligns_and_zeroes(void **state)
{
	static const size_t sizes[] = {0, 1, 2, 3, 7, 8, 15, 16, 17, 1000, 70000, 5, 65536};
	struct pve_arena a = {0};

	(void)state;
	for (size_t round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			char *p = pve_arena_alloc(&a, sizes[i]);

			assert_int_equal((uintptr_t)p % PVE_ARENA_ALIGN, 0);
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(p[j], 0);
			memset(p, 0xa5, sizes[i]);
		}
	}
	pve_arena_done(&a);
	assert_null(a.head);
	pve_arena_done(&a);
}

static void arena_keeps_what_it_gave(void **state)
{
	struct pve_arena a = {0};
	char *v[2000];

	(void)state;
	for (int i = 0; i < 2000; i++)
		v[i] = pve_arena_printf(&a, "%d/%0*d", i, i % 400, 0);
	for (int i = 0; i < 2000; i++)
		assert_int_equal(atoi(v[i]), i);
	assert_string_equal(pve_arena_strdup(&a, ""), "");
	assert_memory_equal(pve_arena_memdup(&a, "a\0b", 3), "a\0b", 4);
	assert_string_equal(pve_arena_memdup(&a, NULL, 0), "");
	pve_arena_done(&a);
}

/* Objects and strings share blocks, and neither runs into the other. */
static void arena_mixes_strings_and_objects(void **state)
{
	enum { N = 20000 };
	struct pve_arena a = {0};
	uint64_t *object[N];
	char *string[N];

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		object[i] = pve_arena_copy(&a, &i, sizeof(i));
		assert_int_equal((uintptr_t)object[i] % PVE_ARENA_ALIGN, 0);
		string[i] = pve_arena_memdup(&a, "0123456789abcdef", i % 17);
		if (i % 1000 == 0)
			memset(pve_arena_alloc(&a, 100000), 0xa5, 100000);
	}
	for (uint64_t i = 0; i < N; i++) {
		assert_true(*object[i] == i);
		assert_int_equal(strlen(string[i]), i % 17);
		assert_memory_equal(string[i], "0123456789abcdef", i % 17);
	}
	assert_non_null(pve_arena_copy(&a, NULL, 0));
	pve_arena_done(&a);
}

_Static_assert(PVE_ARENA_ALIGN % _Alignof(void *) == 0 && PVE_ARENA_ALIGN % _Alignof(uint64_t) == 0 &&
		       PVE_ARENA_ALIGN % _Alignof(double) == 0,
	       "what structs are made of");

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_still_a_pointer),
		cmocka_unit_test(calloc_zeroes),
		cmocka_unit_test(strings),
		cmocka_unit_test(grow_doubles_and_keeps),
		cmocka_unit_test(take_disarms),
		cmocka_unit_test(scope_exit_closes),
		cmocka_unit_test(arena_aligns_and_zeroes),
		cmocka_unit_test(arena_keeps_what_it_gave),
		cmocka_unit_test(arena_mixes_strings_and_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
