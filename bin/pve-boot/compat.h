/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_COMPAT_H
#define PVE_BOOT_COMPAT_H

#include <stdbool.h>

#include "pvecommon/cmd.h"

/*
 * pve-boot under the name proxmox-boot-tool: the arguments, output and exit codes that those who
 * call the stock tool rely on (maintainer scripts and triggers, hooks, pve8to9, people).
 */
bool boot_compat_is(const char *argv0);
/* In place of pve_main. */
int boot_compat_main(const struct pve_tool *tool, int argc, char **argv);

/* The arguments of the stock tool as those of ours.  Pure. */
enum boot_compat_kind {
	BOOT_COMPAT_RUN,         /* out has a command of ours */
	BOOT_COMPAT_KERNEL_LIST, /* which has a form of its own there */
	BOOT_COMPAT_NOTHING,     /* no argument at all */
	BOOT_COMPAT_HELP,
	BOOT_COMPAT_WRONG,
};
enum boot_compat_kind boot_compat_parse(int argc, char *const *argv, struct pve_strv *out);
/* The exit code of the stock tool for one of ours. */
int boot_compat_code(const char *command, int code);

#endif
