/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fresh.h"

#include <stdio.h>
#include <string.h>

#include "pvecommon/num.h"

#define DAY 86400
/* apt allows clocks to differ by so much (Acquire::Max-FutureTime). */
#define FUTURE_MAX 10
/* Repositories of security fixes and of Proxmox get something new nearly every week. */
#define OLD_MAX (30 * DAY)

static bool moves_often(const struct repo_dist *d)
{
	size_t n = strlen(d->site);

	return repo_dist_is_security(d) ||
	       (n >= 12 && strcmp(d->site + n - 12, ".proxmox.com") == 0 &&
		strncmp(d->site, "archive.", 8) != 0);
}

/* apt compares without what is behind the last '/': "buster/updates" is the suite "buster". */
static bool is_suite(const struct repo_dist *d)
{
	const char *slash = strrchr(d->suite, '/');
	size_t n = slash ? (size_t)(slash - d->suite) : strlen(d->suite);
	const struct pve_span want = {d->suite, n};

	if (slash && !slash[1])
		return true; /* flat: has no suite */
	if (!d->release.suite.len && !d->release.codename.len)
		return true;
	return pve_span_same(want, d->release.suite) || pve_span_same(want, d->release.codename);
}

static bool set(struct repo_fresh *f, enum pve_finding_severity severity, const char *part,
		const char *state)
{
	f->severity = severity;
	f->part = part;
	f->state = state;
	return true;
}

bool repo_fresh_check(struct repo_fresh *f, const struct repo_dist *d, enum repo_fresh_kind kind,
		      time_t now)
{
	const struct repo_release *r = &d->release;
	char text[PVE_TIME_TEXT];

	f->message[0] = '\0';
	switch (kind) {
	case REPO_FRESH_EXPIRED:
		if (r->valid_until < 0 || r->valid_until >= now)
			return false;
		snprintf(f->message, sizeof(f->message),
			 "was valid until %s: the mirror is not kept up to date, or somebody holds "
			 "updates back",
			 pve_num_time_text(r->valid_until, text));
		return set(f, PVE_F_CRITICAL, "date", "expired");
	case REPO_FRESH_FUTURE:
		if (r->date < 0 || r->date <= now + FUTURE_MAX)
			return false;
		snprintf(f->message, sizeof(f->message),
			 "is dated %s, in the future: this host's clock is wrong",
			 pve_num_time_text(r->date, text));
		return set(f, PVE_F_CRITICAL, "date", "future");
	case REPO_FRESH_OLD:
		if (r->date < 0 || now - r->date <= OLD_MAX || !moves_often(d))
			return false;
		snprintf(f->message, sizeof(f->message),
			 "is %lld days old: it was not refreshed, or the mirror is frozen",
			 (long long)(now - r->date) / DAY);
		return set(f, PVE_F_WARNING, "date", "old");
	case REPO_FRESH_SUITE:
		if (is_suite(d))
			return false;
		snprintf(f->message, sizeof(f->message), "is that of suite %.*s, codename %.*s",
			 PVE_SPAN_ARG(r->suite), PVE_SPAN_ARG(r->codename));
		return set(f, PVE_F_WARNING, "suite", "other");
	case REPO_FRESH_DIGESTS:
		if (!r->stanza.len || repo_release_is_strong(r))
			return false;
		snprintf(f->message, sizeof(f->message),
			 "has neither SHA256 nor SHA512 digests: apt refuses it");
		return set(f, PVE_F_CRITICAL, "digests", "weak");
	default:
		return false;
	}
}
