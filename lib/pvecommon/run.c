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
#define GRACE_MS 2000 /* between SIGTERM and SIGKILL, and from there to giving up */

#define AT_ONCE 64        /* unless a caller of pve_run_many says otherwise */
#define SWARM 8           /* with more children than that ... */
#define GATHER_NS 2000000 /* ... what happens within two milliseconds is taken together */

/* A running child and the ends of its pipes that are ours. */
struct child {
	const struct pve_run *cmd;
	struct pve_run_result *res;
	pid_t pid;
	int pidfd, out, err; /* -1 when closed */
	int64_t deadline;    /* milliseconds of CLOCK_MONOTONIC */
	unsigned kills;      /* signals sent to it */
};

static int64_t now_ms(struct pve_sys *sys)
{
	return sys->now(sys, CLOCK_MONOTONIC) / 1000000;
}

/* The input goes through an anonymous file: nothing can block on it, no SIGPIPE comes of a
 * child that does not read, and secrets never touch a disk. */
static int input_fd(struct pve_span input)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

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

/* The environment of this process with LC_ALL=C, so that output can be read by a program.  An
 * array of borrowed strings, to be freed. */
static char **plain_env(void)
{
	static char plain[] = "LC_ALL=C";
	size_t n = 0;
	char **env;

	while (environ[n])
		n++;
	env = pve_calloc(n + 2, sizeof(*env));
	n = 0;
	for (char **v = environ; *v; v++)
		if (strncmp(*v, "LC_ALL=", 7) != 0 && strncmp(*v, "LANGUAGE=", 9) != 0)
			env[n++] = *v;
	env[n] = plain;
	return env;
}

/* in, err: -1 for /dev/null. */
static int spawn(const struct pve_run *cmd, int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	PVE_FREE char **env = plain_env();
	sigset_t none, all;
	int failed;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	if (in < 0)
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	else
		posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!cmd->inherit) {
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		if (err < 0)
			posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							 O_WRONLY, 0);
		else
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
			      cmd->env ? (char *const *)cmd->env : env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

/* Makes fd the standard stream, or /dev/null when it is -1. */
static bool become(int fd, int stream, int flags)
{
	if (fd < 0)
		fd = open("/dev/null", flags | O_CLOEXEC);
	return fd >= 0 && dup2(fd, stream) == stream;
}

/* A process for cmd->call.  Nothing of what stdio has in store is written twice: it leaves by
 * _exit. */
static int split(const struct pve_run *cmd, int in, int out, int err, pid_t *pid)
{
	sigset_t none;

	*pid = fork();
	if (*pid < 0)
		return errno;
	if (*pid > 0)
		return 0;
	setpgid(0, 0);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!become(in, STDIN_FILENO, O_RDONLY) || !become(out, STDOUT_FILENO, O_WRONLY) ||
	    !become(err, STDERR_FILENO, O_WRONLY))
		_exit(127);
	_exit(cmd->call(cmd->arg));
}

static int start(const struct pve_run *cmd, struct child *child, struct pve_err *e)
{
	PVE_CLOSE int in = cmd->input.len ? input_fd(cmd->input) : -1;
	int out[2] = {-1, -1}, err[2] = {-1, -1}, failed = 0;

	if ((cmd->input.len && in < 0) || pipe2(out, O_CLOEXEC) < 0 ||
	    (!cmd->mute && pipe2(err, O_CLOEXEC) < 0))
		failed = errno;
	else
		failed = (cmd->call ? split : spawn)(cmd, in, out[1], err[1], &child->pid);
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
	if (!cmd->mute)
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

static void drain_both(struct child *c)
{
	size_t limit = c->cmd->limit ? c->cmd->limit : LIMIT_DEFAULT;

	drain(&c->out, &c->res->out, limit, &c->res->cut);
	drain(&c->err, &c->res->err, limit, &c->res->cut);
}

/* At the deadline it is told to end, then made to.  false when even that does not help: it
 * hangs in the kernel, on a dead disk for instance, and cannot be waited for. */
static bool remind(struct child *c, int64_t now)
{
	if (now < c->deadline)
		return true;
	c->res->timed_out = true;
	c->deadline = now + GRACE_MS;
	if (c->kills == 2)
		return false;
	kill(c->cmd->inherit ? c->pid : -c->pid, c->kills++ ? SIGKILL : SIGTERM);
	return true;
}

/* dead: there is an exit status to collect. */
static void finish(struct child *c, bool dead)
{
	int status = SIGKILL;

	pve_cleanup_close(&c->out);
	pve_cleanup_close(&c->err);
	pve_cleanup_close(&c->pidfd);
	while (dead && waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->res->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int begin(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
		 struct child *c, struct pve_err *e)
{
	*c = (struct child){.cmd = cmd, .res = res, .pidfd = -1, .out = -1, .err = -1};
	if (pve_fs_effect(sys, PVE_EFFECT_RUN, cmd->argv[0]) < 0)
		return pve_err_sys(e, errno, "starting %s", cmd->argv[0]);
	if (start(cmd, c, e) < 0)
		return -1;
	*res = (struct pve_run_result){0};
	c->deadline = cmd->timeout_ms ? now_ms(sys) + cmd->timeout_ms : INT64_MAX;
	return 0;
}

/* Waits until something happens to one of n children; returns how many are still there. */
static size_t attend(struct pve_sys *sys, struct child *c, size_t n, struct pollfd *p)
{
	int64_t now, wait = 1000;
	size_t left = 0;

	/* Many children asked at the same moment answer at the same moment.  To look at all
	 * descriptors for each of them would cost the square of their number. */
	if (n > SWARM)
		nanosleep(&(struct timespec){0, GATHER_NS}, NULL);
	now = now_ms(sys);
	for (size_t i = 0; i < n; i++) {
		p[3 * i] = (struct pollfd){c[i].pidfd, POLLIN, 0};
		p[3 * i + 1] = (struct pollfd){c[i].out, POLLIN, 0};
		p[3 * i + 2] = (struct pollfd){c[i].err, POLLIN, 0};
		if (c[i].deadline - now < wait)
			wait = c[i].deadline > now ? c[i].deadline - now : 0;
	}
	if (poll(p, (nfds_t)(3 * n), (int)wait) < 0)
		for (size_t i = 0; i < n; i++)
			p[3 * i].revents = p[3 * i + 1].revents = p[3 * i + 2].revents = 0;
	now = now_ms(sys);
	for (size_t i = 0; i < n; i++) {
		/* Only the child's own end counts: something it left in the background may
		 * hold the pipes open for ever. */
		bool dead = p[3 * i].revents;

		if (dead || p[3 * i + 1].revents || p[3 * i + 2].revents)
			drain_both(&c[i]);
		if (dead || !remind(&c[i], now))
			finish(&c[i], dead);
		else
			c[left++] = c[i];
	}
	return left;
}

int pve_run_real(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
		 struct pve_err *e)
{
	struct pollfd p[3];
	struct child c;

	if (begin(sys, cmd, res, &c, e) < 0)
		return -1;
	while (attend(sys, &c, 1, p))
		;
	return 0;
}

void pve_run_many(struct pve_sys *sys, const struct pve_run *cmd, size_t n, unsigned at_once,
		  struct pve_run_result *res, struct pve_err *err)
{
	PVE_FREE struct child *c = NULL;
	PVE_FREE struct pollfd *p = NULL;
	size_t next = 0, running = 0;

	at_once = at_once ? at_once : AT_ONCE;
	for (size_t i = 0; i < n; i++) {
		err[i] = (struct pve_err){0};
		res[i] = (struct pve_run_result){0};
	}
	/* A scripted sys runs one after another. */
	if (sys->run != pve_run_real) {
		for (; next < n; next++)
			sys->run(sys, &cmd[next], &res[next], &err[next]);
		return;
	}
	c = pve_calloc(at_once, sizeof(*c));
	p = pve_calloc(at_once, 3 * sizeof(*p));
	while (next < n || running) {
		for (; next < n && running < at_once; next++)
			if (begin(sys, &cmd[next], &res[next], &c[running], &err[next]) == 0)
				running++;
		if (running)
			running = attend(sys, c, running, p);
	}
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

char *pve_run_find(const char *name)
{
	const char *path = getenv("PATH");
	PVE_STRV dirs = {0};

	if (path)
		pve_strv_split(&dirs, pve_span(path), ":");
	pve_strv_add(&dirs, "/usr/sbin");
	pve_strv_add(&dirs, "/sbin");
	for (size_t i = 0; i < dirs.n; i++) {
		char *file = pve_asprintf("%s/%s", dirs.v[i], name);

		if (access(file, X_OK) == 0)
			return file;
		free(file);
	}
	return NULL;
}
