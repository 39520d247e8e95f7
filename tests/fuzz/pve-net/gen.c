/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a generation: what is accepted, once formatted, stays the same bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "pve-net/gen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NET_GEN g = {0};
	NET_GEN back = {0};
	PVE_BUF once = {0};
	PVE_BUF twice = {0};

	if (net_gen_parse((struct pve_span){(const char *)data, size}, &g, NULL) < 0)
		return 0;
	net_gen_format(&g, &once);
	if (net_gen_parse((struct pve_span){once.data, once.len}, &back, NULL) < 0)
		abort();
	net_gen_format(&back, &twice);
	if (!net_gen_same(&g, &back) || once.len != twice.len ||
	    memcmp(once.data, twice.data, once.len) != 0)
		abort();
	return 0;
}
