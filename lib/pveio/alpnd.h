/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_ALPND_H
#define PVEIO_ALPND_H

#include <stddef.h>

#include "pvecommon/err.h"
#include "pveio/x509.h"

/*
 * The server of tls-alpn-01 (RFC 8737): it shows each name's certificate to whoever asks for
 * the protocol acme-tls/1, and closes.  Anybody else is refused.
 */
struct pve_alpn_page {
	struct pve_name name;
	unsigned char digest[32]; /* SHA-256 of the key authorization */
};

/* Serves until the process ends; many handshakes side by side, five seconds each at most.  Returns
 * only when it cannot begin: -1.  SIGPIPE must be ignored. */
int pve_alpnd_serve(const int *fds, size_t nfds, const struct pve_alpn_page *pages, size_t npages,
		    struct pve_err *e);

/* The server name that a client asks with for this name: for an address its reverse mapping
 * (RFC 8738, section 6); to be freed. */
char *pve_alpn_server_name(const struct pve_name *name);

#endif
