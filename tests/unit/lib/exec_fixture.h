/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host that the tests of the executor change, and the faults that they inject. */
#ifndef TESTS_EXEC_FIXTURE_H
#define TESTS_EXEC_FIXTURE_H

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "pvecommon/exec.h"
#include "scratch.h"

/* The host of these tests: four files and a flag that a call step sets and clears. */
static inline void host_new(struct scratch *s)
{
	scratch_new(s);
	assert_int_equal(pve_fs_mkdir(&s->sys, "/etc", 0755, NULL), 0);
	scratch_put(s, "/etc/a", "a old\n", 0640);
	scratch_put(s, "/etc/b", "b old\n", 0600);
	scratch_put(s, "/etc/gone", "gone old\n", 0604);
}

static int flag_on(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct pve_span one = {args[1], strlen(args[1])};

	(void)data;
	return pve_fs_write(sys, "/etc/flag", "call", one, 0644, e);
}

static int flag_off(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)args;
	(void)data;
	pve_fs_unstage(sys, "/etc/flag", "call", NULL);
	return pve_fs_unlink(sys, "/etc/flag", e);
}

static int refuse(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	(void)sys;
	(void)args;
	(void)data;
	return pve_err_set(e, PVE_FAILED, "refused");
}

static int signal_self(struct pve_sys *sys, const char *const *args, void *data,
		       struct pve_err *e)
{
	(void)sys;
	(void)data;
	(void)e;
	kill(getpid(), atoi(args[1]));
	return 0;
}

static const struct pve_call calls[] = {{"flag-on", flag_on},
					{"flag-off", flag_off},
					{"refuse", refuse},
					{"signal-self", signal_self},
					{NULL, NULL}};

static char told[16384];

static inline void tell(void *to, enum pve_level level, const char *line)
{
	(void)to;
	if (level <= PVE_LOG_NOTICE && strlen(told) + strlen(line) + 2 < sizeof(told))
		strcat(strcat(told, line), "\n");
}

/* reversible: the call has an inverse. */
static inline void plan_all(struct pve_plan *p, bool reversible)
{
	static const char *const on[] = {"flag-on", "on\n", NULL};
	static const char *const off[] = {"flag-off", NULL};
	struct pve_span a = pve_span("a old\n"), b = pve_span("b old\n"),
			gone = pve_span("gone old\n");

	pve_plan_write(p, "/etc/a", &a, pve_span("a new, longer\n"), 0644, "to test");
	pve_plan_mkdir(p, "/etc/dir", 0755, "to test");
	pve_plan_write(p, "/etc/dir/c", NULL, pve_span("c new\n"), 0644, "to test");
	pve_plan_remove(p, "/etc/gone", &gone, "to test");
	pve_plan_call(p, "set the flag", on, reversible ? off : NULL, "to test");
	pve_plan_write(p, "/etc/b", &b, pve_span("b new\n"), 0644, "to test");
}

static inline bool is_old(struct scratch *s)
{
	return scratch_is(s, "/etc/a", "a old\n") && scratch_is(s, "/etc/b", "b old\n") &&
	       scratch_is(s, "/etc/gone", "gone old\n") && scratch_is(s, "/etc/flag", NULL) &&
	       scratch_count(s, "/etc") == 3;
}

static inline bool is_new(struct scratch *s)
{
	return scratch_is(s, "/etc/a", "a new, longer\n") && scratch_is(s, "/etc/b", "b new\n") &&
	       scratch_is(s, "/etc/gone", NULL) && scratch_is(s, "/etc/flag", "on\n") &&
	       scratch_is(s, "/etc/dir/c", "c new\n") && scratch_count(s, "/etc") == 4 &&
	       scratch_count(s, "/etc/dir") == 1;
}

/* Each single file is one of its two contents; nobody ever sees a part. */
static inline bool is_whole(struct scratch *s)
{
	return (scratch_is(s, "/etc/a", "a old\n") || scratch_is(s, "/etc/a", "a new, longer\n")) &&
	       (scratch_is(s, "/etc/b", "b old\n") || scratch_is(s, "/etc/b", "b new\n")) &&
	       (scratch_is(s, "/etc/gone", NULL) || scratch_is(s, "/etc/gone", "gone old\n")) &&
	       (scratch_is(s, "/etc/dir/c", NULL) || scratch_is(s, "/etc/dir/c", "c new\n"));
}

/* --- fault hooks ------------------------------------------------------------------ */

static struct {
	unsigned at, count; /* the effect that fails, and how many there were so far */
	int error;          /* errno, or 0: kill the process */
	bool on;            /* that one and all later ones (a disk that stays full) */
} faults;

static inline int fault(struct pve_sys *sys, enum pve_effect effect, const char *path)
{
	(void)sys;
	(void)path;
	faults.count++;
	if (faults.on ? faults.count < faults.at : faults.count != faults.at)
		return 0;
	if (!faults.error)
		kill(getpid(), SIGKILL);
	/* A full disk still lets names be removed and changed. */
	if (faults.on && effect != PVE_EFFECT_CREATE && effect != PVE_EFFECT_WRITE &&
	    effect != PVE_EFFECT_MKDIR)
		return 0;
	return faults.error;
}

/* From the at-th effect from now on, or at it only, the given errno; 0: the process dies. */
static inline void fault_at(struct scratch *s, unsigned at, int error, bool on)
{
	s->sys.fault = fault;
	faults.at = at;
	faults.count = 0;
	faults.error = error;
	faults.on = on;
}

/* The next run of a tool: it ends what was interrupted, and nothing is left of that. */
static inline void mend(struct scratch *s, const struct pve_exec_opts *opts)
{
	struct pve_err e = {0};
	struct pve_exec *x = pve_exec_open(&s->sys, opts, &e);

	if (!x)
		fail_msg("recovery: %s", e.msg);
	pve_exec_close(x);
	assert_int_equal(pve_exec_interrupted(&s->sys, opts->tool, NULL), 0);
	assert_int_equal(scratch_count(s, "/var/lib/pve-tools"), 0);
}

#endif
