/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_INSTALL_IMPL_H
#define PVE_BOOT_INSTALL_IMPL_H

#include "install.h"
#include "pvecommon/strv.h"
#include "pveio/vfat.h"

/* Inside the call "install": one ESP that gets a loader. */
struct install {
	struct pve_sys *sys;
	const char *device, *mode, *disk;
	unsigned targets;
	struct pve_vfat v;
	char *path;             /* where programs find the ESP; NULL: it is a directory */
	struct pve_strv asides; /* what an interrupted run left */
	struct pve_err *e;
};

/* Runs a program, which must leave with 0. */
int install_run(struct install *w, const struct pve_strv *argv);
/* The content of a file of the ESP, added to out; below 0 with errno. */
int install_read(struct install *w, const char *path, struct pve_buf *out);
/* A small file gets these bytes, unless it has them. */
int install_put(struct install *w, const char *path, struct pve_span bytes);

int install_grub(struct install *w);
/* boot.img and core.img come from a directory of the ESP to the disk (core.h).  *done is false, and
 * nothing was written, when the disk has no BIOS boot partition with room for two. */
int install_core(struct install *w, const char *dir, bool *done);

#endif
