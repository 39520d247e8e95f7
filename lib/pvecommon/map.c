/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/map.h"

#include "pvecommon/mem.h"

#define NEAR 3 /* entries that are looked at before the table is */

/* Both halves of a product: each bit counts in the lowest ones, which are the slot. */
static uint64_t mix(uint64_t h)
{
	const uint64_t k = 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio (Knuth, 6.4) */
	unsigned __int128 product = (unsigned __int128)h * k;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const char *p, size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return word;
}

/* Eight bytes at a time; the last eight may overlap those before them.  The keys are names
 * out of configuration files of the host's own administrator, so no defence against chosen
 * collisions is needed. */
static uint32_t hash_of(struct pve_span key)
{
	uint64_t h = mix(key.len + 1);
	size_t i = 0;

	for (; i + 8 < key.len; i += 8)
		h = mix(h ^ load(key.p + i, 8));
	if (key.len >= 8)
		h = mix(h ^ load(key.p + key.len - 8, 8));
	else if (key.len >= 4)
		h = mix(h ^ load(key.p, 4) ^ load(key.p + key.len - 4, 4) << 32);
	else
		for (; i < key.len; i++)
			h = mix(h ^ (unsigned char)key.p[i]);
	return (uint32_t)h;
}

static bool is_key(const struct pve_map_entry *e, struct pve_span key)
{
	return e->len == key.len && memcmp(e->key, key.p, key.len) == 0;
}

/* The slot that holds the key, or the free one where it belongs.  There always is a free
 * slot, since the table is never more than half full. */
static uint32_t *slot_of(const struct pve_map *m, struct pve_span key, uint32_t hash)
{
	size_t i = hash & (m->cap - 1);

	for (; m->slot[i]; i = (i + 1) & (m->cap - 1)) {
		const struct pve_map_entry *e = &m->entry[m->slot[i] - 1];

		if (e->hash == hash && is_key(e, key))
			break;
	}
	return &m->slot[i];
}

/* Entries differ, so nothing has to be compared. */
static void fill_slots(struct pve_map *m)
{
	for (size_t n = 0; n < m->n; n++) {
		size_t i = m->entry[n].hash & (m->cap - 1);

		while (m->slot[i])
			i = (i + 1) & (m->cap - 1);
		m->slot[i] = (uint32_t)n + 1;
	}
}

void pve_map_reserve(struct pve_map *m, size_t n)
{
	size_t cap = m->cap ? m->cap : 16;

	if (n >= UINT32_MAX)
		abort();
	if (n > m->room) {
		m->entry = pve_realloc(m->entry, n, sizeof(*m->entry));
		m->room = n;
	}
	while (cap < n * 2)
		cap *= 2;
	if (cap == m->cap)
		return;
	free(m->slot);
	m->slot = pve_calloc(cap, sizeof(*m->slot));
	m->cap = cap;
	fill_slots(m);
}

void *pve_map_get(const struct pve_map *m, struct pve_span key)
{
	uint32_t at;

	if (!m->n)
		return NULL;
	if (!key.p)
		key.p = "";
	at = *slot_of(m, key, hash_of(key));
	return at ? m->entry[at - 1].value : NULL;
}

void *pve_map_get_near(const struct pve_map *m, struct pve_span key, size_t *near)
{
	uint32_t at;

	if (!m->n)
		return NULL;
	if (!key.p)
		key.p = "";
	for (size_t i = *near; i < m->n && i < *near + NEAR; i++)
		if (is_key(&m->entry[i], key)) {
			*near = i;
			return m->entry[i].value;
		}
	at = *slot_of(m, key, hash_of(key));
	if (!at)
		return NULL;
	*near = at - 1;
	return m->entry[at - 1].value;
}

struct pve_map_entry *pve_map_place(struct pve_map *m, struct pve_span key)
{
	uint32_t hash, *at;

	if (key.len > UINT32_MAX)
		abort();
	if (!key.p)
		key.p = "";
	if (!m->cap)
		pve_map_reserve(m, 8);
	hash = hash_of(key);
	at = slot_of(m, key, hash);
	if (*at)
		return &m->entry[*at - 1];
	if (m->n == m->room) {
		pve_map_reserve(m, m->room * 2);
		at = slot_of(m, key, hash);
	}
	m->entry[m->n++] = (struct pve_map_entry){key.p, (uint32_t)key.len, hash, NULL};
	*at = (uint32_t)m->n;
	return &m->entry[m->n - 1];
}

void *pve_map_set(struct pve_map *m, struct pve_span key, void *value)
{
	struct pve_map_entry *e = pve_map_place(m, key);
	void *old = e->value;

	e->value = value;
	return old;
}

void pve_map_done(struct pve_map *m)
{
	free(m->entry);
	free(m->slot);
	*m = (struct pve_map){0};
}
