/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_HOLD_H
#define PVE_NET_HOLD_H

#include "pvecommon/cmd.h"
#include "pvecommon/exec.h"

/*
 * An apply that must be confirmed.
 *
 * The executor holds the plan (exec_hold.h) and undoes it when somebody looks after the
 * deadline.  The watchdog is who looks: a process of its own, in a session of its own, that
 * neither the end of the login nor that of pve-net reaches.  Where systemd runs it is a
 * transient service, else a child that ignores signals.  It is "pve-net rollback --at-deadline",
 * which the boot unit runs, too: to it every deadline of another boot is over.
 */
#define NET_HELD_HELP "'pve-net confirm' keeps it, 'pve-net rollback' undoes it"

/* For struct pve_exec_opts, armed: starts the watchdog.  It finds the journal in place, and
 * waits for the lock. */
int net_watchdog_arm(struct pve_sys *sys, void *data, struct pve_err *e);
/* The watchdog itself: returns when nothing is held any more.  0, or -1 with ctx->err when it
 * could not undo what it had to. */
int net_watchdog_wait(struct pve_ctx *ctx);
/* After an undo what was applied is staged again; says so, since the stock boot unit would apply
 * it at the next start of the system. */
void net_hold_warn_staged(struct pve_ctx *ctx);

/* The options for pve_exec_confirm, pve_exec_revert and so on in a process other than the one
 * that applied. */
void net_hold_opts(struct pve_ctx *ctx, struct pve_exec_opts *opts);

int net_cmd_confirm(struct pve_ctx *ctx);
int net_cmd_rollback(struct pve_ctx *ctx);
int net_cmd_history(struct pve_ctx *ctx);

struct net_rollback_opts {
	bool at_deadline;
	bool force;       /* guests may lose their network */
	uint64_t confirm; /* seconds; 0: final at once */
	const char *message;
};

#define NET_HISTORY_NCOLS 9
extern const struct pve_opt net_rollback_options[];
extern const struct pve_col net_history_cols[NET_HISTORY_NCOLS];

#endif
