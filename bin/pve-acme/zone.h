/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ZONE_H
#define PVE_ACME_ZONE_H

#include "pve-acme/dnsnet.h"

/* Where a record belongs, who serves it, and whether all of them do. */

/* Follows CNAMEs from name to where the record itself would be; each name on the way is added to
 * chain, the first one too.  PVE_DATA for a loop, PVE_AGAIN when the resolver does not
 * answer, PVE_FAILED when it refuses. */
int acme_zone_follow(const struct acme_dns_server *resolver, const char *name,
		     struct pve_strv *chain, struct pve_err *e);

struct acme_zone_server {
	char ns[PVE_DNS_NAME];        /* its name in the NS records */
	struct acme_dns_server at;    /* one of its addresses */
};

struct acme_zone {
	char name[PVE_DNS_NAME];
	char primary[PVE_DNS_NAME];   /* of the SOA record */
	struct acme_zone_server *v;   /* all addresses of all name servers */
	size_t n, cap;
};

/* Finds the zone that holds name, and its servers; these are asked at the resolver's port.  Ends
 * with acme_zone_done.  Codes as above; PVE_NOTHERE when no name server has an address. */
int acme_zone_find(const struct acme_dns_server *resolver, const char *name, struct acme_zone *zone,
		   struct pve_err *e);
void acme_zone_done(struct acme_zone *zone);

/* A record that all servers of its zone shall have. */
struct acme_zone_record {
	const char *name, *text;
	const struct acme_zone *zone;
};

/* Asks every server of every record's zone.  1 when all that answer have theirs, and each name
 * server has answered at one of its addresses; else 0, and why says which do not, and why. */
int acme_zone_has(const struct acme_zone_record *records, size_t n, unsigned timeout_ms,
		  struct pve_buf *why);

#endif
