/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_DROPIN_H
#define PVE_NET_PROBE_DROPIN_H

#include "pvecommon/buf.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/* The files that count in a set of directories, as systemd has it (sysctl.d(5), systemd.syntax(7)),
 * and chrony on one line (chrony.conf(5), confdir): those whose name ends in suffix and begins with
 * no dot, in byte order of their names; of two with one name only that in the earlier directory, and
 * none when that is a symbolic link to /dev/null.  dirs ends with NULL, highest priority first.
 * Directories that are not there are passed over.  Full paths are added to paths. */
int probe_dropins(struct pve_sys *sys, const char *const *dirs, const char *suffix,
		  struct pve_strv *paths, struct pve_err *e);

/* Is there more to the name than its suffix, which is this one? */
bool probe_ends(const char *name, const char *suffix);

/* pve_fs_read, but a file that is not there is no error: *there says.  there may be NULL. */
int probe_read(struct pve_sys *sys, const char *path, struct pve_buf *out, bool *there,
	       struct pve_err *e);

#endif
