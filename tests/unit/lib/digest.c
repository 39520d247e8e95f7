/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pveio/digest.h"

/* The digests of nothing and of "abc": RFC 1321 A.5; FIPS 180-4, examples of NIST. */
static void known(void **state)
{
	static const struct {
		enum pve_digest_kind kind;
		const char *bytes, *text;
	} cases[] = {
		{PVE_DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e"},
		{PVE_DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{PVE_DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{PVE_DIGEST_SHA256, "",
		 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{PVE_DIGEST_SHA256, "abc",
		 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{PVE_DIGEST_SHA512, "abc",
		 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[PVE_DIGEST_TEXT];
		struct pve_err e = {0};

		assert_int_equal(pve_digest(cases[i].kind, pve_span(cases[i].bytes), text, &e), 0);
		assert_string_equal(text, cases[i].text);
	}
}

/* However the bytes are cut, the digest is that of the whole. */
static void pieces(void **state)
{
	char bytes[300], whole[PVE_DIGEST_TEXT], text[PVE_DIGEST_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	assert_int_equal(
		pve_digest(PVE_DIGEST_SHA256, (struct pve_span){bytes, sizeof(bytes)}, whole, NULL),
		0);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct pve_digest *d = pve_digest_new(PVE_DIGEST_SHA256, NULL);

		assert_int_equal(pve_digest_add(d, (struct pve_span){bytes, cut}, NULL), 0);
		assert_int_equal(pve_digest_add(d,
						(struct pve_span){bytes + cut, sizeof(bytes) - cut},
						NULL),
				 0);
		assert_int_equal(pve_digest_end(d, text, NULL), 0);
		assert_string_equal(text, whole);
		pve_digest_free(d);
	}
	pve_digest_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
