/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apply.h"
#include "hold.h"
#include "pvecommon/exec_hold.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "pvecommon/run.h"
#include "stage.h"

#define POLL_MS 250
#define GRACE_NS (5 * (int64_t)1000000000) /* for a run to undo itself at its deadline */
#define TRIES 10                          /* when undoing fails, RETRY_S apart */
#define RETRY_S 5

/* --- arming it --------------------------------------------------------------------- */

static bool same_namespace(const char *kind)
{
	char own[64], init[64], a[64], b[64];
	ssize_t n, m;

	snprintf(own, sizeof(own), "/proc/self/ns/%s", kind);
	snprintf(init, sizeof(init), "/proc/1/ns/%s", kind);
	n = readlink(own, a, sizeof(a));
	m = readlink(init, b, sizeof(b));
	return n > 0 && n == m && memcmp(a, b, (size_t)n) == 0;
}

/* A service of systemd sees its network and its files: they have to be ours. */
static bool has_systemd(struct pve_sys *sys)
{
	return pve_fs_exists(sys, "/run/systemd/system") && same_namespace("net") &&
	       same_namespace("mnt");
}

static int arm_service(struct pve_sys *sys)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	PVE_FREE char *unit = pve_asprintf("--unit=pve-net-watchdog-%d", (int)getpid());
	/* Only the end of the system ends it, and that need not wait for it: the next boot undoes
	 * what is held. */
	const char *const argv[] = {"systemd-run", "--quiet", "--collect", unit,
				    /* So that a program that does not start is an error. */
				    "--service-type=exec",
				    "--description=Undo a network change that nobody confirms",
				    "--property=KillSignal=SIGKILL",
				    "--property=OOMScoreAdjust=-1000",
				    "--property=Restart=on-failure",
				    "--property=RestartForceExitStatus=SIGHUP SIGINT SIGTERM",
				    "--", self, "rollback", "--at-deadline", NULL};
	const struct pve_run cmd = {.argv = argv, .timeout_ms = 10000};

	if (n < 0)
		return -1;
	self[n] = '\0';
	return pve_run_ok(sys, &cmd, NULL, NULL);
}

/* In the child: nothing of this process is left to it but the program. */
static void become_watchdog(int failed)
{
	static char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	static char *const argv[] = {"pve-net", "rollback", "--at-deadline", NULL};
	int null, oom;
	sigset_t none;

	setsid();
	if (chdir("/") < 0)
		errno = 0;
	/* What is ignored stays so in the new program. */
	for (int sig = 1; sig <= SIGTERM; sig++)
		if (sig != SIGKILL && sig != SIGSEGV && sig != SIGBUS && sig != SIGABRT)
			signal(sig, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	oom = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (oom >= 0)
		(void)!write(oom, "-1000", 5);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	/* Its own program, also when another version was put into its place meanwhile. */
	execve("/proc/self/exe", argv, env);
	(void)!write(failed, &errno, sizeof(errno));
	_exit(127);
}

/* A grandchild, so that it is not ours to wait for.  The pipe closes when it runs. */
static int arm_child(struct pve_err *e)
{
	int ends[2], error = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return pve_err_sys(e, errno, "starting the watchdog");
	pid = fork();
	if (pid == 0) {
		if (fork() == 0)
			become_watchdog(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0)
		error = errno;
	else if (read(ends[0], &error, sizeof(error)) < 0)
		error = errno;
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return error ? pve_err_sys(e, error, "starting the watchdog") : 0;
}

int net_watchdog_arm(struct pve_sys *sys, void *data, struct pve_err *e)
{
	(void)data;
	/* A systemd that is there but does not answer is no reason to go unwatched. */
	if (has_systemd(sys) && arm_service(sys) == 0)
		return 0;
	return arm_child(e);
}

/* --- being it ----------------------------------------------------------------------- */

static void tell(void *to, enum pve_level level, const char *line)
{
	pve_log_line(to, level, "%s", line);
}

void net_hold_opts(struct pve_ctx *ctx, struct pve_exec_opts *opts)
{
	*opts = (struct pve_exec_opts){
		.tool = NET_APPLY_TOOL,
		.calls = net_apply_calls,
		.wait_s = (unsigned)ctx->wait,
		.tell = tell,
		.tell_to = &ctx->log,
		.held_help = NET_HELD_HELP,
	};
}

/* What a process has started, and what that has, added to list as numbers. */
static void add_children(struct pve_ctx *ctx, const char *pid, struct pve_strv *list)
{
	PVE_FREE char *path = pve_asprintf("/proc/%s/task/%s/children", pid, pid);
	PVE_BUF text = {0};
	size_t before = list->n;

	if (pve_fs_read(&ctx->sys, path, 65536, &text, NULL, NULL) < 0)
		return;
	pve_strv_split(list, (struct pve_span){text.data, text.len}, " \n");
	for (size_t i = before, n = list->n; i < n; i++) {
		PVE_FREE char *child = pve_strdup(list->v[i]);

		add_children(ctx, child, list);
	}
}

/* A run that hangs, perhaps in a hook, would keep the lock for ever.  Only the process that
 * holds it is ended, and only when it is the one that began the plan; then its hook, which
 * would otherwise go on in a network that is no longer the one it was for. */
static void end_hanging(struct pve_ctx *ctx, const struct pve_held *held)
{
	PVE_STRV children = {0};
	PVE_BUF holder = {0};
	char pid[16];

	if (held->pid <= 1 || pve_fs_read(&ctx->sys, "/run/lock/" NET_APPLY_TOOL ".lock", 32,
					  &holder, NULL, NULL) < 0)
		return;
	snprintf(pid, sizeof(pid), "%d", (int)held->pid);
	if (strcmp(pve_buf_str(&holder), pid) != 0)
		return;
	pve_log_line(&ctx->log, PVE_LOG_WARNING, "process %s is past its deadline; ending it", pid);
	add_children(ctx, pid, &children);
	kill(held->pid, SIGKILL);
	for (size_t i = 0; i < children.n; i++) {
		uint64_t child;

		if (pve_num_u64(children.v[i], 2, INT_MAX, &child, NULL) == 0)
			kill((pid_t)child, SIGKILL);
	}
}

void net_hold_warn_staged(struct pve_ctx *ctx)
{
	if (pve_fs_exists(&ctx->sys, NET_STAGED))
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     NET_STAGED " is staged again, and a restart of the system would apply "
					"it; 'pve-net revert' drops it");
}

/* Takes the lock, if it is free, which undoes what has to be undone.  1: done; 0: not yet. */
static int look(struct pve_ctx *ctx, struct pve_exec_opts *opts)
{
	struct pve_exec *x = pve_exec_open(&ctx->sys, opts, &ctx->err);

	if (x) {
		pve_exec_close(x);
		net_hold_warn_staged(ctx);
		return 1;
	}
	return ctx->err.code == PVE_AGAIN ? 0 : -1;
}

static void sleep_ms(int64_t ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

int net_watchdog_wait(struct pve_ctx *ctx)
{
	struct pve_exec_opts opts;
	unsigned tries = 0;

	net_hold_opts(ctx, &opts);
	opts.wait_s = 0;
	for (;;) {
		PVE_HELD held = {0};
		int done = 0;

		if (pve_exec_held(&ctx->sys, NET_APPLY_TOOL, &held, &ctx->err) < 0)
			return -1;
		if (held.state == PVE_HELD_NONE)
			return 0;
		if (held.state == PVE_HELD_WAITING) {
			sleep_ms(held.left_ns / 1000000 < POLL_MS ? held.left_ns / 1000000 + 1
								   : POLL_MS);
			continue;
		}
		done = look(ctx, &opts);
		if (done > 0)
			return 0;
		if (done < 0 && ++tries >= TRIES)
			return -1;
		if (done < 0)
			pve_log_err(&ctx->log, &ctx->err);
		else if (held.state == PVE_HELD_RUNNING && held.left_ns < -GRACE_NS)
			end_hanging(ctx, &held);
		sleep_ms(done < 0 ? RETRY_S * 1000 : POLL_MS);
	}
}
