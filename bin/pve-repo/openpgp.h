/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_OPENPGP_H
#define PVE_REPO_OPENPGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * OpenPGP (RFC 9580, and 4880 before it), as far as the facts about keys and signatures go.
 * Nothing is verified here: that is for gpgv(1) or sqv(1), see verify.h.
 */
#define REPO_FPR_TEXT 65 /* 40 hexadecimal digits of version 4, 64 of version 6, and a NUL */

struct repo_pgp_key {
	char fpr[REPO_FPR_TEXT]; /* upper case; "" for version 3, which has none that is sound */
	unsigned version;
	bool primary;            /* else a subkey of the last primary one before it */
	unsigned algo;           /* public-key algorithm id */
	const char *algo_name;   /* "rsa4096", "ed25519", "dsa1024" */
	unsigned bits;           /* of RSA, DSA and Elgamal; 0 for curves */
	time_t created, expires; /* expires: 0 for never; by the newest signature of its own */
	bool revoked;
	bool can_sign;    /* key flags; true when there are none */
	unsigned hash;    /* hash algorithm id of that signature; 0: there is none */
	const char *user; /* first user id, "" */
	time_t bound;     /* when that signature was made */
};

struct repo_pgp_ring {
	struct repo_pgp_key *v; /* each primary key, its subkeys behind it */
	size_t n, cap;
	bool armored;
	struct pve_buf bytes; /* the packets, armor taken off */
	struct pve_arena mem;
};

/* A signature: who made it, and how. */
struct repo_pgp_sig {
	char issuer[REPO_FPR_TEXT]; /* fingerprint, or the 16 digits of a key id; "" not told */
	time_t made;
	unsigned algo, hash;
};

struct repo_pgp_sigs {
	struct repo_pgp_sig *v;
	size_t n, cap;
};

/* Reads a keyring, armored or not.  PVE_DATA when it is none: no key in it, a damaged or cut
 * packet, a GnuPG keybox.  What was read before stays in r.  Ends with repo_pgp_ring_done. */
int repo_pgp_ring_parse(struct repo_pgp_ring *r, struct pve_span text, struct pve_err *e);
void repo_pgp_ring_done(struct repo_pgp_ring *r);
/* The signatures in a clear-signed message or in a detached signature, armored or not. */
int repo_pgp_sigs_parse(struct repo_pgp_sigs *s, struct pve_span text, struct pve_err *e);
void repo_pgp_sigs_done(struct repo_pgp_sigs *s);

/* Takes the armor off each block of that kind ("PGP SIGNATURE") and adds the bytes to out.
 * How many blocks there were, or -1 when one is damaged. */
int repo_pgp_dearmor(struct pve_span text, const char *kind, struct pve_buf *out);
/* Is this the key, by fingerprint or by the key id that is its end? */
bool repo_pgp_is(const struct repo_pgp_key *k, const char *issuer);
/* Why nobody should rely on this key or its own signature any more, NULL when fine: too short,
 * DSA, SHA-1 or MD5 (the policy of sqv in Debian 13). */
const char *repo_pgp_weakness(const struct repo_pgp_key *k);

#endif
