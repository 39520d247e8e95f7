/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/exec_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "pvecommon/exec_step.h"
#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"
#include "pvecommon/num.h"

#define RECORDS_SPACE 65536 /* bytes set aside for records, so that a full disk spares them */

void pve_exec_tell(struct pve_exec *x, enum pve_level level, const char *fmt, ...)
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

void pve_exec_tell_steps(struct pve_exec *x, enum pve_level level, const struct pve_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		PVE_BUF what = {0};

		pve_step_format(&plan->v[i], &what);
		pve_exec_tell(x, level, "%s: %s", pve_step_state_name(plan->v[i].state),
			      pve_buf_str(&what));
	}
}

/* --- the journal on disk --------------------------------------------------------- */

/* In a tree below --root, which may be nobody's host, what was missing goes again. */
int pve_exec_make_dir(struct pve_exec *x, struct pve_err *e)
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
			if (x->sys->rooted)
				pve_strv_add(&x->made, part);
		}
		if (!c)
			return 0;
		*p = c;
	}
}

void pve_exec_remove_made(struct pve_exec *x)
{
	while (x->made.n) {
		pve_fs_rmdir(x->sys, x->made.v[--x->made.n], NULL);
		free(x->made.v[x->made.n]);
		x->made.v[x->made.n] = NULL;
	}
}

int pve_exec_open_records(struct pve_exec *x, struct pve_err *e)
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

int pve_exec_start_journal(struct pve_exec *x, const struct pve_plan *plan, struct pve_err *e)
{
	char boot[PVE_BOOT_ID];
	struct pve_journal_head head = {
		.tool = x->opts->tool,
		.pid = getpid(),
		.time = pve_sys_time(x->sys),
		.deadline = x->deadline,
		.boot = pve_sys_boot_id(x->sys, boot),
	};
	PVE_BUF bytes = {0};

	pve_journal_format(plan, &head, &bytes);
	if (pve_exec_make_dir(x, e) < 0 ||
	    pve_fs_write(x->sys, x->journal, x->opts->tool,
			 (struct pve_span){bytes.data, bytes.len}, 0600, e) < 0)
		return -1;
	return pve_exec_open_records(x, e);
}

/* Without it an interrupted run could not be told what to do: so it is synced. */
int pve_exec_record(struct pve_exec *x, const char *word, size_t i, struct pve_err *e)
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

int pve_exec_end_journal(struct pve_exec *x, struct pve_err *e)
{
	pve_cleanup_close(&x->records);
	return pve_fs_unlink(x->sys, x->journal, e);
}

/* --- forward and back ------------------------------------------------------------ */

int pve_exec_do_step(struct pve_exec *x, struct pve_step *step, size_t i, struct pve_err *e)
{
	PVE_BUF what = {0};

	pve_step_format(step, &what);
	pve_exec_tell(x, PVE_LOG_INFO, "%s: %s", pve_buf_str(&what), step->why);
	if (pve_step_is_file(step))
		return pve_step_do(x, step, e);
	step->state = PVE_STEP_PENDING;
	if (step->guard && pve_step_check(x, step, e) < 0)
		return -1;
	if (pve_exec_record(x, "begin", i, e) < 0)
		return -1;
	if (pve_step_do(x, step, e) < 0)
		return -1;
	return pve_exec_record(x, "done", i, e);
}

/* Does beside the file that was to be removed, and is there, lie a copy of it?  So it is when a run
 * that had removed it died, and somebody made it again as it was. */
static bool has_copy_aside(struct pve_exec *x, const struct pve_step *step)
{
	const char *slash = strrchr(step->target, '/');
	PVE_FREE char *aside = pve_asprintf("%.*s/.%s.%s.old", (int)(slash - step->target),
					    step->target, slash + 1, x->opts->tool);
	bool same = false;

	if (step->any || (step->state != PVE_STEP_PENDING && step->state != PVE_STEP_UNDONE))
		return false;
	return pve_fs_matches(x->sys, aside, &step->was, 1, &same, NULL) == 0 && same;
}

/* Drops what one step has left beside its target, now that the target is as it shall stay. */
static int tidy_step(struct pve_exec *x, const struct pve_step *step, struct pve_err *e)
{
	pve_step_unstage(x, step);
	/* Somebody has put another file where one was removed: theirs stays, and the old one must
	 * not lie in the way of the next removal. */
	if (step->kind == PVE_STEP_REMOVE &&
	    (step->state == PVE_STEP_FOREIGN || has_copy_aside(x, step)) &&
	    pve_fs_drop_aside(x->sys, step->target, x->opts->tool, e) < 0)
		return -1;
	return x->deadline ? pve_step_drop_kept(x, step, e) : 0;
}

int pve_exec_undo(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err why = {0};
	int ret = 0;

	/* On a full disk this record may fail.  Without it the next run draws the same
	 * conclusion, but when all steps were done, and then they may stay. */
	if (x->records >= 0)
		pve_exec_record(x, "rollback", 0, NULL);
	for (size_t i = plan->n; i-- > 0;) {
		struct pve_step *step = &plan->v[i];
		bool failed = step->state == PVE_STEP_FAILED, bad = false;

		if (step->state != PVE_STEP_FOREIGN && step->state != PVE_STEP_UNDONE &&
		    step->state != PVE_STEP_PENDING) {
			bad = pve_step_undo(x, step, &why) < 0;
			if (!bad && failed && step->state != PVE_STEP_FOREIGN)
				step->state = PVE_STEP_FAILED;
		}
		bad = bad || tidy_step(x, step, &why) < 0;
		if (bad && ret == 0 && e)
			*e = why;
		if (bad)
			ret = -1;
		if (!pve_step_is_file(step) && step->state == PVE_STEP_UNDONE && x->records >= 0)
			pve_exec_record(x, "undone", i, NULL);
	}
	return ret;
}

int pve_exec_settle(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (pve_step_settle(x, &plan->v[i], e) < 0 || tidy_step(x, &plan->v[i], e) < 0) {
			pve_cleanup_close(&x->records);
			return -1;
		}
	}
	return pve_exec_end_journal(x, e);
}

int pve_exec_give_up(struct pve_exec *x, struct pve_plan *plan, struct pve_err *e)
{
	struct pve_err why = {0};

	if (pve_exec_undo(x, plan, &why) < 0) {
		pve_cleanup_close(&x->records);
		pve_exec_tell_steps(x, PVE_LOG_NOTICE, plan);
		pve_err_prefix(e, "not everything could be undone (%s; the next run tries again, "
			       "after %s%s)", why.msg, x->sys->root, x->journal);
		return -1;
	}
	pve_exec_tell_steps(x, PVE_LOG_NOTICE, plan);
	if (pve_exec_end_journal(x, &why) < 0)
		pve_err_prefix(e, "%s", why.msg);
	return -1;
}

