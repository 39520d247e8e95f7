/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was read and written once is the same bytes when it is read and written again. */
#include "pve-smart/sample.h"

#include "../lib/edits.h"

static void once(struct pve_span in, struct pve_buf *out)
{
	struct smart_samples s = {0};

	smart_samples_parse(&s, in, "f", NULL);
	smart_samples_sort(&s);
	for (size_t i = 0; i < s.n; i++)
		if (!smart_samples_last(&s, s.v[i].disk))
			abort();
	smart_samples_format(&s, 0, INT64_MAX, out);
	smart_samples_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PVE_BUF first = {0}, second = {0};

	once((struct pve_span){(const char *)data, size}, &first);
	once((struct pve_span){first.data, first.len}, &second);
	assert_same((struct pve_span){first.data, first.len}, &second);
	return 0;
}
