/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "esp_source.h"

static int read_at(void *data, uint64_t offset, void *buf, size_t n, struct pve_err *e)
{
	const struct esp_tree *t = data;
	char *to = buf;

	while (n) {
		ssize_t got = pread(t->source->fd, to, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pve_err_sys(e, errno, "reading at byte %" PRIu64, offset);
		if (!got)
			return pve_err_set(e, PVE_DATA, "ends at byte %" PRIu64, offset);
		to += got;
		n -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

/* No kernel mounts a file system whose sectors are smaller than the device's: what was copied
 * from a disk with sectors of 512 bytes to one of 4096 cannot be used there. */
static int check_sector(const struct esp_tree *t, struct pve_err *e)
{
	int sector;

	if (t->kind != ESP_DEVICE || ioctl(t->source->fd, BLKSSZGET, &sector) < 0 ||
	    t->source->fat.l.sector >= (uint32_t)sector)
		return 0;
	return pve_err_set(e, PVE_DATA,
			   "its file system has sectors of %" PRIu32
			   " bytes, the device has larger ones, of %d",
			   t->source->fat.l.sector, sector);
}

/* Takes over what was found damaged since the last time. */
static void take_damage(struct esp_tree *t)
{
	const struct pve_diags *d = &t->source->tree.damage;

	for (; t->source->told < d->n; t->source->told++) {
		const struct pve_diag *one = &d->v[t->source->told];

		pve_diags_add(&t->damage, one->severity, one->file, 0, "%s", one->msg);
	}
}

static void take_nodes(struct esp_tree *t)
{
	const struct pve_fat_tree *from = &t->source->tree;

	t->n = t->cap = from->n;
	t->v = pve_calloc(from->n + 1, sizeof(*t->v));
	for (size_t i = 0; i < from->n; i++) {
		const struct pve_fat_entry *f = &from->v[i];

		t->v[i] = (struct esp_node){
			.path = f->path,
			.name = f->name,
			.dir = f->dir,
			.depth = f->depth,
			.size = f->size,
			.allocated = f->allocated,
			.mtime = f->mtime,
			.cluster = f->cluster,
		};
	}
}

static int open_fat(struct esp_tree *t, struct pve_err *e)
{
	struct esp_source *s = t->source;
	struct pve_fat_io io = {.read = read_at, .data = t};
	off_t size = lseek(s->fd, 0, SEEK_END);

	if (size < 0)
		return pve_err_sys(e, errno, "asking for its size");
	io.size = (uint64_t)size;
	if (pve_fat_open(&s->fat, &io, e) < 0 || check_sector(t, e) < 0)
		return -1;
	return pve_fat_tree_read(&s->tree, &s->fat, e);
}

int esp_fat_read(struct esp_tree *t, struct pve_err *e)
{
	const struct pve_fat_layout *l = &t->source->fat.l;

	if (open_fat(t, e) < 0)
		return pve_err_prefix(e, "%s", t->device);
	t->cluster_size = l->cluster;
	t->serial = l->serial;
	t->dirty = l->dirty;
	t->size = (uint64_t)l->clusters * l->cluster;
	take_nodes(t);
	take_damage(t);
	return 0;
}

int esp_fat_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
		   struct pve_err *e)
{
	return pve_fat_stream(&t->source->fat, &t->source->tree.v[node - t->v], sink, data, e);
}

int esp_fat_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e)
{
	struct esp_source *s = t->source;
	struct pve_fat_usage usage;

	if (pve_fat_check(&s->fat, &s->tree, &usage, e) < 0)
		return pve_err_prefix(e, "%s", t->device);
	take_damage(t);
	*bytes = (uint64_t)usage.free * s->fat.l.cluster;
	return 0;
}
