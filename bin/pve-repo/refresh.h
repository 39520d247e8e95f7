/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_REFRESH_H
#define PVE_REPO_REFRESH_H

#include "pve-repo/lists.h"

/*
 * What "apt-get update" says, taken apart by repository, so that one that fails does not hide the
 * others.
 */
enum repo_fetch {
	REPO_FETCH_UNKNOWN, /* apt said nothing of it */
	REPO_FETCH_SAME,    /* nothing new there */
	REPO_FETCH_NEW,
	REPO_FETCH_FAILED,
};

struct repo_refresh {
	const char *uri, *suite;
	const struct repo_dist *dist; /* NULL when read from a file */
	enum repo_fetch state;
	unsigned http;      /* status of the answer that failed; 0: none */
	const char *said;   /* the line of apt that tells most, "" */
	const char *reason; /* in words for people, "" when it did not fail */
	const char *fix;    /* a command, or NULL */
};

struct repo_refreshes {
	struct repo_refresh *v;
	size_t n;
	struct pve_strv other; /* errors of apt that belong to no repository */
	struct pve_arena mem;
};

const char *repo_fetch_name(enum repo_fetch state);
/* output: all that apt wrote, with LC_ALL=C. */
void repo_refresh_parse(struct repo_refreshes *r, const struct repo_lists *l,
			struct pve_span output);
/* The outcome as lines for a file, and back: URI, suite, state, HTTP status and reason between
 * tabs.  A line that is none is passed over. */
void repo_refresh_format(const struct repo_refreshes *r, struct pve_buf *out);
void repo_refresh_read(struct repo_refreshes *r, struct pve_span text);
void repo_refreshes_done(struct repo_refreshes *r);

/* Where the last outcome is kept. */
#define REPO_REFRESH_STATE "/var/lib/pve-tools/pve-repo.refresh"

#endif
