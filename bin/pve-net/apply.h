/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_APPLY_H
#define PVE_NET_APPLY_H

#include "delta.h"
#include "engine.h"
#include "pvecommon/cmd.h"
#include "pvecommon/exec.h"

/* The plan of an apply, as "plan" shows it and "apply" carries it out. */

/* Name of the lock and the journal: staging goes on while an apply awaits confirmation. */
#define NET_APPLY_TOOL "pve-net-apply"

/* What is to be applied, and how. */
struct net_apply_job {
	const char *via, *message;    /* for the generation: the command, and the reason or NULL */
	const struct net_gen *target; /* of a rollback, else NULL */
	enum net_stage_view view;
	enum net_engine engine;
	uint64_t confirm;             /* seconds to be confirmed within; 0: final at once */
	bool force;                   /* guests may lose their network */
	bool verbose;                 /* for hooks */
};

/* Adds all steps in their order: hooks before, the kernel, its verification, hooks after, the
 * files into their live places, the generation.  Nothing when nothing is to be done. */
int net_apply_plan(struct pve_plan *plan, struct net_delta *d, const struct net_apply_job *job,
		   struct pve_sys *sys, struct pve_err *e);
/* Plans and applies, or with --dry-run prints: all of "apply" and "rollback N". */
int net_apply_run(struct pve_ctx *ctx, const struct net_apply_job *job);

/* Rows of a plan; the step of the operations becomes one row for each. */
#define NET_PLAN_NCOLS 5
extern const struct pve_col net_plan_cols[NET_PLAN_NCOLS];
int net_apply_print(struct pve_ctx *ctx, const struct net_delta *d, const struct pve_plan *plan);
/* Says on stderr what is left out and why. */
void net_apply_warn(struct pve_ctx *ctx, const struct net_delta *d);
/* The calls of the plan, for whoever executes, undoes or recovers it; data is a struct net_run
 * or NULL. */
extern const struct pve_call net_apply_calls[];

int net_cmd_plan(struct pve_ctx *ctx);
int net_cmd_apply(struct pve_ctx *ctx);
int net_cmd_status(struct pve_ctx *ctx);

struct net_plan_opts {
	bool force; /* guests may lose their network */
	bool live;  /* the files as the host has them, not what is staged */
};
extern const struct pve_opt net_plan_options[];

struct net_apply_opts {
	bool force, live;
	uint64_t confirm; /* seconds */
	const char *engine, *message;
};
extern const struct pve_opt net_apply_options[];
#define NET_CONFIRM_MAX 86400 /* seconds: nobody waits longer, and it must not overflow */

struct net_status_opts {
	bool all; /* what is as it should be, too */
};
#define NET_STATUS_NCOLS 7
extern const struct pve_opt net_status_options[];
extern const struct pve_col net_status_cols[NET_STATUS_NCOLS];

#endif
