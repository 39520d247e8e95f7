/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_SELECT_H
#define PVE_BOOT_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

/*
 * Which kernels the ESPs get, and which packages APT must keep: the algorithm of the stock tool,
 * with these differences, each of which keeps a kernel that the stock tool loses, or a slot for
 * one:
 *
 * - versions with upper-case letters are kept as they are (the stock tool lower-cases them);
 * - a half-installed package takes no slot, and one that is unpacked only when its files are there;
 * - the version that a hook was called with counts, whoever called it;
 * - when nothing would be left, or dpkg's status cannot be read, that is an error.
 */

/* A kernel package, or a meta package of a series, that dpkg has. */
struct boot_package {
	char *version;   /* its name without "proxmox-kernel-" and "-signed": "6.8.12-4-pve", "6.8" */
	bool configured; /* dpkg has finished with it; else it is unpacked, and perhaps failed */
	bool files;      /* set by the caller: /boot/vmlinuz-VERSION is there */
};

struct boot_packages {
	struct boot_package *v; /* each version once, newest first */
	size_t n, cap;
};

/* Adds the kernel packages in the text of dpkg's status file, or in whole stanzas of it.  Only their stanzas are looked at, for
 * this is done in each hook.  Fails with PVE_DATA when the text is none of dpkg's, or one of these
 * stanzas has no state. */
int boot_packages_parse(struct boot_packages *p, struct pve_span status, struct pve_err *e);
void boot_packages_done(struct boot_packages *p);

/* What else makes a kernel worth keeping.  All borrowed; strings may be NULL or empty. */
struct boot_wishes {
	const char *running;             /* its vmlinuz is there, and this is no build of an image */
	const struct pve_strv *callers;  /* versions that hooks were called with */
	const struct pve_strv *manual;   /* the list of the administrator */
	const char *pin, *next_pin;
};

struct boot_selection {
	struct pve_strv keep; /* what APT must not remove: versions, and series as "6.8" */
	struct pve_strv boot; /* what the ESPs get, newest first */
	struct pve_strv passing; /* those of them that only a caller wants: the next time they are not
				  * selected any more */
};

/* Fails with PVE_FAILED when no kernel is left to boot from. */
int boot_select(struct boot_selection *s, const struct boot_packages *p,
		const struct boot_wishes *w, struct pve_err *e);
void boot_selection_done(struct boot_selection *s);

/* Newer first, as sort -rV and dpkg have it: 10 is newer than 9, and ~rc1 older than nothing. */
int boot_version_cmp(const char *a, const char *b);

/* The file of apt.conf.d that keeps APT's autoremove from these kernels and series, as the stock
 * tool writes it. */
#define BOOT_APT_FILE "/etc/apt/apt.conf.d/76pveconf"
void boot_apt_format(const struct boot_selection *s, struct pve_buf *out);

#endif
