/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_TABLE_H
#define PVE_REPO_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/mem.h"

/*
 * The standard repositories: every release of Debian that a Proxmox VE stands on, and what both
 * offer for it.  table.c is the only place that knows their names and addresses.
 */
struct repo_suite {
	const char *codename; /* "buster" */
	unsigned debian, pve; /* major versions: 10 and 6 */
	unsigned apt;         /* the version it has: 206 is 2.6, 108 is 1.8 */
	bool retired;         /* moved to the archive hosts */
	bool deb822;          /* written as stanzas with Signed-By */
	bool slash_updates;   /* security suite "buster/updates"; else "bullseye-security" */
	const char *components; /* of Debian, as the installer of this release writes them */
	const char *test;     /* component of the test repository */
	const char *min_version; /* of proxmox-ve (pve-manager) for the way to the next release */
};

extern const struct repo_suite repo_suites[];
extern const size_t repo_nsuites;

enum repo_product {
	REPO_FOREIGN,
	REPO_DEBIAN,
	REPO_DEBIAN_SECURITY,
	REPO_PVE,
	REPO_CEPH,
	REPO_PROXMOX_OTHER, /* Backup Server, Mail Gateway, clients */
};

enum repo_channel {
	REPO_NO_CHANNEL,
	REPO_ENTERPRISE,
	REPO_NO_SUBSCRIPTION,
	REPO_TEST,
	REPO_MAIN, /* Ceph before bookworm: what is called no-subscription later */
};

struct repo_ceph {
	const char *name;   /* "octopus" */
	unsigned major;     /* 15 */
	const char *eol;    /* end of life upstream, year and month */
	/* For each release of Proxmox VE: bits 1 << channel; codename NULL ends the list. */
	struct {
		const char *codename;
		unsigned channels;
	} in[4];
};

extern const struct repo_ceph repo_cephs[];
extern const size_t repo_ncephs;

/* A standard repository for one release. */
struct repo_standard {
	const char *handle; /* "no-subscription", "ceph-octopus-main", "debian-security" */
	enum repo_product product;
	enum repo_channel channel;
	const struct repo_ceph *ceph; /* REPO_CEPH, else NULL */
	const struct repo_suite *suite;
	const char *uri, *suite_name; /* "buster/updates" */
	const char *components;       /* words with blanks between */
	const char *file;             /* where it is to stand */
	const char *signed_by;        /* NULL: none is written */
	const char *comment;          /* lines above it, each with its end; or NULL */
};

const struct repo_suite *repo_suite_find(const char *codename);
/* Position in the order of releases: -1 when it is none. */
int repo_suite_order(const char *codename);
const struct repo_ceph *repo_ceph_find(const char *name);
/* Bits of the channels that this Ceph has for that release; 0: none. */
unsigned repo_ceph_channels(const struct repo_ceph *c, const struct repo_suite *s);
const char *repo_channel_name(enum repo_channel c);

/* The component of a channel: "pve-no-subscription"; NULL when there is none. */
const char *repo_component(enum repo_product p, enum repo_channel c, const struct repo_suite *s);
/* All standard repositories of a release, those of Debian first.  The array ends with a NULL
 * handle and lives in mem. */
const struct repo_standard *repo_standards(const struct repo_suite *s, struct pve_arena *mem);
/* The one that a handle names, aliases of other tools included ("pve-no-subscription",
 * "ceph-quincy"); NULL when that release has none of that name. */
const struct repo_standard *repo_standard_find(const struct repo_standard *all,
					       const char *handle);

/* What one repository of an entry is: host in any case, doubled slashes, http or https, the
 * paths of old and the archive hosts are the same. */
struct repo_kind {
	enum repo_product product;
	enum repo_channel channel;
	const struct repo_ceph *ceph;   /* REPO_CEPH of a release that is in the table */
	const struct repo_suite *suite; /* the base of the suite, "buster" of "buster-updates" */
	const char *suffix;             /* what is behind it: "-updates", "/updates", "" */
	bool archived;                  /* at an archive host */
	bool alias;                     /* the suite is "stable" or the like */
};

void repo_classify(struct repo_kind *k, const char *uri, const char *suite, const char *component);
/* "ceph-octopus-main" for it, or NULL; in a buffer of the caller. */
#define REPO_HANDLE_MAX 64
const char *repo_handle(const struct repo_kind *k, char handle[REPO_HANDLE_MAX]);
/* "Debian", "Proxmox", or NULL. */
const char *repo_maker(const struct repo_kind *k);
/* The URI of a retired release at its archive host, in the arena; NULL when it stands there
 * already or is of somebody else. */
const char *repo_archive_uri(const struct repo_kind *k, const char *uri, struct pve_arena *mem);

#endif
