/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_PARTS_H
#define PVE_REPO_PARTS_H

#include <stdbool.h>

#include "pvecommon/err.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/* Does apt read a file of this name in a directory of parts (apt.conf(5), apt_preferences(5);
 * fileutl.cc, GetListOfFilesInDir)?  It has no extension or the given one (".conf"), and only
 * letters, digits, '_', '-', '.' and ':'. */
bool repo_parts_name_ok(const char *name, const char *extension);
/* probe_parts.c: the paths of the files that apt reads in dir, in its order.  No such directory:
 * none. */
int repo_parts_list(struct pve_sys *sys, const char *dir, const char *extension,
		    struct pve_strv *paths, struct pve_err *e);

#endif
