/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EFI programs: what is signed lies inside, in order, and is all but the checksum and the certificates. */
#include "pve-boot/pe.h"

#include "../lib/edits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span image = {(const char *)data, size}, piece[PE_PIECES], component;
	const char *at = image.p;
	size_t n, sum = 0;
	uint64_t has, wants;
	struct pe pe;

	for (enum pe_by by = PE_BY_FIRMWARE; by <= PE_BY_LOADER; by++)
		free(pe_refusal(image, by, image));
	if (pe_parse(&pe, image, NULL) < 0)
		return 0;
	n = pe_signed(&pe, image, piece);
	for (size_t i = 0; i < n; i++) {
		assert(piece[i].p >= at && piece[i].len <= size);
		at = piece[i].p + piece[i].len;
		assert(at <= image.p + size);
		sum += piece[i].len;
	}
	assert(!n || sum == size - 12 - pe.certs.len);
	if (pe_revoked(&pe, image, &component, &has, &wants))
		assert(has < wants && component.p >= pe.sbat.p);
	return 0;
}
