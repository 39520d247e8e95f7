/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directories of a FAT file system. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/buf.h"
#include "pvecommon/fat_impl.h"

/* Offsets in a short entry. */
enum {
	ATTR = 11,
	CLUSTER_HIGH = 20, /* 16 bits; FAT32 only */
	TIME = 22,         /* 16: hour 5, minute 6, two seconds 5, from the top */
	DATE = 24,         /* 16: year since 1980 7, month 4, day 5 */
	CLUSTER_LOW = 26,  /* 16 */
	SIZE = 28,         /* 32 */
};

#define ATTR_DIR 0x10

struct walk {
	struct pve_fat *fat;
	struct pve_fat_tree *t;
	struct fat_set seen; /* clusters of directories that were read: each is read once only */
	struct pve_err *e;
	size_t names; /* that were found so far */
};

/* What was found in one directory. */
struct dir {
	const char *path; /* "" of the root */
	unsigned depth;   /* of what is in it */
	struct pve_fat_entry *v;
	size_t n, cap;
};

static void damage(struct walk *w, const char *path, const char *why)
{
	pve_diags_add(&w->t->damage, PVE_ERROR, *path ? path : "/", 0, "%s", why);
}

/* Days since the epoch (the usual count from March, so that leap days come last). */
static int64_t days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	unsigned m = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int64_t time_of(const unsigned char *entry)
{
	uint32_t date = fat_u16(entry + DATE), time = fat_u16(entry + TIME);
	unsigned month = date >> 5 & 15, day = date & 31;

	if (!month || month > 12 || !day)
		return 0;
	return days(1980 + (date >> 9), month, day) * 86400 + (time >> 11) * 3600 +
	       (time >> 5 & 63) * 60 + (time & 31) * 2;
}

static void fill(struct walk *w, struct pve_fat_entry *f, const unsigned char *entry)
{
	const struct pve_fat_layout *l = &w->fat->l;

	f->dir = entry[ATTR] & ATTR_DIR;
	f->cluster = fat_u16(entry + CLUSTER_LOW);
	if (l->bits == 32)
		f->cluster |= fat_u16(entry + CLUSTER_HIGH) << 16;
	f->size = f->dir ? 0 : fat_u32(entry + SIZE);
	f->allocated = (uint64_t)fat_clusters_of(l, f->size) * l->cluster;
	f->mtime = time_of(entry);
	if ((f->dir || f->size) && !fat_is_cluster(l, f->cluster)) {
		PVE_FREE char *why =
			pve_asprintf("starts at cluster %" PRIu32 ", which is none", f->cluster);

		damage(w, f->path, why);
	}
}

static void add(struct walk *w, struct dir *d, const struct fat_name *name)
{
	struct pve_arena *mem = &w->t->mem;
	struct pve_fat_entry f = {.depth = d->depth};

	if (strchr(name->text, '/')) {
		damage(w, d->path, "has a name with a slash in it");
		return;
	}
	if (w->names++ == PVE_FAT_NAMES_MAX)
		damage(w, "", "has more names than are looked at");
	if (w->names > PVE_FAT_NAMES_MAX)
		return;
	f.path = pve_arena_printf(mem, "%s%s%s", d->path, *d->path ? "/" : "", name->text);
	f.name = *d->path ? f.path + strlen(d->path) + 1 : f.path;
	fill(w, &f, name->entry);
	d->v = pve_grow(d->v, d->n, &d->cap, sizeof(*d->v));
	d->v[d->n++] = f;
}

/* Reads the clusters of a directory until its chain ends, for whatever reason. */
static int read_chain(struct walk *w, uint32_t cluster, const char *path, struct pve_buf *bytes)
{
	const struct pve_fat_layout *l = &w->fat->l;
	const struct pve_fat_io *io = &w->fat->io;
	struct fat_link link = {FAT_NEXT, cluster};

	while (link.mark == FAT_NEXT) {
		cluster = link.next;
		if (bytes->len >= PVE_FAT_DIR_MAX) {
			damage(w, path, "is a directory larger than any can be");
			return 0;
		}
		if (!fat_set_add(&w->seen, cluster)) {
			damage(w, path, "runs into a directory that was read before");
			return 0;
		}
		if (io->read(io->data, fat_place(l, cluster), pve_buf_reserve(bytes, l->cluster),
			     l->cluster, w->e) < 0 ||
		    fat_link(w->fat, cluster, &link, w->e) < 0)
			return -1;
		bytes->len += l->cluster;
	}
	if (link.mark != FAT_END) {
		PVE_FREE char *why = fat_link_words(l, cluster, &link);

		damage(w, path, why);
	}
	return 0;
}

static int read_root(struct walk *w, struct pve_buf *bytes)
{
	const struct pve_fat_layout *l = &w->fat->l;
	const struct pve_fat_io *io = &w->fat->io;

	if (l->bits == 32)
		return read_chain(w, l->root_cluster, "", bytes);
	if (io->read(io->data, l->root_at, pve_buf_reserve(bytes, l->root_bytes), l->root_bytes,
		     w->e) < 0)
		return -1;
	bytes->len = l->root_bytes;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct pve_fat_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void take_names(struct walk *w, struct dir *d, struct pve_span bytes)
{
	struct fat_names r = {.bytes = bytes};
	struct fat_name name;

	while (fat_names_next(&r, &name))
		add(w, d, &name);
	if (d->n)
		qsort(d->v, d->n, sizeof(*d->v), by_name);
	for (size_t i = 1; i < d->n; i++)
		if (strcmp(d->v[i].name, d->v[i - 1].name) == 0)
			damage(w, d->v[i].path, "is there twice");
}

static int read_dir(struct walk *w, struct pve_fat_entry *dir);

/* Moves what was found into the tree, and goes on in each directory.  The tree's array moves
 * when it grows, so that entries are only filled before they join it. */
static int join(struct walk *w, struct dir *d)
{
	struct pve_fat_tree *t = w->t;

	for (size_t i = 0; i < d->n; i++) {
		size_t at = t->n;

		t->v = pve_grow(t->v, t->n, &t->cap, sizeof(*t->v));
		t->v[t->n++] = d->v[i];
		if (d->v[i].dir && read_dir(w, &d->v[i]) < 0)
			return -1;
		t->v[at].allocated = d->v[i].allocated;
	}
	return 0;
}

/* dir is NULL for the root; its allocated is set. */
static int read_dir(struct walk *w, struct pve_fat_entry *dir)
{
	struct dir d = {.path = dir ? dir->path : "", .depth = dir ? dir->depth + 1 : 0};
	PVE_BUF bytes = {0};
	int rc = 0;

	if (d.depth > PVE_FAT_DEPTH_MAX)
		damage(w, d.path, "lies deeper than is looked at");
	else if (!dir)
		rc = read_root(w, &bytes);
	else if (fat_is_cluster(&w->fat->l, dir->cluster))
		rc = read_chain(w, dir->cluster, d.path, &bytes);
	if (dir)
		dir->allocated = bytes.len;
	if (rc == 0) {
		take_names(w, &d, (struct pve_span){bytes.data, bytes.len});
		pve_buf_done(&bytes);
		rc = join(w, &d);
	}
	free(d.v);
	return rc;
}

int pve_fat_tree_read(struct pve_fat_tree *t, struct pve_fat *fat, struct pve_err *e)
{
	struct walk w = {.fat = fat, .t = t, .e = e};
	int rc;

	fat_set_init(&w.seen, &fat->l);
	rc = read_dir(&w, NULL);
	fat_set_done(&w.seen);
	return rc;
}

void pve_fat_tree_done(struct pve_fat_tree *t)
{
	free(t->v);
	pve_diags_done(&t->damage);
	pve_arena_done(&t->mem);
	*t = (struct pve_fat_tree){0};
}
