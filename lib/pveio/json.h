/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_JSON_H
#define PVEIO_JSON_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/* JSON (RFC 8259) through jansson, for objects that are lists of settings. */

/* Calls f for each member of the object whose value is a string, a number or a boolean, with the
 * value as text ("true", "false"); others are passed over.  PVE_DATA when it is no object. */
int pve_json_each(struct pve_span text, void (*f)(const char *key, const char *value, void *data),
		  void *data, struct pve_err *e);

/* One object that is edited: members that nobody touches stay as they are. */
struct pve_json;

/* Returns an object that ends with pve_json_free, or NULL: PVE_DATA with line and column when the
 * text is none, or names a member twice. */
struct pve_json *pve_json_parse(struct pve_span text, struct pve_err *e);
struct pve_json *pve_json_new(void);
void pve_json_free(struct pve_json *o);
/* Adds the text with its members sorted, a line each, LF at the end. */
void pve_json_format(const struct pve_json *o, struct pve_buf *out);

/* The text of a member that is a string; NULL when there is none.  It lives until that is set. */
const char *pve_json_str(const struct pve_json *o, const char *key);
/* Adds the JSON of a member on one line; false when there is none. */
bool pve_json_get(const struct pve_json *o, const char *key, struct pve_buf *out);
/* Sets a member to a string, which must be UTF-8: else PVE_DATA. */
int pve_json_set_str(struct pve_json *o, const char *key, const char *value, struct pve_err *e);
/* Sets a member to what the text is, an object or an array; PVE_DATA when it is none. */
int pve_json_set(struct pve_json *o, const char *key, struct pve_span text, struct pve_err *e);
/* Removes a member; false when there was none. */
bool pve_json_remove(struct pve_json *o, const char *key);

#endif
