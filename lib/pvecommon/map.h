/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_MAP_H
#define PVECOMMON_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "pvecommon/span.h"

/* A hash table from byte strings to pointers.  Keys are borrowed: they must outlive the
 * map.  { 0 } is empty.  Nothing is ever removed. */
struct pve_map_entry {
	const char *key; /* len bytes */
	uint32_t len, hash;
	void *value;
};

struct pve_map {
	struct pve_map_entry *entry; /* n, in the order in which the keys came */
	uint32_t *slot;              /* position in entry plus 1; 0: free */
	size_t n, room;              /* of entry */
	size_t cap;                  /* of slot: 0 or a power of two, at least twice n */
};

/* NULL when the key is not there. */
void *pve_map_get(const struct pve_map *m, struct pve_span key);
/* The same, for keys that are asked for in about the order in which they came: the entries from
 * *near on are looked at first, which is where the last one was found.  *near begins as 0. */
void *pve_map_get_near(const struct pve_map *m, struct pve_span key, size_t *near);
/* The entry of a key, which is made when it is not there: with the value NULL, which must be set at
 * once; then key may become other memory with the same bytes.  Borrowed until the next call. */
struct pve_map_entry *pve_map_place(struct pve_map *m, struct pve_span key);
/* Sets the value, which must not be NULL; returns the one that was there before, or NULL. */
void *pve_map_set(struct pve_map *m, struct pve_span key, void *value);
/* Makes room for n keys in all, where their number is known: growing step by step costs twice
 * as much memory. */
void pve_map_reserve(struct pve_map *m, size_t n);
void pve_map_done(struct pve_map *m);

#endif
