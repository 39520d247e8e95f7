/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_STAGE_H
#define PVE_NET_STAGE_H

#include <sys/types.h>

#include "pvecommon/plan.h"
#include "source.h"

/*
 * Staging: changes wait beside the live files until they are applied.
 *
 *     /etc/network/interfaces.new          the staged main file, where the stock GUI and its
 *                                          boot unit look for it, too
 *     /var/lib/pve-net/staged/NAME.new     any other staged file: one that is sourced, a .link
 *                                          file, the host's firewall.  Not beside the live
 *                                          one, where "source interfaces.d/" and a "*" behind
 *                                          it would read both
 *     /var/lib/pve-net/staged/NAME.base    the live file as it was when staging began
 *
 * NAME is the live path without its first slash, with '%' as %25 and '/' as %2F.  The base is
 * kept whole and not as a digest: it says as surely whether the live file changed underneath,
 * and a merge (merge.h) needs its bytes.  A file that is not there counts as an empty one.
 *
 * When interfaces.new is there and its base is not, another program wrote it, most likely the
 * GUI: it is taken as a staging on top of the live file as that is now.
 */
#define NET_STAGE_PARENT "/var/lib/pve-net"
#define NET_STAGE_DIR NET_STAGE_PARENT "/staged"
#define NET_STAGED NET_INTERFACES ".new"

/* All spans and strings live as long as the staging. */
struct net_stage_file {
	const char *path;        /* of the live file */
	const char *staged_path; /* where its staged copy is, or would be */
	const char *base_path;
	struct pve_span live, staged, base; /* what was read; empty when it is not there */
	bool live_there, staged_there, base_there;
	bool lean;               /* live and base are equal, and neither is kept: both empty */
	mode_t mode;             /* of the live file; 0644 when there is none */
	struct pve_strv missing; /* directories above it that are not there, outermost first */

	bool put;             /* net_stage_put was called: */
	struct pve_span want; /* ... what is to be staged; equal to live: nothing */
	bool rebased;         /* ... and it is based on the live file as that is now */
};

struct net_stage {
	struct net_stage_file **v; /* v[0] is the main file; then whatever is staged or was asked
				    * for by net_stage_open */
	size_t n, cap;
	bool parent_there, dir_there; /* NET_STAGE_PARENT, NET_STAGE_DIR */
	bool lean;                    /* for an edit: see net_stage_read_lean */
	struct pve_strv text;         /* behind the spans */
	struct pve_arena mem;
};

/* --- probe_stage.c: reads ------------------------------------------------------- */

/* Reads the main file and everything that is staged.  A file that is not there is no error, one
 * that cannot be read is; *s is empty then.  End with net_stage_done. */
int net_stage_read(struct net_stage *s, struct pve_sys *sys, struct pve_err *e);
/* The same for an edit, which needs no live file that still is what the staged copy began from: of
 * such a one the bytes are not kept.  What was put must be settled then before it is planned: that
 * finds out which files were put back to what they are live. */
int net_stage_read_lean(struct net_stage *s, struct pve_sys *sys, struct pve_err *e);
int net_stage_settle(struct net_stage *s, struct pve_sys *sys, struct pve_err *e);
/* The entry of a path, read now when it was not known: for a file that is about to be changed.
 * Borrowed; NULL on failure. */
struct net_stage_file *net_stage_open(struct net_stage *s, struct pve_sys *sys, const char *path,
				      struct pve_err *e);

enum net_stage_view {
	NET_VIEW_LIVE,   /* as the host has it */
	NET_VIEW_STAGED, /* as it would be after an apply, with what was put since reading */
	NET_VIEW_BEFORE, /* the same without what was put */
};
/* The configuration in one of the views, with all that it sources.  It borrows the staging
 * and ends with net_conf_done before that. */
int net_stage_conf(struct net_stage *s, struct pve_sys *sys, enum net_stage_view view,
		   struct net_conf *c, struct pve_err *e);

/* --- stage.c: pure -------------------------------------------------------------- */

void net_stage_done(struct net_stage *s);
/* Is anything staged? */
bool net_stage_pending(const struct net_stage *s);
/* Is interfaces.new another program's? */
bool net_stage_foreign(const struct net_stage *s);
/* Did the live file change since this one was staged? */
bool net_stage_stale(const struct net_stage_file *f);
/* PVE_DATA when that is so for any file; the message names each and the way out. */
int net_stage_check(const struct net_stage *s, struct pve_err *e);
/* Merges what was staged for stale files into the live ones as they are now (merge.h) and puts
 * the result.  PVE_DATA, nothing put, when both sides changed one stanza. */
int net_stage_rebase(struct net_stage *s, struct pve_err *e);
/* What the file is to be after an apply, staged or put: want, else staged, else live. */
struct pve_span net_stage_bytes(const struct net_stage_file *f);
/* Sets what is to be staged for a file.  put copies the bytes; take has those of the buffer,
 * which is empty afterwards. */
void net_stage_put(struct net_stage *s, struct net_stage_file *f, struct pve_span bytes);
void net_stage_take(struct net_stage *s, struct net_stage_file *f, struct pve_buf *bytes);

/* Each adds steps to a plan, guarded by what was read.
 * write: brings what was put into the staging; a file that is put back to what it is live is
 *        staged no longer.
 * commit: every staged file goes to its live place and out of the staging.  For what is staged
 *        when it was read: after a write and an apply of its plan, read again.
 * drop: forgets all that is staged. */
void net_stage_plan_write(const struct net_stage *s, struct pve_plan *plan);
void net_stage_plan_commit(const struct net_stage *s, struct pve_plan *plan);
void net_stage_plan_drop(const struct net_stage *s, struct pve_plan *plan);

/* NAME of a path as above, and back; the result belongs to the arena.  path_of is NULL when it
 * is no such name. */
const char *net_stage_name_of(struct pve_arena *mem, const char *path);
const char *net_stage_path_of(struct pve_arena *mem, struct pve_span name);
/* A new entry, for net_stage_open and for tests. */
struct net_stage_file *net_stage_add(struct net_stage *s, const char *path);

#endif
