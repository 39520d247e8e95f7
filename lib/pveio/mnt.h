/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_MNT_H
#define PVEIO_MNT_H

#include <stdbool.h>

#include "pvecommon/err.h"

/*
 * A vfat file system mounted for this process alone.  The mount is attached nowhere (fsmount(2),
 * Linux 5.2): it is in no mount namespace and has no path, so nobody else can see it, write into it
 * or keep it busy, and it ends with its last descriptor, also when the process is killed.  What a
 * private namespace and a directory of mode 0700 would be for, holds without them.  nosuid, nodev,
 * noexec, nosymfollow, umask 0077.
 */
struct pve_mnt {
	int mount; /* what keeps it mounted */
	int top;   /* its top directory, for openat(2) and syncfs(2) */
	int loop;  /* of an image: the loop device, which ends with the mount; -1 */
};

/* Mounts a block device, or an image by way of a loop device, for writing.  fd is that device or
 * image, open for reading and writing, and name its path for messages.  On failure nothing is
 * mounted: PVE_DENIED without privilege, PVE_NOTHERE when the kernel has no vfat. */
int pve_mnt_vfat(struct pve_mnt *m, int fd, const char *name, struct pve_err *e);
/* Unmounts; what is written by then is on the medium.  { -1, -1, -1 } is fine. */
void pve_mnt_done(struct pve_mnt *m);

#endif
