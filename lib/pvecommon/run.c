/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pvecommon/fs_place.h"
#include "pvecommon/mem.h"
#include "pvecommon/strv.h"

#define LIMIT_DEFAULT (1u << 20)
#define GRACE_MS 2000 /* between SIGTERM and SIGKILL */

/* A running child and the ends of its pipes that are ours. */
struct child {
	pid_t pid;
	int pidfd, out, err; /* -1 when closed */
};

static int64_t now_ms(struct pve_sys *sys)
{
	return sys->now(sys, CLOCK_MONOTONIC) / 1000000;
}

/* The input goes through an anonymous file: nothing can block on it, no SIGPIPE comes of a
 * child that does not read, and secrets never touch a disk. */
static int input_fd(struct pve_span input)
{
	int fd;

	if (!input.len)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	while (input.len) {
		ssize_t n = write(fd, input.p, input.len);

		if (n < 0) {
			close(fd);
			return -1;
		}
		input.p += n;
		input.len -= (size_t)n;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* The environment of this process with LC_ALL=C, so that output can be read by a program. */
static void plain_env(struct pve_strv *env)
{
	for (char **v = environ; *v; v++)
		if (strncmp(*v, "LC_ALL=", 7) != 0 && strncmp(*v, "LANGUAGE=", 9) != 0)
			pve_strv_add(env, *v);
	pve_strv_add(env, "LC_ALL=C");
}

static int spawn(const struct pve_run *cmd, int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	PVE_STRV env = {0};
	sigset_t none, all;
	int failed;

	plain_env(&env);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!cmd->inherit) {
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	}
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A group of its own, so that a time-out reaches what the child has started; but with
	 * the terminal in hand it must stay in the foreground group. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						(cmd->inherit ? 0 : POSIX_SPAWN_SETPGROUP));
	failed = posix_spawnp(pid, cmd->argv[0], &actions, &attr, (char *const *)cmd->argv,
			      cmd->env ? (char *const *)cmd->env : env.v);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static int start(const struct pve_run *cmd, struct child *child, struct pve_err *e)
{
	PVE_CLOSE int in = input_fd(cmd->input);
	int out[2] = {-1, -1}, err[2] = {-1, -1}, failed = 0;

	if (in < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		failed = errno;
	else
		failed = spawn(cmd, in, out[1], err[1], &child->pid);
	if (!failed) {
		child->pidfd = pidfd_open(child->pid, 0);
		if (child->pidfd < 0) {
			failed = errno;
			kill(child->pid, SIGKILL);
			waitpid(child->pid, NULL, 0);
		}
	}
	pve_cleanup_close(&out[1]);
	pve_cleanup_close(&err[1]);
	if (failed) {
		pve_cleanup_close(&out[0]);
		pve_cleanup_close(&err[0]);
		pve_err_sys(e, failed, "starting %s", cmd->argv[0]);
		if (e && failed == ENOENT)
			e->code = PVE_NOTHERE;
		return -1;
	}
	child->out = out[0];
	child->err = err[0];
	fcntl(child->out, F_SETFL, O_NONBLOCK);
	fcntl(child->err, F_SETFL, O_NONBLOCK);
	return 0;
}

/* Takes what is there; closes the stream at its end. */
static void drain(int *fd, struct pve_buf *to, size_t limit, bool *cut)
{
	char block[16 * 1024];
	ssize_t n = 1;

	while (*fd >= 0 && n > 0) {
		n = read(*fd, block, sizeof(block));
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			pve_cleanup_close(fd);
			return;
		}
		if (to->len + (size_t)n > limit) {
			*cut = true;
			n = (ssize_t)(limit - to->len);
			pve_buf_add(to, block, (size_t)n);
			n = 1;
		} else {
			pve_buf_add(to, block, (size_t)n);
		}
	}
}

/* Reads both streams until the child ends; at the deadline it is told to end, then made to. */
static void attend(struct pve_sys *sys, const struct pve_run *cmd, struct child *child,
		   struct pve_run_result *res)
{
	int64_t deadline = cmd->timeout_ms ? now_ms(sys) + cmd->timeout_ms : INT64_MAX;
	size_t limit = cmd->limit ? cmd->limit : LIMIT_DEFAULT;
	pid_t group = cmd->inherit ? child->pid : -child->pid;

	for (;;) {
		struct pollfd p[] = {{child->pidfd, POLLIN, 0},
				     {child->out, POLLIN, 0},
				     {child->err, POLLIN, 0}};
		int64_t left = deadline - now_ms(sys);
		int wait = left > 1000 ? 1000 : left < 0 ? 0 : (int)left;

		if (poll(p, 3, wait) < 0 && errno != EINTR)
			break;
		drain(&child->out, &res->out, limit, &res->cut);
		drain(&child->err, &res->err, limit, &res->cut);
		/* Only the child's own end counts: something it left in the background may
		 * hold the pipes open for ever. */
		if (p[0].revents)
			break;
		if (now_ms(sys) >= deadline) {
			kill(group, res->timed_out ? SIGKILL : SIGTERM);
			res->timed_out = true;
			deadline = now_ms(sys) + GRACE_MS;
		}
	}
	drain(&child->out, &res->out, limit, &res->cut);
	drain(&child->err, &res->err, limit, &res->cut);
}

int pve_run_real(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
		 struct pve_err *e)
{
	struct child child = {.pidfd = -1, .out = -1, .err = -1};
	int status;

	if (pve_fs_effect(sys, PVE_EFFECT_RUN, cmd->argv[0]) < 0)
		return pve_err_sys(e, errno, "starting %s", cmd->argv[0]);
	if (start(cmd, &child, e) < 0)
		return -1;
	*res = (struct pve_run_result){0};
	attend(sys, cmd, &child, res);
	pve_cleanup_close(&child.out);
	pve_cleanup_close(&child.err);
	pve_cleanup_close(&child.pidfd);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	res->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

int pve_run(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
	    struct pve_err *e)
{
	return sys->run(sys, cmd, res, e);
}

/* The last line with text in it. */
static struct pve_span last_line(const struct pve_buf *b)
{
	struct pve_span s = pve_span_trim((struct pve_span){b->data, b->len});
	const char *nl = s.len ? memrchr(s.p, '\n', s.len) : NULL;

	if (nl) {
		s.len -= (size_t)(nl + 1 - s.p);
		s.p = nl + 1;
	}
	return s;
}

int pve_run_ok(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
	       struct pve_err *e)
{
	struct pve_run_result own;
	struct pve_span why;
	int ret = 0;

	if (!res)
		res = &own;
	if (pve_run(sys, cmd, res, e) < 0)
		return -1;
	why = last_line(&res->err);
	if (res->timed_out)
		ret = pve_err_set(e, PVE_AGAIN, "%s did not end within %u ms", cmd->argv[0],
				  cmd->timeout_ms);
	else if (res->status)
		ret = pve_err_set(e, PVE_FAILED, "%s ended with status %d%s%.*s", cmd->argv[0],
				  res->status, why.len ? ": " : "", PVE_SPAN_ARG(why));
	if (ret < 0 || res == &own)
		pve_run_done(res);
	return ret;
}

void pve_run_done(struct pve_run_result *res)
{
	pve_buf_done(&res->out);
	pve_buf_done(&res->err);
}
