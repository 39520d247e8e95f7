/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/accounts.h"

#include "../lib/edits.h"

/* An account that was read is written so that it is the same when it is read again, whatever the
 * server says of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct acme_stored a = {0}, again = {0};
	struct pve_strv contacts = {0};
	struct pve_err e = {0};
	PVE_BUF one = {0};
	PVE_BUF two = {0};

	if (acme_stored_parse(&a, text, &e) < 0) {
		assert(e.code == PVE_DATA && !a.json);
		return 0;
	}
	free(acme_stored_status(&a, &contacts));
	acme_stored_set_account(&a, "{\"status\":\"valid\"}", "https://ca.example/1", NULL);
	acme_stored_format(&a, &one);
	assert(acme_stored_parse(&again, span_of(&one), NULL) == 0);
	acme_stored_format(&again, &two);
	assert_same(span_of(&one), &two);
	pve_strv_done(&contacts);
	acme_stored_done(&a);
	acme_stored_done(&again);
	return 0;
}
