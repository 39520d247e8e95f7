/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_FAT_IMPL_H
#define PVECOMMON_FAT_IMPL_H

#include "pvecommon/fat.h"

/* Between the files fat*.c only. */

/* What an entry of the table says of its cluster. */
enum fat_mark {
	FAT_NEXT, /* another cluster follows */
	FAT_END,  /* the last one of its chain */
	FAT_FREE,
	FAT_BAD,
	FAT_OUT, /* leads to what is no cluster */
};

struct fat_link {
	enum fat_mark mark;
	uint32_t next; /* with FAT_NEXT; with FAT_OUT what stands there */
};

/* The entry of a cluster, which must be one. */
int fat_link(struct pve_fat *fat, uint32_t cluster, struct fat_link *link, struct pve_err *e);
bool fat_is_cluster(const struct pve_fat_layout *l, uint32_t cluster);
/* Clusters that so many bytes take. */
uint32_t fat_clusters_of(const struct pve_fat_layout *l, uint64_t bytes);
/* The byte where a cluster starts. */
uint64_t fat_place(const struct pve_fat_layout *l, uint32_t cluster);
/* Says in words why a chain does not go on behind a cluster: "cluster 7 of its chain is free".
 * The result belongs to the caller. */
char *fat_link_words(const struct pve_fat_layout *l, uint32_t cluster, const struct fat_link *link);

/* A set of clusters. */
struct fat_set {
	unsigned char *bit;
};

void fat_set_init(struct fat_set *s, const struct pve_fat_layout *l);
/* Adds it; false when it was there before. */
bool fat_set_add(struct fat_set *s, uint32_t cluster);
bool fat_set_has(const struct fat_set *s, uint32_t cluster);
void fat_set_done(struct fat_set *s);

static inline uint32_t fat_u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t fat_u32(const unsigned char *p)
{
	return fat_u16(p) | fat_u16(p + 2) << 16;
}

/* One name of a directory, as its 32-byte entries give it (fat_name.c). */
struct fat_name {
	char text[3 * 260 + 1]; /* UTF-8: 20 entries of 13 units each, three bytes a unit at most */
	const unsigned char *entry; /* its short entry, 32 bytes */
};

/* The state of a reader of one directory: { .bytes = ... } at the start. */
struct fat_names {
	struct pve_span bytes;
	size_t at;         /* the next entry */
	char unit[260][2]; /* UTF-16 of the long name that is being put together, from its front */
	unsigned parts;    /* entries of it that are still to come */
	unsigned units;    /* 13 for each entry; 0: there is no long name */
	unsigned char sum; /* checksum of the short name it belongs to */
};

/* Takes the next name, "." and "..", labels and what was removed passed over; false at the end. */
bool fat_names_next(struct fat_names *r, struct fat_name *name);

#endif
