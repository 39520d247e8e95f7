/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plans that are held until somebody confirms them, under every fault: an error injected at
 * each effect of the apply, of the confirmation and of the way back, the process killed at
 * each, a disk that is full from some instant on, and another boot.  Whatever happens, without
 * a confirmation everything is old in the end, and with one everything is new.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "exec_fixture.h"
#include "pvecommon/exec_hold.h"

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_ONE "11111111-1111-4111-8111-111111111111\n"
#define BOOT_TWO "22222222-2222-4222-8222-222222222222\n"

static int64_t skew; /* nanoseconds that the clocks of the test are ahead */

static int64_t skewed_now(struct pve_sys *sys, clockid_t clock)
{
	struct timespec ts;

	(void)sys;
	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec + skew;
}

static int sleep_long(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)sys;
	(void)args;
	(void)data;
	(void)e;
	skew += 100 * (int64_t)1000000000;
	return 0;
}

static int nothing(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)sys;
	(void)args;
	(void)data;
	(void)e;
	return 0;
}

static unsigned undone_live;

static int live_off(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)sys;
	(void)args;
	(void)data;
	(void)e;
	undone_live++;
	return 0;
}

static const struct pve_call hold_calls[] = {
	{"flag-on", flag_on},       {"flag-off", flag_off},
	{"refuse", refuse},         {"sleep-long", sleep_long},
	{"nothing", nothing},       {"live-off", live_off, true},
	{NULL, NULL},
};

static const struct pve_exec_opts opts = {
	.tool = "pve-test",
	.calls = hold_calls,
	.tell = tell,
	.hold_s = 60,
	.held_help = "confirm it",
};

static void new_host(struct scratch *s)
{
	host_new(s);
	skew = 0;
	undone_live = 0;
	*told = '\0';
	s->sys.now = skewed_now;
	assert_int_equal(pve_fs_mkdir_parents(&s->sys, "/proc/sys/kernel/random", NULL), 0);
	scratch_put(s, BOOT_FILE, BOOT_ONE, 0444);
}

static int hold(struct pve_sys *sys, bool reversible, struct pve_err *e)
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

static enum pve_held_state held_state(struct scratch *s)
{
	PVE_HELD held = {0};
	struct pve_err e = {0};

	if (pve_exec_held(&s->sys, "pve-test", &held, &e) < 0)
		fail_msg("held: %s", e.msg);
	return held.state;
}

/* New content everywhere; the old files still lie beside. */
static bool looks_new(struct scratch *s)
{
	return scratch_is(s, "/etc/a", "a new, longer\n") && scratch_is(s, "/etc/b", "b new\n") &&
	       scratch_is(s, "/etc/gone", NULL) && scratch_is(s, "/etc/flag", "on\n") &&
	       scratch_is(s, "/etc/dir/c", "c new\n");
}

/* The next run, long after the deadline. */
static void mend_later(struct scratch *s)
{
	struct pve_err e = {0};
	struct pve_exec *x;

	s->sys.fault = NULL;
	skew += 1000 * (int64_t)1000000000;
	x = pve_exec_open(&s->sys, &opts, &e);
	if (!x)
		fail_msg("recovery: %s", e.msg);
	pve_exec_close(x);
	assert_int_equal(pve_exec_interrupted(&s->sys, "pve-test", NULL), 0);
	assert_int_equal(scratch_count(s, "/var/lib/pve-tools"), 0);
}

static void held_until_confirmed(void **state)
{
	struct pve_err e = {0};
	PVE_HELD held = {0};
	struct scratch s;

	(void)state;
	new_host(&s);
	assert_int_equal(held_state(&s), PVE_HELD_NONE);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	assert_true(looks_new(&s));
	assert_int_equal(pve_exec_held(&s.sys, "pve-test", &held, &e), 0);
	assert_int_equal(held.state, PVE_HELD_WAITING);
	assert_int_equal(held.pid, getpid());
	assert_int_equal(held.plan.n, 6);
	assert_in_range(held.left_ns, 30 * (int64_t)1000000000, 60 * (int64_t)1000000000);
	assert_in_range(held.until - held.since, 55, 61);

	assert_null(pve_exec_open(&s.sys, &opts, &e));
	assert_int_equal(e.code, PVE_AGAIN);
	assert_non_null(strstr(e.msg, "awaits confirmation until 20"));
	assert_non_null(strstr(e.msg, "s: confirm it"));
	assert_true(looks_new(&s));

	assert_int_equal(pve_exec_confirm(&s.sys, &opts, &e), 0);
	assert_true(is_new(&s));
	assert_int_equal(held_state(&s), PVE_HELD_NONE);
	mend_later(&s);
	assert_true(is_new(&s));
	assert_int_equal(pve_exec_confirm(&s.sys, &opts, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	assert_int_equal(pve_exec_revert(&s.sys, &opts, &e), -1);
	assert_int_equal(e.code, PVE_NOTHERE);
	scratch_done(&s);
}

static void reverted_on_request(void **state)
{
	struct pve_err e = {0};
	struct stat before, after;
	struct scratch s;

	(void)state;
	new_host(&s);
	assert_int_equal(pve_fs_stat(&s.sys, "/etc/a", &before, NULL), 0);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	assert_int_equal(pve_exec_revert(&s.sys, &opts, &e), 0);
	assert_true(is_old(&s));
	assert_int_equal(held_state(&s), PVE_HELD_NONE);
	assert_non_null(strstr(told, "is not wanted; reverting it"));
	/* It is the very file again. */
	assert_int_equal(pve_fs_stat(&s.sys, "/etc/a", &after, NULL), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	scratch_done(&s);
}

static void reverted_when_time_is_over(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	new_host(&s);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	skew = 61 * (int64_t)1000000000;
	assert_int_equal(held_state(&s), PVE_HELD_OVER);
	assert_true(looks_new(&s));
	mend_later(&s);
	assert_true(is_old(&s));
	assert_non_null(strstr(told, "was not confirmed in time; reverting it"));
	assert_int_equal(hold(&s.sys, true, &e), 0);
	skew += 61 * (int64_t)1000000000;
	assert_int_equal(pve_exec_confirm(&s.sys, &opts, &e), -1);
	assert_int_equal(e.code, PVE_FAILED);
	assert_non_null(strstr(e.msg, "too late"));
	assert_true(is_old(&s));
	scratch_done(&s);
}

static void another_boot_restores_files_only(void **state)
{
	static const char *const on[] = {"nothing", NULL}, *const off[] = {"live-off", NULL};
	struct pve_err e = {0};
	struct pve_exec *x;
	PVE_PLAN plan = {0};
	struct scratch s;

	(void)state;
	for (int same = 0; same < 2; same++) {
		new_host(&s);
		x = pve_exec_open(&s.sys, &opts, &e);
		plan_all(&plan, true);
		pve_plan_call(&plan, "the kernel", on, off, "to test");
		assert_int_equal(pve_exec_apply(x, &plan, &e), 0);
		pve_exec_close(x);
		pve_plan_done(&plan);
		if (!same) {
			assert_int_equal(pve_fs_unlink(&s.sys, BOOT_FILE, NULL), 0);
			scratch_put(&s, BOOT_FILE, BOOT_TWO, 0444);
		}
		assert_int_equal(held_state(&s), same ? PVE_HELD_WAITING : PVE_HELD_OVER);
		if (same)
			assert_int_equal(pve_exec_revert(&s.sys, &opts, &e), 0);
		else
			mend_later(&s);
		assert_true(is_old(&s));
		assert_int_equal(undone_live, same);
		scratch_done(&s);
	}
}

static void not_done_in_time_is_undone(void **state)
{
	static const char *const slow[] = {"sleep-long", NULL}, *const off[] = {"live-off", NULL};
	struct pve_err e = {0};
	struct pve_exec *x;
	PVE_PLAN plan = {0};
	struct scratch s;

	(void)state;
	new_host(&s);
	x = pve_exec_open(&s.sys, &opts, &e);
	plan_all(&plan, true);
	pve_plan_call(&plan, "something slow", slow, off, "to test");
	assert_int_equal(pve_exec_apply(x, &plan, &e), -1);
	assert_string_equal(e.msg, "not done within 60 seconds");
	pve_exec_close(x);
	assert_true(is_old(&s));
	assert_int_equal(undone_live, 1);
	assert_int_equal(held_state(&s), PVE_HELD_NONE);
	scratch_done(&s);
}

static int cannot_arm(struct pve_sys *sys, void *data, struct pve_err *e)
{
	/* The journal is there before anything else, so that whoever is armed finds it. */
	if (pve_exec_interrupted(sys, "pve-test", NULL) == 1)
		*(bool *)data = true;
	return pve_err_set(e, PVE_FAILED, "no watchdog");
}

static void not_armed_is_not_begun(void **state)
{
	bool there = false;
	struct pve_exec_opts armed = opts;
	struct pve_err e = {0};
	struct pve_exec *x;
	PVE_PLAN plan = {0};
	struct scratch s;

	(void)state;
	new_host(&s);
	armed.armed = cannot_arm;
	armed.data = &there;
	x = pve_exec_open(&s.sys, &armed, &e);
	plan_all(&plan, true);
	assert_int_equal(pve_exec_apply(x, &plan, &e), -1);
	assert_string_equal(e.msg, "nothing was changed: no watchdog");
	assert_true(there);
	pve_exec_close(x);
	assert_true(is_old(&s));
	assert_int_equal(scratch_count(&s, "/var/lib/pve-tools"), 0);
	scratch_done(&s);
}

/* --- faults ----------------------------------------------------------------------- */

enum phase { APPLY, CONFIRM, REVERT, EXPIRE, PHASES };

static int act(struct scratch *s, enum phase phase, bool reversible, struct pve_err *e)
{
	struct pve_exec *x;

	switch (phase) {
	case APPLY:
		return hold(&s->sys, reversible, e);
	case CONFIRM:
		return pve_exec_confirm(&s->sys, &opts, e);
	case REVERT:
		return pve_exec_revert(&s->sys, &opts, e);
	default:
		skew = 61 * (int64_t)1000000000;
		x = pve_exec_open(&s->sys, &opts, e);
		pve_exec_close(x);
		return x ? 0 : -1;
	}
}

static void before_phase(struct scratch *s, enum phase phase, bool reversible)
{
	struct pve_err e = {0};

	new_host(s);
	if (phase != APPLY && hold(&s->sys, reversible, &e) < 0)
		fail_msg("hold: %s", e.msg);
}

static unsigned effects(enum phase phase, bool reversible)
{
	struct pve_err e = {0};
	struct scratch s;

	before_phase(&s, phase, reversible);
	fault_at(&s, 0, 0, false);
	if (act(&s, phase, reversible, &e) < 0)
		fail_msg("phase %d: %s", (int)phase, e.msg);
	scratch_done(&s);
	return faults.count;
}

/* An irreversible step stays; everything else must be as at first. */
static bool is_old_but_flag(struct scratch *s)
{
	PVE_FREE char *flag = scratch_get(s, "/etc/flag");

	if (flag)
		assert_int_equal(pve_fs_unlink(&s->sys, "/etc/flag", NULL), 0);
	pve_fs_unstage(&s->sys, "/etc/flag", "call", NULL);
	return is_old(s);
}

static void check_end(struct scratch *s, enum phase phase, int ret, bool reversible, unsigned at)
{
	bool old, new;

	if (!is_whole(s))
		fail_msg("phase %d, effect %u: a file is not whole", (int)phase, at);
	if (phase == CONFIRM && ret == 0)
		assert_true(looks_new(s));
	mend_later(s);
	new = is_new(s);
	old = !new && (reversible ? is_old(s) : is_old_but_flag(s));
	/* Only a confirmation can leave the new state: surely, when it said so, and else when
	 * it was cut off after it was on the disk. */
	if (phase == CONFIRM ? ret == 0 ? !new : !old && !new : !old)
		fail_msg("phase %d, effect %u, %d: old %d, new %d", (int)phase, at, ret, old, new);
}

static void each_effect_fails(void **state)
{
	static const int errors[] = {EIO, ENOSPC};

	(void)state;
	for (int phase = 0; phase < PHASES; phase++) {
		unsigned n = effects((enum phase)phase, true);

		assert_true(n > 4);
		for (size_t k = 0; k < 2; k++) {
			for (unsigned at = 1; at <= n; at++) {
				struct pve_err e = {0};
				struct scratch s;
				int ret;

				before_phase(&s, (enum phase)phase, true);
				fault_at(&s, at, errors[k], false);
				ret = act(&s, (enum phase)phase, true, &e);
				if (ret < 0 && !strstr(e.msg, strerror(errors[k])))
					fail_msg("phase %d, effect %u: the reason is missing: %s",
						 phase, at, e.msg);
				if (phase == APPLY && ret == 0)
					assert_int_equal(held_state(&s), PVE_HELD_WAITING);
				check_end(&s, (enum phase)phase, ret, true, at);
				scratch_done(&s);
			}
		}
	}
}

static void killed_at_each_effect(void **state)
{
	(void)state;
	for (int phase = 0; phase < PHASES; phase++) {
		for (int reversible = 0; reversible < 2; reversible++) {
			unsigned n = effects((enum phase)phase, reversible);

			for (unsigned at = 1; at <= n; at++) {
				struct scratch s;
				pid_t pid;

				before_phase(&s, (enum phase)phase, reversible);
				fault_at(&s, at, 0, false);
				pid = fork();
				if (pid == 0) {
					act(&s, (enum phase)phase, reversible, NULL);
					_exit(0);
				}
				waitpid(pid, NULL, 0);
				check_end(&s, (enum phase)phase, -1, reversible, at);
				scratch_done(&s);
			}
		}
	}
}

/* Killed while it reverts, and then once more while the next run does. */
static void recovery_killed(void **state)
{
	unsigned n = effects(EXPIRE, true);

	(void)state;
	for (unsigned first = 1; first <= n; first += 3) {
		for (unsigned second = 1; second <= n; second++) {
			struct scratch s;

			before_phase(&s, EXPIRE, true);
			for (int i = 0; i < 2; i++) {
				pid_t pid;

				fault_at(&s, i ? second : first, 0, false);
				pid = fork();
				if (pid == 0) {
					act(&s, EXPIRE, true, NULL);
					_exit(0);
				}
				waitpid(pid, NULL, 0);
			}
			check_end(&s, EXPIRE, -1, true, first * 100 + second);
			scratch_done(&s);
		}
	}
}

/* Nothing can be created or written any more once the plan is held: the way back does not
 * need to. */
static void reverts_on_a_full_disk(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	for (int phase = REVERT; phase <= EXPIRE; phase++) {
		before_phase(&s, (enum phase)phase, true);
		fault_at(&s, 1, ENOSPC, true);
		if (act(&s, (enum phase)phase, true, &e) < 0)
			fail_msg("phase %d: %s", phase, e.msg);
		assert_true(is_old(&s));
		scratch_done(&s);
	}
	/* From some effect of the apply on: nothing is left half done. */
	for (unsigned at = 1, n = effects(APPLY, true); at <= n; at++) {
		int ret;

		new_host(&s);
		fault_at(&s, at, ENOSPC, true);
		ret = hold(&s.sys, true, &e);
		assert_true(ret == 0 || is_whole(&s));
		check_end(&s, APPLY, ret, true, at);
		scratch_done(&s);
	}
}

static void foreign_change_is_left_alone(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	new_host(&s);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	scratch_put(&s, "/etc/a", "edited by hand\n", 0640);
	mend_later(&s);
	assert_true(scratch_is(&s, "/etc/a", "edited by hand\n"));
	assert_true(scratch_is(&s, "/etc/b", "b old\n"));
	assert_true(scratch_is(&s, "/etc/flag", NULL));
	assert_int_equal(scratch_count(&s, "/etc"), 3);
	assert_non_null(strstr(told, "left as it is, changed by somebody else since: change /etc/a"));
	/* A new file where one was removed stays, and the old one is no obstacle to the next. */
	scratch_put(&s, "/etc/a", "a old\n", 0640);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	scratch_put(&s, "/etc/gone", "somebody else's\n", 0604);
	mend_later(&s);
	assert_true(scratch_is(&s, "/etc/gone", "somebody else's\n"));
	assert_true(scratch_is(&s, "/etc/a", "a old\n"));
	assert_int_equal(scratch_count(&s, "/etc"), 3);
	scratch_put(&s, "/etc/gone", "gone old\n", 0604);
	/* What was kept is no use when it is not what it was. */
	scratch_put(&s, "/etc/a", "a old\n", 0640);
	assert_int_equal(hold(&s.sys, true, &e), 0);
	scratch_put(&s, "/etc/.a.pve-test.old", "altered\n", 0640);
	mend_later(&s);
	assert_true(is_old(&s));
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_until_confirmed),
		cmocka_unit_test(reverted_on_request),
		cmocka_unit_test(reverted_when_time_is_over),
		cmocka_unit_test(another_boot_restores_files_only),
		cmocka_unit_test(not_done_in_time_is_undone),
		cmocka_unit_test(not_armed_is_not_begun),
		cmocka_unit_test(each_effect_fails),
		cmocka_unit_test(killed_at_each_effect),
		cmocka_unit_test(recovery_killed),
		cmocka_unit_test(reverts_on_a_full_disk),
		cmocka_unit_test(foreign_change_is_left_alone),
	};

	return cmocka_run_group_tests_name("exec_hold", tests, NULL, NULL);
}
