/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_APTCONF_H
#define PVE_REPO_APTCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * apt's own configuration, apt.conf(5), as far as pve-repo follows it: scopes, lists, quotes,
 * comments, #clear.  #include is said as a warning and not followed.
 */
struct repo_aptconf_item {
	const char *key; /* full name, "Acquire::Check-Date"; a list item ends in "::" */
	const char *value;
	const char *file; /* where it is set; NULL: built into apt */
	unsigned line;
	size_t at, len; /* of the value in the file, quotes included; 0: it has none of its own, or
			 * is of several words */
};

struct repo_aptconf {
	struct repo_aptconf_item *v; /* in the order of reading: the last one counts */
	size_t n, cap;
	struct pve_arena mem;
};

/* apt's defaults for the names below; to be called first. */
void repo_aptconf_init(struct repo_aptconf *c);
/* Adds what a file says.  Errors in d: apt refuses the file, and with it all work. */
void repo_aptconf_parse(struct repo_aptconf *c, const char *file, struct pve_span text,
			struct pve_diags *d);
/* The item that counts, names in any case, or NULL. */
const struct repo_aptconf_item *repo_aptconf_find(const struct repo_aptconf *c, const char *key);
/* Its value, "" when it is not set. */
const char *repo_aptconf_get(const struct repo_aptconf *c, const char *key);
/* As apt reads a truth: yes true with on enable 1, no false without off disable 0. */
bool repo_aptconf_bool(const struct repo_aptconf *c, const char *key, bool otherwise);
/* A path like "Dir::State::lists", put together from it and what it is below, without '/' at
 * the end.  In the arena. */
const char *repo_aptconf_path(struct repo_aptconf *c, const char *key);
/* Calls f for each item of the list "KEY::" and each name right below KEY, until it returns
 * false. */
void repo_aptconf_each(const struct repo_aptconf *c, const char *key,
		       bool (*f)(const struct repo_aptconf_item *item, void *data), void *data);
void repo_aptconf_done(struct repo_aptconf *c);

/* probe_aptconf.c: all files of the host, in apt's order: $APT_CONFIG (not with --root),
 * apt.conf.d, apt.conf.  What apt refuses is an error (PVE_DATA). */
int repo_aptconf_read(struct repo_aptconf *c, struct pve_sys *sys, struct pve_err *e);

#endif
