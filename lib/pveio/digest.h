/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_DIGEST_H
#define PVEIO_DIGEST_H

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * Message digests of bytes, through the EVP interface of OpenSSL: EVP_DigestInit(3).  It is loaded
 * when the first one is made: that takes longer than most runs of the tools do.  PVE_NOTHERE when
 * it is not installed.
 */
enum pve_digest_kind {
	PVE_DIGEST_MD5,  /* only to compare with what old indexes state; proves nothing */
	PVE_DIGEST_SHA1, /* likewise */
	PVE_DIGEST_SHA256,
	PVE_DIGEST_SHA512,
};

#define PVE_DIGEST_TEXT 129 /* hexadecimal digits of the longest one, and a NUL */

struct pve_digest; /* one that is being made, piece by piece */

/* Writes the digest as lower-case hexadecimal digits, as sha256sum(1) prints it.  PVE_FAILED
 * when OpenSSL does not offer that kind (MD5 and SHA-1 under a strict policy). */
int pve_digest(enum pve_digest_kind kind, struct pve_span bytes, char text[PVE_DIGEST_TEXT],
	       struct pve_err *e);

/* The same for what comes in pieces: new, add any number of times, end.  new returns NULL on
 * failure; end writes the text and may be called once.  free(NULL) is fine. */
struct pve_digest *pve_digest_new(enum pve_digest_kind kind, struct pve_err *e);
int pve_digest_add(struct pve_digest *d, struct pve_span bytes, struct pve_err *e);
int pve_digest_end(struct pve_digest *d, char text[PVE_DIGEST_TEXT], struct pve_err *e);
void pve_digest_free(struct pve_digest *d);

#endif
