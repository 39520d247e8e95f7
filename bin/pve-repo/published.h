/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_PUBLISHED_H
#define PVE_REPO_PUBLISHED_H

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * The key files that Proxmox publishes, with the digests that its administration guide and wiki
 * give for them.  All that is known of them is in the table of published.c.
 */
struct repo_published {
	const char *file;    /* below http://download.proxmox.com/debian/ */
	const char *release; /* of Proxmox VE: "6.x" */
	const char *dest;    /* where the guide puts it */
	const char *md5;
	const char *sha512, *sha256; /* one of them; the other is NULL */
	const char *fpr[2];          /* of the keys in it; NULL: not known */
};

/* Ends with a NULL file. */
extern const struct repo_published repo_published[];

/* The file whose digests these bytes have, or NULL. */
const struct repo_published *repo_published_match(struct pve_span bytes);
/* The one of that name, of the file itself or where it is put, or NULL.  Only the last part of
 * the path counts. */
const struct repo_published *repo_published_named(const char *path);
/* Is this the fingerprint of a key in it? */
int repo_published_has(const struct repo_published *p, const char *fpr);
/* Fails with PVE_DATA, naming the digests, when the file is called like a published one but is
 * not that: neither its bytes nor, where they are known, its keys. */
int repo_published_check(const char *path, struct pve_span bytes, struct pve_err *e);

#endif
