/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_DNSPROC_H
#define PVE_ACME_DNSPROC_H

#include "pvecommon/err.h"
#include "pvecommon/strv.h"

/*
 * The process that talks to name servers, and parses what they say.  Jobs, with what they want ->
 * what they answer; resolver is "ADDRESS[:PORT]" everywhere, or
 * up to ACME_DNS_RESOLVERS of these with commas between, of which the first that answers is asked:
 *
 *     follow     resolver name  -> the names along the CNAMEs, the last is where a record belongs
 *     addresses  resolver name... -> for each: "" or why it could not be told, how many, A and AAAA
 *     caa        resolver name... -> for each: "" or why it could not be told, the name that has the
 *                records that count (RFC 8659, section 3) or "", how many, and of each tag, value, and "1" when
 *                it is critical
 *     update     resolver add server zone name text ttl key algorithm secret (base64)
 *                -> nothing.  add: "1" adds the TXT record, "" removes it; server, zone "": those
 *                of the name; key "": not signed
 *     await      resolver seconds, then name and text of each record
 *                -> nothing, when every authoritative server has all of them; PVE_AGAIN when one
 *                does not in time
 */
#define ACME_CAA_WORDS 3

int acme_dnsproc(void *unused, int fd, struct pve_err *e);
/* One of them, done in the process that asks; args begins with its name. */
int acme_dns_job(const struct pve_strv *args, struct pve_strv *out, struct pve_err *e);

#endif
