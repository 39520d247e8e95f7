/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/dns.h"

#include "edits.h"

/* Whatever is read lies in the message, and names are such as can be asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span bytes = {(const char *)data, size};
	struct pve_dns_msg m = {0};

	if (pve_dns_parse(&m, bytes, NULL) < 0) {
		assert(!m.v && !m.n);
		return 0;
	}
	for (size_t i = 0; i < m.n; i++) {
		const struct pve_dns_rr *rr = &m.v[i];

		assert(rr->start < size && rr->data.len <= size);
		assert(!rr->data.len || (rr->data.p >= bytes.p && rr->data.p + rr->data.len <= bytes.p + size));
		assert(strlen(rr->name) < PVE_DNS_NAME && strlen(rr->target) < PVE_DNS_NAME);
		assert(!rr->text || rr->text[rr->text_len] == '\0');
	}
	pve_dns_done(&m);
	return 0;
}
