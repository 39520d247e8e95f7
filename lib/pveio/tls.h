/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_TLS_H
#define PVEIO_TLS_H

#include "pvecommon/err.h"

/* What a TLS server shows, through OpenSSL's libssl. */

#define PVE_TLS_FINGERPRINT 96 /* SHA-256 as in struct pve_cert, and a NUL */

/* Makes one handshake with the server at address (IPv4 or IPv6, no name) and port, which may last
 * timeout_ms, and writes the fingerprint of the certificate that it shows.  Nothing of it is verified:
 * the question is which one it is.  PVE_NOTHERE when nobody listens, PVE_AGAIN when the time is over,
 * else PVE_FAILED. */
int pve_tls_peer(const char *address, unsigned port, unsigned timeout_ms,
		 char fingerprint[PVE_TLS_FINGERPRINT], struct pve_err *e);

#endif
