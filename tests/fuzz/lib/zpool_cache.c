/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/zpool_cache.h"

#include "edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_zpool_cache c = {0};

	pve_zpool_cache_parse(&c, (struct pve_span){(const char *)data, size});
	for (size_t i = 0; i < c.n; i++)
		if (!c.v[i].pool || !c.v[i].vdev || !c.v[i].role || !c.v[i].path)
			abort();
	pve_zpool_cache_done(&c);
	return 0;
}
