/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_PKEY_H
#define PVEIO_PKEY_H

#include <stdbool.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/*
 * Private keys, of accounts and of certificates, through OpenSSL: EVP_PKEY(7).
 */
enum pve_pkey_type {
	PVE_PKEY_P256,
	PVE_PKEY_P384,
	PVE_PKEY_P521,
	PVE_PKEY_RSA2048,
	PVE_PKEY_RSA3072,
	PVE_PKEY_RSA4096,
	PVE_PKEY_ED25519,
};

/* The words of --key-type, in the order of the types, with spaces between. */
#define PVE_PKEY_TYPES "ec256 ec384 ec521 rsa2048 rsa3072 rsa4096 ed25519"

struct pve_pkey;

/* Each returns a key that ends with pve_pkey_free, or NULL. */
struct pve_pkey *pve_pkey_new(enum pve_pkey_type type, struct pve_err *e);
/* Reads the first private key of a PEM text, in any of the forms that OpenSSL writes.
 * PVE_DATA: there is none, it cannot be read, or it is encrypted; the message says which. */
struct pve_pkey *pve_pkey_parse(struct pve_span pem, struct pve_err *e);
void pve_pkey_free(struct pve_pkey *key);

/* The type that a word of PVE_PKEY_TYPES means; -1 for another word. */
int pve_pkey_type(const char *word);

/* Adds the key as unencrypted PKCS #8 in PEM (RFC 7468, section 10). */
void pve_pkey_format(const struct pve_pkey *key, struct pve_buf *pem);
/* "RSA 4096", "EC P-256", "ED25519": for people. */
const char *pve_pkey_name(const struct pve_pkey *key);
unsigned pve_pkey_bits(const struct pve_pkey *key);
bool pve_pkey_same(const struct pve_pkey *a, const struct pve_pkey *b);

/* What JSON Web Signatures call the algorithm that fits the key: RS256, ES256, ES384, ES512,
 * EdDSA (RFC 7518, section 3.1; RFC 8037).  NULL when there is none for such a key. */
const char *pve_pkey_alg(const struct pve_pkey *key);
/* Adds the public half as a JSON Web Key with its required members only, in the order of the
 * alphabet and without spaces, so that its digest is its thumbprint (RFC 7638).  PVE_FAILED for
 * a kind of key that has none. */
int pve_pkey_jwk(const struct pve_pkey *key, struct pve_buf *out, struct pve_err *e);
/* Adds the thumbprint: base64url of SHA-256 over the above. */
int pve_pkey_thumbprint(const struct pve_pkey *key, struct pve_buf *out, struct pve_err *e);
/* Adds the signature of the bytes as JWS wants it: for elliptic curves r and s, each as wide as
 * the curve's order, one behind the other (RFC 7518, section 3.4). */
int pve_pkey_sign(const struct pve_pkey *key, struct pve_span bytes, struct pve_buf *out,
		  struct pve_err *e);

/* Adds base64url of the SHA-256 of the bytes. */
int pve_sha256_base64url(struct pve_span bytes, struct pve_buf *out, struct pve_err *e);
/* Adds HMAC with SHA-2 of that many bits (256, 384, 512). */
int pve_hmac(unsigned bits, struct pve_span secret, struct pve_span bytes, struct pve_buf *out,
	     struct pve_err *e);

#endif
