/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_FRESH_H
#define PVE_REPO_FRESH_H

#include "pve-repo/lists.h"
#include "pvecommon/findings.h"

/* What the fields of a Release say against it: apt refuses some, and lets others pass. */
enum repo_fresh_kind {
	REPO_FRESH_EXPIRED, /* Valid-Until is over */
	REPO_FRESH_FUTURE,  /* Date is yet to come */
	REPO_FRESH_OLD,     /* a repository that moves often has not moved for long */
	REPO_FRESH_SUITE,   /* it is the Release of another suite than was asked for */
	REPO_FRESH_DIGESTS, /* it has digests of MD5 and SHA-1 only */
	REPO_FRESH_KINDS,
};

struct repo_fresh {
	enum pve_finding_severity severity;
	const char *part, *state; /* "date", "expired" */
	char message[300];
};

/* Is there something of that kind?  now: seconds since the epoch. */
bool repo_fresh_check(struct repo_fresh *f, const struct repo_dist *d, enum repo_fresh_kind kind,
		      time_t now);

#endif
