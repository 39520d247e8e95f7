/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_RUN_H
#define PVECOMMON_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/sys.h"

/* A program to start: always an argument vector, never a shell.  Or a function that may hang, as
 * one may that asks a device: it gets a process of its own, which is ended like a program. */
struct pve_run {
	const char *const *argv; /* argv[0] is searched in PATH unless it has a slash; no NULL */
	int (*call)(const void *arg); /* instead of a program, argv[0] is its name then: prints to
				       * the descriptors 1 and 2, returns the exit status */
	const void *arg;         /* of call; borrowed */
	const char *const *env;  /* NAME=VALUE, NULL-terminated; NULL: inherit, with LC_ALL=C */
	struct pve_span input;   /* its standard input; empty: /dev/null */
	unsigned timeout_ms;     /* 0: none.  Then SIGTERM to its group, SIGKILL 2 s later, and
				  * 2 s after that it is waited for no longer */
	size_t limit;            /* bytes kept of each stream; 0: 1 MiB.  The rest is dropped */
	bool mute;               /* stderr goes to /dev/null */
	bool inherit;            /* leave stdout and stderr to the terminal, capture nothing */
};

struct pve_run_result {
	int status;         /* exit status; 128 + signal when it was killed */
	bool timed_out;
	bool cut;           /* a stream was longer than the limit */
	struct pve_buf out; /* its standard output */
	struct pve_buf err; /* its standard error */
};

/* Runs and waits.  0 when the program was started and ended in any way (look at status);
 * -1 when it could not be started: PVE_NOTHERE when there is no such program, else
 * PVE_FAILED.  res is valid, and ends with pve_run_done, in the first case only. */
int pve_run(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
	    struct pve_err *e);
/* Runs n programs side by side, at most at_once (0: 64) of them at a time, each with its own
 * time-out, so that one that hangs costs the others nothing.  res and err have n elements: for
 * a program that could not be started err[i].code is set, as pve_run says.  Each res[i] ends
 * with pve_run_done. */
void pve_run_many(struct pve_sys *sys, const struct pve_run *cmd, size_t n, unsigned at_once,
		  struct pve_run_result *res, struct pve_err *err);
/* As pve_run, and any status but 0 and any time-out is an error too, with the last line that
 * the program wrote to stderr as the reason.  res may be NULL. */
int pve_run_ok(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
	       struct pve_err *e);
void pve_run_done(struct pve_run_result *res);
/* The path of a program: from PATH, or else from /usr/sbin or /sbin, where cron's PATH does
 * not lead.  NULL when there is none; to be freed. */
char *pve_run_find(const char *name);

/* What struct pve_sys uses outside of tests. */
int pve_run_real(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
		 struct pve_err *e);

#endif
