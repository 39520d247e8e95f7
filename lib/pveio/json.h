/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_JSON_H
#define PVEIO_JSON_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"

/* JSON (RFC 8259) through jansson, for objects that are lists of settings. */

/* Calls f for each member of the object whose value is a string, a number or a boolean, with the
 * value as text ("true", "false"); others are passed over.  PVE_DATA when it is no object. */
int pve_json_each(struct pve_span text, void (*f)(const char *key, const char *value, void *data),
		  void *data, struct pve_err *e);

/* Adds the text without the members that have one of these names (NULL at the end), wherever
 * they stand.  jansson takes a hundred instructions and more for each byte, so it pays to take out
 * what nobody reads.  What was JSON is JSON; of what was none nothing is said, so when jansson
 * cannot read the result, ask it for the reason of the text itself. */
void pve_json_prune(struct pve_span text, const char *const *names, struct pve_buf *out);

#endif
