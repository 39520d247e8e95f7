/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_VFAT_H
#define PVEIO_VFAT_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * Changes of a mounted vfat file system of which no power cut sees the middle.  vfat has no
 * journal, rename(2) over a file frees the old one's clusters at once, and syncfs(2) sends no flush
 * to the disk.  What holds, measured by replaying every state that a disk with a volatile cache can
 * be left in (tests/vm/boot-crash.sh):
 *
 *	the new content is written under a name of its own, and synced;
 *	barrier; both names are exchanged (RENAME_EXCHANGE, for vfat since Linux 6.0); barrier;
 *	what has the other name now, the old content, is removed; barrier
 *
 * where a barrier is syncfs of the file system and then fsync of the directory, which flushes the
 * disk's cache.  Exchanging two directories replaces all that is in them at once.
 *
 * One trap remains: names in two sectors, of which one reaches the disk, both lead to the same
 * clusters.  Each content is whole then, but to remove one name would free the clusters of the
 * other.  Who finds the other name left over must compare first clusters before removing it.
 *
 * Any other file system that can exchange names does as well (a directory that stands for an ESP).
 * Paths are relative to the top, without "..", and no symbolic link is followed.
 */
struct pve_vfat {
	struct pve_sys *sys; /* for its fault hook */
	int top;             /* of the file system; borrowed */
	const char *name;    /* of it, for messages; borrowed */
};

/* The other name of a path: "EFI/proxmox/6.8" has "EFI/proxmox/.6.8.new".  To be freed. */
char *pve_vfat_aside(const char *path);
/* Is this the last part of such a name? */
bool pve_vfat_is_aside(const char *name);

/* A directory and what is missing above it.  No barrier: an empty directory does no harm. */
int pve_vfat_mkdir(struct pve_vfat *v, const char *path, struct pve_err *e);
/* A new file with the bytes that are read from fd up to its end, synced.  It must not be there.
 * Space for size bytes is taken first, so that a full disk is found before anything is written;
 * each is handed the bytes, in pieces, and ends the copy with -1.  PVE_AGAIN when there were more
 * or fewer than size. */
int pve_vfat_copy(struct pve_vfat *v, const char *path, int fd, uint64_t size,
		  int (*each)(void *data, struct pve_span piece, struct pve_err *e), void *data,
		  struct pve_err *e);
/* The same without a barrier, for what is exchanged as a part of a directory later. */
int pve_vfat_copy_into(struct pve_vfat *v, const char *path, int fd, uint64_t size, struct pve_err *e);
/* A whole small file gets new content, or comes into being; by the recipe above.  Fails when the
 * name aside is there, left over by somebody. */
int pve_vfat_write(struct pve_vfat *v, const char *path, struct pve_span bytes, struct pve_err *e);
/* What was written aside (a file or a directory) takes the place of nothing, with barriers. */
int pve_vfat_place(struct pve_vfat *v, const char *path, struct pve_err *e);
/* What was written aside and what has the path change names, with barriers. */
int pve_vfat_swap(struct pve_vfat *v, const char *path, struct pve_err *e);
/* A file, or a directory with all that is in it, with a barrier behind it.  Nothing there is no
 * error. */
int pve_vfat_remove(struct pve_vfat *v, const char *path, struct pve_err *e);
/* The same for a file that somebody who does not know of it may start: first its name goes, and then
 * its clusters.  A removal may reach the disk the other way round. */
int pve_vfat_retire(struct pve_vfat *v, const char *path, struct pve_err *e);
bool pve_vfat_exists(struct pve_vfat *v, const char *path);

#endif
