/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_ZPOOL_CACHE_H
#define PVECOMMON_ZPOOL_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * /etc/zfs/zpool.cache: the configuration of all pools that are imported at boot, as a packed
 * nvlist (OpenZFS, module/nvpair/nvpair.c).  Four bytes of header tell the encoding: 1 is XDR,
 * where a list is version, flags, pairs and eight bytes of zero, and a pair's length covers the
 * lists in it; 0, which OpenZFS writes today, is the machine's own, where such lists follow
 * behind the pair and end in four bytes of zero.  Pools with cachefile=none are not in it.
 */
struct pve_zpool_leaf {
	const char *pool;
	uint64_t pool_guid;
	const char *vdev; /* "mirror-0", "raidz2-1", as "zpool status" names the vdev above the
			   * disk; "" for a disk that stands alone */
	const char *role; /* "", or "log", "special", "dedup", "cache", "spare"; OpenZFS 2.1 writes
			   * none but "log" there, see pve_disk_read_zpools */
	uint64_t guid;    /* of the disk: ID_FS_UUID_SUB */
	const char *path; /* where it was when last imported */
};

struct pve_zpool_cache {
	struct pve_zpool_leaf *v;
	size_t n, cap;
	bool native;     /* the encoding that was read */
	struct pve_arena mem;
};

/* Reads bytes into *c, which must be { 0 }.  0, or -1 for bytes that are none: then *c has
 * what could be read before. */
int pve_zpool_cache_parse(struct pve_zpool_cache *c, struct pve_span bytes);
void pve_zpool_cache_done(struct pve_zpool_cache *c);

#endif
