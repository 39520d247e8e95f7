/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_NTP_H
#define PVE_NET_PROBE_NTP_H

#include <netinet/in.h>

#include "pvecommon/sys.h"
#include "sntp.h"

/* A question to one time server. */
struct ntp_query {
	const char *server;             /* name or address; borrowed */
	unsigned nth;                   /* of its addresses that there is a route to, from 0 */
	char address[INET6_ADDRSTRLEN]; /* the one that was asked; "" when there is none */
	const char *why;                /* why there was no answer: static; NULL: there was one */
	bool unresolved;                /* why: the name has no address */
	bool absent;                    /* it has no nth address: nothing was asked */
	struct sntp_reply reply;
	/* Inside only. */
	int fd;
	uint64_t cookie;
	int64_t sent; /* ns since 1970 */
};

/* Asks all of them at the same time.  Names have timeout_ms to be resolved, and servers then
 * the same to answer.  Queries of one name stand together, nth 0, 1, 2 and so on, and the name is
 * looked up once. */
void probe_ntp(struct pve_sys *sys, struct ntp_query *q, size_t n, unsigned timeout_ms);

#endif
