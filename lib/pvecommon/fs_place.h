/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_FS_PLACE_H
#define PVECOMMON_FS_PLACE_H

#include <limits.h>
#include <stdbool.h>

#include "pvecommon/fs.h"

/* Inside the library only: where a file is, as a directory that stays the same one however
 * its path changes, and a name in it. */
struct pve_fs_place {
	int dir;                 /* open for reading, so that it can be synced */
	char name[NAME_MAX + 1];
	bool fuse;               /* modes, owners, attributes and syncs may be refused */
};

/* Finds the place of path; with follow, the place that its symbolic links lead to.  The
 * file itself need not exist, its directory must.  Close place->dir afterwards. */
int pve_fs_locate(struct pve_sys *sys, const char *path, bool follow,
		  struct pve_fs_place *place, struct pve_err *e);

/* ".NAME.TAG.END": the name of a companion in the same directory.  The buffer is longer than
 * a name may be: one that does not fit is left to the kernel to refuse. */
#define PVE_FS_BESIDE (NAME_MAX + 64)
void pve_fs_beside(const struct pve_fs_place *place, const char *tag, const char *end,
		   char name[PVE_FS_BESIDE]);

/* pve_fs_stage and pve_fs_commit with the temporary file beside another path, so that whoever comes
 * after a crash knows where to look for it: ".NAME.TAG.tmp" with the NAME of that path, whose
 * pve_fs_unstage removes it.  e->sys is EXDEV where that is another file system.  beside NULL: beside
 * path itself. */
int pve_fs_stage_beside(struct pve_sys *sys, const char *path, const char *beside, const char *tag,
			struct pve_span bytes, mode_t mode, struct pve_err *e);
int pve_fs_commit_beside(struct pve_sys *sys, const char *path, const char *beside,
			 const char *tag, struct pve_err *e);

/* Asks the fault hook; -1 with errno when this effect is to fail. */
int pve_fs_effect(struct pve_sys *sys, enum pve_effect effect, const char *path);

#endif
