/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/pkey.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/strv.h"
#include "pveio/base64.h"
#include "pveio/pkey_impl.h"

/* What each type of curve is called by OpenSSL and by JWS. */
static const struct curve {
	const char *group; /* OpenSSL's name */
	const char *crv;   /* RFC 7518, section 6.2.1.1 */
	const char *alg;   /* RFC 7518, section 3.1 */
	size_t width;      /* bytes of a coordinate, of r and of s */
	const EVP_MD *(*md)(void);
} curves[] = {
	{"prime256v1", "P-256", "ES256", 32, EVP_sha256},
	{"secp384r1", "P-384", "ES384", 48, EVP_sha384},
	{"secp521r1", "P-521", "ES512", 66, EVP_sha512},
};

int pve_openssl_err(struct pve_err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *why = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return pve_err_set(e, PVE_FAILED, "%s: %s", what, why ? why : "OpenSSL gives no reason");
}

static const struct curve *curve_of(EVP_PKEY *evp)
{
	char group[64] = "";

	if (!EVP_PKEY_is_a(evp, "EC") || EVP_PKEY_get_group_name(evp, group, sizeof(group), NULL) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (strcmp(curves[i].group, group) == 0)
			return &curves[i];
	return NULL;
}

struct pve_pkey *pve_pkey_wrap(EVP_PKEY *evp)
{
	struct pve_pkey *key;
	const struct curve *curve;

	if (!evp)
		return NULL;
	key = pve_calloc(1, sizeof(*key));
	key->evp = evp;
	curve = curve_of(evp);
	if (curve)
		snprintf(key->name, sizeof(key->name), "EC %s", curve->crv);
	else if (EVP_PKEY_is_a(evp, "RSA"))
		snprintf(key->name, sizeof(key->name), "RSA %d", EVP_PKEY_get_bits(evp));
	else
		snprintf(key->name, sizeof(key->name), "%s", EVP_PKEY_get0_type_name(evp));
	return key;
}

int pve_pkey_type(const char *word)
{
	PVE_STRV words = {0};

	pve_strv_split(&words, pve_span(PVE_PKEY_TYPES), " ");
	for (size_t i = 0; i < words.n; i++)
		if (strcmp(words.v[i], word) == 0)
			return (int)i;
	return -1;
}

struct pve_pkey *pve_pkey_new(enum pve_pkey_type type, struct pve_err *e)
{
	EVP_PKEY *evp = NULL;

	switch (type) {
	case PVE_PKEY_P256:
	case PVE_PKEY_P384:
	case PVE_PKEY_P521:
		evp = EVP_EC_gen(curves[type - PVE_PKEY_P256].group);
		break;
	case PVE_PKEY_RSA2048:
		evp = EVP_RSA_gen(2048);
		break;
	case PVE_PKEY_RSA3072:
		evp = EVP_RSA_gen(3072);
		break;
	case PVE_PKEY_RSA4096:
		evp = EVP_RSA_gen(4096);
		break;
	case PVE_PKEY_ED25519:
		evp = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	if (!evp)
		pve_openssl_err(e, "making a key");
	return pve_pkey_wrap(evp);
}

/* Instead of a question at the terminal: an encrypted key is refused. */
static int no_password(char *buf, int size, int rwflag, void *asked)
{
	(void)buf, (void)size, (void)rwflag;
	*(bool *)asked = true;
	return -1;
}

struct pve_pkey *pve_pkey_parse(struct pve_span pem, struct pve_err *e)
{
	bool encrypted = false;
	BIO *bio = BIO_new_mem_buf(pem.len ? pem.p : "", (int)pem.len);
	EVP_PKEY *evp;

	if (!bio)
		abort(); /* out of memory, as everywhere: mem.h */
	evp = PEM_read_bio_PrivateKey(bio, NULL, no_password, &encrypted);
	BIO_free(bio);
	if (evp)
		return pve_pkey_wrap(evp);
	if (encrypted)
		pve_err_set(e, PVE_DATA, "the private key is protected by a password");
	else if (!memmem(pem.p, pem.len, "PRIVATE KEY-----", 16))
		pve_err_set(e, PVE_DATA, "there is no private key in PEM form");
	else {
		pve_openssl_err(e, "the private key cannot be read");
		if (e)
			e->code = PVE_DATA;
	}
	ERR_clear_error();
	return NULL;
}

void pve_pkey_free(struct pve_pkey *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->evp);
	free(key);
}

void pve_pkey_format(const struct pve_pkey *key, struct pve_buf *pem)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long n;

	if (!bio || PEM_write_bio_PrivateKey(bio, key->evp, NULL, NULL, 0, NULL, NULL) != 1)
		abort();
	n = BIO_get_mem_data(bio, &text);
	pve_buf_add(pem, text, (size_t)n);
	BIO_free(bio);
}

const char *pve_pkey_name(const struct pve_pkey *key)
{
	return key->name;
}

unsigned pve_pkey_bits(const struct pve_pkey *key)
{
	return (unsigned)EVP_PKEY_get_bits(key->evp);
}

bool pve_pkey_same(const struct pve_pkey *a, const struct pve_pkey *b)
{
	return EVP_PKEY_eq(a->evp, b->evp) == 1;
}

const char *pve_pkey_alg(const struct pve_pkey *key)
{
	const struct curve *curve = curve_of(key->evp);

	if (curve)
		return curve->alg;
	if (EVP_PKEY_is_a(key->evp, "RSA"))
		return "RS256";
	return EVP_PKEY_is_a(key->evp, "ED25519") ? "EdDSA" : NULL;
}

/* Adds "name":"base64url of the number", as wide as it needs, or as width says. */
static bool add_number(EVP_PKEY *evp, const char *param, const char *name, size_t width,
		       struct pve_buf *out)
{
	unsigned char bytes[1024]; /* RSA of 8,192 bits; larger ones no CA takes */
	BIGNUM *n = NULL;
	bool good;

	if (EVP_PKEY_get_bn_param(evp, param, &n) != 1)
		return false;
	if (!width)
		width = (size_t)BN_num_bytes(n);
	good = width <= sizeof(bytes) && BN_bn2binpad(n, bytes, (int)width) >= 0;
	BN_free(n);
	if (!good)
		return false;
	pve_buf_printf(out, "\"%s\":\"", name);
	pve_base64url_encode((struct pve_span){(char *)bytes, width}, out);
	pve_buf_putc(out, '"');
	return true;
}

static bool add_ec(EVP_PKEY *evp, const struct curve *curve, struct pve_buf *out)
{
	pve_buf_printf(out, "{\"crv\":\"%s\",\"kty\":\"EC\",", curve->crv);
	if (!add_number(evp, OSSL_PKEY_PARAM_EC_PUB_X, "x", curve->width, out))
		return false;
	pve_buf_putc(out, ',');
	if (!add_number(evp, OSSL_PKEY_PARAM_EC_PUB_Y, "y", curve->width, out))
		return false;
	pve_buf_putc(out, '}');
	return true;
}

static bool add_rsa(EVP_PKEY *evp, struct pve_buf *out)
{
	pve_buf_putc(out, '{');
	if (!add_number(evp, OSSL_PKEY_PARAM_RSA_E, "e", 0, out))
		return false;
	pve_buf_puts(out, ",\"kty\":\"RSA\",");
	if (!add_number(evp, OSSL_PKEY_PARAM_RSA_N, "n", 0, out))
		return false;
	pve_buf_putc(out, '}');
	return true;
}

static bool add_ed25519(EVP_PKEY *evp, struct pve_buf *out)
{
	unsigned char x[32];
	size_t n = sizeof(x);

	if (!EVP_PKEY_is_a(evp, "ED25519") || EVP_PKEY_get_raw_public_key(evp, x, &n) != 1)
		return false;
	pve_buf_puts(out, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"");
	pve_base64url_encode((struct pve_span){(char *)x, n}, out);
	pve_buf_puts(out, "\"}");
	return true;
}

int pve_pkey_jwk(const struct pve_pkey *key, struct pve_buf *out, struct pve_err *e)
{
	const struct curve *curve = curve_of(key->evp);
	PVE_BUF jwk = {0};
	bool good;

	if (curve)
		good = add_ec(key->evp, curve, &jwk);
	else if (EVP_PKEY_is_a(key->evp, "RSA"))
		good = add_rsa(key->evp, &jwk);
	else
		good = add_ed25519(key->evp, &jwk);
	ERR_clear_error();
	if (!good)
		return pve_err_set(e, PVE_FAILED, "a key of the kind %s cannot sign for ACME",
				   key->name);
	pve_buf_add(out, jwk.data, jwk.len);
	return 0;
}

int pve_sha256_base64url(struct pve_span bytes, struct pve_buf *out, struct pve_err *e)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(bytes.p, bytes.len, md, &n, EVP_sha256(), NULL) != 1)
		return pve_openssl_err(e, "computing a digest");
	pve_base64url_encode((struct pve_span){(char *)md, n}, out);
	return 0;
}

int pve_pkey_thumbprint(const struct pve_pkey *key, struct pve_buf *out, struct pve_err *e)
{
	PVE_BUF jwk = {0};

	if (pve_pkey_jwk(key, &jwk, e) < 0)
		return -1;
	return pve_sha256_base64url((struct pve_span){jwk.data, jwk.len}, out, e);
}

/* Turns the DER form of an ECDSA signature into r and s side by side. */
static bool add_raw(struct pve_span der, size_t width, struct pve_buf *out)
{
	const unsigned char *p = (const unsigned char *)der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
	unsigned char raw[2 * 66];
	bool good = sig && 2 * width <= sizeof(raw) &&
		    BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)width) >= 0 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + width, (int)width) >= 0;

	ECDSA_SIG_free(sig);
	if (good)
		pve_buf_add(out, raw, 2 * width);
	return good;
}

int pve_pkey_sign(const struct pve_pkey *key, struct pve_span bytes, struct pve_buf *out,
		  struct pve_err *e)
{
	const struct curve *curve = curve_of(key->evp);
	const EVP_MD *md = curve                            ? curve->md()
			   : EVP_PKEY_is_a(key->evp, "RSA") ? EVP_sha256()
							    : NULL; /* EdDSA has its own */
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[1024];
	size_t n = sizeof(sig);
	bool good;

	if (!ctx)
		abort();
	good = EVP_DigestSignInit(ctx, NULL, md, NULL, key->evp) == 1 &&
	       EVP_DigestSign(ctx, sig, &n, (const unsigned char *)bytes.p, bytes.len) == 1;
	EVP_MD_CTX_free(ctx);
	if (good && curve)
		good = add_raw((struct pve_span){(char *)sig, n}, curve->width, out);
	else if (good)
		pve_buf_add(out, sig, n);
	return good ? 0 : pve_openssl_err(e, "signing");
}

int pve_hmac(unsigned bits, struct pve_span secret, struct pve_span bytes, struct pve_buf *out,
	     struct pve_err *e)
{
	const EVP_MD *md = bits == 512 ? EVP_sha512() : bits == 384 ? EVP_sha384() : EVP_sha256();
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!HMAC(md, secret.len ? secret.p : "", (int)secret.len, (const unsigned char *)bytes.p,
		  bytes.len, mac, &n))
		return pve_openssl_err(e, "computing a message authentication code");
	pve_buf_add(out, mac, n);
	return 0;
}
