/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_HOOK_H
#define PVE_BOOT_HOOK_H

#include <stdbool.h>
#include <sys/types.h>

#include "pvecommon/cmd.h"
#include "refresh.h"

/*
 * Refreshes that hooks ask for (scripts/hooks).  One run of apt asks several times: the hook of
 * initramfs-tools for each kernel, then that of the kernel package, then the trigger of
 * initramfs-tools.  When APT's own hook has announced that it comes at the end, those before only
 * leave a note of the version they were called with, and the ESPs are written once.
 *
 * The announcement is the process that holds dpkg's frontend lock.  When apt died, and dpkg runs
 * alone, another one holds it, or none: then each hook refreshes at once, and what is unchanged is
 * not written again.
 */
#define BOOT_RUN_DIR "/run/pve-boot"
#define BOOT_ANNOUNCED BOOT_RUN_DIR "/apt"   /* a process id */
#define BOOT_PENDING BOOT_RUN_DIR "/pending" /* versions, a line each */

enum hook_kind {
	HOOK_UNKNOWN,
	HOOK_KERNEL,    /* kernel-postinst, kernel-postrm, initramfs: the ESPs, perhaps later */
	HOOK_APT_PRE,
	HOOK_APT_POST,
	HOOK_APT_FILE,  /* proxmox-auto-removal, of the stock tool: APT's file only */
	HOOK_ESPS,      /* zz-proxmox-boot, likewise: the ESPs only, now */
};

/* Pure: what a name stands for. */
enum hook_kind hook_kind(const char *name);
/* Pure: does a maintainer script that was called like this change what is installed?  params is
 * DEB_MAINT_PARAMS as the kernel's packages set it, "'configure' '6.8'"; NULL: it is not set. */
bool hook_counts(const char *params);

/* What a hook has to do before, or in place of, a refresh: *done is set when that was all.  With
 * done not set the versions that earlier hooks left are added to versions. */
int hook_begin(struct pve_ctx *ctx, const char *name, struct pve_strv *versions, bool *done);
/* Adds the steps by which notes and announcement go, when a refresh has taken them in. */
void hook_plan_end(struct pve_ctx *ctx, struct pve_plan *plan);

#endif
