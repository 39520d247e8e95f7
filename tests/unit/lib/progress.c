/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/progress.h"

#define MS 1000000
#define MIB (UINT64_C(1) << 20)
#define CLEAR "\r\033[K"

/* A clock that the test turns, and a stream in memory. */
struct stage {
	struct pve_sys sys;
	int64_t now;
	int asked; /* how often the clock was read */
	char *text;
	size_t len;
	FILE *f;
};

static int64_t stage_now(struct pve_sys *sys, clockid_t clock)
{
	struct stage *s = sys->test;

	assert_int_equal(clock, CLOCK_MONOTONIC);
	s->asked++;
	return s->now;
}

static int setup(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	s->sys.now = stage_now;
	s->sys.test = s;
	s->now = INT64_C(5000) * 1000 * MS;
	s->f = open_memstream(&s->text, &s->len);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct stage *s = *state;

	fclose(s->f);
	free(s->text);
	free(s);
	return 0;
}

/* What was written since the last call. */
static const char *written(struct stage *s)
{
	static char last[512];

	fflush(s->f);
	assert_true(s->len < sizeof(last));
	memcpy(last, s->text, s->len);
	last[s->len] = '\0';
	rewind(s->f);
	return last;
}

static void after(struct stage *s, struct pve_progress *p, int ms, uint64_t at)
{
	s->now += (int64_t)ms * MS;
	pve_progress_set(p, at);
}

static void appears_after_a_second(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "copying", PVE_PROGRESS_BYTES, 100 * MIB);
	after(s, &p, 0, 0);
	after(s, &p, 999, 10 * MIB);
	assert_string_equal(written(s), "");
	after(s, &p, 1001, 40 * MIB);
	assert_string_equal(written(s),
			    CLEAR "copying [########............]  40%  40M of 100M  20M/s  0:03");
	after(s, &p, 99, 41 * MIB);
	assert_string_equal(written(s), "");
	after(s, &p, 1, 42 * MIB);
	assert_string_not_equal(written(s), "");
	pve_progress_done(&p);
	assert_string_equal(written(s), CLEAR);
	pve_progress_done(&p);
	assert_string_equal(written(s), "");
}

static void what_was_quick_leaves_nothing(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "copying", PVE_PROGRESS_BYTES, 10);
	after(s, &p, 900, 10);
	pve_progress_done(&p);
	assert_string_equal(written(s), "");
}

static void steps_have_no_rate(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "disks", PVE_PROGRESS_STEPS, 8);
	after(s, &p, 2000, 3);
	assert_string_equal(written(s), CLEAR "disks [#######.............]  37%  3 of 8");
	after(s, &p, 200, 9);
	assert_string_equal(written(s), CLEAR "disks [####################] 100%  9 of 8");
}

static void unknown_total(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "reading", PVE_PROGRESS_BYTES, 0);
	after(s, &p, 2000, 4 * MIB);
	assert_string_equal(written(s), CLEAR "reading  4.0M  2.0M/s");
}

static void hours_and_ages(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "x", PVE_PROGRESS_BYTES, 3600 * 2 * MIB + 63 * MIB);
	after(s, &p, 2000, 2 * MIB);
	assert_non_null(strstr(written(s), "1.0M/s  2:01:01"));
	pve_progress_init(&p, &s->sys, s->f, "x", PVE_PROGRESS_BYTES, UINT64_MAX);
	after(s, &p, 2000, 100);
	assert_non_null(strstr(written(s), "100B of 16E  50B/s"));
}

static void stays_on_one_line(void **state)
{
	struct stage *s = *state;
	struct pve_progress p;

	pve_progress_init(&p, &s->sys, s->f, "\033[2J\xc3\xbc\xc3\xbc\n", PVE_PROGRESS_STEPS, 8);
	p.width = 200;
	after(s, &p, 2000, 8);
	assert_string_equal(written(s), CLEAR "\\x1b[2J\xc3\xbc\xc3\xbc\\x0a"
					      " [####################] 100%  8 of 8");
	/* Cut inside the second umlaut: all of it goes. */
	p.width = 46;
	after(s, &p, 2000, 8);
	assert_string_equal(written(s),
			    CLEAR "\\x1b[2J\xc3\xbc [####################] 100%  8 of 8");
	p.width = 12;
	after(s, &p, 2000, 8);
	assert_string_equal(written(s), CLEAR " [#########");
}

static void mute_costs_nothing(void **state)
{
	struct stage *s = *state;
	struct pve_progress p, none = {0};

	pve_progress_init(&p, &s->sys, NULL, "x", PVE_PROGRESS_STEPS, 8);
	after(s, &p, 2000, 3);
	pve_progress_done(&p);
	pve_progress_done(&none);
	assert_int_equal(s->asked, 0);
	assert_int_equal(p.at, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(appears_after_a_second), TEST(what_was_quick_leaves_nothing),
		TEST(steps_have_no_rate),     TEST(unknown_total),
		TEST(hours_and_ages),         TEST(stays_on_one_line),
		TEST(mute_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
