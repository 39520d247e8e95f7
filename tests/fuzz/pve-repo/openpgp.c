/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef NDEBUG
#include "pve-repo/openpgp.h"

#include <assert.h>
#include <string.h>

#include "pve-repo/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void text_ok(const char *s)
{
	assert(strlen(s) < REPO_FPR_TEXT && strspn(s, "0123456789ABCDEF") == strlen(s));
}

/* Keyrings, signatures, messages and what the verifiers say: whatever comes is borne, and a ring
 * without an error has a key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	PVE_BUF message = {0}, signature = {0};
	struct repo_verified v = {0};
	struct repo_pgp_ring ring;
	struct repo_pgp_sigs sigs;
	struct pve_err e = {0};

	if (repo_pgp_ring_parse(&ring, text, &e) == 0)
		assert(ring.n && ring.v[0].primary);
	for (size_t i = 0; i < ring.n; i++) {
		text_ok(ring.v[i].fpr);
		assert(ring.v[i].algo_name && ring.v[i].user);
		repo_pgp_weakness(&ring.v[i]);
	}
	repo_pgp_ring_done(&ring);
	if (repo_pgp_sigs_parse(&sigs, text, &e) == 0)
		text_ok(sigs.v[0].issuer);
	repo_pgp_sigs_done(&sigs);
	if (repo_verify_split(text, &message, &signature) == 0)
		assert(signature.len && message.len + signature.len < size);
	repo_verify_status(&v, text, size % 2 ? NULL : "AAAA,BBBB!");
	repo_verify_sqv(&v, size % 3, text, text, NULL);
	assert(v.verdict == REPO_V_GOOD || v.why.code);
	return 0;
}
