/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_VERIFY_H
#define PVE_BOOT_VERIFY_H

#include "esp.h"
#include "manifest.h"

/*
 * Is what an ESP holds what was written to it, and is that what the host has now?  Pure: which
 * files are looked at, and what two digests say of each.
 */
enum verify_state {
	VERIFY_OK,
	VERIFY_READ,       /* it can be read, but nothing tells what it was */
	VERIFY_NO_SOURCE,  /* as it was written, but the host has the source no more */
	VERIFY_STALE,      /* as it was written, but the source is another now */
	VERIFY_DIFFERS,    /* not in the manifest, and not what the host has */
	VERIFY_UNKNOWN,    /* not in the manifest, and the host has no such kernel */
	VERIFY_CHANGED,    /* not what was written */
	VERIFY_MISSING,    /* in the manifest, but not on the ESP */
	VERIFY_UNREADABLE, /* its chain or the device is damaged */
};

struct verify_file {
	const char *path;            /* on the ESP */
	const char *source;          /* on the host; "": none */
	bool optional;               /* the host need not have the source */
	const struct esp_node *node; /* NULL: not on the ESP */
	char want[MANIFEST_SHA256];  /* as the manifest has it; "": it has not */
	char is[MANIFEST_SHA256];    /* as it was read; "": not read, or not readable */
	char host[MANIFEST_SHA256];  /* of the source; "": it is not there */
	struct pve_err err;          /* why it could not be read */
};

struct verify_files {
	struct verify_file *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Files of the manifest, then kernels and initial RAM disks that it has not: those come from /boot;
 * then all others, of which systemd-boot's may have a source.  Manifest and tree are borrowed. */
void verify_list(struct verify_files *files, const struct manifest *m, struct esp_tree *t);
/* Once the digests are there. */
enum verify_state verify_state(const struct verify_file *f);
/* "ok", "stale", ... */
const char *verify_state_name(enum verify_state state);
/* Is the content itself damaged, not only out of date? */
bool verify_is_damage(enum verify_state state);
/* What sizes alone tell, without a file being read: the first file of the manifest that the ESP
 * has not, or not in that size; NULL: there is none. */
const struct manifest_file *verify_first_drift(const struct manifest *m, const struct esp_tree *t);
void verify_files_done(struct verify_files *files);

#endif
