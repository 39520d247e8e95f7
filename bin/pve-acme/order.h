/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ORDER_H
#define PVE_ACME_ORDER_H

#include "pve-acme/client.h"

/*
 * An order, from its placing to the certificate (RFC 8555, section 7.4), in a way that spends
 * one order however often the network fails.
 */
struct acme_order_name {
	const char *type;      /* "dns" or "ip" */
	const char *value;     /* as ordered: "*.example.org" */
	const char *challenge; /* "http-01", "dns-01", "tls-alpn-01" */
};

/* A challenge that is to be met. */
struct acme_task {
	size_t name;           /* which of the names */
	const char *token;
};

struct acme_order_want {
	const struct acme_order_name *names;
	size_t n;
	const char *csr;             /* the request for exactly these names: base64url of its DER */
	const char *resume;          /* URL of an order to go on with; NULL */
	bool search;                 /* a run that died may have placed one, and its URL is not known */
	const char *profile;         /* NULL: what the server thinks best */
	const char *replaces;        /* identifier of the certificate that it replaces (RFC 9773,
				      * section 5); NULL */
	const char *preferred_chain; /* common name that shall be in the chain; NULL */
};

/* What is done beside the talk with the server.  Each returns 0, or -1 with *e. */
struct acme_order_hooks {
	/* The order exists: its URL must be kept before anything else is done. */
	int (*placed)(void *data, const char *url, struct pve_err *e);
	/* Everything that is needed to meet these challenges, until the server can see it. */
	int (*solve)(void *data, const struct acme_task *tasks, size_t n, struct pve_err *e);
	void *data;
};

/* Adds the chain in PEM.  On failure c->fate is ACME_REFUSED when the server ended the order, so
 * that it is of no more use; otherwise it can be gone on with. */
int acme_order_run(struct acme_client *c, const struct acme_order_want *want,
		   const struct acme_order_hooks *hooks, struct pve_buf *pem, struct pve_err *e);

/* Asks for the revocation of the certificate, signed by the account, or with by_cert by
 * the certificate's own key.  der64: base64url of its DER; reason: RFC 5280, section 5.3.1.  One
 * that is revoked already is fine. */
int acme_revoke(struct acme_client *c, const char *der64, unsigned reason, bool by_cert,
		struct pve_err *e);

#endif
