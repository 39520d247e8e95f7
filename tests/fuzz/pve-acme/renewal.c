/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/renewal.h"

#include "../lib/edits.h"

/* What is written is read as the same, and no memory makes a rule of nonsense. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acme_renewal r = {0}, again = {0};
	struct acme_domains none = {0};
	struct acme_due due;
	PVE_BUF one = {0};
	PVE_BUF two = {0};

	acme_renewal_parse(&r, (struct pve_span){(const char *)data, size});
	acme_renewal_due(&r, NULL, &none, 0, 1, &due);
	assert(!due.now);
	acme_renewal_format(&r, &one);
	acme_renewal_parse(&again, span_of(&one));
	acme_renewal_format(&again, &two);
	assert_same(span_of(&one), &two);
	acme_renewal_failed(&r, "why", 0, 1800000000);
	assert(r.not_before > 1800000000);
	acme_renewal_done(&r);
	acme_renewal_done(&again);
	return 0;
}
