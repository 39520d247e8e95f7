/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/caa.h"
#include "pve-acme/keyfile.h"
#include "pve-acme/listen.h"
#include "pve-acme/msg.h"
#include "pve-acme/retry.h"
#include "pve-acme/tsig.h"

#include "../lib/edits.h"

static void message(struct pve_span bytes)
{
	struct acme_msg m = {0};
	PVE_BUF again = {0};

	if (acme_msg_parse(&m, bytes, NULL) < 0)
		return;
	acme_msg_format(&m, &again);
	assert(again.len == bytes.len && memcmp(again.data, bytes.p, bytes.len) == 0);
	acme_msg_error(&m, NULL);
	acme_msg_done(&m);
}

/* Of two records one is restricting or permits: with the same text for both, one cannot permit what the other
 * alone forbids. */
static void caa(struct pve_span bytes)
{
	PVE_FREE char *text = pve_strndup(bytes.len ? bytes.p : "", bytes.len);
	const struct acme_caa v[] = {{"issue", text}, {"ISSUE", text}};
	const struct acme_caa_want want = {"ca.test www.ca.test", "https://ca.test/1", "http-01", true};
	PVE_BUF one = {0};
	PVE_BUF two = {0};

	assert(acme_caa_allows(v, 1, &want, &one) == acme_caa_allows(v, 2, &want, &two));
	assert(!one.len == !two.len);
}

/* The readers that are too small for a target of their own. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct acme_tsig key = {"acme.", "hmac-sha256", {"secret", 6}};
	struct pve_span bytes = {(const char *)data, size};
	struct pve_arena mem = {0};
	struct acme_keyfile k;

	message(bytes);
	if (acme_keyfile_parse(&k, bytes, "f", &mem, NULL) == 0)
		assert(*k.name && *k.algorithm && *k.secret);
	pve_arena_done(&mem);
	acme_retry_after(bytes, 1000);
	acme_clock_skew(bytes, bytes, 1000);
	caa(bytes);
	acme_listen_inode(bytes, 80);
	acme_tsig_verify(&key, bytes, (struct pve_span){"mac", 3}, 1000, NULL);
	return 0;
}
