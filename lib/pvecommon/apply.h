/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_APPLY_H
#define PVECOMMON_APPLY_H

#include "pvecommon/cmd.h"
#include "pvecommon/exec.h"

/*
 * What every changing command does, in two calls:
 *
 *     if (pve_ctx_begin(ctx, calls, data, &change) < 0) return -1;
 *     load, plan
 *     return pve_ctx_apply(ctx, &change, &plan);
 *
 * With --dry-run the first takes no lock and repairs nothing, and the second prints the
 * plan instead of applying it.  Zero-initialise the struct; pve_change_done ends it on
 * every way out.  Before the first call, opts.tool (another lock and journal than those of the
 * tool), hold_s, armed and held_help may be set in it.
 */
struct pve_change {
	struct pve_exec_opts opts;
	struct pve_exec *exec; /* NULL with --dry-run */
};

int pve_ctx_begin(struct pve_ctx *ctx, const struct pve_call *calls, void *data,
		  struct pve_change *change);
/* Returns 0, or -1 with ctx->err.  An empty plan says so at -v and is a success. */
int pve_ctx_apply(struct pve_ctx *ctx, struct pve_change *change, struct pve_plan *plan);
void pve_change_done(struct pve_change *change);

#define PVE_CHANGE PVE_CLEANUP(pve_change_done) struct pve_change

#endif
