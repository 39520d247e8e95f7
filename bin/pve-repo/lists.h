/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_LISTS_H
#define PVE_REPO_LISTS_H

#include "pve-repo/aptconf.h"
#include "pve-repo/pins.h"
#include "pve-repo/probe.h"
#include "pve-repo/release.h"

/*
 * What apt has fetched for the enabled sources: the Release of each repository, and its lists
 * of packages.
 */

/* A repository: a URI and a suite. */
struct repo_dist {
	const struct repo_entry *entry; /* the first source that names it */
	const char *uri, *suite;        /* as apt puts them together */
	const char *site;               /* host, "" for a local one */
	const char *signed_by;          /* option of the entry, or NULL */
	bool trusted;                   /* option trusted=yes: its signature is not looked at */
	const char *path;               /* of its InRelease or Release; NULL: none is there */
	const char *detached;           /* of the Release.gpg beside a Release, or NULL */
	struct pve_buf text;
	struct repo_release release; /* of that text; empty when there is none */
	/* its fields as strings, NULL when not there */
	const char *origin, *label, *archive, *codename, *version;
};

/* A list of packages of one component and architecture. */
struct repo_index {
	struct repo_dist *dist;
	const struct repo_entry *entry;
	const char *name; /* in the Release: "main/binary-amd64/Packages" */
	const char *base; /* where apt keeps it, without an extension for how it is compressed */
	const char *path; /* the file that is there; NULL: none */
	const char *extension;     /* ".lz4", or "" */
	struct repo_pin_list pin;  /* for pins to match */
	int priority;              /* set by repo_policy_new, */
	const struct repo_pin *by; /* and the pin behind it, or NULL */
};

struct repo_lists {
	struct repo_dist **dist;
	size_t ndists, dists_cap;
	struct repo_index **index; /* in the order in which apt reads them */
	size_t nindexes, indexes_cap;
	struct pve_strv archs; /* of the host, the native one first */
	const char *dir;       /* Dir::State::lists */
	struct pve_arena mem;
};

/* Which Releases and lists the enabled sources of type deb lead to.  dir and archs are set. */
void repo_lists_plan(struct repo_lists *l, const struct repo_sources *s);
/* Sets the strings of d from d->text. */
void repo_dist_parse(struct repo_lists *l, struct repo_dist *d);
/* The source in words for a row: "Debian", else its host. */
const char *repo_dist_name(const struct repo_dist *d);
/* Is it one of security updates, by apt's own rule (an archive that ends in -security), or by its
 * label or path? */
bool repo_dist_is_security(const struct repo_dist *d);

/* probe_lists.c: plans, reads the Releases and finds the files of the lists.  A Release that
 * cannot be read is an error; one that is not there is not.  Ends with repo_lists_done, also
 * after a failure. */
int repo_lists_read(struct repo_lists *l, struct repo_aptconf *conf, const struct repo_host *h,
		    struct pve_sys *sys, struct pve_err *e);
void repo_lists_done(struct repo_lists *l);

#endif
