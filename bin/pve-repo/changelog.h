/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CHANGELOG_H
#define PVE_REPO_CHANGELOG_H

#include "pve-repo/updates.h"

/*
 * The changelog of a package: where it is, and the part of it that matters.
 */

/* The address, as apt finds it (acquire-item.cc, pkgAcqChangelog::URI): a template of apt.conf for
 * the label or origin of the Release, or the one in the Release itself.  In the arena.  NULL with
 * PVE_NOTHERE when there is none. */
const char *repo_changelog_uri(const struct repo_update *u, struct repo_aptconf *conf,
			       struct pve_arena *mem, struct pve_err *e);
/* The entries (deb-changelog(5)) newer than the version, added to out; how many. */
size_t repo_changelog_cut(struct pve_span text, const char *installed, struct pve_buf *out);
/* The proxy that apt.conf sets for this address (apt-transport-http(1)): NULL not set, "" none. */
const char *repo_proxy(const struct repo_aptconf *conf, const char *uri, struct pve_arena *mem);

#endif
