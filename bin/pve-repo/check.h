/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CHECK_H
#define PVE_REPO_CHECK_H

#include "pve-repo/aptconf.h"
#include "pve-repo/check_codes.h"
#include "pve-repo/probe.h"
#include "pve-repo/subscription.h"
#include "pve-repo/table.h"
#include "pvecommon/map.h"

/*
 * What is wrong with the package sources.  Pure: all that the checks know stands in struct
 * repo_facts.  Each theme is one check_NOUN.c with a function in the table of check.c.
 *
 * The object of a finding is the place, "FILE:LINE"; its fix is a command of pve-repo where one
 * can mend it, and else the editor at that line.  tests/cli/repo-check.bats runs every fix.
 */
struct repo_facts {
	const struct repo_host *host;
	const struct repo_suite *suite;    /* of the host; NULL: unknown */
	const struct repo_standard *all;   /* its repositories; NULL likewise */
	const struct repo_suite *next;     /* --suite; NULL: not asked */
	struct repo_subscription sub;
	struct repo_auth auth;             /* for the enterprise repository of Proxmox VE */
	struct repo_auth auth_ceph;        /* for that of Ceph */
	const struct repo_aptconf *conf;
	const char *ceph_version;          /* of ceph-common as installed; NULL: not */
	const char *pve_version;           /* of pve-manager; NULL likewise */
	time_t now;
};

struct repo_single;

struct repo_check {
	const struct repo_facts *facts;
	const struct repo_sources *s;
	struct pve_findings *out;
	struct pve_map seen;      /* for check_duplicate.c */
	struct repo_single *ceph; /* the first repository of Ceph, for check_ceph.c */
	struct pve_arena mem;
};

/* Adds what the checks find. */
void repo_check(const struct repo_facts *facts, struct pve_findings *out);

/* For the themes: a finding at a line, whose fix is the editor there until the caller sets a
 * better one; the same for an entry; and one about something without a place, without a fix. */
struct pve_finding *repo_check_at(struct repo_check *c, enum repo_check_id id, const char *file,
				  unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
struct pve_finding *repo_check_entry(struct repo_check *c, enum repo_check_id id,
				     const struct repo_entry *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct pve_finding *repo_check_about(struct repo_check *c, enum repo_check_id id,
				     const char *object, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* At a line of an entry: the fix is "pve-repo repair" there when that can mend it. */
void repo_check_trapped(struct repo_check *c, enum repo_check_id id, const struct repo_entry *e,
			unsigned line, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* There is nothing to mend. */
void repo_check_no_fix(struct pve_finding *f);

/* Calls f for each single repository of an enabled entry of type deb: one URI, one suite, one
 * component ("" in a flat repository).  u, n and k are their positions in the entry. */
struct repo_single {
	const struct repo_entry *e;
	size_t u, n, k;
	struct repo_kind kind;
};
void repo_check_each(struct repo_check *c, void (*f)(struct repo_check *c, struct repo_single *one));
/* The command that disables this one: "pve-repo disable FILE:LINE", with --component and the like
 * when the entry has others, too.  In the arena. */
const char *repo_check_command(struct repo_check *c, const char *verb,
			       const struct repo_single *one);

/* A word that a shell takes as it is. */
bool repo_check_is_plain(const char *word);

void repo_check_syntax(struct repo_check *c);
void repo_check_standard(struct repo_check *c);
void repo_check_suite(struct repo_check *c);
void repo_check_ceph(struct repo_check *c);
void repo_check_duplicate(struct repo_check *c);
void repo_check_trust(struct repo_check *c);
void repo_check_trap(struct repo_check *c);
void repo_check_upgrade(struct repo_check *c);

/* What the option, as it counts in its entry, lets apt do: "is taken without a signature"; NULL:
 * nothing of the kind. */
const char *repo_option_opens(const struct repo_option *o);
/* What the setting of apt.conf, as it counts, lets apt do, and the value that would not; NULL: nothing
 * of the kind. */
const char *repo_setting_opens(const struct repo_aptconf *conf,
			       const struct repo_aptconf_item *item, const char **good);
/* Is this field of a stanza one whose value is words, none of them a comment? */
bool repo_field_takes_words(const char *name);

/* probe_check.c: reads all facts of a host but suite and next; conf and host are the caller's.
 * A fact that cannot be read is told and is PVE_UNKNOWN. */
int repo_facts_read(struct repo_facts *f, struct pve_sys *sys, struct pve_arena *mem,
		    struct pve_err *e);

#endif
