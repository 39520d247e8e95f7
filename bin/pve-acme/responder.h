/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_RESPONDER_H
#define PVE_ACME_RESPONDER_H

#include "pve-acme/child.h"
#include "pveio/x509.h"

/*
 * The processes that answer a CA: http-01 (RFC 8555, section 8.3) and tls-alpn-01 (RFC 8737).
 * Like the one that talks to the CA they are started before any key is read, have no privilege,
 * and end with us.  The port is taken at once, so that it is known to be free before an order is
 * placed; whoever connects waits until there are pages.
 */
enum acme_responder_kind { ACME_RESPONDER_HTTP, ACME_RESPONDER_ALPN };

struct acme_responder_page {
	struct pve_name name;
	const char *token;
	const char *authorization; /* of the key: token, dot, thumbprint */
};

/* Takes the port, of that address or of all (NULL).  PVE_AGAIN when it is in use (acme_listen).
 * *r must be { 0 }; it ends with acme_child_stop. */
int acme_responder_start(struct acme_child *c, enum acme_responder_kind kind,
			 const char *address, unsigned port,
			 struct pve_err *e);
/* Gives it its pages, once; from then on it answers. */
int acme_responder_serve(struct acme_child *c, const struct acme_responder_page *pages,
			 size_t n, struct pve_err *e);
#endif
