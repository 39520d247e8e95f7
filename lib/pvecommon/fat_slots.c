/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a name stands on the disk. */
#include <string.h>

#include "pvecommon/buf.h"
#include "pvecommon/fat_impl.h"

#define SLOT 32u      /* bytes */
#define ATTR 11       /* offset in a slot */
#define ATTR_LONG 0x0f
#define LONG_LAST 0x40 /* in the first byte of the slot that a long name begins with */
#define REMOVED 0xe5

/* The bytes of a directory, and the byte of the device where each cluster of them comes from. */
struct extent {
	struct pve_buf bytes;
	uint64_t *at;
	size_t n, cap;
	uint32_t piece; /* bytes of each */
};

static int take_piece(struct pve_fat *fat, struct extent *x, uint64_t at, struct pve_err *e)
{
	if (fat->io.read(fat->io.data, at, pve_buf_reserve(&x->bytes, x->piece), x->piece, e) < 0)
		return -1;
	x->bytes.len += x->piece;
	x->at = pve_grow(x->at, x->n, &x->cap, sizeof(*x->at));
	x->at[x->n++] = at;
	return 0;
}

/* A chain that runs in a circle is cut off by the bound for all directories. */
static int read_chain(struct pve_fat *fat, struct extent *x, uint32_t cluster, struct pve_err *e)
{
	struct fat_link link = {FAT_NEXT, cluster};

	while (link.mark == FAT_NEXT && x->bytes.len < PVE_FAT_DIR_MAX) {
		cluster = link.next;
		if (!fat_is_cluster(&fat->l, cluster))
			break;
		if (take_piece(fat, x, fat_place(&fat->l, cluster), e) < 0 ||
		    fat_link(fat, cluster, &link, e) < 0)
			return -1;
	}
	return 0;
}

static int read_extent(struct pve_fat *fat, struct extent *x, const struct pve_fat_entry *dir,
		       struct pve_err *e)
{
	const struct pve_fat_layout *l = &fat->l;

	x->piece = dir || l->bits == 32 ? l->cluster : l->root_bytes;
	if (dir)
		return read_chain(fat, x, dir->cluster, e);
	return l->bits == 32 ? read_chain(fat, x, l->root_cluster, e)
			     : take_piece(fat, x, l->root_at, e);
}

static const unsigned char *slot_at(const struct extent *x, size_t offset)
{
	return (const unsigned char *)x->bytes.data + offset;
}

/* The short entry at offset, and the parts of the long name before it. */
static size_t take_slots(const struct extent *x, size_t offset, uint64_t slot[PVE_FAT_SLOTS])
{
	size_t n = 0;

	while (x->at && n < PVE_FAT_SLOTS) {
		const unsigned char *before = offset >= SLOT ? slot_at(x, offset - SLOT) : NULL;
		const unsigned char *here = slot_at(x, offset);
		bool first = n && here && (*here & LONG_LAST);

		slot[n++] = x->at[offset / x->piece] + offset % x->piece;
		if (first || !before || *before == REMOVED || before[ATTR] != ATTR_LONG)
			break;
		offset -= SLOT;
	}
	return n;
}

int pve_fat_slots(struct pve_fat *fat, const struct pve_fat_entry *dir, const char *name,
		  uint64_t slot[PVE_FAT_SLOTS], size_t *n, struct pve_err *e)
{
	struct extent x = {0};
	struct fat_names r;
	struct fat_name one;
	int ret = read_extent(fat, &x, dir, e);

	*n = 0;
	r = (struct fat_names){.bytes = {x.bytes.data, x.bytes.len}};
	while (ret == 0 && !*n && fat_names_next(&r, &one))
		if (strcmp(one.text, name) == 0)
			*n = take_slots(&x, r.at - SLOT, slot);
	if (ret == 0 && !*n)
		ret = pve_err_set(e, PVE_DATA, "no name '%s' is in the directory", name);
	pve_buf_done(&x.bytes);
	free(x.at);
	return ret;
}
