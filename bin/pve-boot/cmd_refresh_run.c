/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that write ESPs, one for each. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "pveio/mnt.h"
#include "refresh.h"

#define LOG_FILE "/var/log/pve-boot.log"
#define PROGRESS_MS 100

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
	sigset_t set;
	int ret;

	/* The executor lets them wait for the next step; here any instant is as good to stop at.
	 * Those that are ignored (nohup) stay so. */
	sigemptyset(&set);
	for (size_t k = 0; k < sizeof(signals) / sizeof(*signals); k++)
		sigaddset(&set, signals[k]);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
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

/* The bar is of no use, and left out, when there is no memory to share. */
static void start_progress(struct refresh *r)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->njobs; i++)
		bytes += boot_job_any(&r->job[i]) ? boot_job_bytes(&r->job[i]) : 0;
	r->copied = mmap(NULL, sizeof(*r->copied), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->copied == MAP_FAILED)
		r->copied = NULL;
	for (size_t i = 0; i < r->njobs; i++)
		r->job[i].copied = r->copied;
	pve_ctx_progress(r->ctx, &r->progress, "copying kernels", PVE_PROGRESS_BYTES, bytes);
}

/* Until the process of one ESP has something to say, or ends. */
static void show_progress(struct refresh *r, int from)
{
	struct pollfd p = {.fd = from, .events = POLLIN};

	while (r->copied && poll(&p, 1, PROGRESS_MS) == 0)
		pve_progress_set(&r->progress, __atomic_load_n(r->copied, __ATOMIC_RELAXED));
	pve_progress_done(&r->progress);
}

void refresh_end_progress(struct refresh *r)
{
	if (r->copied)
		munmap(r->copied, sizeof(*r->copied));
	r->copied = NULL;
}

int refresh_start(struct refresh *r, struct pve_err *e)
{
	r->worker = pve_calloc(r->njobs + 1, sizeof(*r->worker));
	start_progress(r);
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
	show_progress(r, w->from);
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
	if (WIFSIGNALED(status))
		pve_err_set(e, PVE_FAILED,
			    "its process was ended by SIG%s in the middle; the next refresh goes on "
			    "from there",
			    sigabbrev_np(WTERMSIG(status)));
	else if (status)
		pve_err_set(e, PVE_FAILED, "its process ended with %d and gave no reason",
			    WEXITSTATUS(status));
}
