/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_TSIG_H
#define PVE_ACME_TSIG_H

#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/* Transaction signatures of the DNS (RFC 8945). */
struct acme_tsig {
	const char *name;       /* of the key */
	const char *algorithm;  /* "hmac-sha256", "hmac-sha384", "hmac-sha512" */
	struct pve_span secret; /* decoded */
};

/* Signs a message: adds the record, and leaves in mac what the answer is signed together with.
 * PVE_USAGE for an algorithm that is none of these. */
int acme_tsig_sign(const struct acme_tsig *key, struct pve_buf *message, time_t now,
		   struct pve_buf *mac, struct pve_err *e);

/* Is the answer signed by the same key, for the request with that mac?  PVE_DENIED when it is
 * not; the message says what the server holds against our signature, if it does. */
int acme_tsig_verify(const struct acme_tsig *key, struct pve_span answer, struct pve_span request_mac,
		     time_t now, struct pve_err *e);

#endif
