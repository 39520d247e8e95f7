/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_CAA_H
#define PVE_ACME_CAA_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"

/*
 * May a CA issue a certificate, by the CAA records of a name (RFC 8659, with the parameters of RFC 8657)?
 * Pure: who asks for the records, and climbs the tree, is dnsproc.c.
 */
struct acme_caa {
	const char *tag;   /* "issue", in either case */
	const char *value; /* "ca.example; accounturi=https://..." */
	bool critical;     /* a CA that does not know the tag must not issue */
};

struct acme_caa_want {
	const char *ca;        /* its names in such records, with blanks between */
	const char *account;   /* URL; NULL: not known */
	const char *challenge; /* "http-01" */
	bool wildcard;
};

/* False when the records, which are all of one name, forbid it, or hold no name of this CA; why says so. */
bool acme_caa_allows(const struct acme_caa *records, size_t n, const struct acme_caa_want *want,
		     struct pve_buf *why);
/* The tag of a critical record that is none of RFC 8659's own, which every CA knows; NULL: there is none.
 * Whether this CA knows it, only the CA can say. */
const char *acme_caa_critical(const struct acme_caa *records, size_t n);

#endif
