/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_CALLS_H
#define PVE_NET_CALLS_H

#include "ops.h"
#include "pvecommon/exec.h"

/*
 * Carries out operations (ops.h) as call steps of a plan, so that the executor's journal,
 * undo and recovery serve the kernel's state, too.
 *
 * All operations of an apply are one step: "net-ops" with one word for each, in order, and
 * as its inverse "net-undo" with their inverses, last one first.  One record in the journal
 * so covers hundreds of requests; each inverse is harmless where its operation had no
 * effect, so a run that died in the middle of the step is undone as a whole.  A run that
 * is still there knows how far it came and undoes no more.
 *
 * "net-verify" asks whether the kernel is as it should be.
 */
struct net_run {
	struct pve_nl *nl; /* opened with the first operation */
	size_t done;       /* operations of the step that have ended well */
	bool counted;      /* ... and that is known */
	int (*verify)(struct pve_sys *sys, void *to, struct pve_err *e);
	void *verify_to;
};

/* For pve_exec_opts: data is a struct net_run, or NULL in a process that only recovers. */
int net_call_ops(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
int net_call_undo(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
int net_call_verify(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* Rows for a table of calls. */
#define NET_OPS_CALLS                                                                              \
	{"net-ops", net_call_ops, true}, {"net-undo", net_call_undo, true},                        \
	{                                                                                          \
		"net-verify", net_call_verify, true                                                \
	}
void net_run_done(struct net_run *run);

/* Adds the steps that carry out the operations and verify; none when there are none. */
void net_ops_plan_steps(const struct net_ops *ops, struct pve_plan *plan);

#endif
