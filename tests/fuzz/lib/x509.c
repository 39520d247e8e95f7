/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/x509.h"

#include "edits.h"

/* PEM texts as certificates and as a key: what is read can be written, and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span pem = {(const char *)data, size};
	struct pve_chain chain = {0}, again = {0};
	struct pve_pkey *key = pve_pkey_parse(pem, NULL);

	if (pve_chain_parse(&chain, pem, NULL) == 0) {
		assert(chain.n > 0);
		for (size_t i = 0; i < chain.n; i++) {
			assert(pve_chain_parse(&again, chain.v[i].pem, NULL) == 0);
			assert(strcmp(again.v[0].fingerprint, chain.v[i].fingerprint) == 0);
			pve_chain_done(&again);
		}
		pve_chain_check_order(&chain, NULL);
		pve_chain_is_for(&chain, "a.example");
		if (key)
			pve_chain_has_key(&chain, key);
	}
	pve_chain_done(&chain);
	if (key) {
		PVE_BUF text = {0};
		struct pve_pkey *back;

		pve_pkey_format(key, &text);
		back = pve_pkey_parse(span_of(&text), NULL);
		assert(back && pve_pkey_same(key, back));
		pve_pkey_free(back);
	}
	pve_pkey_free(key);
	return 0;
}
