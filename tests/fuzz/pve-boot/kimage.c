/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of kernels, and archives of cpio: in one piece and in two they are the same. */
#include "pve-boot/kimage.h"

#include "../lib/edits.h"
#include "pve-boot/cpio.h"

static int take(struct cpio *c, struct pve_span bytes, bool *stopped)
{
	size_t taken = 0;

	if (*stopped)
		return 0;
	if (cpio_take(c, bytes, &taken, NULL) < 0)
		return -1;
	*stopped = taken < bytes.len;
	assert(!*stopped || c->state == CPIO_BETWEEN);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span all = {(const char *)data, size};
	size_t half = size / 2;
	struct cpio one = {0}, two = {0};
	bool stop_one = false, stop_two = false;
	struct kimage k = {0};
	int rc;

	if (kimage_parse(&k, all, size, NULL) == 0)
		assert(*k.version && k.whole <= size);
	rc = take(&one, all, &stop_one);
	if (take(&two, (struct pve_span){all.p, half}, &stop_two) == 0)
		assert(take(&two, (struct pve_span){all.p + half, size - half}, &stop_two) == rc);
	else
		assert(rc == -1);
	if (rc == 0) {
		assert(one.state == two.state && one.at == two.at && one.left == two.left);
		assert(one.files == two.files && one.has_init == two.has_init);
	}
	return 0;
}
