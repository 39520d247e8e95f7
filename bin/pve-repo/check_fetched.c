/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_fetched.h"

#include <string.h>

#include "pve-repo/fresh.h"

#define DAY 86400
/* The stock node refreshes every day. */
#define REFRESH_MAX (7 * DAY)

static char *place_of(const struct repo_dist *d)
{
	return pve_asprintf("%s:%u", d->entry->file->path, d->entry->line);
}

static struct pve_finding *add(struct pve_findings *out, enum pve_finding_severity severity,
			       const char *code, const struct repo_dist *d, const char *why)
{
	PVE_FREE char *place = place_of(d);

	return pve_findings_add(out, severity, code, place, "%s %s: %s", d->uri, d->suite, why);
}

/* What only the administrator can mend, in the entry. */
static void fix_by_hand(struct pve_finding *f, const struct repo_dist *d)
{
	pve_finding_fix(f, "editor +%u %s", d->entry->line, d->entry->file->path);
}

/* --- what was fetched ---------------------------------------------------------------- */

static void check_fresh(const struct repo_fetched *f, const struct repo_dist *d,
			struct pve_findings *out)
{
	static const struct {
		const char *code, *fix;
	} codes[] = {
		[REPO_FRESH_EXPIRED] = {"REPO-RELEASE-EXPIRED", "pve-repo refresh"},
		[REPO_FRESH_FUTURE] = {"REPO-RELEASE-FUTURE", "pve-net ntp check"},
		[REPO_FRESH_OLD] = {"REPO-RELEASE-OLD", "pve-repo refresh"},
		[REPO_FRESH_SUITE] = {"REPO-RELEASE-SUITE", NULL},
		[REPO_FRESH_DIGESTS] = {"REPO-RELEASE-WEAK", "pve-repo refresh"},
	};

	for (unsigned i = 0; i < REPO_FRESH_KINDS; i++) {
		struct repo_fresh fresh;
		struct pve_finding *found;

		if (!repo_fresh_check(&fresh, d, (enum repo_fresh_kind)i, f->now))
			continue;
		found = add(out, fresh.severity, codes[i].code, d, fresh.message);
		if (codes[i].fix)
			pve_finding_fix(found, "%s", codes[i].fix);
		else
			fix_by_hand(found, d);
	}
}

/* --- keys ---------------------------------------------------------------------------- */

/* What becomes of the signatures of a Release with the keyrings that are for it. */
struct signers {
	const struct repo_keyring *unusable, *missing; /* one of each, or NULL */
	bool any;                                      /* some keyring can be used */
	bool found;                                    /* a key that signed is in one of them */
	enum repo_key_state best;                      /* of those keys */
	const struct repo_keyring *in;
	size_t key;
};

static void look_in(const struct repo_fetched *f, const struct repo_dist *d,
		    const struct repo_keyring *r, struct signers *s)
{
	for (size_t i = 0; i < r->ring.n; i++) {
		enum repo_key_state state;

		if (!r->ring.v[i].primary || !repo_key_signed(f->keys, r, i, d))
			continue;
		state = repo_key_state(r, i, f->now);
		if (s->found && state >= s->best)
			continue;
		s->found = true;
		s->best = state;
		s->in = r;
		s->key = i;
	}
}

static struct signers find_signers(const struct repo_fetched *f, const struct repo_dist *d)
{
	struct signers s = {0};

	for (size_t i = 0; i < f->keys->n; i++) {
		const struct repo_keyring *r = f->keys->v[i];

		if (!repo_keyring_is_for(r, d))
			continue;
		if (!r->there)
			s.missing = r;
		else if (r->err.code || !r->readable)
			s.unusable = r;
		else
			s.any = true;
		if (r->readable)
			look_in(f, d, r, &s);
	}
	return s;
}

/* What is in a keyring is shown by "key verify"; one that is embedded is edited where it stands. */
static void fix_keyring(struct pve_finding *f, const struct repo_dist *d,
			const struct repo_keyring *r)
{
	if (r->role == REPO_RING_EMBEDDED)
		fix_by_hand(f, d);
	else
		pve_finding_fix(f, "pve-repo key verify %s", r->path);
}

static void check_state(const struct repo_dist *d, const struct signers *s,
			struct pve_findings *out)
{
	const struct repo_pgp_key *k = &s->in->ring.v[s->key];
	const char *where = s->in->path;
	PVE_FREE char *text = NULL;

	switch (s->best) {
	case REPO_KEY_EXPIRED:
	case REPO_KEY_REVOKED:
		text = pve_asprintf("the key %s in %s %s, and apt refuses what it signed", k->fpr,
				    where,
				    s->best == REPO_KEY_EXPIRED ? "has expired" : "was revoked");
		fix_keyring(add(out, PVE_F_CRITICAL, "REPO-KEY-EXPIRED", d, text), d, s->in);
		break;
	case REPO_KEY_WEAK:
		text = pve_asprintf("the key %s in %s is weak (%s): newer versions of apt refuse "
				    "what it signed",
				    k->fpr, where, repo_pgp_weakness(k));
		fix_keyring(add(out, PVE_F_WARNING, "REPO-KEY-WEAK", d, text), d, s->in);
		break;
	case REPO_KEY_EXPIRING:
		text = pve_asprintf("the key %s in %s expires within 90 days", k->fpr, where);
		fix_keyring(add(out, PVE_F_WARNING, "REPO-KEY-EXPIRING", d, text), d, s->in);
		break;
	default:
		break;
	}
}

static void check_keys_of(const struct repo_fetched *f, const struct repo_dist *d,
			  struct pve_findings *out)
{
	struct signers s = find_signers(f, d);
	PVE_FREE char *text = NULL;

	if (s.missing && !s.any) {
		text = pve_asprintf("the keyring %s is missing", s.missing->path);
		add(out, PVE_F_CRITICAL, "REPO-KEY-MISSING", d, text);
	} else if (s.unusable && !s.any) {
		bool mode = !s.unusable->err.code;
		struct pve_finding *found;

		text = mode ? pve_asprintf("apt's user _apt cannot read %s", s.unusable->path)
			    : pve_asprintf("%s", s.unusable->err.msg);
		found = add(out, PVE_F_CRITICAL, "REPO-KEY-UNUSABLE", d, text);
		if (mode)
			pve_finding_fix(found, "chmod 644 %s", s.unusable->path);
		else
			fix_keyring(found, d, s.unusable);
	} else if (!d->path) {
		return; /* nothing signed was fetched yet */
	} else if (!d->detached && !d->release.is_signed) {
		pve_finding_fix(add(out, PVE_F_CRITICAL, "REPO-UNSIGNED", d,
				    "what was fetched is not signed"),
				"pve-repo refresh");
	} else if (!s.any) {
		add(out, PVE_F_CRITICAL, "REPO-KEY-MISSING", d,
		    "there is no key to verify it with");
	} else if (!s.found) {
		pve_finding_fix(add(out, PVE_F_CRITICAL, "REPO-KEY-WRONG", d,
				    "the keyring does not have the key that signed it"),
				"pve-repo verify");
	} else {
		check_state(d, &s, out);
	}
}

/* Where apt reads all files another name does; one that a source names has it there, too, and is
 * converted instead. */
static void fix_name(struct pve_finding *f, const struct repo_keyring *r)
{
	int stem = (int)(strrchr(r->path, '.') - r->path);

	if (r->role == REPO_RING_TRUSTED)
		pve_finding_fix(f, "mv -n %s %.*s%s", r->path, stem, r->path,
				r->ring.armored ? ".asc" : ".gpg");
	else
		pve_finding_fix(f, "pve-repo key verify %s", r->path);
}

/* Files whose names say what they are not. */
static void check_keyring(const struct repo_keyring *r, struct pve_findings *out)
{
	const struct repo_published *named = repo_published_named(r->path);
	const char *misnamed = repo_keyring_misnamed(r);
	bool known = !named || r->published;

	for (size_t i = 0; !known && i < r->ring.n; i++)
		known = repo_published_has(named, r->ring.v[i].fpr);
	if (!known && r->ring.n)
		pve_finding_fix(pve_findings_add(out, PVE_F_CRITICAL, "REPO-KEY-FORGED", r->path,
						 "is called like a key of Proxmox, and is another"),
				"pve-repo key verify %s", r->path);
	if (misnamed && r->role != REPO_RING_SPARE)
		fix_name(pve_findings_add(out, PVE_F_WARNING, "REPO-KEY-NAME", r->path, "%s",
					  misnamed),
			 r);
}

/* --- trusted.gpg --------------------------------------------------------------------- */

static bool is_legacy(const struct repo_fetched *f, const struct repo_keyring *r)
{
	return f->legacy && strcmp(r->path, f->legacy) == 0;
}

/* Is the key in another keyring that counts for all? */
static bool is_elsewhere(const struct repo_fetched *f, const char *fpr)
{
	for (size_t i = 0; i < f->keys->n; i++) {
		const struct repo_keyring *r = f->keys->v[i];

		for (size_t k = 0; r->role == REPO_RING_TRUSTED && !is_legacy(f, r) && k < r->ring.n; k++)
			if (strcmp(r->ring.v[k].fpr, fpr) == 0)
				return true;
	}
	return false;
}

static bool is_used(const struct repo_fetched *f, const struct repo_keyring *r)
{
	for (size_t i = 0; i < f->lists->ndists; i++)
		if (!f->lists->dist[i]->trusted && repo_keyring_is_for(r, f->lists->dist[i]))
			return true;
	return false;
}

static void check_legacy(const struct repo_fetched *f, const struct repo_keyring *r,
			   struct pve_findings *out)
{
	if (!is_legacy(f, r) || !is_used(f, r))
		return;
	for (size_t i = 0; i < r->ring.n; i++) {
		const struct repo_pgp_key *k = &r->ring.v[i];

		if (!k->primary || is_elsewhere(f, k->fpr))
			continue;
		pve_finding_fix(pve_findings_add(out, PVE_F_WARNING, "REPO-KEY-LEGACY", r->path,
						 "apt of this release does not heed this file, and "
						 "the key %s is in no other", k->fpr),
				"pve-repo key add --to /etc/apt/trusted.gpg.d %s", r->path);
		return; /* the command takes all of them along */
	}
}

void repo_check_fetched(const struct repo_fetched *f, struct pve_findings *out)
{
	bool fetched = false;

	for (size_t i = 0; i < f->lists->ndists; i++)
		fetched |= f->lists->dist[i]->path != NULL;
	for (size_t i = 0; i < f->lists->ndists; i++) {
		const struct repo_dist *d = f->lists->dist[i];

		if (fetched && !d->path)
			pve_finding_fix(add(out, PVE_F_WARNING, "REPO-NOT-FETCHED", d,
					    "was not fetched yet, or cannot be"),
					"pve-repo refresh");
		if (d->path)
			check_fresh(f, d, out);
		if (!d->trusted && f->keys->any_place)
			check_keys_of(f, d, out);
	}
	for (size_t i = 0; i < f->keys->n; i++) {
		check_keyring(f->keys->v[i], out);
		check_legacy(f, f->keys->v[i], out);
	}
	if (fetched && f->refreshed && f->now - f->refreshed > REFRESH_MAX)
		pve_finding_fix(pve_findings_add(out, PVE_F_WARNING, "REPO-LISTS-OLD",
						 f->lists->dir,
						 "the lists were refreshed %lld days ago",
						 (long long)(f->now - f->refreshed) / DAY),
				"pve-repo refresh");
}
