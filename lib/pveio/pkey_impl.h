/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_PKEY_IMPL_H
#define PVEIO_PKEY_IMPL_H

#include <openssl/evp.h>

#include "pveio/pkey.h"

/* For the adapters of OpenSSL only. */
struct pve_pkey {
	EVP_PKEY *evp;
	char name[32];
};

/* Wraps a key, which it takes over; NULL in, NULL out. */
struct pve_pkey *pve_pkey_wrap(EVP_PKEY *evp);

/* Sets *e to PVE_FAILED with what OpenSSL says of its newest error, and forgets all of them. */
int pve_openssl_err(struct pve_err *e, const char *what);

#endif
