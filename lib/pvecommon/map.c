/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/map.h"

#include <stdint.h>

#include "pvecommon/mem.h"

/* FNV-1a, 64 bits (Fowler, Noll, Vo).  The keys are names out of configuration files of
 * the host's own administrator, so no defence against chosen collisions is needed. */
static size_t hash_of(struct pve_span key)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	return (size_t)h;
}

/* The slot that holds the key, or the free one where it belongs.  There always is a free
 * slot, since the table is never more than half full. */
static struct pve_map_entry *slot_of(const struct pve_map *m, struct pve_span key, size_t hash)
{
	size_t i = hash & (m->cap - 1);

	while (m->slot[i].key.p &&
	       !(m->slot[i].hash == hash && pve_span_same(m->slot[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

static void grow(struct pve_map *m)
{
	struct pve_map bigger = {.cap = m->cap ? m->cap * 2 : 16, .n = m->n};

	bigger.slot = pve_calloc(bigger.cap, sizeof(*bigger.slot));
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].key.p)
			*slot_of(&bigger, m->slot[i].key, m->slot[i].hash) = m->slot[i];
	free(m->slot);
	*m = bigger;
}

void *pve_map_get(const struct pve_map *m, struct pve_span key)
{
	if (!m->n)
		return NULL;
	return slot_of(m, key, hash_of(key))->value;
}

void *pve_map_set(struct pve_map *m, struct pve_span key, void *value)
{
	size_t hash = hash_of(key);
	struct pve_map_entry *e;
	void *old;

	if (!key.p)
		key.p = "";
	if ((m->n + 1) * 2 > m->cap)
		grow(m);
	e = slot_of(m, key, hash);
	old = e->value;
	if (!e->key.p) {
		e->key = key;
		e->hash = hash;
		m->n++;
	}
	e->value = value;
	return old;
}

void pve_map_done(struct pve_map *m)
{
	free(m->slot);
	*m = (struct pve_map){0};
}
