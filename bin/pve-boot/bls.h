/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_BLS_H
#define PVE_BOOT_BLS_H

#include <stdbool.h>

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/*
 * systemd-boot's files on an ESP: loader/entries/proxmox-VERSION.conf (Boot Loader Specification,
 * type 1) and loader/loader.conf (loader.conf(5)).  Both are edited without loss: keys that are
 * not ours, comments and order stay byte for byte.
 */

/* --- entries ------------------------------------------------------------------------------- */

/* What an entry says.  Values of a file that was parsed point into its text; .len is 0 for a key
 * that is not there. */
struct bls_entry {
	struct pve_span title, version, options, linux_path, initrd;
};

/* The value that counts of each key: the first one.  Any bytes are an entry. */
void bls_entry_parse(struct bls_entry *entry, struct pve_span text);
/* The text with these values added to out; was is empty for a new file, which is then as the stock
 * tool writes it.  A key that comes several times keeps its first line; of initrd, whose lines
 * add up, lines of other directories than that of the kernel stay.  Values must not hold line
 * feeds. */
void bls_entry_format(const struct bls_entry *want, struct pve_span was, struct pve_buf *out);
/* Does a file of loader/entries belong to this kernel: proxmox-VERSION.conf, or with a counter of
 * boot attempts, proxmox-VERSION+LEFT[-DONE].conf?  In any case, as vfat. */
bool bls_entry_is(const char *name, const char *version);
/* Has it a counter? */
bool bls_entry_counts(const char *name);

/* --- loader.conf ---------------------------------------------------------------------------- */

/* What loader.conf says when there is none yet. */
#define BLS_LOADER_NEW "timeout 3\ndefault proxmox-*\n"
#define BLS_DEFAULT_ANY "proxmox-*"

/* The default entry: the last line of that key, as systemd-boot reads it.  .p is NULL: none. */
struct pve_span bls_loader_default(struct pve_span text);
/* The text with another default added to out: the line that counts is changed, or one is
 * appended; no byte changes when it is so already. */
void bls_loader_set_default(struct pve_span text, const char *value, struct pve_buf *out);
/* The default that a refresh should leave: that of the pinned version (which may be NULL; counted:
 * its entry has a counter); without a pin, BLS_DEFAULT_ANY in place of an earlier pin; a default
 * that is not ours stays.  Returns false when nothing is to be changed; value holds size bytes. */
bool bls_loader_want(struct pve_span text, const char *pin, bool counted, char *value, size_t size);

#endif
