/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_MANIFEST_H
#define PVE_BOOT_MANIFEST_H

#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"

/*
 * What was written to an ESP, and from what: a text file on the ESP itself, so that a disk knows
 * its own content in any machine.  A line "pve-boot manifest 1", then for each file a line of
 * seven fields with tabs between them,
 *
 *	SHA-256  size  mtime  ctime  inode  path  source
 *
 * and at last "end N" with the number of files, so that a cut manifest is noticed.  Paths are
 * escaped as with -H (text.h).
 *
 * The digest is what verify holds the ESP against.  Times and inode are the source's and say,
 * like the index of git, that a source need not be read again to know that it is the same: a
 * file that was replaced or written has another ctime, whatever was done to its mtime.
 */
#define MANIFEST_PATH "EFI/pve-boot/manifest"
#define MANIFEST_SHA256 65      /* hexadecimal digits and a NUL */
#define MANIFEST_MAX (1u << 20) /* bytes of a manifest that is believed */
#define MANIFEST_FILES_MAX 1024 /* files in one */

struct manifest_file {
	char sha256[MANIFEST_SHA256]; /* lower case, of the content */
	uint64_t size;                /* bytes */
	int64_t mtime, ctime;         /* of the source, nanoseconds since the epoch; 0: no source */
	uint64_t inode;               /* likewise */
	const char *path;             /* on the ESP, without a slash before: struct esp_node */
	const char *source;           /* on the host: "/boot/vmlinuz-6.8.12-4-pve"; "": made up */
};

/* { 0 } is empty. */
struct manifest {
	struct manifest_file *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Adds the files that the text lists to *m.  Lines that are none are in diags, which names file;
 * -1 when there was one, and the good ones are there nevertheless. */
int manifest_parse(struct manifest *m, struct pve_span text, const char *file,
		   struct pve_diags *diags);
/* The text, added to b.  What parse reads back is the same. */
void manifest_format(const struct manifest *m, struct pve_buf *b);
/* By path, upper and lower case alike; NULL when there is none. */
struct manifest_file *manifest_find(const struct manifest *m, const char *path);
/* Adds a file, or replaces that of the same path.  Strings are copied. */
void manifest_put(struct manifest *m, const struct manifest_file *file);
/* No such path is no error. */
void manifest_remove(struct manifest *m, const char *path);
void manifest_done(struct manifest *m);

#endif
