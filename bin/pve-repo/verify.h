/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_VERIFY_H
#define PVE_REPO_VERIFY_H

#include "pve-repo/keys.h"

/*
 * Verifying what apt has fetched: the signature of a Release by gpgv(1) or sqv(1), whichever is
 * there, and the lists against the digests in it (by OpenSSL).
 */
enum repo_verdict {
	REPO_V_GOOD,
	REPO_V_UNKNOWN,    /* neither gpgv nor sqv is installed */
	REPO_V_ABSENT,     /* nothing was fetched */
	REPO_V_UNSIGNED,   /* there is no signature */
	REPO_V_NO_KEYRING, /* the keyring of the source is missing, or none is there */
	REPO_V_UNREADABLE, /* it is there, but apt's user cannot read it, or it is damaged */
	REPO_V_NO_KEY,     /* it has not the key that signed */
	REPO_V_WRONG,      /* the signature does not belong to this text: it was altered */
	REPO_V_EXPIRED,    /* the key has expired */
	REPO_V_REVOKED,
	REPO_V_WEAK,     /* by a digest or key that is no longer accepted */
	REPO_V_UNLISTED, /* list: the Release does not name it */
};
const char *repo_verdict_name(enum repo_verdict v);

struct repo_verified {
	enum repo_verdict verdict;
	char signer[REPO_FPR_TEXT]; /* primary key of a good signature, else what issued it; "" */
	struct pve_err why;         /* in words, when not good */
};

/* What gpgv says with --status-fd.  allowed: fingerprints between blanks and commas, one of which
 * must have signed; NULL: any. */
void repo_verify_status(struct repo_verified *v, struct pve_span status, const char *allowed);
/* What sqv says: its exit status, the signers on stdout, complaints on stderr. */
void repo_verify_sqv(struct repo_verified *v, int status, struct pve_span out, struct pve_span err,
		     const char *allowed);
/* Splits a clear-signed message: the text that was signed (RFC 9580, section 7.2), and the
 * signature with its armor.  -1: there is none. */
int repo_verify_split(struct pve_span text, struct pve_buf *message, struct pve_buf *signature);

/* probe_verify.c */
void repo_verify_release(struct repo_verified *v, const struct repo_dist *d,
			 const struct repo_keys *keys, struct pve_sys *sys);
void repo_verify_index(struct repo_verified *v, const struct repo_index *x, struct pve_sys *sys);

#endif
