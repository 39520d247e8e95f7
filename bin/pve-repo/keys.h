/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_KEYS_H
#define PVE_REPO_KEYS_H

#include "pve-repo/lists.h"
#include "pve-repo/openpgp.h"
#include "pve-repo/published.h"

/*
 * The keyrings of the host, and which repository they are for: those that apt trusts for all
 * (trusted.gpg, trusted.gpg.d), those that a source names by Signed-By, those embedded there, and
 * those that only lie in /etc/apt/keyrings.
 */
#define REPO_KEYRINGS "/etc/apt/keyrings"
#define REPO_KEY_SOON (90 * 86400) /* seconds before its end that a key is "expiring" */

enum repo_keyring_role {
	REPO_RING_TRUSTED,
	REPO_RING_SIGNED_BY,
	REPO_RING_EMBEDDED,
	REPO_RING_SPARE
};

struct repo_keyring {
	const char *path; /* of an embedded one: FILE:LINE of its source */
	enum repo_keyring_role role;
	bool there;
	bool readable; /* by apt's user _apt, by its mode and those of the directories */
	struct pve_buf text;
	struct repo_pgp_ring ring;
	struct pve_err err;                     /* why it cannot be used; code 0: it can */
	const struct repo_published *published; /* whose bytes it has, or NULL */
};

/* The signatures of a repository's Release. */
struct repo_signed {
	const struct repo_dist *dist;
	struct repo_pgp_sigs sigs;
	struct pve_err err; /* why they are not known */
};

struct repo_keys {
	struct repo_keyring **v;
	size_t n, cap;
	struct repo_signed *signed_; /* for each of the lists' dists */
	size_t nsigned;
	bool any_place; /* the host has a directory for keyrings at all */
	struct pve_arena mem;
};

enum repo_key_state {
	REPO_KEY_GOOD,
	REPO_KEY_EXPIRING,
	REPO_KEY_WEAK,
	REPO_KEY_EXPIRED,
	REPO_KEY_REVOKED,
};

/* Adds the keyring unless it is there. */
struct repo_keyring *repo_keys_add(struct repo_keys *k, const char *path,
				   enum repo_keyring_role role);
/* Sets ring, err and published from text. */
void repo_keyring_parse(struct repo_keyring *r, const char *name);
/* Is this keyring one of those with which apt verifies that repository? */
bool repo_keyring_is_for(const struct repo_keyring *r, const struct repo_dist *d);
/* Was its Release signed by this primary key or a subkey behind it? */
bool repo_key_signed(const struct repo_keys *k, const struct repo_keyring *r, size_t key,
		     const struct repo_dist *d);
/* Of a primary key and its subkeys that sign. */
enum repo_key_state repo_key_state(const struct repo_keyring *r, size_t key, time_t now);
const char *repo_key_state_name(enum repo_key_state state);
/* The signing key or subkey that lasts longest ends then; 0: never. */
time_t repo_key_expires(const struct repo_keyring *r, size_t key);
/* May apt use the file by its name: .asc armored, .gpg not?  NULL, or what is wrong. */
const char *repo_keyring_misnamed(const struct repo_keyring *r);

/* probe_keys.c: reads all keyrings and the signatures of all Releases.  What cannot be read is
 * in their err.  Ends with repo_keys_done. */
int repo_keys_read(struct repo_keys *k, struct repo_aptconf *conf, const struct repo_lists *l,
		   const struct repo_sources *s, struct pve_sys *sys, struct pve_err *e);
/* One keyring more, by its path. */
void repo_keyring_read(struct repo_keyring *r, struct pve_sys *sys);
void repo_keys_done(struct repo_keys *k);

#endif
