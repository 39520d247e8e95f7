/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_ZPOOL_CACHE_H
#define PVECOMMON_ZPOOL_CACHE_H

#include <stdint.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * /etc/zfs/zpool.cache: the configuration of all pools that are imported at boot, as a packed
 * nvlist in XDR (OpenZFS, module/nvpair/nvpair.c: four bytes of header; a list is version,
 * flags, pairs, and eight bytes of zero; a pair begins with its own length).  Pools with
 * cachefile=none are not in it.
 */
struct pve_zpool_leaf {
	const char *pool;
	uint64_t pool_guid;
	const char *vdev; /* "mirror-0", "raidz2-1", as "zpool status" names the vdev above the
			   * disk; "" for a disk that stands alone */
	const char *role; /* "", or "log", "special", "dedup", "cache", "spare" */
	uint64_t guid;    /* of the disk: ID_FS_UUID_SUB */
	const char *path; /* where it was when last imported */
};

struct pve_zpool_cache {
	struct pve_zpool_leaf *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Reads bytes into *c, which must be { 0 }.  0, or -1 for bytes that are none: then *c has
 * what could be read before. */
int pve_zpool_cache_parse(struct pve_zpool_cache *c, struct pve_span bytes);
void pve_zpool_cache_done(struct pve_zpool_cache *c);

#endif
