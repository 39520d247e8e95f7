/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: status, capture with a limit, input, time-out of a whole group. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "pvecommon/mem.h"
#include "pvecommon/run.h"

static struct pve_sys host;

static int set_up(void **state)
{
	(void)state;
	return pve_sys_init(&host, NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	pve_sys_done(&host);
	return 0;
}

#define SH(script) ((const char *const[]){"/bin/sh", "-c", script, NULL})

static void status_and_streams(void **state)
{
	struct pve_run cmd = {.argv = SH("echo out; echo err >&2; exit 7")};
	struct pve_run_result res;

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_int_equal(res.status, 7);
	assert_string_equal(pve_buf_str(&res.out), "out\n");
	assert_string_equal(pve_buf_str(&res.err), "err\n");
	pve_run_done(&res);
}

static void reason_is_the_last_line(void **state)
{
	struct pve_run cmd = {.argv = SH("echo first >&2; echo 'the reason' >&2; exit 3")};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_run_ok(&host, &cmd, NULL, &e), -1);
	assert_string_equal(e.msg, "/bin/sh ended with status 3: the reason");
}

static void absent_program(void **state)
{
	struct pve_run cmd = {.argv = (const char *const[]){"/nonexistent/program", NULL}};
	struct pve_run_result res;
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_non_null(strstr(e.msg, "/nonexistent/program"));
}

static void large_input_comes_back(void **state)
{
	struct pve_run cmd = {.argv = (const char *const[]){"cat", NULL}, .limit = 1 << 20};
	struct pve_run_result res;
	PVE_BUF big = {0};

	(void)state;
	while (big.len < 600000)
		pve_buf_puts(&big, "a line of text\n");
	cmd.input = (struct pve_span){big.data, big.len};
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_int_equal(res.out.len, big.len);
	assert_memory_equal(res.out.data, big.data, big.len);
	assert_false(res.cut);
	pve_run_done(&res);
}

static void capture_is_bounded(void **state)
{
	struct pve_run cmd = {.argv = SH("head -c 100000 /dev/zero"), .limit = 1000};
	struct pve_run_result res;

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_int_equal(res.status, 0);
	assert_int_equal(res.out.len, 1000);
	assert_true(res.cut);
	pve_run_done(&res);
}

static void time_out_ends_the_group(void **state)
{
	struct pve_run cmd = {.argv = SH("sleep 60 & sleep 60; wait"), .timeout_ms = 100};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_run_ok(&host, &cmd, NULL, &e), -1);
	assert_int_equal(e.code, PVE_AGAIN);
	assert_non_null(strstr(e.msg, "did not end within 100 ms"));
}

static void stubborn_child_is_killed(void **state)
{
	struct pve_run cmd = {.argv = SH("trap '' TERM; while :; do sleep 1; done"),
			      .timeout_ms = 100};
	struct pve_run_result res;

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_true(res.timed_out);
	assert_int_equal(res.status, 128 + 9);
	pve_run_done(&res);
}

static void background_child_does_not_hold_us(void **state)
{
	struct pve_run cmd = {.argv = SH("sleep 5 & echo done")};
	int64_t from = host.now(&host, CLOCK_MONOTONIC);
	struct pve_run_result res;

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_string_equal(pve_buf_str(&res.out), "done\n");
	assert_true(host.now(&host, CLOCK_MONOTONIC) - from < 4000000000);
	pve_run_done(&res);
}

static void locale_is_plain(void **state)
{
	struct pve_run cmd = {.argv = SH("echo $LC_ALL")};
	struct pve_run_result res;

	(void)state;
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	assert_string_equal(pve_buf_str(&res.out), "C\n");
	pve_run_done(&res);
}

static const char *const sleeper[] = {"/bin/sh", "-c", "sleep 0.3; echo $$", NULL};
static const char *const hanging[] = {"/bin/sh", "-c", "echo before; sleep 60", NULL};
static const char *const absent[] = {"/nonexistent/program", NULL};
static const char *const four[] = {"/bin/sh", "-c", "exit 4", NULL};

/* One that hangs costs the others nothing, and neither does one that is not there. */
static void many_at_once(void **state)
{
	enum { N = 12 };
	struct pve_run cmd[N];
	struct pve_run_result res[N];
	struct pve_err err[N];
	int64_t from = host.now(&host, CLOCK_MONOTONIC), took;

	(void)state;
	for (size_t i = 0; i < N; i++)
		cmd[i] = (struct pve_run){.argv = sleeper, .timeout_ms = 900};
	cmd[3].argv = hanging;
	cmd[5].argv = absent;
	pve_run_many(&host, cmd, N, 0, res, err);
	took = (host.now(&host, CLOCK_MONOTONIC) - from) / 1000000;
	assert_in_range(took, 900, 3000);
	for (size_t i = 0; i < N; i++) {
		if (i == 5) {
			assert_int_equal(err[i].code, PVE_NOTHERE);
			continue;
		}
		assert_int_equal(err[i].code, 0);
		assert_int_equal(res[i].timed_out, i == 3);
		assert_int_equal(res[i].status, i == 3 ? 128 + 15 : 0);
		assert_true(res[i].out.len > 1);
		pve_run_done(&res[i]);
	}
}

/* With few at a time, all are run, and in order. */
static void many_few_at_once(void **state)
{
	enum { N = 7 };
	struct pve_run cmd[N];
	struct pve_run_result res[N];
	struct pve_err err[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		cmd[i] = (struct pve_run){.argv = four};
	pve_run_many(&host, cmd, N, 2, res, err);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(res[i].status, 4);
		pve_run_done(&res[i]);
	}
}

/* What they say is theirs, however many speak at once. */
static void a_swarm(void **state)
{
	enum { N = 40 };
	static const char *const noisy[] = {"/bin/sh", "-c", "echo out; echo err >&2; exit 3",
					    NULL};
	struct pve_run cmd[N];
	struct pve_run_result res[N];
	struct pve_err err[N];

	(void)state;
	for (size_t i = 0; i < N; i++)
		cmd[i] = (struct pve_run){.argv = noisy, .mute = i % 2};
	pve_run_many(&host, cmd, N, N, res, err);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(res[i].status, 3);
		assert_string_equal(pve_buf_str(&res[i].out), "out\n");
		assert_string_equal(pve_buf_str(&res[i].err), i % 2 ? "" : "err\n");
		pve_run_done(&res[i]);
	}
}

static int say(const void *arg)
{
	dprintf(STDOUT_FILENO, "out %s", (const char *)arg);
	dprintf(STDERR_FILENO, "err");
	return getpgrp() == getpid() ? 3 : 4;
}

static int hang(const void *arg)
{
	(void)arg;
	dprintf(STDOUT_FILENO, "before");
	sleep(60);
	return 0;
}

/* A function in a process of its own is a program like others. */
static void functions(void **state)
{
	static const char *const name[] = {"function"};
	struct pve_run cmd[] = {{.argv = name, .call = say, .arg = "1", .timeout_ms = 900},
				{.argv = name, .call = hang, .timeout_ms = 900},
				{.argv = name, .call = say, .arg = "2", .mute = true}};
	struct pve_run_result res[3];
	struct pve_err err[3];

	(void)state;
	pve_run_many(&host, cmd, 3, 0, res, err);
	assert_int_equal(res[0].status, 3);
	assert_string_equal(pve_buf_str(&res[0].out), "out 1");
	assert_string_equal(pve_buf_str(&res[0].err), "err");
	assert_true(res[1].timed_out);
	assert_int_equal(res[1].status, 128 + SIGTERM);
	assert_string_equal(pve_buf_str(&res[1].out), "before");
	assert_string_equal(pve_buf_str(&res[2].out), "out 2");
	assert_string_equal(pve_buf_str(&res[2].err), "");
	for (size_t i = 0; i < 3; i++)
		pve_run_done(&res[i]);
}

/* The executor blocks the signals that stop it; what it starts is ended by them all the same. */
static void function_under_blocked_signals(void **state)
{
	static const char *const name[] = {"function"};
	const struct pve_run cmd = {.argv = name, .call = hang, .timeout_ms = 100};
	struct pve_run_result res;
	sigset_t stop, before;

	(void)state;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &before);
	assert_int_equal(pve_run(&host, &cmd, &res, NULL), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_true(res.timed_out);
	assert_int_equal(res.status, 128 + SIGTERM);
	pve_run_done(&res);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_streams),
		cmocka_unit_test(reason_is_the_last_line),
		cmocka_unit_test(absent_program),
		cmocka_unit_test(large_input_comes_back),
		cmocka_unit_test(capture_is_bounded),
		cmocka_unit_test(time_out_ends_the_group),
		cmocka_unit_test(stubborn_child_is_killed),
		cmocka_unit_test(background_child_does_not_hold_us),
		cmocka_unit_test(locale_is_plain),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(many_few_at_once),
		cmocka_unit_test(a_swarm),
		cmocka_unit_test(functions),
		cmocka_unit_test(function_under_blocked_signals),
	};

	return cmocka_run_group_tests_name("run", tests, set_up, tear_down);
}
