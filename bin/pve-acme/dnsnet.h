/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_DNSNET_H
#define PVE_ACME_DNSNET_H

#include <sys/socket.h>

#include "pvecommon/dns.h"
#include "pvecommon/strv.h"

/* Asking servers of the DNS. */

#define ACME_DNS_PORT 53
#define ACME_DNS_RESOLVERS 3 /* as many as resolv.conf(5) has */

struct acme_dns_server {
	struct sockaddr_storage addr;
	socklen_t len;
	char text[80]; /* "192.0.2.1", with ":PORT" behind it unless that is 53 */
};

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".  PVE_USAGE for others. */
int acme_dns_server_parse(struct acme_dns_server *s, const char *text, struct pve_err *e);
/* The same of an address as it stands in an A or AAAA record. */
int acme_dns_server_set(struct acme_dns_server *s, struct pve_span data, unsigned port);

struct acme_dns_ask {
	const struct acme_dns_server *server;
	const char *name;
	enum pve_dns_type type;
	bool recurse;

	bool answered;          /* then msg is the answer, whatever its rcode */
	struct pve_dns_msg msg;
	struct pve_buf bytes;   /* which msg borrows from */
	struct pve_err err;     /* why not, otherwise */
};

/* Asks all side by side: over UDP, twice, and over TCP what did not fit.  It lasts timeout_ms at
 * most, when a server is silent. */
void acme_dns_ask_all(struct acme_dns_ask *asks, size_t n, unsigned timeout_ms);
void acme_dns_ask_done(struct acme_dns_ask *ask);

/* Sends a message over TCP and waits for the answer, which is added to answer. */
int acme_dns_exchange(const struct acme_dns_server *server, struct pve_span message,
		      unsigned timeout_ms, struct pve_buf *answer, struct pve_err *e);

#endif
