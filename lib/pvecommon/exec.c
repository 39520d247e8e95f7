/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "pvecommon/exec_step.h"
#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"
#include "pvecommon/journal.h"
#include "pvecommon/num.h"

#define JOURNAL_DIR "/var/lib/pve-tools"
#define RECORDS_SPACE 65536 /* bytes set aside for records, so that a full disk spares them */

__attribute__((format(printf, 3, 4)))
static void tell(struct pve_exec *x, enum pve_level level, const char *fmt, ...)
{
	PVE_BUF line = {0};
	va_list ap;

	if (!x->opts->tell)
		return;
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	x->opts->tell(x->opts->tell_to, level, pve_buf_str(&line));
}

static void tell_steps(struct pve_exec *x, enum pve_level level, const struct pve_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		PVE_BUF what = {0};

		pve_step_format(&plan->v[i], &what);
		tell(x, level, "%s: %s", pve_step_state_name(plan->v[i].state),
		     pve_buf_str(&what));
	}
}

/* --- the journal on disk --------------------------------------------------------- */

/* Makes JOURNAL_DIR, remembering what was missing, so that it can go again. */
static int make_journal_dir(struct pve_exec *x, struct pve_err *e)
{
	char part[] = JOURNAL_DIR;

	for (char *p = part + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (!pve_fs_exists(x->sys, part)) {
			if (pve_fs_mkdir(x->sys, part, c ? 0755 : 0700, e) < 0)
				return -1;
			pve_strv_add(&x->made, part);
		}
		if (!c)
			return 0;
		*p = c;
	}
}

static void remove_made_dirs(struct pve_exec *x)
{
	while (x->made.n) {
		pve_fs_rmdir(x->sys, x->made.v[--x->made.n], NULL);
		free(x->made.v[x->made.n]);
		x->made.v[x->made.n] = NULL;
	}
}

static int open_records(struct pve_exec *x, struct pve_err *e)
{
	struct stat st;

	x->records = pve_fs_open(x->sys, x->journal, O_WRONLY | O_APPEND, 0, e);
	if (x->records < 0)
		return -1;
	/* A file system that cannot do this has the records fail later, which is handled. */
	if (fstat(x->records, &st) == 0)
		(void)!fallocate(x->records, FALLOC_FL_KEEP_SIZE, st.st_size, RECORDS_SPACE);
	return 0;
}

static int start_journal(struct pve_exec *x, const struct pve_plan *plan, struct pve_err *e)
{
	PVE_BUF bytes = {0};

	pve_journal_format(plan, x->opts->tool, getpid(), pve_sys_time(x->sys), &bytes);
	if (make_journal_dir(x, e) < 0 ||
	    pve_fs_write(x->sys, x->journal, x->opts->tool,
			 (struct pve_span){bytes.data, bytes.len}, 0600, e) < 0)
		return -1;
	return open_records(x, e);
}

/* Without a record an interrupted run could not be told what to do: so it is synced. */
static int record(struct pve_exec *x, const char *word, size_t i, struct pve_err *e)
{
	char line[48];
	int n = snprintf(line, sizeof(line), "%s %zu\n", word, i);

	if (pve_fs_effect(x->sys, PVE_EFFECT_WRITE, x->journal) < 0 ||
	    write(x->records, line, (size_t)n) != n ||
	    pve_fs_effect(x->sys, PVE_EFFECT_SYNC, x->journal) < 0 ||
	    fdatasync(x->records) < 0)
		return pve_err_sys(e, errno, "writing %s%s", x->sys->root, x->journal);
	return 0;
}

static int end_journal(struct pve_exec *x, struct pve_err *e)
{
	pve_cleanup_close(&x->records);
	return pve_fs_unlink(x->sys, x->journal, e);
}

/* --- forward and back ------------------------------------------------------------ */

static int do_step(struct pve_exec *x, struct pve_step *step, size_t i, struct pve_err *e)
{
	PVE_BUF what = {0};

	pve_step_format(step, &what);
	tell(x, PVE_LOG_INFO, "%s: %s", pve_buf_str(&what), step->why);
	if (pve_step_is_file(step))
		return pve_step_do(x, step, e);
	step->state = PVE_STEP_PENDING;
	if (step->guard && pve_step_check(x, step, e) < 0)
		return -1;
	if (record(x, "begin", i, e) < 0)
		return -1;
	if (pve_step_do(x, step, e) < 0)
		return -1;
	return record(x, "done", i, e);
}

/* Undoes what had any chance to happen, last one first.  A step that failed is undone as
 * well: it may have had part of its effect.  Returns -1, with the first reason, when an
 * inverse failed. */
static int undo_steps(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err why = {0};
	int ret = 0;

	/* On a full disk this record may fail.  Without it the next run draws the same
	 * conclusion, but when all steps were done, and then they may stay. */
	if (x->records >= 0)
		record(x, "rollback", 0, NULL);
	for (size_t i = plan->n; i-- > 0;) {
		struct pve_step *step = &plan->v[i];
		bool failed = step->state == PVE_STEP_FAILED;

		pve_step_unstage(x, step);
		if (step->state == PVE_STEP_FOREIGN || step->state == PVE_STEP_UNDONE ||
		    step->state == PVE_STEP_PENDING)
			continue;
		if (pve_step_undo(x, step, &why) < 0) {
			if (ret == 0 && e)
				*e = why;
			ret = -1;
		} else if (failed && step->state != PVE_STEP_FOREIGN) {
			step->state = PVE_STEP_FAILED;
		}
		if (!pve_step_is_file(step) && step->state == PVE_STEP_UNDONE && x->records >= 0)
			record(x, "undone", i, NULL);
	}
	return ret;
}

/* Everything is done: what was kept for the way back goes, the journal last. */
static int settle(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (pve_step_settle(x, &plan->v[i], e) < 0) {
			pve_cleanup_close(&x->records);
			return -1;
		}
	}
	return end_journal(x, e);
}

/* A failed plan: back to where it started, and the reason with what it led to. */
static int give_up(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err why = {0};

	if (undo_steps(x, plan, &why) < 0) {
		pve_cleanup_close(&x->records);
		tell_steps(x, PVE_LOG_NOTICE, plan);
		pve_err_prefix(e, "not everything could be undone (%s; the next run tries again, "
			       "after %s%s)", why.msg, x->sys->root, x->journal);
		return -1;
	}
	tell_steps(x, PVE_LOG_NOTICE, plan);
	if (end_journal(x, &why) < 0)
		pve_err_prefix(e, "%s", why.msg);
	return -1;
}

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
static int check_signals(struct pve_err *e)
{
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < STOPPING; i++)
		if (sigismember(&pending, stop_signals[i]))
			return pve_err_set(e, PVE_FAILED, "stopped by SIG%s",
					   sigabbrev_np(stop_signals[i]));
	return 0;
}

/* --- apply ----------------------------------------------------------------------- */

static int stage_all(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	for (size_t i = 0; i < plan->n; i++)
		if (pve_step_stage(x, &plan->v[i], e) < 0)
			return -1;
	return 0;
}

static int apply(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	if (pve_plan_verify(plan, e) < 0)
		return -1;
	/* Guards of run and call steps may ask for what earlier steps bring about: theirs
	 * are checked when they are reached. */
	for (size_t i = 0; i < plan->n; i++) {
		plan->v[i].state = PVE_STEP_PENDING;
		if (pve_step_is_file(&plan->v[i]) && pve_step_check(x, &plan->v[i], e) < 0)
			return -1;
	}
	if (start_journal(x, plan, e) < 0) {
		pve_cleanup_close(&x->records);
		pve_fs_unstage(x->sys, x->journal, x->opts->tool, NULL);
		pve_fs_unlink(x->sys, x->journal, NULL);
		return pve_err_prefix(e, "nothing was changed");
	}
	if (stage_all(x, plan, e) < 0) {
		pve_err_prefix(e, "nothing was changed");
		return give_up(x, plan, e);
	}
	for (size_t i = 0; i < plan->n; i++)
		if (check_signals(e) < 0 || do_step(x, &plan->v[i], i, e) < 0)
			return give_up(x, plan, e);
	/* What was asked for is done; only the tidying is left, and the journal stays for it. */
	if (settle(x, plan, e) < 0)
		tell(x, PVE_LOG_NOTICE, "done, but not tidied up (%s); the next run tries again",
		     e->msg);
	return 0;
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

/* --- after an interruption ------------------------------------------------------- */

/* Sets each step's state by what the journal and the files say; true when all are done. */
static int find_states(struct pve_exec *x, struct pve_journal *j, bool *all, bool *bound,
		       struct pve_err *e)
{
	*all = !j->rollback;
	*bound = false;
	for (size_t i = 0; i < j->plan.n; i++) {
		struct pve_step *step = &j->plan.v[i];
		enum pve_step_view view = PVE_VIEW_OTHER;

		step->state = PVE_STEP_PENDING;
		if (pve_step_is_file(step)) {
			if (pve_step_look(x, step, &view, e) < 0)
				return -1;
			if (view != PVE_VIEW_OLD)
				step->state = view == PVE_VIEW_NEW ? PVE_STEP_DONE
								   : PVE_STEP_FOREIGN;
		} else if (j->marks[i].undone) {
			step->state = PVE_STEP_UNDONE;
		} else if (j->marks[i].done) {
			step->state = PVE_STEP_DONE;
		} else if (j->marks[i].begun) {
			step->state = PVE_STEP_FAILED;
		}
		if (step->state != PVE_STEP_DONE)
			*all = false;
		if (!pve_step_is_file(step) && j->marks[i].begun && !step->undo)
			*bound = true;
	}
	return 0;
}

/* Does what an interrupted plan has not done yet; on failure all is undone instead. */
static int complete(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	for (size_t i = 0; i < j->plan.n; i++) {
		struct pve_step *step = &j->plan.v[i];

		if (step->state == PVE_STEP_DONE || step->state == PVE_STEP_FOREIGN)
			continue;
		if (do_step(x, step, i, e) < 0)
			return -1;
	}
	return 0;
}

static int recover(struct pve_exec *x, struct pve_journal *j, struct pve_err *e)
{
	char when[PVE_TIME_TEXT];
	struct pve_err why = {0};
	bool all, bound;

	if (find_states(x, j, &all, &bound, e) < 0 || open_records(x, e) < 0)
		return -1;
	if (all) {
		tell(x, PVE_LOG_INFO, "the run of %s (process %d) was done; its journal goes",
		     pve_num_time_text(j->time, when), (int)j->pid);
		return settle(x, &j->plan, e);
	}
	tell(x, PVE_LOG_NOTICE, "a run of %s (process %d) was interrupted; %s it",
	     pve_num_time_text(j->time, when), (int)j->pid,
	     bound && !j->rollback ? "completing" : "reverting");
	if (bound && !j->rollback) {
		if (complete(x, j, &why) == 0) {
			tell_steps(x, PVE_LOG_NOTICE, &j->plan);
			return settle(x, &j->plan, e);
		}
		tell(x, PVE_LOG_NOTICE, "that failed, so it is reverted: %s", why.msg);
	}
	if (undo_steps(x, &j->plan, e) < 0) {
		pve_cleanup_close(&x->records);
		tell_steps(x, PVE_LOG_NOTICE, &j->plan);
		return -1;
	}
	tell_steps(x, PVE_LOG_NOTICE, &j->plan);
	return end_journal(x, e);
}

static int recover_if_needed(struct pve_exec *x, struct pve_err *e)
{
	struct pve_err why = {0};
	struct pve_journal j;
	PVE_BUF bytes = {0};
	int ret;

	pve_fs_unstage(x->sys, x->journal, x->opts->tool, NULL);
	if (pve_fs_read(x->sys, x->journal, SIZE_MAX / 4, &bytes, NULL, &why) < 0)
		return why.sys == ENOENT ? 0 : pve_err_set(e, why.code, "%s", why.msg);
	ret = pve_journal_parse((struct pve_span){bytes.data, bytes.len}, &j, e);
	if (ret == 0) {
		ret = recover(x, &j, e);
		pve_journal_done(&j);
	}
	if (ret < 0)
		pve_err_prefix(e, "an interrupted run has left %s%s", x->sys->root, x->journal);
	return ret;
}

struct pve_exec *pve_exec_open(struct pve_sys *sys, const struct pve_exec_opts *opts,
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
	if (x->lock < 0 || recover_if_needed(x, e) < 0) {
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
	remove_made_dirs(x);
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
