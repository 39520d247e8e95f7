/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pve-acme/confine.h"
#include "pve-acme/stop.h"
#include "pvecommon/mem.h"

#define KEEP_MAX 7

static void become_child(int (*run)(void *data, int fd, struct pve_err *e), void *data, int fd,
			 const int *keep, size_t n)
{
	int open[KEEP_MAX + 1] = {fd};
	struct pve_err e = {0};
	ACME_MSG last = {0};
	int rc;

	if (n)
		memcpy(open + 1, keep, n * sizeof(*keep));
	signal(SIGPIPE, SIG_IGN); /* whoever asks may go away in the middle */
	rc = acme_confine(open, n + 1, &e);
	if (rc == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != 1)
			rc = run(data, fd, &e);
	}
	if (rc < 0) {
		acme_msg_fill_error(&last, &e, 0, 0);
		acme_msg_send(fd, &last, NULL);
	}
	_exit(rc < 0);
}

int acme_child_start(struct acme_child *c, int (*run)(void *data, int fd, struct pve_err *e),
		     void *data, const int *keep, size_t n, struct pve_err *e)
{
	sigset_t held, before;
	int pair[2];

	if (n > KEEP_MAX)
		return pve_err_set(e, PVE_FAILED, "too many descriptors for a process");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return pve_err_sys(e, errno, "starting a process");
	/* One from a terminal goes to all processes, and this one may be needed to clean up. */
	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &before);
	c->pid = fork();
	if (c->pid != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	if (c->pid == 0) {
		close(pair[0]);
		become_child(run, data, pair[1], keep, n);
	}
	close(pair[1]);
	c->fd = pair[0];
	if (c->pid > 0)
		return 0;
	close(c->fd);
	c->pid = 0;
	return pve_err_sys(e, errno, "starting a process");
}

int acme_child_ask(struct acme_child *c, const struct acme_msg *m, struct pve_strv *out,
		   struct pve_err *e)
{
	ACME_MSG answer = {0};

	if (acme_msg_send(c->fd, m, e) < 0 || acme_stop_wait(c->fd, -1, e) < 0 ||
	    acme_msg_recv(c->fd, &answer, e) < 0)
		return -1;
	if (answer.word != ACME_MSG_OK)
		return acme_msg_error(&answer, e);
	if (out) {
		*out = answer.args;
		answer.args = (struct pve_strv){0};
	}
	return 0;
}

void acme_child_stop(struct acme_child *c)
{
	if (c->pid > 0) {
		close(c->fd);
		kill(c->pid, SIGKILL); /* it may hang in a request */
		waitpid(c->pid, NULL, 0);
	}
	*c = (struct acme_child){0};
}
