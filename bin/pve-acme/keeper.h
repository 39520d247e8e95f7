/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_KEEPER_H
#define PVE_ACME_KEEPER_H

#include "pve-acme/child.h"
#include "pve-acme/client.h"
#include "pve-acme/order.h"
#include "pveio/pkey.h"

/*
 * The keeper has the keys, and signs; it never parses what a server sent.  The process that does
 * (netproc.h) is started first, before any key is read, so that it cannot have a copy of one.
 */
struct acme_keeper {
	/* Set between start and begin; all borrowed, all may be missing but sys. */
	struct pve_sys *sys;
	const char *directory;        /* URL */
	const char *ca_pem;           /* NULL: the system's */
	const char *kid;              /* the account's URL */
	const struct pve_pkey *key[3]; /* by enum acme_key */
	const char *eab_kid;          /* external account binding */
	struct pve_span eab_mac;      /* its secret, decoded */
	unsigned eab_bits;            /* 256, 384, 512 */
	unsigned timeout_s;
	void (*tell)(void *to, const char *line);
	void *tell_to;
	struct acme_order_hooks hooks; /* for orders */

	/* Set by a job that failed. */
	enum acme_fate fate;
	time_t not_before;
	int64_t skew;                 /* of our clock, since begin: acme_clock_skew (retry.h) */

	struct acme_child net;
};

/* Starts the other process: before a key, or what a plugin knows, is read.  *k must be { 0 }; it ends with
 * acme_keeper_stop, also on failure. */
int acme_keeper_start(struct acme_keeper *k, struct pve_sys *sys, struct pve_err *e);
/* Has the server's directory fetched.  Codes as acme_client_init. */
int acme_keeper_begin(struct acme_keeper *k, struct pve_err *e);
/* Has one job done; args begins with its name (netproc.h).  Serves what the job needs meanwhile.
 * A signal ends it with PVE_FAILED (stop.h). */
int acme_keeper_job(struct acme_keeper *k, const struct pve_strv *args, struct pve_strv *out,
		    struct pve_err *e);
void acme_keeper_stop(struct acme_keeper *k);

/* Adds the key authorization of a challenge: the token, a dot, and the thumbprint of the account's
 * key (RFC 8555, section 8.1); and the text of its record: base64url of the SHA-256 of that
 * (section 8.4). */
int acme_keeper_authorization(const struct acme_keeper *k, const char *token, struct pve_buf *out,
			      struct pve_buf *digest, struct pve_err *e);

#endif
