/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/install.h"

#include "../lib/edits.h"

/* A certificate chain and a key, in PEM, in one text: as cert set reads them from two. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct pve_chain chain = {0}, again = {0};
	struct acme_domains none = {0};
	struct pve_err e = {0};
	struct pve_pkey *key = pve_pkey_parse(text, &e);
	PVE_BUF pem = {0};

	if (pve_chain_parse(&chain, text, &e) == 0) {
		for (size_t i = 0; i < chain.n; i++)
			pve_buf_span(&pem, chain.v[i].pem);
		assert(pve_chain_parse(&again, span_of(&pem), NULL) == 0 && again.n == chain.n);
		if (key)
			acme_pair_check(&chain, key, &none, "node1", 1800000000, false, &e);
	} else {
		assert(e.code == PVE_DATA && !chain.n);
	}
	pve_pkey_free(key);
	pve_chain_done(&chain);
	pve_chain_done(&again);
	return 0;
}
