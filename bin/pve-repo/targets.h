/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_TARGETS_H
#define PVE_REPO_TARGETS_H

#include "pve-repo/sources.h"
#include "pvecommon/strv.h"

/*
 * What apt would fetch for the enabled entries: "apt-get indextargets --no-release-info".  The
 * targets Packages, Translations and Sources, which apt has built in; those that packages add in
 * apt.conf.d (DEP-11, Contents) are left out (debmetaindex.cc, GetIndexTargetsFor).  Pure.
 */
struct repo_target {
	const struct repo_entry *entry;
	const char *type;      /* "deb", "deb-src" */
	const char *name;      /* "Packages", "Translations", "Sources" */
	const char *uri;       /* of the repository, normalized */
	const char *suite;     /* as fetched: $(ARCH) replaced */
	const char *component; /* "" in a flat repository */
	const char *arch;      /* "" for Translations and Sources */
	const char *language;  /* Translations only, else "" */
	const char *key;       /* as in the Release file: "main/binary-amd64/Packages" */
	const char *filename;  /* below /var/lib/apt/lists, without .lz4 and the like */
	bool pdiffs;
	const char *by_hash;   /* "yes", "no", "force" or what the entry says */
};

/* A Release file that apt would fetch, once for all entries that name it. */
struct repo_release {
	const char *uri, *suite; /* those of the first entry */
	const char *filename;    /* ..._Release; InRelease: with "In" before the last word */
	const struct repo_entry *entry; /* the first */
	size_t target, ntargets; /* its targets */
};

struct repo_targets_conf {
	const struct pve_strv *archs; /* native one first (APT::Architectures) */
	const struct pve_strv *langs; /* Acquire::Languages; "none" for none */
	bool pdiffs;                  /* Acquire::PDiffs */
	const char *by_hash;          /* Acquire::By-Hash */
};

struct repo_targets {
	struct repo_target *v;
	size_t n, cap;
	struct repo_release *release;
	size_t nreleases, releases_cap;
	struct pve_arena mem;
};

/* Fills *t, which must be { 0 }; it borrows from s. */
void repo_targets_read(struct repo_targets *t, const struct repo_sources *s,
		       const struct repo_targets_conf *conf);
void repo_targets_done(struct repo_targets *t);

#endif
