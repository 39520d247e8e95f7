/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_JWS_H
#define PVE_ACME_JWS_H

#include "pvecommon/buf.h"

/*
 * JSON Web Signatures in the flattened form that ACME takes (RFC 7515, section 7.2.2; RFC 8555,
 * section 6.2).  Who signs is not decided here: the text to be signed goes out, the signature
 * comes back.
 */
struct acme_jws {
	const char *alg;       /* as pve_pkey_alg */
	const char *kid;       /* the account's URL, or the name of a MAC key; NULL: jwk is sent */
	const char *jwk;       /* JSON of the public key; used without kid */
	const char *nonce;     /* NULL: none, for what stands inside another one */
	const char *url;       /* where it is sent to */
	struct pve_span payload; /* JSON; empty for POST-as-GET */
};

/* Adds what must be signed: the protected header and the payload in base64url, a dot between. */
void acme_jws_input(const struct acme_jws *jws, struct pve_buf *out);
/* Adds the JSON of the whole, given the input and the signature over it (the raw bytes). */
void acme_jws_format(struct pve_span input, struct pve_span signature, struct pve_buf *out);

#endif
