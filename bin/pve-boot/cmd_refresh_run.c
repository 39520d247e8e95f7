/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that write ESPs, one for each. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "pveio/mnt.h"
#include "refresh.h"

#define LOG_FILE "/var/log/pve-boot.log"

struct refresh_worker {
	pid_t pid;   /* 0: none */
	int from;    /* where its struct pve_err comes from when it failed */
	bool ended;
};

void boot_log(struct pve_sys *sys, const char *fmt, ...)
{
	PVE_CLOSE int fd = pve_fs_open(sys, LOG_FILE, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW,
				       0640, NULL);
	char when[PVE_TIME_TEXT];
	PVE_BUF line = {0};
	va_list ap;

	if (fd < 0)
		return;
	pve_buf_printf(&line, "%s ", pve_num_time_text(pve_sys_time(sys), when));
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	pve_buf_putc(&line, '\n');
	/* One write, so that lines of two runs never mix. */
	(void)!write(fd, line.data, line.len);
}

/* --- in the process of one ESP -------------------------------------------------------------- */

static int apply_in_place(struct boot_job *j, struct boot_host *h, struct pve_err *e)
{
	PVE_CLOSE int top = pve_fs_open(h->sys, j->esp->tree.path, O_RDONLY | O_DIRECTORY, 0, e);

	return top < 0 ? -1 : boot_job_apply(j, h, top, e);
}

static int apply_mounted(struct boot_job *j, struct boot_host *h, struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(h->sys, j->esp->tree.path, O_RDWR, 0, e);
	struct pve_mnt m = {-1, -1, -1};
	int ret;

	if (fd < 0 || pve_mnt_vfat(&m, fd, j->esp->tree.device, e) < 0)
		return -1;
	ret = boot_job_apply(j, h, m.top, e);
	pve_mnt_done(&m);
	return ret;
}

static _Noreturn void work(struct refresh *r, size_t i, int to)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct boot_job *j = &r->job[i];
	struct pve_err e = {0};
	int ret;

	/* The executor's own wait for the next step; here any instant is as good to stop at. */
	for (size_t k = 0; k < sizeof(signals) / sizeof(*signals); k++)
		signal(signals[k], SIG_DFL);
	ret = j->esp->tree.kind == ESP_DIR ? apply_in_place(j, &r->host, &e)
					   : apply_mounted(j, &r->host, &e);
	if (ret < 0)
		(void)!write(to, &e, sizeof(e));
	_exit(ret < 0);
}

/* --- in the process of the command ------------------------------------------------------------ */

static int start(struct refresh *r, size_t i, struct pve_err *e)
{
	struct refresh_worker *w = &r->worker[i];
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return pve_err_sys(e, errno, "making a pipe");
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		work(r, i, fds[1]);
	}
	close(fds[1]);
	w->from = fds[0];
	if (w->pid > 0)
		return 0;
	w->pid = 0;
	close(fds[0]);
	return pve_err_sys(e, errno, "starting a process for %s", r->job[i].esp->uuid);
}

int refresh_start(struct refresh *r, struct pve_err *e)
{
	r->worker = pve_calloc(r->njobs + 1, sizeof(*r->worker));
	for (size_t i = 0; i < r->njobs; i++)
		if (boot_job_any(&r->job[i]) && !r->job[i].names.n && start(r, i, e) < 0)
			return -1;
	return 0;
}

void refresh_wait(struct refresh *r, size_t i)
{
	struct refresh_worker *w = &r->worker[i];
	struct pve_err *e = &r->job[i].err;
	ssize_t n;
	int status = 0;

	if (!w->pid || w->ended)
		return;
	do
		n = read(w->from, e, sizeof(*e));
	while (n < 0 && errno == EINTR);
	while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(w->from);
	w->ended = true;
	if (n == (ssize_t)sizeof(*e))
		return;
	*e = (struct pve_err){0};
	if (status)
		pve_err_set(e, PVE_FAILED,
			    "its process ended in the middle (status %d); the next refresh goes on "
			    "from there",
			    status);
}
