/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-net/merge.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes before the first NUL are the base, those behind it another version.  What only one side
 * changed never conflicts; when that is the live side the result is the live file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	struct pve_span base = {(const char *)data, nul ? (size_t)(nul - data) : size};
	struct pve_span other = {nul ? (const char *)nul + 1 : "", nul ? size - base.len - 1 : 0};
	PVE_BUF live = {0};
	PVE_BUF staged = {0};
	PVE_BUF both = {0};

	assert(net_merge("f", base, other, base, &live, NULL) == 0);
	assert(pve_span_same((struct pve_span){live.data, live.len}, other));
	assert(net_merge("f", base, base, other, &staged, NULL) == 0);
	assert(net_merge("f", base, other, other, &both, NULL) == 0);
	assert(pve_span_same((struct pve_span){both.data, both.len}, other));
	return 0;
}
