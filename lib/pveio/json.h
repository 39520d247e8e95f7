/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_JSON_H
#define PVEIO_JSON_H

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/* JSON (RFC 8259) through jansson, for objects that are lists of settings. */

/* Calls f for each member of the object whose value is a string, a number or a boolean, with the
 * value as text ("true", "false"); others are passed over.  PVE_DATA when it is no object. */
int pve_json_each(struct pve_span text, void (*f)(const char *key, const char *value, void *data),
		  void *data, struct pve_err *e);

#endif
