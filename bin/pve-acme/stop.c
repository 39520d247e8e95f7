/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define CLEANING_MS 10000
#define NSIGNALS (sizeof(signals) / sizeof(*signals))

/* A signal handler has nothing else to write to. */
static volatile sig_atomic_t came;
static bool cleaning;
static struct sigaction before[NSIGNALS];
static sigset_t mask_before;

static void note(int signal)
{
	came = signal;
}

void acme_stop_hold(void)
{
	struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: it ends the wait */
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < NSIGNALS; i++) {
		sigaddset(&mask, signals[i]);
		sigaction(signals[i], &action, &before[i]);
		if (before[i].sa_handler == SIG_IGN) /* nohup(1) */
			sigaction(signals[i], &before[i], NULL);
	}
	sigprocmask(SIG_BLOCK, &mask, &mask_before);
}

/* Any signal but ours ends it early; then it is begun again. */
static int wait_deaf(int fd, struct pve_err *e)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int rc;

	do
		rc = poll(&p, fd < 0 ? 0 : 1, CLEANING_MS);
	while (rc < 0 && errno == EINTR);
	return rc > 0 ? 1 : pve_err_set(e, PVE_AGAIN, "cleaning up: no answer in time");
}

int acme_stop_wait(int fd, int timeout_ms, struct pve_err *e)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct timespec t = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
	int rc;

	if (cleaning)
		return wait_deaf(fd, e);
	do
		rc = came ? -1 : ppoll(&p, fd < 0 ? 0 : 1, timeout_ms < 0 ? NULL : &t, &mask_before);
	while (rc < 0 && errno == EINTR && !came);
	if (came)
		return pve_err_set(e, PVE_FAILED, "stopped by a signal (%s)",
				   sigdescr_np(came) ? sigdescr_np(came) : "unknown");
	return rc < 0 ? pve_err_sys(e, errno, "waiting") : rc > 0;
}

void acme_stop_clean(void)
{
	cleaning = true;
}

void acme_stop_release(void)
{
	cleaning = false;
	for (size_t i = 0; i < NSIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
	if (came)
		raise(came);
}
