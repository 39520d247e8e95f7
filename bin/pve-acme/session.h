/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_SESSION_H
#define PVE_ACME_SESSION_H

#include "acme.h"
#include "pve-acme/install.h"
#include "pve-acme/keeper.h"

/*
 * What the commands do that talk to a server about an account: the process that talks is started
 * first, then the lock is taken and the files are read.
 *
 *     ACME_SESSION s = {0};
 *     if (acme_session_start(&s, ctx) < 0) return -1;
 *     read keys
 *     acme_session_begin(&s, directory, location, key, next)
 *     acme_keeper_job(&s.keeper, ...)
 *     acme_session_apply(&s, &plan)
 */
struct acme_session {
	struct pve_ctx *ctx;
	struct pve_change change;
	struct acme_host h;
	struct acme_keeper keeper;
	struct acme_keeper second; /* for what asks with another key; started by acme_session_start */
	struct pve_buf ca;
	bool held;                 /* signals are */
};

int acme_session_start(struct acme_session *s, struct pve_ctx *ctx);
/* Has k ask for the directory of the server.  Texts and keys are borrowed; location and next may be
 * NULL.  k: &s->keeper or &s->second, each once. */
int acme_session_begin(struct acme_session *s, struct acme_keeper *k, const char *directory,
		       const char *location, const struct pve_pkey *key,
		       const struct pve_pkey *next);
/* One job with these arguments, NULL at the end.  0, or -1 with ctx->err. */
int acme_session_job(struct acme_session *s, struct acme_keeper *k, struct pve_strv *out,
		     const char *const *args);
int acme_session_apply(struct acme_session *s, struct pve_plan *plan);
void acme_session_done(struct acme_session *s);
#define ACME_SESSION PVE_CLEANUP(acme_session_done) struct acme_session

/* Adds the steps that write an account's file: its folder, and mode 0600 when it is new. */
void acme_session_write(struct acme_session *s, struct pve_plan *plan, const char *path,
			const struct acme_file *was, const struct acme_stored *a, const char *why);

#endif
