/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_BASE64_H
#define PVEIO_BASE64_H

#include "pvecommon/buf.h"

/* Base64 (RFC 4648, section 4) through OpenSSL: EVP_EncodeInit(3). */

/* Adds the text, one line without an end. */
void pve_base64_encode(struct pve_span bytes, struct pve_buf *out);
/* Adds the bytes; line ends in the text are skipped.  False, and out is untouched, when it is no
 * base64. */
bool pve_base64_decode(struct pve_span text, struct pve_buf *out);

/* The same with the alphabet that is safe in URLs and file names, without padding (RFC 4648,
 * section 5; RFC 7515, section 2). */
void pve_base64url_encode(struct pve_span bytes, struct pve_buf *out);
/* Reads either alphabet, with its padding or without: what people paste is a mixture. */
bool pve_base64url_decode(struct pve_span text, struct pve_buf *out);

#endif
