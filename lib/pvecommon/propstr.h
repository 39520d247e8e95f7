/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_PROPSTR_H
#define PVECOMMON_PROPSTR_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"

/*
 * Property strings of Proxmox VE: "example.org,plugin=dns,alias=b.example".
 *
 * As its own reader (pve-common, PVE::JSONSchema) has it: parts are separated by ','; nothing
 * quotes, so no value holds one.  A part is key=value, split at its first '='; a part without
 * '=' is the value of the default key, wherever it stands.  Empty parts are passed over; a
 * key twice, an empty key and an empty value are refused.
 */
struct pve_prop {
	struct pve_span text; /* the part as written */
	struct pve_span key;  /* the default key for a bare part; empty: no use, see parse */
	struct pve_span value;
};

struct pve_propstr {
	const char *default_key; /* borrowed; NULL: bare parts are an error */
	struct pve_prop *v;      /* all parts in order, those of no use too */
	size_t n, cap;
	struct pve_arena memory; /* of all texts: they live until _done */
};

/* Reads a copy of text into *p, which must be { 0 }.  d may be NULL; what the reader refuses is
 * an error in it at file:line (file is borrowed by d), an empty part is a warning.  Parts of no
 * use (empty, without key or value, bare without default key) are kept with an empty key. */
void pve_propstr_parse(struct pve_propstr *p, struct pve_span text, const char *default_key,
		       const char *file, unsigned line, struct pve_diags *d);
/* Adds the string to b: the same bytes when nothing was changed. */
void pve_propstr_format(const struct pve_propstr *p, struct pve_buf *b);
void pve_propstr_done(struct pve_propstr *p);

/* The first part with this key, or NULL.  It lives until the next set or remove. */
const struct pve_prop *pve_propstr_find(const struct pve_propstr *p, const char *key);
/* Sets that part in the form it has, and no byte when it has that value.  A new default key
 * is put in front, bare; any other at the end.  PVE_USAGE for an empty key or value, ',' or
 * control characters in them, '=' in the key, or blanks at the ends of the value. */
int pve_propstr_set(struct pve_propstr *p, const char *key, struct pve_span value,
		    struct pve_err *e);
/* Removes every part with this key; false when there was none. */
bool pve_propstr_remove(struct pve_propstr *p, const char *key);

#endif
