/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "pveio/base64.h"
#include "pveio/pkey.h"
#include "pveio/pkey_impl.h"
#include "pveio/x509.h"

/* Keys, requests and certificates. */

static void base64url(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n++) {
		PVE_BUF text = {0};
		PVE_BUF back = {0};
		char bytes[70];

		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(0xff - 3 * i);
		pve_base64url_encode((struct pve_span){bytes, n}, &text);
		assert_null(strpbrk(pve_buf_str(&text), "+/=\n"));
		assert_int_equal(strlen(pve_buf_str(&text)), text.len);
		assert_true(pve_base64url_decode((struct pve_span){text.data, text.len}, &back));
		assert_int_equal(back.len, n);
		assert_true(n == 0 || memcmp(back.data, bytes, n) == 0);
	}
}

static void either_alphabet(void **state)
{
	static const char *const forms[] = {"-_-_-w", "+/+/+w", "-_-_-w==", "+/+/+w==", " -_-_-w\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		PVE_BUF back = {0};

		assert_true(pve_base64url_decode(pve_span(forms[i]), &back));
		assert_int_equal(back.len, 4);
		assert_memory_equal(back.data, "\xfb\xff\xbf\xfb", 4);
	}
}

/* The key of RFC 8037, appendix A.1, and what A.3 says of it. */
static void rfc8037(void **state)
{
	PVE_BUF d = {0};
	PVE_BUF text = {0};
	struct pve_err e = {0};
	struct pve_pkey *key;

	(void)state;
	assert_true(pve_base64url_decode(pve_span("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"), &d));
	key = pve_pkey_wrap(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
							 (unsigned char *)d.data, d.len));
	assert_non_null(key);
	assert_string_equal(pve_pkey_alg(key), "EdDSA");
	assert_int_equal(pve_pkey_jwk(key, &text, &e), 0);
	assert_string_equal(pve_buf_str(&text),
			    "{\"crv\":\"Ed25519\",\"kty\":\"OKP\","
			    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	text.len = 0;
	assert_int_equal(pve_pkey_thumbprint(key, &text, &e), 0);
	assert_string_equal(pve_buf_str(&text), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
	pve_pkey_free(key);
}

static const struct {
	enum pve_pkey_type type;
	const char *word, *name, *alg;
	size_t signature;
} kinds[] = {
	{PVE_PKEY_P256, "ec256", "EC P-256", "ES256", 64},
	{PVE_PKEY_P384, "ec384", "EC P-384", "ES384", 96},
	{PVE_PKEY_P521, "ec521", "EC P-521", "ES512", 132},
	{PVE_PKEY_RSA2048, "rsa2048", "RSA 2048", "RS256", 256},
	{PVE_PKEY_ED25519, "ed25519", "ED25519", "EdDSA", 64},
};

/* Written, read back, and the same key; the widths of its signatures are fixed. */
static void every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct pve_err e = {0};
		PVE_BUF pem = {0};
		struct pve_pkey *key = pve_pkey_new(kinds[i].type, &e), *back;

		assert_int_equal(pve_pkey_type(kinds[i].word), (int)kinds[i].type);
		assert_non_null(key);
		assert_string_equal(pve_pkey_name(key), kinds[i].name);
		assert_string_equal(pve_pkey_alg(key), kinds[i].alg);
		pve_pkey_format(key, &pem);
		back = pve_pkey_parse((struct pve_span){pem.data, pem.len}, &e);
		assert_non_null(back);
		assert_true(pve_pkey_same(key, back));
		for (int j = 0; j < 20; j++) {
			PVE_BUF sig = {0};

			assert_int_equal(pve_pkey_sign(key, pve_span("text"), &sig, &e), 0);
			assert_int_equal(sig.len, kinds[i].signature);
		}
		pve_pkey_free(key);
		pve_pkey_free(back);
	}
	assert_int_equal(pve_pkey_type("ec"), -1);
}

/* r and s side by side are a signature that OpenSSL takes, when they are put back into DER. */
static void raw_signature(void **state)
{
	struct pve_err e = {0};
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, &e);
	PVE_BUF sig = {0};
	ECDSA_SIG *pair = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int n;

	(void)state;
	assert_int_equal(pve_pkey_sign(key, pve_span("text"), &sig, &e), 0);
	ECDSA_SIG_set0(pair, BN_bin2bn((unsigned char *)sig.data, 32, NULL),
		       BN_bin2bn((unsigned char *)sig.data + 32, 32, NULL));
	n = i2d_ECDSA_SIG(pair, &der);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->evp), 1);
	assert_int_equal(EVP_DigestVerify(ctx, der, (size_t)n, (const unsigned char *)"text", 4), 1);
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(pair);
	pve_pkey_free(key);
}

/* Test case 2 of RFC 4231. */
static void hmac(void **state)
{
	static const unsigned char start[] = {0x5b, 0xdc, 0xc1, 0x46};
	PVE_BUF mac = {0};
	struct pve_err e = {0};

	(void)state;
	assert_int_equal(pve_hmac(256, pve_span("Jefe"), pve_span("what do ya want for nothing?"),
				  &mac, &e),
			 0);
	assert_int_equal(mac.len, 32);
	assert_memory_equal(mac.data, start, sizeof(start));
}

static void bad_keys(void **state)
{
	struct pve_err e = {0};
	BIO *bio = BIO_new(BIO_s_mem());
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, &e);
	char *text;
	long n;

	(void)state;
	assert_null(pve_pkey_parse(pve_span(""), &e));
	assert_string_equal(e.msg, "there is no private key in PEM form");
	assert_int_equal(e.code, PVE_DATA);
	assert_null(pve_pkey_parse(pve_span("-----BEGIN PRIVATE KEY-----\nAAAA\n"
					    "-----END PRIVATE KEY-----\n"),
				   &e));
	assert_non_null(strstr(e.msg, "the private key cannot be read: "));
	assert_int_equal(PEM_write_bio_PrivateKey(bio, key->evp, EVP_aes_128_cbc(),
						  (unsigned char *)"secret", 6, NULL, NULL),
			 1);
	n = BIO_get_mem_data(bio, &text);
	assert_null(pve_pkey_parse((struct pve_span){text, (size_t)n}, &e));
	assert_string_equal(e.msg, "the private key is protected by a password");
	BIO_free(bio);
	pve_pkey_free(key);
}

static void request(void **state)
{
	static const struct pve_name names[] = {
		{PVE_NAME_DNS, "*.example.org"},
		{PVE_NAME_DNS, "example.org"},
		{PVE_NAME_IP, "2001:db8::1"},
		{PVE_NAME_IP, "192.0.2.1"},
	};
	static const struct pve_name bad[] = {{PVE_NAME_DNS, "a.example,IP:1.2.3.4"},
					      {PVE_NAME_DNS, ""},
					      {PVE_NAME_IP, "1.2.3"}};
	struct pve_err e = {0};
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, &e);
	PVE_BUF der = {0};
	const unsigned char *p;
	X509_REQ *req;

	(void)state;
	assert_int_equal(pve_csr(key, names, 4, &der, &e), 0);
	p = (unsigned char *)der.data;
	req = d2i_X509_REQ(NULL, &p, (long)der.len);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, key->evp), 1);
	assert_int_equal(X509_NAME_entry_count(X509_REQ_get_subject_name(req)), 0);
	X509_REQ_free(req);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pve_csr(key, &bad[i], 1, &der, &e), -1);
		assert_int_equal(e.code, PVE_USAGE);
	}
	pve_pkey_free(key);
}

static void challenge_certificate(void **state)
{
	static const struct pve_name name = {PVE_NAME_DNS, "a.example"};
	unsigned char digest[32];
	struct pve_err e = {0};
	struct pve_pkey *key = pve_pkey_new(PVE_PKEY_P256, &e);
	struct pve_pkey *other = pve_pkey_new(PVE_PKEY_P256, &e);
	struct pve_chain chain = {0};
	PVE_BUF pem = {0};

	(void)state;
	memset(digest, 7, sizeof(digest));
	assert_int_equal(pve_cert_alpn(key, &name, digest, &pem, &e), 0);
	pve_buf_puts(&pem, "text behind it\n");
	assert_int_equal(pve_chain_parse(&chain, (struct pve_span){pem.data, pem.len}, &e), 0);
	assert_int_equal(chain.n, 1);
	assert_true(pve_chain_has_key(&chain, key));
	assert_false(pve_chain_has_key(&chain, other));
	assert_int_equal(chain.v[0].nsan, 1);
	assert_string_equal(chain.v[0].san[0].text, "a.example");
	assert_true(pve_chain_is_for(&chain, "a.example"));
	assert_false(pve_chain_is_for(&chain, "b.example"));
	assert_false(pve_chain_is_for(&chain, "192.0.2.1"));
	assert_string_equal(chain.v[0].serial, "01");
	assert_int_equal(chain.v[0].serial_der.len, 1);
	assert_int_equal(strlen(chain.v[0].fingerprint), 32 * 3 - 1);
	assert_int_equal(chain.v[0].not_after - chain.v[0].not_before, 90000);
	assert_true(pve_cert_self_signed(&chain.v[0]));
	assert_int_equal(pve_chain_check_order(&chain, &e), 0);
	pve_chain_done(&chain);
	pve_pkey_free(key);
	pve_pkey_free(other);
}

static void bad_chains(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "there is no certificate in PEM form"},
		{"hello", "there is no certificate in PEM form"},
		{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "block 1: a certificate: "},
		{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		 "among the certificates there is a block PRIVATE KEY"},
		{"-----BEGIN CERTIFICATE-----\nAAAA\n", "the PEM text is damaged: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_chain chain = {0};
		struct pve_err e = {0};

		assert_int_equal(pve_chain_parse(&chain, pve_span(cases[i].text), &e), -1);
		assert_int_equal(e.code, PVE_DATA);
		assert_memory_equal(e.msg, cases[i].why, strlen(cases[i].why));
		assert_null(chain.x509);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64url),      cmocka_unit_test(either_alphabet),
		cmocka_unit_test(rfc8037),        cmocka_unit_test(every_kind),
		cmocka_unit_test(raw_signature),  cmocka_unit_test(hmac),
		cmocka_unit_test(bad_keys),       cmocka_unit_test(request),
		cmocka_unit_test(challenge_certificate), cmocka_unit_test(bad_chains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
