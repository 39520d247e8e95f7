/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a journal: what is accepted formats to the same bytes, but for its records. */
#include <stdint.h>
#include <stdlib.h>

#include "pvecommon/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_journal j;
	PVE_BUF again = {0};

	if (pve_journal_parse((struct pve_span){(const char *)data, size}, &j, NULL) < 0)
		return 0;
	pve_journal_format(&j.plan, &j.head, &again);
	/* Numbers may have leading zeros, so only the meaning must come back. */
	pve_journal_done(&j);
	if (pve_journal_parse((struct pve_span){again.data, again.len}, &j, NULL) < 0)
		abort();
	pve_journal_done(&j);
	return 0;
}
