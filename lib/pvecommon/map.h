/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_MAP_H
#define PVECOMMON_MAP_H

#include <stddef.h>

#include "pvecommon/span.h"

/* A hash table from byte strings to pointers.  Keys are borrowed: they must outlive the
 * map.  { 0 } is empty.  Entries keep no order; nothing is ever removed. */
struct pve_map_entry {
	struct pve_span key; /* key.p is NULL in a free slot */
	size_t hash;
	void *value;
};

struct pve_map {
	struct pve_map_entry *slot;
	size_t n, cap; /* cap: 0 or a power of two, at least twice n */
};

/* NULL when the key is not there. */
void *pve_map_get(const struct pve_map *m, struct pve_span key);
/* Sets the value, which must not be NULL; returns the one that was there before, or NULL. */
void *pve_map_set(struct pve_map *m, struct pve_span key, void *value);
void pve_map_done(struct pve_map *m);

#endif
