/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/fat.h"

#include <inttypes.h>
#include <string.h>

#include "pvecommon/fat_impl.h"

#define WINDOW 65536u /* bytes of the table that are read at once; holds any table of FAT12 */

/* Offsets in the boot sector. */
enum {
	BPB_SECTOR = 11,      /* 16 bits: bytes a sector */
	BPB_PER_CLUSTER = 13, /* 8: sectors a cluster */
	BPB_RESERVED = 14,    /* 16: sectors before the first table */
	BPB_TABLES = 16,      /* 8 */
	BPB_ROOT = 17,        /* 16: entries of the root directory; 0: FAT32 */
	BPB_TOTAL_16 = 19,    /* 16: sectors; 0: see BPB_TOTAL_32 */
	BPB_MEDIA = 21,       /* 8 */
	BPB_TABLE_16 = 22,    /* 16: sectors a table; 0: FAT32, see BPB_TABLE_32 */
	BPB_TOTAL_32 = 32,    /* 32 */
	BPB_TABLE_32 = 36,    /* 32 */
	BPB_ROOT_32 = 44,     /* 32: first cluster of the root directory */
	EBR_16 = 36,          /* extended boot record of FAT12 and FAT16, */
	EBR_32 = 64,          /* and of FAT32: */
	EBR_STATE = 1,        /* 8: bit 0 is set while Linux has it mounted for writing */
	EBR_SIGNATURE = 2,    /* 8: 0x28, 0x29: there is a serial number */
	EBR_SERIAL = 3,       /* 32 */
	BOOT_SIGNATURE = 510, /* 0x55, 0xaa */
};

static bool is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* Is there anything that speaks against its being a FAT?  NULL: no. */
static const char *why_none(const unsigned char *boot)
{
	uint32_t sector = fat_u16(boot + BPB_SECTOR);

	if (boot[BOOT_SIGNATURE] != 0x55 || boot[BOOT_SIGNATURE + 1] != 0xaa)
		return "its boot sector has no signature";
	if (sector < 512 || sector > 4096 || !is_power_of_two(sector))
		return "its sector size is none";
	if (!is_power_of_two(boot[BPB_PER_CLUSTER])) /* of 8 bits: at most 128 sectors */
		return "its cluster size is none";
	if (!fat_u16(boot + BPB_RESERVED))
		return "it has no reserved sectors";
	if (!boot[BPB_TABLES])
		return "it has no table";
	if (fat_u16(boot + BPB_TABLE_16) && !fat_u16(boot + BPB_ROOT))
		return "its root directory has no room";
	if (boot[BPB_MEDIA] != 0xf0 && boot[BPB_MEDIA] < 0xf8)
		return "its kind of medium is none";
	return NULL;
}

/* What follows from the fields: where everything is. */
static void place(struct pve_fat_layout *l, const unsigned char *boot)
{
	uint32_t table = fat_u16(boot + BPB_TABLE_16), total = fat_u16(boot + BPB_TOTAL_16);
	const unsigned char *ebr = boot + (table ? EBR_16 : EBR_32);

	l->bits = table ? 16 : 32; /* 12 is told by the number of clusters */
	l->sector = fat_u16(boot + BPB_SECTOR);
	l->cluster = l->sector * boot[BPB_PER_CLUSTER];
	l->tables = boot[BPB_TABLES];
	l->table_at = (uint64_t)l->sector * fat_u16(boot + BPB_RESERVED);
	l->table_bytes = (uint64_t)l->sector * (table ? table : fat_u32(boot + BPB_TABLE_32));
	l->root_at = l->table_at + l->table_bytes * l->tables;
	l->root_bytes = table ? fat_u16(boot + BPB_ROOT) * 32 : 0;
	l->root_cluster = table ? 0 : fat_u32(boot + BPB_ROOT_32);
	l->data_at = (l->root_at + l->root_bytes + l->sector - 1) / l->sector * l->sector;
	l->bytes = (uint64_t)l->sector * (total ? total : fat_u32(boot + BPB_TOTAL_32));
	l->dirty = ebr[EBR_STATE] & 1;
	if (ebr[EBR_SIGNATURE] == 0x28 || ebr[EBR_SIGNATURE] == 0x29)
		l->serial = fat_u32(ebr + EBR_SERIAL);
}

/* The number of clusters, and by it the width of an entry.  As in Linux it is a table without a
 * 16-bit length that makes FAT32, however small; and a cluster without an entry is none. */
static void count(struct pve_fat_layout *l)
{
	uint64_t n = (l->bytes - l->data_at) / l->cluster, entries;

	if (l->bits == 16 && n < 4085)
		l->bits = 12;
	entries = l->table_bytes * 8 / l->bits;
	if (n > entries - 2)
		n = entries - 2;
	if (n > 0x0ffffff5 - 2)
		n = 0x0ffffff5 - 2;
	l->clusters = (uint32_t)n;
}

int pve_fat_layout_parse(struct pve_fat_layout *l, const unsigned char boot[PVE_FAT_BOOT],
			 uint64_t size, struct pve_err *e)
{
	struct pve_fat_layout new = {0};
	const char *why = why_none(boot);

	if (why)
		return pve_err_set(e, PVE_DATA, "no FAT file system: %s", why);
	place(&new, boot);
	if (new.table_bytes < 16)
		return pve_err_set(e, PVE_DATA, "no FAT file system: its table is empty");
	if (new.data_at + new.cluster > new.bytes)
		return pve_err_set(e, PVE_DATA, "no FAT file system: it has no room for files");
	if (new.bytes > size)
		return pve_err_set(e, PVE_DATA,
				   "is cut: its file system has %" PRIu64
				   " bytes, but there are %" PRIu64,
				   new.bytes, size);
	count(&new);
	if (new.bits == 32 && !fat_is_cluster(&new, new.root_cluster))
		return pve_err_set(e, PVE_DATA,
				   "its root directory starts at cluster %" PRIu32
				   ", which is none",
				   new.root_cluster);
	*l = new;
	return 0;
}

int pve_fat_open(struct pve_fat *fat, const struct pve_fat_io *io, struct pve_err *e)
{
	unsigned char boot[PVE_FAT_BOOT];

	*fat = (struct pve_fat){.io = *io};
	if (io->size < sizeof(boot))
		return pve_err_set(e, PVE_DATA, "no FAT file system: it has no boot sector");
	if (io->read(io->data, 0, boot, sizeof(boot), e) < 0)
		return -1;
	return pve_fat_layout_parse(&fat->l, boot, io->size, e);
}

void pve_fat_done(struct pve_fat *fat)
{
	free(fat->window);
	*fat = (struct pve_fat){0};
}

bool fat_is_cluster(const struct pve_fat_layout *l, uint32_t cluster)
{
	return cluster >= 2 && cluster - 2 < l->clusters;
}

uint32_t fat_clusters_of(const struct pve_fat_layout *l, uint64_t bytes)
{
	return (uint32_t)((bytes + l->cluster - 1) / l->cluster);
}

uint64_t fat_place(const struct pve_fat_layout *l, uint32_t cluster)
{
	return l->data_at + (uint64_t)(cluster - 2) * l->cluster;
}

/* Moves the window so that it holds the bytes of an entry.  Where windows start, so does an
 * entry: those of FAT12 all lie in the first one. */
static int look_at(struct pve_fat *fat, uint64_t at, struct pve_err *e)
{
	uint64_t start = at / WINDOW * WINDOW, left = fat->l.table_bytes - start;
	size_t n = left < WINDOW ? (size_t)left : WINDOW;

	if (fat->window_n && fat->window_at == start)
		return 0;
	if (!fat->window)
		fat->window = pve_malloc(WINDOW);
	fat->window_n = 0;
	if (fat->io.read(fat->io.data, fat->l.table_at + start, fat->window, n, e) < 0)
		return -1;
	fat->window_at = start;
	fat->window_n = n;
	return 0;
}

/* The bits of an entry, and those with which special values begin. */
static uint32_t entry_bits(const struct pve_fat_layout *l, const unsigned char *p, uint32_t cluster,
			   uint32_t *special)
{
	*special = l->bits == 12 ? 0xff0 : l->bits == 16 ? 0xfff0 : 0x0ffffff0;
	if (l->bits == 12)
		return cluster & 1 ? fat_u16(p) >> 4 : fat_u16(p) & 0xfff;
	return l->bits == 16 ? fat_u16(p) : fat_u32(p) & 0x0fffffff;
}

int fat_link(struct pve_fat *fat, uint32_t cluster, struct fat_link *link, struct pve_err *e)
{
	uint64_t at = (uint64_t)cluster * fat->l.bits / 8;
	uint32_t value, special;

	if (look_at(fat, at, e) < 0)
		return -1;
	value = entry_bits(&fat->l, fat->window + (at - fat->window_at), cluster, &special);
	link->next = value;
	if (fat_is_cluster(&fat->l, value))
		link->mark = FAT_NEXT;
	else if (!value)
		link->mark = FAT_FREE;
	else if (value >= (special | 8))
		link->mark = FAT_END;
	else
		link->mark = value == (special | 7) ? FAT_BAD : FAT_OUT;
	return 0;
}

char *fat_link_words(const struct pve_fat_layout *l, uint32_t cluster, const struct fat_link *link)
{
	if (link->mark == FAT_FREE)
		return pve_asprintf("cluster %" PRIu32 " of its chain is free", cluster);
	if (link->mark == FAT_BAD)
		return pve_asprintf("cluster %" PRIu32 " of its chain is marked as bad", cluster);
	return pve_asprintf("its chain leads from cluster %" PRIu32 " to %" PRIu32
			    ", but the last one is %" PRIu32,
			    cluster, link->next, l->clusters + 1);
}

void fat_set_init(struct fat_set *s, const struct pve_fat_layout *l)
{
	s->bit = pve_calloc((size_t)l->clusters / 8 + 1, 1);
}

bool fat_set_has(const struct fat_set *s, uint32_t cluster)
{
	cluster -= 2;
	return s->bit[cluster / 8] >> cluster % 8 & 1;
}

bool fat_set_add(struct fat_set *s, uint32_t cluster)
{
	bool is_new = !fat_set_has(s, cluster);

	cluster -= 2;
	s->bit[cluster / 8] |= (unsigned char)(1u << cluster % 8);
	return is_new;
}

void fat_set_done(struct fat_set *s)
{
	free(s->bit);
	s->bit = NULL;
}

/* A file that is being read. */
struct reader {
	struct pve_fat *fat;
	const struct pve_fat_entry *entry;
	uint32_t cluster;     /* the next one */
	uint32_t left, total; /* clusters that its size asks for */
};

/* Clusters that lie side by side. */
struct run {
	uint32_t first, n;
};

static int ended_early(const struct reader *r, uint32_t last, const struct fat_link *link,
		       uint32_t n, struct pve_err *e)
{
	PVE_FREE char *why = NULL;

	if (link->mark == FAT_END)
		return pve_err_set(e, PVE_DATA,
				   "%s: its chain ends after %" PRIu32 " of %" PRIu32 " clusters",
				   r->entry->path, r->total - r->left + n, r->total);
	why = fat_link_words(&r->fat->l, last, link);
	return pve_err_set(e, PVE_DATA, "%s: %s", r->entry->path, why);
}

/* Takes a run off the chain, no longer than a piece. */
static int take_run(struct reader *r, struct run *run, struct pve_err *e)
{
	uint32_t most = PVE_FAT_PIECE / r->fat->l.cluster;
	struct fat_link link = {FAT_NEXT, r->cluster};

	*run = (struct run){r->cluster, 0};
	while (link.next == run->first + run->n && run->n < most && run->n < r->left) {
		uint32_t last = run->first + run->n++;

		if (fat_link(r->fat, last, &link, e) < 0)
			return -1;
		if (link.mark != FAT_NEXT && run->n < r->left)
			return ended_early(r, last, &link, run->n, e);
	}
	r->left -= run->n;
	r->cluster = link.next;
	return 0;
}

static int stream(struct reader *r, char *piece, pve_fat_sink *sink, void *data, struct pve_err *e)
{
	const struct pve_fat_layout *l = &r->fat->l;
	const struct pve_fat_io *io = &r->fat->io;
	uint64_t left = r->entry->size;

	while (r->left) {
		struct run run;
		size_t n;

		if (take_run(r, &run, e) < 0)
			return -1;
		n = (size_t)run.n * l->cluster;
		n = n < left ? n : (size_t)left;
		if (io->read(io->data, fat_place(l, run.first), piece, n, e) < 0 ||
		    sink(data, (struct pve_span){piece, n}, e) < 0)
			return -1;
		left -= n;
	}
	return 0;
}

int pve_fat_stream(struct pve_fat *fat, const struct pve_fat_entry *entry, pve_fat_sink *sink,
		   void *data, struct pve_err *e)
{
	uint32_t total = fat_clusters_of(&fat->l, entry->size);
	struct reader r = {fat, entry, entry->cluster, total, total};
	PVE_FREE char *piece = NULL;

	_Static_assert(128 * 4096 <= PVE_FAT_PIECE,
		       "the largest cluster is no larger than a piece");
	if (!total)
		return 0;
	if (total > fat->l.clusters)
		return pve_err_set(e, PVE_DATA, "%s: is larger than the file system", entry->path);
	if (!fat_is_cluster(&fat->l, entry->cluster))
		return pve_err_set(e, PVE_DATA, "%s: starts at cluster %" PRIu32 ", which is none",
				   entry->path, entry->cluster);
	piece = pve_malloc(PVE_FAT_PIECE);
	return stream(&r, piece, sink, data, e);
}
