/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests: what was read is written and read back the same; a whole one byte for byte, as far
 * as it was written by us. */
#include "pve-boot/manifest.h"

#include "../lib/edits.h"

static void read_back(const struct manifest *m, struct pve_buf *again)
{
	struct manifest second = {0};
	struct pve_diags diags = {0};
	PVE_BUF text = {0};

	manifest_format(m, &text);
	assert(manifest_parse(&second, span_of(&text), "again", &diags) == 0);
	assert(second.n == m->n);
	manifest_format(&second, again);
	assert_same(span_of(&text), again);
	manifest_done(&second);
	pve_diags_done(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m = {0};
	struct pve_diags diags = {0};
	PVE_BUF again = {0};
	int rc = manifest_parse(&m, (struct pve_span){(const char *)data, size}, "m", &diags);

	assert((rc == 0) == (diags.errors == 0));
	read_back(&m, &again);
	for (size_t i = 0; i < m.n; i++)
		assert(manifest_find(&m, m.v[i].path) == &m.v[i]);
	manifest_done(&m);
	pve_diags_done(&diags);
	return 0;
}
