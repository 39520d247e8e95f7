/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_FUZZ_LIB_EDITS_H
#define TESTS_FUZZ_LIB_EDITS_H

/* assert() must work whatever the build says. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An edit changes the text in one place only: between what both have in common at the start
 * and at the end, it leaves at most max new bytes. */
static inline void assert_one_place(struct pve_span before, struct pve_span after, size_t max)
{
	while (before.len && after.len && before.p[0] == after.p[0])
		before.p++, before.len--, after.p++, after.len--;
	while (before.len && after.len && before.p[before.len - 1] == after.p[after.len - 1])
		before.len--, after.len--;
	assert(after.len <= max);
}

static inline struct pve_span span_of(const struct pve_buf *b)
{
	return (struct pve_span){pve_buf_str(b), b->len};
}

static inline void assert_same(struct pve_span a, const struct pve_buf *b)
{
	assert(pve_span_same(a, span_of(b)));
}

#endif
