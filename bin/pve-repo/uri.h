/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_URI_H
#define PVE_REPO_URI_H

#include <stdbool.h>

#include "pvecommon/mem.h"

/* A URI in apt's own reading of one (apt-pkg/contrib/strutl.cc, class URI), which is not that of
 * RFC 3986: "cdrom:[label]/" has a host.  All strings are there, "" for absent, and live in the
 * arena. */
struct repo_uri {
	const char *access; /* the scheme, as spelled */
	const char *user, *password; /* decoded */
	const char *host; /* without brackets and port */
	unsigned port;    /* 0: none */
	const char *path; /* at least "/" */
};

void repo_uri_parse(struct repo_uri *u, const char *text, struct pve_arena *mem);
/* And back, as apt prints it. */
const char *repo_uri_format(const struct repo_uri *u, struct pve_arena *mem);
/* What apt makes of the URI of an entry (sourcelist.cc, FixupURI): $(ARCH) replaced, normalized,
 * '/' at the end.  NULL when it has no ':' and is refused. */
const char *repo_uri_fix(const char *text, const char *arch, struct pve_arena *mem);
/* text with each subst replaced. */
const char *repo_subst(const char *text, const char *subst, const char *with,
		       struct pve_arena *mem);
/* The name below /var/lib/apt/lists of what was fetched from this URI (strutl.cc,
 * URItoFileName): without scheme and login, '/' as '_', %HH for what is special. */
const char *repo_uri_filename(const char *uri, struct pve_arena *mem);
/* The URI of a file of a repository: "Release", "main/binary-amd64/Packages".  uri as from
 * repo_uri_fix; suite "/" and others that end in one are flat (debmetaindex.cc,
 * constructMetaIndexURI). */
const char *repo_uri_meta(const char *uri, const char *suite, const char *name,
			  struct pve_arena *mem);

#endif
