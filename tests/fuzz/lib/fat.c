/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAT images: whatever they hold, nothing outside of them is read, every walk ends, and the tree
 * is in its order.  Behind the bytes that are given there are NULs, so that small inputs can be
 * large file systems. */
#include "pvecommon/fat.h"

#include "edits.h"

#define DEVICE (4u << 20) /* bytes */

struct image {
	const uint8_t *data;
	size_t size;
};

static int read_at(void *data, uint64_t offset, void *buf, size_t n, struct pve_err *e)
{
	const struct image *i = data;

	(void)e;
	assert(offset <= DEVICE && n <= DEVICE - offset);
	memset(buf, 0, n);
	if (offset < i->size)
		memcpy(buf, i->data + offset, n < i->size - offset ? n : i->size - offset);
	return 0;
}

static int count(void *data, struct pve_span piece, struct pve_err *e)
{
	uint64_t *bytes = data;

	(void)e;
	assert(piece.len && piece.len <= PVE_FAT_PIECE);
	*bytes += piece.len;
	return 0;
}

static void look_at(const struct pve_fat_entry *f, const struct pve_fat_entry *before)
{
	const char *slash = strrchr(f->path, '/');

	assert(*f->path == '\0' || f->name == (slash ? slash + 1 : f->path));
	assert(f->depth <= (before ? before->depth + 1 : 0));
	assert(f->depth <= PVE_FAT_DEPTH_MAX);
	if (before && before->depth == f->depth)
		assert(strcmp(before->path, f->path) <= 0);
	if (before && f->depth > before->depth)
		assert(before->dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = {data, size};
	struct pve_fat_io io = {read_at, &image, DEVICE};
	struct pve_fat_tree t = {0};
	struct pve_fat fat;
	struct pve_fat_usage usage;

	if (pve_fat_open(&fat, &io, NULL) == 0) {
		assert(pve_fat_tree_read(&t, &fat, NULL) == 0);
		for (size_t i = 0; i < t.n; i++) {
			uint64_t bytes = 0;

			look_at(&t.v[i], i ? &t.v[i - 1] : NULL);
			if (!t.v[i].dir && pve_fat_stream(&fat, &t.v[i], count, &bytes, NULL) == 0)
				assert(bytes == t.v[i].size);
		}
		assert(pve_fat_check(&fat, &t, &usage, NULL) == 0);
		assert((uint64_t)usage.free + usage.bad + usage.lost <= fat.l.clusters);
	}
	pve_fat_tree_done(&t);
	pve_fat_done(&fat);
	return 0;
}
