/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_PROBE_H
#define PVE_REPO_PROBE_H

#include "pve-repo/sources.h"
#include "pve-repo/subscription.h"
#include "pvecommon/buf.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/* What is read from a host, below the root of a struct pve_sys. */

#define REPO_SOURCE_LIST "/etc/apt/sources.list"
#define REPO_SOURCE_PARTS "/etc/apt/sources.list.d"

struct repo_host {
	struct repo_sources sources;
	struct pve_buf *text; /* of each file of the sources */
	struct pve_strv silly; /* files in sources.list.d that apt passes over although they look
				* like lists: their full paths */
	char *list, *parts; /* Dir::Etc::sourcelist and sourceparts of apt.conf(5): the two above */
	char *arch;     /* native architecture: "amd64" */
	char *codename; /* VERSION_CODENAME of os-release, "" when it has none */
};

/* Reads the source lists in the order in which apt does.  Content that apt refuses is no
 * failure: see sources.diags.  On failure *h is empty.  Ends with repo_host_done. */
int repo_host_read(struct repo_host *h, struct pve_sys *sys, struct pve_err *e);
void repo_host_done(struct repo_host *h);

/* A file that may be missing: its bytes are added to text.  *there, unless NULL, tells. */
int repo_probe_file(struct pve_sys *sys, const char *path, struct pve_buf *text, bool *there,
		    struct pve_err *e);
/* The login for HOST/PATH from the files of auth.conf(5): *a is found or as it was.  Names of files
 * go to the arena. */
int repo_auth_read(struct repo_auth *a, const char *host_path, struct pve_sys *sys,
		   struct pve_arena *mem, struct pve_err *e);

#endif
