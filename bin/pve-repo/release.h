/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_RELEASE_H
#define PVE_REPO_RELEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "pvecommon/span.h"
#include "pveio/digest.h"

/*
 * Release and InRelease of a repository ("Debian RepositoryFormat").  Spans point into the text;
 * .p is NULL for a field that is not there.
 */
struct repo_release {
	struct pve_span stanza; /* the fields, without signature */
	struct pve_span origin, label, suite, codename, version, components, architectures;
	struct pve_span changelogs;
	time_t date, valid_until; /* -1: not there, or no date */
	bool not_automatic, but_automatic;
	bool is_signed; /* the text itself is a clear-signed message: InRelease */
};

/* One file that a Release lists. */
struct repo_release_file {
	enum pve_digest_kind kind; /* the strongest that is listed for it */
	struct pve_span digest;    /* hexadecimal */
	uint64_t size;
};

/* Any text is read as something; without fields the stanza is empty. */
void repo_release_parse(struct repo_release *r, struct pve_span text);
/* The entry of "main/binary-amd64/Packages"; false: not listed. */
bool repo_release_find(const struct repo_release *r, const char *name,
		       struct repo_release_file *file);
/* Is any of its digests stronger than SHA-1?  apt refuses a Release without. */
bool repo_release_is_strong(const struct repo_release *r);
/* A date as in RFC 5322 with a zone of UTC, GMT, Z or +0000; -1 when it is none. */
time_t repo_date_parse(struct pve_span s);

#endif
