/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_FAT_H
#define PVECOMMON_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * FAT12, FAT16 and FAT32 with long names, read only, without the kernel's help: from a device or
 * image that nobody has to mount.  Every byte may be damaged.  What is read is bounded by the size
 * of the device; no chain is followed out of it or twice around.
 *
 * Source: Microsoft, "FAT: General Overview of On-Disk Format" 1.03; where that leaves a choice,
 * as Linux decides (fs/fat/), because Linux writes these file systems.
 */

/* Where the bytes come from. */
struct pve_fat_io {
	/* Reads exactly n bytes at offset, which lie within size.  0, or -1 with e. */
	int (*read)(void *data, uint64_t offset, void *buf, size_t n, struct pve_err *e);
	void *data;
	uint64_t size; /* bytes of the device */
};

/* What the boot sector says. */
#define PVE_FAT_BOOT 512
struct pve_fat_layout {
	unsigned bits;         /* of an entry of the table: 12, 16, 32 */
	uint32_t sector;       /* bytes: 512, 1024, 2048, 4096 */
	uint32_t cluster;      /* bytes: a power of two */
	uint32_t clusters;     /* they are numbered from 2 */
	unsigned tables;       /* copies of the table, usually 2 */
	uint64_t table_at;     /* byte where the first one starts */
	uint64_t table_bytes;  /* of one */
	uint64_t root_at;      /* root directory of FAT12 and FAT16 */
	uint32_t root_bytes;   /* 0: FAT32 */
	uint32_t root_cluster; /* FAT32 */
	uint64_t data_at;      /* byte where cluster 2 starts */
	uint64_t bytes;        /* of the whole file system */
	uint32_t serial;       /* "0A1B-2C3D" is 0x0a1b2c3d; 0: none */
	bool dirty;            /* it was mounted for writing and not unmounted, or still is */
};

/* Pure: the boot sector of a device of so many bytes.  PVE_DATA, with the reason, when it is no
 * FAT, or larger than the device. */
int pve_fat_layout_parse(struct pve_fat_layout *l, const unsigned char boot[PVE_FAT_BOOT],
			 uint64_t size, struct pve_err *e);

struct pve_fat {
	struct pve_fat_layout l;
	struct pve_fat_io io;
	unsigned char *window; /* a piece of the first table */
	uint64_t window_at;    /* its first byte, from the start of the table */
	size_t window_n;       /* bytes; 0: nothing is there yet */
};

/* Reads the boot sector.  io->data is borrowed until pve_fat_done, which is fine after a failure,
 * too. */
int pve_fat_open(struct pve_fat *fat, const struct pve_fat_io *io, struct pve_err *e);
void pve_fat_done(struct pve_fat *fat);

/* A file or directory. */
struct pve_fat_entry {
	const char *path; /* "EFI/BOOT/BOOTX64.EFI"; UTF-8.  U+FFFD stands for half a surrogate
			   * pair, and for a byte above 127 in a name that is short only */
	const char *name; /* its last part */
	bool dir;
	unsigned depth;     /* 0: in the root directory */
	uint32_t cluster;   /* the first one; 0: it is empty */
	uint32_t size;      /* bytes; 0 of a directory */
	uint64_t allocated; /* bytes: of a file size in whole clusters, of a directory its chain */
	int64_t mtime;      /* seconds since the epoch, local time taken for UTC; 0: none */
};

#define PVE_FAT_DEPTH_MAX 32       /* directories within directories */
#define PVE_FAT_DIR_MAX (2u << 20) /* bytes of a directory: 65536 entries, as the format has it */
#define PVE_FAT_NAMES_MAX 262144   /* files and directories */

struct pve_fat_tree {
	struct pve_fat_entry *v; /* n of them: each directory before what is in it, names of one
				  * directory in byte order */
	size_t n, cap;
	struct pve_diags damage; /* what was passed over, and why; file is a path, or "/" */
	struct pve_arena mem;
};

/* Reads all directories.  *t must be { 0 }, and ends with pve_fat_tree_done, also on failure:
 * only when the device cannot be read.  Damage is in t->damage, and the rest is there. */
int pve_fat_tree_read(struct pve_fat_tree *t, struct pve_fat *fat, struct pve_err *e);
void pve_fat_tree_done(struct pve_fat_tree *t);

/* Takes the content of a file in pieces; 0, or -1 with e to end it. */
typedef int pve_fat_sink(void *data, struct pve_span piece, struct pve_err *e);
#define PVE_FAT_PIECE (1u << 20) /* bytes of the largest piece */

/* Hands on the content of a file.  PVE_DATA when its chain is damaged before the end; what came
 * before was handed on. */
int pve_fat_stream(struct pve_fat *fat, const struct pve_fat_entry *entry, pve_fat_sink *sink,
		   void *data, struct pve_err *e);

/* Clusters, and who has them. */
struct pve_fat_usage {
	uint32_t free;
	uint32_t bad;  /* marked so by the one who formatted it */
	uint32_t lost; /* in use by the table, but in no file */
};

/* Follows the chain of every file and directory, and reads the whole table.  Chains that are
 * shared, run in a circle, or do not fit the size of their file, lost clusters, and copies of the
 * table that differ, join t->damage.  -1 only when the device cannot be read. */
int pve_fat_check(struct pve_fat *fat, struct pve_fat_tree *t, struct pve_fat_usage *usage,
		  struct pve_err *e);

/* A long name has up to 20 slots, and a short one. */
#define PVE_FAT_SLOTS 21

/* Where a name stands: the byte of the device at which each of its 32-byte slots begins, its short
 * entry first.  dir is a directory of the tree, NULL the root.  Whoever sets the first byte of each
 * to 0xe5 removes the name and leaves its clusters to others: for what must not be removed through
 * the kernel, which would free them.  PVE_DATA when there is no such name. */
int pve_fat_slots(struct pve_fat *fat, const struct pve_fat_entry *dir, const char *name,
		  uint64_t slot[PVE_FAT_SLOTS], size_t *n, struct pve_err *e);

#endif
