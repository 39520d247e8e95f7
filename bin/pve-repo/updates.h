/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_UPDATES_H
#define PVE_REPO_UPDATES_H

#include "pve-repo/lists.h"
#include "pvecommon/dpkg.h"

/*
 * Which installed packages have a newer version in the lists, by apt's own rules (apt-pkg:
 * policy.cc, GetCandidateVer; depcache.cc, StateCache::Update; pkgcachegen.cc, MergeListVersion;
 * deblistparser.cc, VersionHash).  The lists are streamed through; only what concerns installed
 * packages is kept.
 */
struct repo_update {
	const char *package;               /* "libc6", "libc6:i386" when foreign */
	const char *installed, *candidate; /* versions; installed is NULL for a new one */
	const char *section, *source, *source_version; /* "" when not told */
	const struct repo_dist *dist; /* that the candidate comes from; NULL when not known */
	const char *origin;           /* its name, "Debian" */
	const char *component;        /* of the list, "" for a flat one */
	bool security;                /* closes something that a security list closed first */
	bool held;
	bool rebuilt;    /* same version, but another package */
	unsigned phased; /* Phased-Update-Percentage; 100 when there is none */
	bool phased_out; /* and this host is not among them yet */
	int priority;
	const struct repo_pin *pin; /* that gave the candidate its priority, or NULL */
};

struct repo_updates {
	struct repo_update *v; /* by package name */
	size_t n, cap;
	struct pve_arena mem;
};

/* How the host takes phased updates (apt.conf: APT::Get::...). */
struct repo_phasing {
	const char *machine_id; /* "": not known, and all are taken */
	bool always, never;     /* (Always|Never)-Include-Phased-Updates */
	bool policy;            /* Phase-Policy: the candidate itself stays back */
};

struct repo_policy;

/* All are borrowed; the priorities of the lists are set from the pins here. */
struct repo_policy *repo_policy_new(const struct pve_dpkg *db, struct repo_lists *lists,
				    const struct repo_pins *pins,
				    const struct repo_phasing *phasing);
/* Takes whole stanzas off the start of text, which is the next part of that list, and returns how
 * many bytes; the rest is to be given again with more behind it.  last: there is no more. */
size_t repo_policy_feed(struct repo_policy *p, const struct repo_index *index, struct pve_span text,
			bool last);
/* When all lists were fed. */
void repo_policy_updates(struct repo_policy *p, struct repo_updates *u);
void repo_policy_free(struct repo_policy *p);

/* Why this candidate, in one clause, added to out. */
void repo_update_reason(const struct repo_update *u, struct pve_buf *out);
void repo_updates_done(struct repo_updates *u);

/* probe_updates.c */
struct repo_state { /* all that the answer is made of */
	struct repo_host host;
	struct repo_aptconf conf;
	struct repo_lists lists;
	struct repo_pins pins;
	struct pve_dpkg dpkg;
	char *machine_id;
	struct pve_diags diags; /* preferences that apt refuses, lists that cannot be read */
};

/* Reads sources, configuration, pins, Releases and dpkg's status, not yet the lists. */
int repo_state_read(struct repo_state *s, struct pve_sys *sys, struct pve_err *e);
/* Streams the lists through and fills *u.  A list that is damaged is said in s->diags, and the
 * others are used. */
int repo_updates_read(struct repo_updates *u, struct repo_state *s, struct pve_sys *sys,
		      struct pve_err *e);
void repo_state_done(struct repo_state *s);

struct pve_ctx;
/* cmd_updates.c: says what is in s->diags on stderr. */
void repo_state_warn(struct pve_ctx *ctx, const struct repo_state *s);

#endif
