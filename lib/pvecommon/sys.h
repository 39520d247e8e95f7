/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_SYS_H
#define PVECOMMON_SYS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "pvecommon/err.h"

/*
 * The only seam between the tools and the outside.  Whatever reads or changes the host
 * goes through a struct pve_sys: files below its root (fs.h), programs (run.h), the
 * clock.  Unit tests hand in one with other functions and a scratch root.
 */
struct pve_run;
struct pve_run_result;

/* What is about to change the host, for the fault hook. */
enum pve_effect {
	PVE_EFFECT_CREATE, /* a new file, also a temporary one */
	PVE_EFFECT_WRITE,
	PVE_EFFECT_SYNC,
	PVE_EFFECT_RENAME,
	PVE_EFFECT_UNLINK,
	PVE_EFFECT_MKDIR,
	PVE_EFFECT_RUN,
};

struct pve_sys {
	int root_fd;       /* O_PATH directory that "/" means; owned */
	char *root;        /* the same as a path for messages; "" for the real root; owned */
	bool rooted;       /* --root was given: stay inside, start nothing that could leave */

	/* Starts a program and waits for it: see pve_run in run.h. */
	int (*run)(struct pve_sys *sys, const struct pve_run *cmd, struct pve_run_result *res,
		   struct pve_err *e);
	/* Nanoseconds of CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME. */
	int64_t (*now)(struct pve_sys *sys, clockid_t clock);
	/* For tests, usually NULL: called before each effect; a value other than 0 is the
	 * errno with which that effect fails.  It may also end the process. */
	int (*fault)(struct pve_sys *sys, enum pve_effect effect, const char *path);
	void *test;        /* for the functions of a test */
};

/* The real one, acting on the tree below root; NULL or "/" is the host itself.  Fails with
 * PVE_NOTHERE when root is no directory.  Ends with pve_sys_done. */
int pve_sys_init(struct pve_sys *sys, const char *root, struct pve_err *e);
void pve_sys_done(struct pve_sys *sys);

/* Seconds since the epoch. */
time_t pve_sys_time(struct pve_sys *sys);

#define PVE_BOOT_ID 37
/* What tells this boot of the host from every other (random(4), boot_id), and so says
 * whether a time of CLOCK_BOOTTIME still means anything.  Returns id; "" when the tree below
 * the root does not run. */
const char *pve_sys_boot_id(struct pve_sys *sys, char id[PVE_BOOT_ID]);

#endif
