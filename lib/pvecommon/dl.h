/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DL_H
#define PVECOMMON_DL_H

#include <stddef.h>

#include "pvecommon/err.h"

/*
 * Libraries that are loaded when they are first needed.  Linked, libcurl or OpenSSL would cost
 * each start of a tool more than most commands do.
 */

struct pve_dl_sym {
	const char *name; /* of the function in the library */
	void *to;         /* a pointer to such a function, which is set */
};

/* Loads a library by its soname and finds the functions in it.  It stays until the process
 * ends, as OpenSSL wants it (OPENSSL_init_crypto(3)).  -1 with PVE_NOTHERE when the library or
 * one of the functions is not there; title names the library in the message. */
int pve_dl_load(const char *soname, const char *title, const struct pve_dl_sym *syms, size_t n,
		struct pve_err *e);

#endif
