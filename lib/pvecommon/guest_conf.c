/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/guest_conf.h"

/* Is the key one of a disk: one of these words with a number behind it, or rootfs? */
static bool is_disk(struct pve_span key)
{
	static const char *const words[] = {"ide",    "sata", "scsi",     "virtio",
					    "efidisk", "mp",   "tpmstate", "unused"};

	if (pve_span_eq(key, "rootfs"))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);

		if (!pve_span_starts(key, words[i]) || key.len == n)
			continue;
		while (n < key.len && key.p[n] >= '0' && key.p[n] <= '9')
			n++;
		if (n == key.len)
			return true;
	}
	return false;
}

/* Takes the next "part" of "part,part". */
static struct pve_span take_part(struct pve_span *rest)
{
	const char *comma = rest->len ? memchr(rest->p, ',', rest->len) : NULL;
	struct pve_span part = {rest->p, comma ? (size_t)(comma - rest->p) : rest->len};
	size_t n = part.len + (comma != NULL);

	rest->p += n;
	rest->len -= n;
	return pve_span_trim(part);
}

static void add(struct pve_guest_volumes *g, unsigned guest, struct pve_span key,
		struct pve_span volume)
{
	const char *colon = memchr(volume.p, ':', volume.len);
	struct pve_guest_volume v = {.guest = guest, .storage = ""};

	if (volume.p[0] != '/' && !colon)
		return;
	v.key = pve_arena_memdup(&g->mem, key.p, key.len);
	if (volume.p[0] != '/') {
		size_t n = (size_t)(colon - volume.p);

		v.storage = pve_arena_memdup(&g->mem, volume.p, n);
		volume.p += n + 1;
		volume.len -= n + 1;
	}
	v.volume = pve_arena_memdup(&g->mem, volume.p, volume.len);
	g->v = pve_grow(g->v, g->n, &g->cap, sizeof(*g->v));
	g->v[g->n++] = v;
}

static void read_disk(struct pve_guest_volumes *g, unsigned guest, struct pve_span key,
		      struct pve_span value)
{
	struct pve_span volume = {0};
	bool first = true;

	while (value.len) {
		struct pve_span part = take_part(&value);

		if (pve_span_eq(part, "media=cdrom"))
			return;
		/* The volume is the default key: it may also be written "file=" or "volume=". */
		if (pve_span_starts(part, "file="))
			volume = (struct pve_span){part.p + 5, part.len - 5};
		else if (pve_span_starts(part, "volume="))
			volume = (struct pve_span){part.p + 7, part.len - 7};
		else if (first)
			volume = part;
		first = false;
	}
	if (volume.len)
		add(g, guest, key, volume);
}

void pve_guest_conf_parse(struct pve_guest_volumes *g, unsigned guest, struct pve_span bytes)
{
	while (bytes.len && bytes.p[0] != '[') {
		const char *nl = memchr(bytes.p, '\n', bytes.len);
		struct pve_span line = {bytes.p, nl ? (size_t)(nl - bytes.p) : bytes.len};
		const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;
		size_t n = line.len + (nl != NULL);

		if (colon && line.p[0] != '#') {
			struct pve_span key = {line.p, (size_t)(colon - line.p)};
			struct pve_span value = {colon + 1, line.len - key.len - 1};

			if (is_disk(key))
				read_disk(g, guest, key, pve_span_trim(value));
		}
		bytes.p += n;
		bytes.len -= n;
	}
}

void pve_guest_volumes_done(struct pve_guest_volumes *g)
{
	free(g->v);
	pve_arena_done(&g->mem);
	*g = (struct pve_guest_volumes){0};
}
