/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The executor under every fault: an error injected at each effect, the process killed at
 * each effect, and killed at 200 random instants.  After each: all files old, or all new,
 * and nothing else left behind.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "exec_fixture.h"
#include "pvecommon/journal.h"

static const struct pve_exec_opts opts = {.tool = "pve-test", .calls = calls, .tell = tell};

static int apply(struct pve_sys *sys, bool reversible, struct pve_err *e)
{
	struct pve_exec *x = pve_exec_open(sys, &opts, e);
	PVE_PLAN plan = {0};
	int ret;

	if (!x)
		return -1;
	plan_all(&plan, reversible);
	ret = pve_exec_apply(x, &plan, e);
	pve_exec_close(x);
	return ret;
}

/* How many effects an undisturbed run has. */
static unsigned effects(bool reversible)
{
	struct scratch s;

	host_new(&s);
	s.sys.fault = fault;
	faults.at = 0;
	faults.count = 0;
	faults.on = false;
	assert_int_equal(apply(&s.sys, reversible, NULL), 0);
	assert_true(is_new(&s));
	scratch_done(&s);
	return faults.count;
}

/* --- tests ------------------------------------------------------------------------ */

static void applies_and_leaves_nothing_else(void **state)
{
	struct pve_err e = {0};
	struct scratch s;
	struct stat st;

	(void)state;
	host_new(&s);
	assert_int_equal(apply(&s.sys, true, &e), 0);
	assert_true(is_new(&s));
	assert_false(pve_fs_exists(&s.sys, "/var"));
	assert_int_equal(pve_fs_stat(&s.sys, "/etc/a", &st, NULL), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	scratch_done(&s);
}

static void guard_stops_before_any_change(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	host_new(&s);
	scratch_put(&s, "/etc/b", "b of somebody else\n", 0600);
	assert_int_equal(apply(&s.sys, true, &e), -1);
	assert_int_equal(e.code, PVE_AGAIN);
	assert_non_null(strstr(e.msg, "/etc/b"));
	assert_true(scratch_is(&s, "/etc/a", "a old\n"));
	assert_true(scratch_is(&s, "/etc/b", "b of somebody else\n"));
	assert_int_equal(scratch_count(&s, "/etc"), 3);
	scratch_done(&s);
}

static void each_effect_fails(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EROFS};
	unsigned n = effects(true);

	(void)state;
	assert_true(n > 30);
	for (size_t k = 0; k < 3; k++) {
		for (unsigned at = 1; at <= n; at++) {
			struct pve_err e = {0};
			struct scratch s;
			int ret;

			host_new(&s);
			s.sys.fault = fault;
			faults.at = at;
			faults.count = 0;
			faults.error = errors[k];
			faults.on = false;
			ret = apply(&s.sys, true, &e);
			if (ret < 0 && !strstr(e.msg, strerror(errors[k])))
				fail_msg("effect %u: the reason is missing: %s", at, e.msg);
			if (!is_whole(&s))
				fail_msg("effect %u: a file is not whole", at);
			s.sys.fault = NULL;
			mend(&s, &opts);
			if (ret == 0 ? !is_new(&s) : !is_old(&s) && !is_new(&s))
				fail_msg("effect %u (%s): neither old nor new", at,
					 strerror(errors[k]));
			scratch_done(&s);
		}
	}
}

/* From some effect on nothing can be created or written any more. */
static void disk_stays_full(void **state)
{
	unsigned n = effects(true);

	(void)state;
	for (unsigned at = 1; at <= n; at++) {
		struct pve_err e = {0};
		struct scratch s;
		int ret;

		host_new(&s);
		s.sys.fault = fault;
		faults.at = at;
		faults.count = 0;
		faults.error = ENOSPC;
		faults.on = true;
		ret = apply(&s.sys, true, &e);
		assert_true(is_whole(&s));
		if (ret < 0)
			assert_non_null(strstr(e.msg, "No space left"));
		s.sys.fault = NULL;
		faults.on = false;
		mend(&s, &opts);
		if (!(ret == 0 ? is_new(&s) : is_old(&s) || is_new(&s)))
			fail_msg("effect %u: neither old nor new", at);
		scratch_done(&s);
	}
}

static void killed_child(struct scratch *s, bool reversible)
{
	pid_t pid = fork();

	if (pid == 0) {
		apply(&s->sys, reversible, NULL);
		_exit(0);
	}
	assert_true(pid > 0);
	waitpid(pid, NULL, 0);
}

static void killed_at_each_effect(void **state)
{
	(void)state;
	for (int reversible = 0; reversible < 2; reversible++) {
		unsigned n = effects(reversible);

		for (unsigned at = 1; at <= n; at++) {
			struct scratch s;

			host_new(&s);
			s.sys.fault = fault;
			faults.at = at;
			faults.count = 0;
			faults.error = 0;
			killed_child(&s, reversible);
			s.sys.fault = NULL;
			assert_true(is_whole(&s));
			mend(&s, &opts);
			if (!is_old(&s) && !is_new(&s))
				fail_msg("killed at effect %u: neither old nor new", at);
			scratch_done(&s);
		}
	}
}

/* The recovery itself is killed, at each of its effects, after a kill in mid-plan. */
static void recovery_killed(void **state)
{
	unsigned n = effects(true);

	(void)state;
	for (unsigned first = n / 3; first < n; first += 7) {
		for (unsigned at = 1; at <= 30; at++) {
			struct scratch s;
			pid_t pid;

			host_new(&s);
			s.sys.fault = fault;
			faults.error = 0;
			faults.at = first;
			faults.count = 0;
			killed_child(&s, true);
			faults.at = at;
			faults.count = 0;
			pid = fork();
			if (pid == 0) {
				pve_exec_close(pve_exec_open(&s.sys, &opts, NULL));
				_exit(0);
			}
			waitpid(pid, NULL, 0);
			s.sys.fault = NULL;
			assert_true(is_whole(&s));
			mend(&s, &opts);
			if (!is_old(&s) && !is_new(&s))
				fail_msg("killed at %u, recovery at %u: neither old nor new", first,
					 at);
			scratch_done(&s);
		}
	}
}

/* Nanoseconds that a child takes for the plan, so that the kills spread over all of it. */
static long child_time(void)
{
	struct timespec from, to;
	struct scratch s;

	host_new(&s);
	clock_gettime(CLOCK_MONOTONIC, &from);
	killed_child(&s, true);
	clock_gettime(CLOCK_MONOTONIC, &to);
	scratch_done(&s);
	return (to.tv_sec - from.tv_sec) * 1000000000 + to.tv_nsec - from.tv_nsec;
}

static void killed_at_random_200_times(void **state)
{
	unsigned old = 0, new = 0;
	long range = child_time();

	(void)state;
	range = range < 900000000 ? range * 11 / 10 : 999999999;
	srand(20261124);
	for (int i = 0; i < 200; i++) {
		struct timespec pause = {0};
		struct scratch s;
		pid_t pid;

		host_new(&s);
		pid = fork();
		if (pid == 0) {
			apply(&s.sys, i % 2, NULL);
			_exit(0);
		}
		pause.tv_nsec = rand() % range;
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (!is_whole(&s))
			fail_msg("kill %d: a file is not whole", i);
		mend(&s, &opts);
		if (is_old(&s))
			old++;
		else if (is_new(&s))
			new ++;
		else
			fail_msg("kill %d: neither old nor new", i);
		scratch_done(&s);
	}
	print_message("# 200 kills: %u left the old state, %u the new one\n", old, new);
}

static void foreign_change_is_left_alone(void **state)
{
	struct scratch s;
	unsigned at;

	(void)state;
	/* Killed after a was replaced: look for the instant at which a is new and b is old. */
	for (at = 1;; at++) {
		host_new(&s);
		s.sys.fault = fault;
		faults.at = at;
		faults.count = 0;
		faults.error = 0;
		killed_child(&s, true);
		s.sys.fault = NULL;
		if (scratch_is(&s, "/etc/a", "a new, longer\n") &&
		    scratch_is(&s, "/etc/flag", "on\n"))
			break;
		scratch_done(&s);
		assert_true(at < 1000);
	}
	scratch_put(&s, "/etc/a", "edited by hand\n", 0640);
	*told = '\0';
	mend(&s, &opts);
	assert_true(scratch_is(&s, "/etc/a", "edited by hand\n"));
	assert_true(scratch_is(&s, "/etc/flag", NULL));
	assert_true(scratch_is(&s, "/etc/gone", "gone old\n"));
	assert_non_null(strstr(told, "interrupted; reverting"));
	assert_non_null(strstr(told, "left as it is, changed by somebody else since: change /etc/a"));
	scratch_done(&s);
}

/* Killed when a file was removed; somebody makes it again, as it was or otherwise. */
static void removed_file_is_made_again(void **state)
{
	static const char *const again[] = {"gone old\n", "gone by hand\n"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct scratch s;
		unsigned at = 0;
		bool removed = false;

		while (!removed) {
			host_new(&s);
			fault_at(&s, ++at, 0, false);
			killed_child(&s, true);
			s.sys.fault = NULL;
			removed = scratch_is(&s, "/etc/gone", NULL) && scratch_is(&s, "/etc/flag", NULL);
			if (!removed)
				scratch_done(&s);
			assert_true(at < 1000);
		}
		scratch_put(&s, "/etc/gone", again[i], 0604);
		mend(&s, &opts);
		assert_true(scratch_is(&s, "/etc/gone", again[i]));
		assert_int_equal(scratch_count(&s, "/etc"), 3); /* and nothing beside them */
		scratch_put(&s, "/etc/gone", "gone old\n", 0604);
		assert_int_equal(apply(&s.sys, true, NULL), 0);
		assert_true(is_new(&s));
		scratch_done(&s);
	}
}

static void failing_step_undoes_the_others(void **state)
{
	static const char *const no[] = {"refuse", NULL};
	struct pve_err e = {0};
	struct pve_exec *x;
	PVE_PLAN plan = {0};
	struct scratch s;

	(void)state;
	host_new(&s);
	x = pve_exec_open(&s.sys, &opts, &e);
	assert_non_null(x);
	plan_all(&plan, true);
	pve_plan_call(&plan, "the impossible", no, NULL, "to test");
	pve_plan_mkdir(&plan, "/etc/never", 0755, "to test");
	*told = '\0';
	assert_int_equal(pve_exec_apply(x, &plan, &e), -1);
	assert_string_equal(e.msg, "refused");
	pve_exec_close(x);
	assert_true(is_old(&s));
	assert_non_null(strstr(told, "undone: change /etc/a\n"));
	assert_non_null(strstr(told, "failed: the impossible\n"));
	assert_non_null(strstr(told, "not reached: mkdir /etc/never\n"));
	scratch_done(&s);
}

/* Applies the plan of all steps with a signal sent to itself after the first; how the
 * process ended. */
static int with_signal(struct scratch *s, int sig)
{
	char number[12];
	const char *const argv[] = {"signal-self", number, NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct pve_exec *x = pve_exec_open(&s->sys, &opts, NULL);
		struct pve_err e = {0};
		PVE_PLAN plan = {0};

		snprintf(number, sizeof(number), "%d", sig);
		pve_plan_call(&plan, "a signal", argv, argv, "to test");
		plan_all(&plan, true);
		_exit(x && pve_exec_apply(x, &plan, &e) == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void signals_stop_and_undo(void **state)
{
	static const int stopping[] = {SIGINT, SIGTERM, SIGHUP};
	struct scratch s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int status;

		host_new(&s);
		status = with_signal(&s, stopping[i]);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == stopping[i]);
		assert_true(is_old(&s));
		assert_int_equal(pve_exec_interrupted(&s.sys, "pve-test", NULL), 0);
		scratch_done(&s);
	}
	/* A broken pipe does not stop it. */
	host_new(&s);
	assert_int_equal(WTERMSIG(with_signal(&s, SIGPIPE)), SIGPIPE);
	assert_true(is_new(&s));
	scratch_done(&s);
}

static void damaged_journal_is_named(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	host_new(&s);
	assert_int_equal(pve_fs_mkdir_parents(&s.sys, "/var/lib/pve-tools", NULL), 0);
	scratch_put(&s, "/var/lib/pve-tools/pve-test.journal", "pve-tools journal 3\n9:x", 0600);
	assert_null(pve_exec_open(&s.sys, &opts, &e));
	assert_non_null(strstr(e.msg, "/var/lib/pve-tools/pve-test.journal: damaged at byte 20"));
	scratch_done(&s);
}

static void second_run_waits_then_gives_up(void **state)
{
	struct pve_err e = {0};
	struct pve_exec *x, *y;
	struct scratch s;

	(void)state;
	host_new(&s);
	x = pve_exec_open(&s.sys, &opts, &e);
	assert_non_null(x);
	y = pve_exec_open(&s.sys, &opts, &e);
	assert_null(y);
	assert_int_equal(e.code, PVE_AGAIN);
	pve_exec_close(x);
	scratch_done(&s);
}

static void journal_keeps_every_field(void **state)
{
	static const char *const guard[] = {"flag-on", "", NULL};
	static const struct pve_journal_head head = {"pve-test", 12, 34, 56, "boot"};
	PVE_PLAN plan = {0};
	struct pve_journal j;
	PVE_BUF bytes = {0}, again = {0};
	struct pve_err e = {0};

	(void)state;
	plan_all(&plan, true);
	pve_plan_guard(&plan, guard);
	pve_journal_format(&plan, &head, &bytes);
	assert_int_equal(pve_journal_parse((struct pve_span){bytes.data, bytes.len}, &j, &e), 0);
	pve_journal_format(&j.plan, &j.head, &again);
	assert_int_equal(bytes.len, again.len);
	assert_memory_equal(bytes.data, again.data, bytes.len);
	pve_journal_done(&j);
	/* No prefix of it is taken for a journal. */
	for (size_t n = 0; n < bytes.len; n++)
		assert_int_equal(pve_journal_parse((struct pve_span){bytes.data, n}, &j, NULL), -1);
	/* A record that was cut off is ignored, those before it count. */
	pve_buf_puts(&bytes, "begin 4\ndone 4\nrollb");
	assert_int_equal(pve_journal_parse((struct pve_span){bytes.data, bytes.len}, &j, &e), 0);
	assert_true(j.marks[4].begun && j.marks[4].done && !j.rollback);
	pve_journal_done(&j);
}

/* Content is kept as the difference to what was there. */
static void journal_keeps_content(void **state)
{
	static const char *const text[] = {"",    "a",    "aa",   "aaa", "aba", "abba", "baab",
					   "x\n", "x\ny", "y\nx", NULL};
	static const struct pve_journal_head head = {"pve-test", 12, 34, 0, ""};
	char *large = pve_calloc(3, 10000);

	(void)state;
	memset(large, 'l', 29999);
	for (size_t a = 0; text[a]; a++)
		for (size_t b = 0; text[b]; b++)
			for (int pad = 0; pad < 4; pad++) {
				PVE_FREE char *was = pve_asprintf("%s%s%s", pad & 1 ? large : "",
								  text[a], pad & 2 ? large : "");
				PVE_FREE char *now = pve_asprintf("%s%s%s", pad & 1 ? large : "",
								  text[b], pad & 2 ? large : "");
				struct pve_span before = pve_span(was);
				struct pve_journal j;
				PVE_PLAN plan = {0};
				PVE_BUF bytes = {0};

				if (!pve_plan_write(&plan, "/f", &before, pve_span(now), 0644, "x"))
					continue;
				pve_journal_format(&plan, &head, &bytes);
				assert_true(bytes.len < before.len + 200);
				assert_int_equal(
					pve_journal_parse((struct pve_span){bytes.data, bytes.len},
							  &j, NULL),
					0);
				assert_true(pve_span_eq(j.plan.v[0].content, now));
				assert_true(pve_span_eq(j.plan.v[0].was, was));
				pve_journal_done(&j);
			}
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applies_and_leaves_nothing_else),
		cmocka_unit_test(guard_stops_before_any_change),
		cmocka_unit_test(each_effect_fails),
		cmocka_unit_test(disk_stays_full),
		cmocka_unit_test(killed_at_each_effect),
		cmocka_unit_test(recovery_killed),
		cmocka_unit_test(killed_at_random_200_times),
		cmocka_unit_test(foreign_change_is_left_alone),
		cmocka_unit_test(removed_file_is_made_again),
		cmocka_unit_test(failing_step_undoes_the_others),
		cmocka_unit_test(signals_stop_and_undo),
		cmocka_unit_test(damaged_journal_is_named),
		cmocka_unit_test(second_run_waits_then_gives_up),
		cmocka_unit_test(journal_keeps_every_field),
		cmocka_unit_test(journal_keeps_content),
	};

	return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
