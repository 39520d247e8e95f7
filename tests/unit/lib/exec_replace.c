/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The executor when the plan is one write, which takes no journal: under the faults of exec.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "exec_fixture.h"

#define JOURNAL_DIR "/var/lib/pve-tools"

static const struct pve_exec_opts opts = {.tool = "pve-test", .calls = calls, .tell = tell};

/* The file that the plan is about: one that is there, one that a link leads to, a new one. */
static const struct target {
	const char *path, *was, *file;
} targets[] = {
	{"/etc/a", "a old\n", "/etc/a"},
	{"/etc/link", "a old\n", "/etc/a"},
	{"/etc/made", NULL, "/etc/made"},
};
#define NTARGETS (sizeof(targets) / sizeof(*targets))

static void host_with_link(struct scratch *s)
{
	PVE_FREE char *link = NULL;

	host_new(s);
	link = pve_asprintf("%s/etc/link", s->dir);
	assert_int_equal(symlink("/etc/a", link), 0);
}

static int replace(struct pve_sys *sys, const struct target *t, struct pve_err *e)
{
	struct pve_exec *x = pve_exec_open(sys, &opts, e);
	struct pve_span was = pve_span(t->was ? t->was : "");
	PVE_PLAN plan = {0};
	int ret;

	if (!x)
		return -1;
	pve_plan_write(&plan, t->path, t->was ? &was : NULL, pve_span("new\n"), 0644, "to test");
	ret = pve_exec_apply(x, &plan, e);
	assert_int_equal(plan.v->state == PVE_STEP_DONE, ret == 0);
	pve_exec_close(x);
	return ret;
}

static bool is(struct scratch *s, const struct target *t, bool new)
{
	return scratch_is(s, t->file, new ? "new\n" : t->was) &&
	       scratch_count(s, "/etc") == (new && !t->was ? 5 : 4);
}

/* How many effects an undisturbed run has. */
static unsigned effects(const struct target *t)
{
	struct scratch s;

	host_with_link(&s);
	fault_at(&s, 0, 0, false);
	assert_int_equal(replace(&s.sys, t, NULL), 0);
	assert_true(is(&s, t, true));
	scratch_done(&s);
	return faults.count;
}

/* --- tests ------------------------------------------------------------------------ */

static struct {
	unsigned syncs, renames;
} seen;

static int count(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	(void)sys;
	seen.syncs += effect == PVE_EFFECT_SYNC;
	seen.renames += effect == PVE_EFFECT_RENAME;
	return strstr(path, ".journal") ? EIO : 0;
}

/* On a host that has the directory already: one sync for the bytes and one for the name. */
static void takes_two_syncs_and_no_journal(void **state)
{
	(void)state;
	for (size_t i = 0; i < NTARGETS; i++) {
		struct scratch s;
		struct stat st;

		host_with_link(&s);
		assert_int_equal(pve_fs_mkdir_parents(&s.sys, JOURNAL_DIR, NULL), 0);
		memset(&seen, 0, sizeof(seen));
		s.sys.fault = count;
		assert_int_equal(replace(&s.sys, &targets[i], NULL), 0);
		s.sys.fault = NULL;
		assert_true(is(&s, &targets[i], true));
		assert_int_equal(seen.syncs, 2);
		assert_int_equal(seen.renames, 1);
		assert_int_equal(scratch_count(&s, JOURNAL_DIR), 0);
		assert_int_equal(pve_fs_stat(&s.sys, targets[i].file, &st, NULL), 0);
		assert_int_equal(st.st_mode & 07777, targets[i].was ? 0640 : 0644);
		scratch_done(&s);
	}
}

static void leaves_nothing_else(void **state)
{
	struct scratch s;

	(void)state;
	host_with_link(&s);
	assert_int_equal(replace(&s.sys, &targets[0], NULL), 0);
	assert_false(pve_fs_exists(&s.sys, "/var"));
	scratch_done(&s);
}

/* Somebody else writes the file when ours is ready and not yet in place. */
static int intrude(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	if (effect == PVE_EFFECT_SYNC && strncmp(path, "/etc/", 5) == 0) {
		sys->fault = NULL;
		scratch_put(sys->test, "/etc/a", "by hand\n", 0640);
		scratch_put(sys->test, "/etc/made", "by hand\n", 0640);
	}
	return 0;
}

static void guard_holds_until_the_rename(void **state)
{
	(void)state;
	for (size_t i = 0; i < NTARGETS; i++) {
		struct pve_err e = {0};
		struct scratch s;

		host_with_link(&s);
		s.sys.test = &s;
		s.sys.fault = intrude;
		assert_int_equal(replace(&s.sys, &targets[i], &e), -1);
		assert_int_equal(e.code, PVE_AGAIN);
		assert_non_null(strstr(e.msg, targets[i].path));
		assert_true(scratch_is(&s, targets[i].file, "by hand\n"));
		assert_int_equal(scratch_count(&s, "/etc"), 5);
		assert_false(pve_fs_exists(&s.sys, "/var"));
		scratch_done(&s);
	}
}

/* One effect fails, or all from then on that a full disk refuses. */
static void fail_at(const struct target *t, unsigned at, int error, bool on)
{
	struct pve_err e = {0};
	struct scratch s;
	int ret;

	host_with_link(&s);
	fault_at(&s, at, error, on);
	ret = replace(&s.sys, t, &e);
	s.sys.fault = NULL;
	if (ret < 0 && !strstr(e.msg, strerror(error)))
		fail_msg("effect %u: the reason is missing: %s", at, e.msg);
	/* There is no next run that could bring it to its end: it has to be whole now. */
	if (!is(&s, t, ret == 0))
		fail_msg("%s, effect %u (%s): not as the result says", t->path, at,
			 strerror(error));
	mend(&s, &opts);
	scratch_done(&s);
}

static void each_effect_fails(void **state)
{
	static const int errors[] = {EIO, ENOSPC, EROFS};

	(void)state;
	for (size_t i = 0; i < NTARGETS; i++) {
		unsigned n = effects(&targets[i]);

		assert_true(n > 6);
		for (size_t k = 0; k < 3; k++)
			for (unsigned at = 1; at <= n; at++)
				fail_at(&targets[i], at, errors[k], false);
		for (unsigned at = 1; at <= n; at++)
			fail_at(&targets[i], at, ENOSPC, true);
	}
}

/* The rename took place, but neither it nor the way back can be made safe. */
static int no_sync(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	(void)sys;
	seen.renames += effect == PVE_EFFECT_RENAME;
	return seen.renames && effect == PVE_EFFECT_SYNC && strncmp(path, "/etc/", 5) == 0 ? EIO
											   : 0;
}

static void says_what_could_not_be_undone(void **state)
{
	struct pve_err e = {0};
	struct scratch s;

	(void)state;
	host_with_link(&s);
	seen.renames = 0;
	s.sys.fault = no_sync;
	*told = '\0';
	assert_int_equal(replace(&s.sys, &targets[0], &e), -1);
	s.sys.fault = NULL;
	assert_non_null(strstr(e.msg, "it could not be undone"));
	assert_non_null(strstr(told, "could not be undone: change /etc/a"));
	assert_true(is(&s, &targets[0], false) || is(&s, &targets[0], true));
	mend(&s, &opts);
	scratch_done(&s);
}

static void killed_at_each_effect(void **state)
{
	unsigned left = 0, old = 0, new = 0;

	(void)state;
	for (size_t i = 0; i < NTARGETS; i++) {
		unsigned n = effects(&targets[i]);

		for (unsigned at = 1; at <= n; at++) {
			struct scratch s;
			pid_t pid;

			host_with_link(&s);
			fault_at(&s, at, 0, false);
			pid = fork();
			if (pid == 0) {
				replace(&s.sys, &targets[i], NULL);
				_exit(0);
			}
			waitpid(pid, NULL, 0);
			s.sys.fault = NULL;
			/* Whole before anybody has cleared up, and without anything beside it. */
			old += is(&s, &targets[i], false);
			new += is(&s, &targets[i], true);
			if (!is(&s, &targets[i], false) && !is(&s, &targets[i], true))
				fail_msg("%s, killed at effect %u: neither old nor new",
					 targets[i].path, at);
			assert_int_equal(pve_exec_interrupted(&s.sys, "pve-test", NULL), 0);
			left += scratch_count(&s, JOURNAL_DIR) > 0;
			mend(&s, &opts);
			scratch_done(&s);
		}
	}
	/* The test is one: there were both, and temporary files for the next run to remove. */
	assert_true(old > 0 && new > 0 && left > 0);
}

static int terminate(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	(void)sys;
	if (effect == PVE_EFFECT_WRITE && strcmp(path, "/etc/a") == 0)
		kill(getpid(), SIGTERM);
	return 0;
}

static void signal_stops_it(void **state)
{
	struct scratch s;
	int status;
	pid_t pid;

	(void)state;
	host_with_link(&s);
	s.sys.fault = terminate;
	pid = fork();
	if (pid == 0) {
		replace(&s.sys, &targets[0], NULL);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_true(is(&s, &targets[0], false));
	assert_int_equal(scratch_count(&s, JOURNAL_DIR), 0);
	scratch_done(&s);
}

/* Whoever wants to undo it later needs the journal. */
static void held_plan_has_its_journal(void **state)
{
	static const struct pve_exec_opts hold = {.tool = "pve-test", .hold_s = 600};
	struct pve_span was = pve_span("a old\n");
	struct pve_exec *x;
	PVE_PLAN plan = {0};
	struct scratch s;

	(void)state;
	host_with_link(&s);
	x = pve_exec_open(&s.sys, &hold, NULL);
	assert_non_null(x);
	pve_plan_write(&plan, "/etc/a", &was, pve_span("new\n"), 0644, "to test");
	assert_int_equal(pve_exec_apply(x, &plan, NULL), 0);
	pve_exec_close(x);
	assert_int_equal(pve_exec_interrupted(&s.sys, "pve-test", NULL), 1);
	scratch_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_two_syncs_and_no_journal),
		cmocka_unit_test(leaves_nothing_else),
		cmocka_unit_test(guard_holds_until_the_rename),
		cmocka_unit_test(each_effect_fails),
		cmocka_unit_test(says_what_could_not_be_undone),
		cmocka_unit_test(killed_at_each_effect),
		cmocka_unit_test(signal_stops_it),
		cmocka_unit_test(held_plan_has_its_journal),
	};

	return cmocka_run_group_tests_name("exec_replace", tests, NULL, NULL);
}
