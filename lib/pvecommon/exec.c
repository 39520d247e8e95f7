/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/exec.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "pvecommon/exec_impl.h"
#include "pvecommon/exec_step.h"
#include "pvecommon/fs.h"

/* --- signals --------------------------------------------------------------------- */

/* While a plan runs, signals that ask the process to end wait.  One of the first three stops
 * the plan before its next step, and it is undone; then the signal has its usual effect.  A
 * reader of our output that went away (SIGPIPE) must not stop a change half way. */
static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
#define STOPPING 3

static void hold_signals(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(stop_signals) / sizeof(*stop_signals); i++)
		sigaddset(&set, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* An ignored signal (nohup) never becomes pending. */
int pve_exec_check_signals(struct pve_err *e)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < STOPPING; i++)
		if (sigismember(&pending, stop_signals[i]))
			return pve_err_set(e, PVE_FAILED, "stopped by SIG%s",
					   sigabbrev_np(stop_signals[i]));
	return 0;
}

/* A plan to be held has to be done before its time is over. */
static int check_deadline(struct pve_exec *x, struct pve_err *e)
{
	if (!x->deadline || x->sys->now(x->sys, CLOCK_BOOTTIME) < x->deadline)
		return 0;
	return pve_err_set(e, PVE_FAILED, "not done within %u seconds", x->opts->hold_s);
}

/* --- apply ----------------------------------------------------------------------- */

static int stage_all(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	for (size_t i = 0; i < plan->n; i++)
		if (pve_step_stage(x, &plan->v[i], e) < 0)
			return -1;
	return 0;
}

/* Guards of run and call steps may ask for what earlier steps bring about: theirs are
 * checked when they are reached. */
static int check_files(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	for (size_t i = 0; i < plan->n; i++) {
		plan->v[i].state = PVE_STEP_PENDING;
		if (pve_step_is_file(&plan->v[i]) && pve_step_check(x, &plan->v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int start(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	const struct pve_exec_opts *o = x->opts;

	x->deadline = o->hold_s ? x->sys->now(x->sys, CLOCK_BOOTTIME) +
					  (int64_t)o->hold_s * 1000000000
				: 0;
	if (pve_exec_start_journal(x, plan, e) < 0) {
		pve_cleanup_close(&x->records);
		pve_fs_unstage(x->sys, x->journal, o->tool, NULL);
		pve_fs_unlink(x->sys, x->journal, NULL);
		return pve_err_prefix(e, "nothing was changed");
	}
	if (stage_all(x, plan, e) < 0 || (o->armed && o->armed(x->sys, o->data, e) < 0)) {
		pve_err_prefix(e, "nothing was changed");
		return pve_exec_give_up(x, plan, e);
	}
	return 0;
}

static int apply_journalled(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	if (check_files(x, plan, e) < 0 || start(x, plan, e) < 0)
		return -1;
	for (size_t i = 0; i < plan->n; i++)
		if (pve_exec_check_signals(e) < 0 || check_deadline(x, e) < 0 ||
		    pve_exec_do_step(x, &plan->v[i], i, e) < 0)
			return pve_exec_give_up(x, plan, e);
	if (x->deadline) {
		if (check_deadline(x, e) < 0 || pve_exec_record(x, "held", 0, e) < 0)
			return pve_exec_give_up(x, plan, e);
		pve_cleanup_close(&x->records);
		return 0;
	}
	/* What was asked for is done; only the tidying is left, and the journal stays for it. */
	if (pve_exec_settle(x, plan, e) < 0)
		pve_exec_tell(x, PVE_LOG_NOTICE,
			      "done, but not tidied up (%s); the next run tries again", e->msg);
	return 0;
}

static int apply(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	int ret;

	if (pve_plan_verify(plan, e) < 0)
		return -1;
	ret = pve_exec_is_replace(x, plan) ? pve_exec_replace(x, plan, e) : 0;
	if (ret)
		return ret < 0 ? -1 : 0;
	return apply_journalled(x, plan, e);
}

int pve_exec_apply(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err own;
	sigset_t before;
	int ret;

	if (!plan->n)
		return 0;
	hold_signals(&before);
	ret = apply(x, plan, e ? e : &own);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ret;
}

/* --- open and close --------------------------------------------------------------- */

struct pve_exec *pve_exec_new(struct pve_sys *sys, const struct pve_exec_opts *opts,
			      struct pve_err *e)
{
	struct pve_exec *x;

	if (!sys->rooted && geteuid() != 0) {
		pve_err_set(e, PVE_DENIED, "changing this host needs root");
		return NULL;
	}
	x = pve_calloc(1, sizeof(*x));
	*x = (struct pve_exec){.sys = sys, .opts = opts, .records = -1};
	x->journal = pve_asprintf("%s/%s.journal", JOURNAL_DIR, opts->tool);
	x->lock = pve_fs_lock(sys, opts->tool, opts->wait_s, e);
	if (x->lock < 0) {
		pve_exec_close(x);
		return NULL;
	}
	return x;
}

struct pve_exec *pve_exec_open(struct pve_sys *sys, const struct pve_exec_opts *opts,
			       struct pve_err *e)
{
	struct pve_exec *x = pve_exec_new(sys, opts, e);

	if (x && pve_exec_recover(x, e) < 0) {
		pve_exec_close(x);
		return NULL;
	}
	return x;
}

void pve_exec_close(struct pve_exec *x)
{
	if (!x)
		return;
	pve_cleanup_close(&x->records);
	pve_exec_remove_made(x);
	pve_cleanup_close(&x->lock);
	pve_strv_done(&x->made);
	free(x->journal);
	free(x);
}

int pve_exec_interrupted(struct pve_sys *sys, const char *tool, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf("%s/%s.journal", JOURNAL_DIR, tool);
	struct pve_err why = {0};
	struct stat st;

	if (pve_fs_stat(sys, path, &st, &why) == 0)
		return 1;
	return why.sys == ENOENT || why.sys == ENOTDIR ? 0 : pve_err_set(e, why.code, "%s", why.msg);
}
