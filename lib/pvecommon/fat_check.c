/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has which cluster of a FAT file system: every chain is followed, and the whole table read. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/fat_impl.h"

#define PIECE 65536u /* bytes of the tables that are compared at once */
#define NAMED_MAX 16 /* shared clusters of which both owners are named */

struct check {
	struct pve_fat *fat;
	struct pve_fat_tree *t;
	struct fat_set used; /* clusters that a chain has */
	unsigned named;      /* shared clusters of which the other owner was looked for */
	struct pve_err *e;
};

static void damage(struct check *c, enum pve_severity severity, const char *path, const char *why)
{
	pve_diags_add(&c->t->damage, severity, path, 0, "%s", why);
}

/* Is the cluster among the first n of a chain?  1, 0, or -1. */
static int has(struct check *c, uint32_t start, uint32_t n, uint32_t cluster)
{
	struct fat_link link = {FAT_NEXT, start};

	while (n-- && link.mark == FAT_NEXT && fat_is_cluster(&c->fat->l, link.next)) {
		uint32_t at = link.next;

		if (at == cluster)
			return 1;
		if (fat_link(c->fat, at, &link, c->e) < 0)
			return -1;
	}
	return 0;
}

/* Who else has the cluster?  *path is NULL when that is not found; the root directory is "/". */
static int find_other(struct check *c, const struct pve_fat_entry *owner, uint32_t cluster,
		      const char **path)
{
	const struct pve_fat_layout *l = &c->fat->l;
	int rc = has(c, l->root_cluster, l->clusters, cluster);

	*path = rc > 0 ? "/" : NULL;
	for (size_t i = 0; rc == 0 && i < c->t->n; i++) {
		const struct pve_fat_entry *f = &c->t->v[i];

		if (f == owner)
			continue;
		rc = has(c, f->cluster, l->clusters, cluster);
		if (rc > 0)
			*path = f->path;
	}
	return rc < 0 ? -1 : 0;
}

/* The chain of a file comes, after n clusters, to one that a chain has. */
static int tell_shared(struct check *c, const struct pve_fat_entry *f, uint32_t n, uint32_t cluster)
{
	int own = has(c, f->cluster, n, cluster);
	PVE_FREE char *why = NULL;
	const char *other = NULL;

	if (own < 0)
		return -1;
	/* To find the other one costs a walk along all chains. */
	if (!own && c->named++ < NAMED_MAX && find_other(c, f, cluster, &other) < 0)
		return -1;
	if (own)
		why = pve_asprintf("its chain runs in a circle at cluster %" PRIu32, cluster);
	else
		why = pve_asprintf("shares cluster %" PRIu32 " with %s", cluster,
				   other ? other : "another file");
	damage(c, PVE_ERROR, f->path, why);
	return 0;
}

/* The chain of a file ends after n clusters, for whatever reason. */
static void tell_end(struct check *c, const struct pve_fat_entry *f, uint32_t n, uint32_t last,
		     const struct fat_link *link)
{
	uint32_t want = fat_clusters_of(&c->fat->l, f->size);
	PVE_FREE char *why = NULL;

	if (link->mark != FAT_END)
		why = fat_link_words(&c->fat->l, last, link);
	else if (n < want)
		why = pve_asprintf("its chain ends after %" PRIu32 " of %" PRIu32 " clusters", n,
				   want);
	else if (n > want)
		why = pve_asprintf("its chain has %" PRIu32 " clusters, but its size %" PRIu32, n,
				   want);
	if (why)
		damage(c, link->mark == FAT_END && n > want ? PVE_WARNING : PVE_ERROR, f->path,
		       why);
}

/* Marks the clusters of a chain as used.  What is wrong with that of a directory was told when
 * it was read; owner is NULL then. */
static int follow(struct check *c, uint32_t start, const struct pve_fat_entry *owner)
{
	struct fat_link link = {FAT_NEXT, start};
	uint32_t n = 0, at = start;

	if (!fat_is_cluster(&c->fat->l, start)) /* told, too, unless it is empty */
		return 0;
	for (; link.mark == FAT_NEXT; n++) {
		at = link.next;
		if (!fat_set_add(&c->used, at))
			return owner ? tell_shared(c, owner, n, at) : 0;
		if (fat_link(c->fat, at, &link, c->e) < 0)
			return -1;
	}
	if (owner)
		tell_end(c, owner, n, at, &link);
	return 0;
}

/* Directories first: it is the file that shares a cluster with one which is told. */
static int follow_all(struct check *c)
{
	if (follow(c, c->fat->l.root_cluster, NULL) < 0)
		return -1;
	for (int dirs = 1; dirs >= 0; dirs--)
		for (size_t i = 0; i < c->t->n; i++) {
			const struct pve_fat_entry *f = &c->t->v[i];

			if (f->dir == dirs && follow(c, f->cluster, dirs ? NULL : f) < 0)
				return -1;
		}
	return 0;
}

static int count(struct check *c, struct pve_fat_usage *usage)
{
	const struct pve_fat_layout *l = &c->fat->l;
	PVE_FREE char *why = NULL;

	*usage = (struct pve_fat_usage){0};
	for (uint32_t cluster = 2; cluster - 2 < l->clusters; cluster++) {
		struct fat_link link;

		if (fat_link(c->fat, cluster, &link, c->e) < 0)
			return -1;
		if (link.mark == FAT_FREE)
			usage->free++;
		else if (link.mark == FAT_BAD)
			usage->bad++;
		else if (!fat_set_has(&c->used, cluster))
			usage->lost++;
	}
	if (!usage->lost)
		return 0;
	why = pve_asprintf("%" PRIu32 " clusters (%" PRIu64 " bytes) are in no file", usage->lost,
			   (uint64_t)usage->lost * l->cluster);
	damage(c, PVE_WARNING, "/", why);
	return 0;
}

/* The first byte in which two pieces differ; n when they are the same. */
static size_t first_difference(const unsigned char *a, const unsigned char *b, size_t n)
{
	size_t i = 0;

	if (memcmp(a, b, n) == 0)
		return n;
	while (a[i] == b[i])
		i++;
	return i;
}

/* Compares a copy of the table with the first one, but for the two entries that stand for no
 * cluster: systems keep their marks there. */
static int compare(struct check *c, unsigned table, unsigned char *a, unsigned char *b)
{
	const struct pve_fat_layout *l = &c->fat->l;
	const struct pve_fat_io *io = &c->fat->io;
	uint64_t at = 2 * l->bits / 8, end = ((uint64_t)(l->clusters + 2) * l->bits + 7) / 8;
	uint64_t copy = l->table_at + table * l->table_bytes;

	while (at < end) {
		size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE, i;
		PVE_FREE char *why = NULL;

		if (io->read(io->data, l->table_at + at, a, n, c->e) < 0 ||
		    io->read(io->data, copy + at, b, n, c->e) < 0)
			return -1;
		i = first_difference(a, b, n);
		at += i;
		if (i == n)
			continue;
		why = pve_asprintf("copy %u of its table differs from the first, at cluster %" PRIu64,
				   table + 1, at * 8 / l->bits);
		/* Linux and firmware read the first one. */
		damage(c, PVE_WARNING, "/", why);
		return 0;
	}
	return 0;
}

static int compare_all(struct check *c)
{
	PVE_FREE unsigned char *a = pve_malloc(PIECE);
	PVE_FREE unsigned char *b = pve_malloc(PIECE);

	for (unsigned i = 1; i < c->fat->l.tables; i++)
		if (compare(c, i, a, b) < 0)
			return -1;
	return 0;
}

int pve_fat_check(struct pve_fat *fat, struct pve_fat_tree *t, struct pve_fat_usage *usage,
		  struct pve_err *e)
{
	struct check c = {.fat = fat, .t = t, .e = e};
	int rc;

	fat_set_init(&c.used, &fat->l);
	rc = follow_all(&c) < 0 || count(&c, usage) < 0 || compare_all(&c) < 0 ? -1 : 0;
	fat_set_done(&c.used);
	return rc;
}
