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

#endif
