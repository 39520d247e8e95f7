/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/journal.h"

#include "../lib/edits.h"

/* What is understood is written so that it is understood as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acme_journal j = {0}, back = {0};
	PVE_BUF once = {0};
	PVE_BUF twice = {0};

	if (acme_journal_parse(&j, (struct pve_span){(const char *)data, size}, "f", NULL) < 0)
		return 0;
	acme_journal_format(&j, &once);
	assert(acme_journal_parse(&back, span_of(&once), "f", NULL) == 0);
	acme_journal_format(&back, &twice);
	assert(strcmp(pve_buf_str(&once), pve_buf_str(&twice)) == 0);
	acme_journal_done(&j);
	acme_journal_done(&back);
	return 0;
}
