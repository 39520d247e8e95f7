/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_KEYFILE_H
#define PVE_ACME_KEYFILE_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"

/* The key of a name server in the form of named.conf(5), as tsig-keygen(8) writes it:
 * key "NAME" { algorithm hmac-sha256; secret "BASE64"; };  The texts go into mem. */
struct acme_keyfile {
	const char *name, *algorithm, *secret;
};

/* PVE_DATA, with the line in file (a name for messages), when something is missing. */
int acme_keyfile_parse(struct acme_keyfile *k, struct pve_span text, const char *file,
		       struct pve_arena *mem, struct pve_err *e);

#endif
