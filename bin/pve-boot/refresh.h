/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_REFRESH_H
#define PVE_BOOT_REFRESH_H

#include "calls.h"
#include "job.h"
#include "pvecommon/apply.h"
#include "pvecommon/progress.h"

/* A refresh of all ESPs, in parts, for the commands that end with one.  Its call step, "sync UUID"
 * (calls.h), has the struct refresh as data; with other data, NULL too, it has nothing to do. */
struct refresh {
	struct pve_ctx *ctx;
	struct boot_host host;
	struct boot_job *job; /* one for each ESP of the list, in its order */
	size_t njobs;
	struct refresh_worker *worker; /* likewise; NULL until they are started */
	struct pve_progress progress;
	uint64_t *copied;     /* shared with the processes; NULL: not started, or no bar */
	unsigned failed;      /* ESPs and kernels that are not as they should be */
};

struct refresh_wish {
	const struct pve_strv *callers; /* versions that hooks were called with; may be NULL */
	bool evict;                     /* leave kernels out that have no room */
	bool verify;                    /* trust no size: read kernels back */
	bool apt_only;                  /* only APT's file */
	bool esps_only;                 /* only the ESPs */
	/* What a plan that comes before, and that --dry-run only shows, does to the list; NULL: not. */
	const char *leaving;            /* the UUID of an ESP that goes */
	const char *coming, *device;    /* that of one that comes, without kernels, and where it is */
};

/* Reads the host and every ESP, and says what cannot be done.  Ends with refresh_done. */
int refresh_read(struct refresh *r, struct pve_ctx *ctx, const struct refresh_wish *wish);
/* For one ESP that gets another loader (boot_job_plan_beside): fails when there is no room. */
int refresh_read_beside(struct refresh *r, struct pve_ctx *ctx, struct esp *esp, enum esp_mode mode);
/* Adds the steps. */
int refresh_plan(struct refresh *r, const struct refresh_wish *wish, struct pve_plan *plan);
/* Says what is wrong with one ESP or kernel, and counts it. */
void refresh_warn(struct refresh *r, const char *object, const char *message);
/* The operations on each ESP, for --dry-run. */
void refresh_show(const struct refresh *r);
/* All of that within a change that was begun with r as its data: for commands that end with a
 * refresh. */
int refresh_all(struct refresh *r, struct pve_ctx *ctx, struct pve_change *change,
		const struct refresh_wish *wish);
/* The exit code, when the plan was applied: PVE_FAILED with ctx->err when an ESP is not in step. */
int refresh_end(struct refresh *r);
void refresh_done(struct refresh *r);

/* A line for the journal of what was done, /var/log/pve-boot.log, which is only ever appended to.
 * That it cannot be written is no reason to fail. */
void boot_log(struct pve_sys *sys, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One process for each job that has something to do, all side by side; wait returns when that of job
 * i has ended, with what became of it in job[i].err. */
int refresh_start(struct refresh *r, struct pve_err *e);
void refresh_wait(struct refresh *r, size_t i);
void refresh_end_progress(struct refresh *r);

#endif
