/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keys.h"

#include <string.h>

struct repo_keyring *repo_keys_add(struct repo_keys *k, const char *path,
				   enum repo_keyring_role role)
{
	struct repo_keyring *r;

	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i]->path, path) == 0)
			return k->v[i];
	r = pve_arena_alloc(&k->mem, sizeof(*r));
	r->path = pve_arena_strdup(&k->mem, path);
	r->role = role;
	k->v = pve_grow(k->v, k->n, &k->cap, sizeof(struct repo_keyring *));
	return k->v[k->n++] = r;
}

void repo_keyring_parse(struct repo_keyring *r, const char *name)
{
	struct pve_span text = {pve_buf_str(&r->text), r->text.len};

	if (repo_pgp_ring_parse(&r->ring, text, &r->err) < 0)
		pve_err_prefix(&r->err, "%s", name);
	r->published = repo_published_match(text);
}

static bool names_file(const char *signed_by, const char *path)
{
	PVE_STRV words = {0};

	pve_strv_split(&words, pve_span(signed_by), " ,\t\n");
	return pve_strv_has(&words, path);
}

bool repo_keyring_is_for(const struct repo_keyring *r, const struct repo_dist *d)
{
	const char *by = d->signed_by;

	if (r->role == REPO_RING_EMBEDDED) {
		PVE_FREE char *place = pve_asprintf("%s:%u", d->entry->file->path, d->entry->line);

		return by && strstr(by, "-----BEGIN PGP") && strcmp(place, r->path) == 0;
	}
	if (by && strstr(by, "-----BEGIN PGP"))
		return false;
	if (by && strchr(by, '/'))
		return names_file(by, r->path);
	return r->role == REPO_RING_TRUSTED; /* by fingerprint, or not said */
}

static const struct repo_signed *signed_of(const struct repo_keys *k, const struct repo_dist *d)
{
	for (size_t i = 0; i < k->nsigned; i++)
		if (k->signed_[i].dist == d)
			return &k->signed_[i];
	return NULL;
}

/* The primary key at v[key] and the subkeys behind it are v[key] to v[end - 1]. */
static size_t family_end(const struct repo_pgp_ring *ring, size_t key)
{
	size_t end = key + 1;

	while (end < ring->n && !ring->v[end].primary)
		end++;
	return end;
}

bool repo_key_signed(const struct repo_keys *k, const struct repo_keyring *r, size_t key,
		     const struct repo_dist *d)
{
	const struct repo_signed *s = signed_of(k, d);
	size_t end = family_end(&r->ring, key);

	for (size_t i = 0; s && i < s->sigs.n; i++)
		for (size_t j = key; j < end; j++)
			if (repo_pgp_is(&r->ring.v[j], s->sigs.v[i].issuer))
				return true;
	return false;
}

/* The earlier of two ends, of which 0 is none. */
static time_t earlier(time_t a, time_t b)
{
	if (!a || !b)
		return a ? a : b;
	return a < b ? a : b;
}

time_t repo_key_expires(const struct repo_keyring *r, size_t key)
{
	const struct repo_pgp_key *k = &r->ring.v[key];
	size_t end = family_end(&r->ring, key);
	time_t last = -1;

	for (size_t i = key; i < end; i++) {
		const struct repo_pgp_key *sub = &r->ring.v[i];

		if (!sub->can_sign || sub->revoked)
			continue;
		if (!sub->expires)
			return k->expires;
		if (sub->expires > last)
			last = sub->expires;
	}
	return last < 0 ? k->expires : earlier(k->expires, last);
}

enum repo_key_state repo_key_state(const struct repo_keyring *r, size_t key, time_t now)
{
	const struct repo_pgp_key *k = &r->ring.v[key];
	time_t expires = repo_key_expires(r, key);

	if (k->revoked)
		return REPO_KEY_REVOKED;
	if (expires && expires <= now)
		return REPO_KEY_EXPIRED;
	if (repo_pgp_weakness(k))
		return REPO_KEY_WEAK;
	return expires && expires - now <= REPO_KEY_SOON ? REPO_KEY_EXPIRING : REPO_KEY_GOOD;
}

const char *repo_key_state_name(enum repo_key_state state)
{
	static const char *const names[] = {
		[REPO_KEY_GOOD] = "good",       [REPO_KEY_EXPIRING] = "expiring",
		[REPO_KEY_WEAK] = "weak",       [REPO_KEY_EXPIRED] = "expired",
		[REPO_KEY_REVOKED] = "revoked",
	};

	return names[state];
}

const char *repo_keyring_misnamed(const struct repo_keyring *r)
{
	const char *dot = strrchr(r->path, '.');

	if (r->role == REPO_RING_EMBEDDED || !r->ring.n || !dot)
		return NULL;
	if (strcmp(dot, ".gpg") == 0 && r->ring.armored)
		return "is armored, and its name ends in .gpg: apt passes over it; call it .asc";
	if (strcmp(dot, ".asc") == 0 && !r->ring.armored)
		return "is not armored, and its name ends in .asc: apt passes over it; call it "
		       ".gpg";
	return NULL;
}

void repo_keys_done(struct repo_keys *k)
{
	for (size_t i = 0; i < k->n; i++) {
		pve_buf_done(&k->v[i]->text);
		repo_pgp_ring_done(&k->v[i]->ring);
	}
	for (size_t i = 0; i < k->nsigned; i++)
		repo_pgp_sigs_done(&k->signed_[i].sigs);
	free(k->v);
	free(k->signed_);
	pve_arena_done(&k->mem);
	*k = (struct repo_keys){0};
}
