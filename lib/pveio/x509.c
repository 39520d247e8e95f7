/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/x509.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "pveio/pkey_impl.h"

struct pve_chain_x509 {
	X509 **v;
	size_t n;
};

enum pve_name_type pve_name_type(const char *text)
{
	unsigned char address[16];

	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1
		       ? PVE_NAME_IP
		       : PVE_NAME_DNS;
}

/* --- reading ------------------------------------------------------------------------------ */

/* Two digits of that alphabet for each byte, sep (0: none) between them. */
static const char *hex(struct pve_arena *mem, const unsigned char *p, size_t n,
		       const char digits[16], char sep)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < n; i++) {
		if (sep && i)
			pve_buf_putc(&text, sep);
		pve_buf_putc(&text, digits[p[i] >> 4]);
		pve_buf_putc(&text, digits[p[i] & 15]);
	}
	return pve_arena_strdup(mem, pve_buf_str(&text));
}

static const char *one_line(struct pve_arena *mem, const X509_NAME *name)
{
	char *text = X509_NAME_oneline(name, NULL, 0);
	const char *copy = pve_arena_strdup(mem, text ? text : "");

	OPENSSL_free(text);
	return copy;
}

static const char *common_name(struct pve_arena *mem, const X509_NAME *name)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *text = NULL;
	const char *copy = "";
	int n;

	if (at < 0)
		return copy;
	n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n >= 0)
		copy = pve_arena_memdup(mem, text, (size_t)n);
	OPENSSL_free(text);
	return copy;
}

static time_t time_of(const ASN1_TIME *t)
{
	struct tm tm = {0};

	return ASN1_TIME_to_tm(t, &tm) == 1 ? timegm(&tm) : 0;
}

/* The text of a general name; NULL for the kinds that are passed over. */
static const char *general_name(struct pve_arena *mem, const GENERAL_NAME *g,
				enum pve_name_type *type)
{
	int kind;
	const ASN1_STRING *s = GENERAL_NAME_get0_value(g, &kind);
	char text[INET6_ADDRSTRLEN];
	int n;

	if (kind != GEN_DNS && kind != GEN_IPADD)
		return NULL;
	n = ASN1_STRING_length(s);
	*type = kind == GEN_DNS ? PVE_NAME_DNS : PVE_NAME_IP;
	if (kind == GEN_DNS)
		return pve_arena_memdup(mem, ASN1_STRING_get0_data(s), (size_t)n);
	if (n != 4 && n != 16)
		return NULL;
	inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(s), text, sizeof(text));
	return pve_arena_strdup(mem, text);
}

static void read_names(struct pve_arena *mem, struct pve_cert *c, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int n = sk_GENERAL_NAME_num(names);

	c->san = pve_arena_alloc(mem, (size_t)(n > 0 ? n : 1) * sizeof(*c->san));
	for (int i = 0; i < n; i++) {
		struct pve_name *name = &c->san[c->nsan];

		name->text = general_name(mem, sk_GENERAL_NAME_value(names, i), &name->type);
		if (name->text)
			c->nsan++;
	}
	GENERAL_NAMES_free(names);
}

static void read_serial(struct pve_arena *mem, struct pve_cert *c, X509 *x)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(x);
	unsigned char *der = NULL;
	int n = i2d_ASN1_INTEGER(serial, &der);

	c->serial = hex(mem, ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial),
			"0123456789abcdef", 0);
	if (n > 2) /* tag and length before it: a serial number has at most 20 bytes */
		c->serial_der = (struct pve_span){pve_arena_memdup(mem, der + 2, (size_t)n - 2),
						  (size_t)n - 2};
	OPENSSL_free(der);
	if (authority) {
		size_t len = (size_t)ASN1_STRING_length(authority);

		c->authority.p =
			pve_arena_memdup(mem, ASN1_STRING_get0_data(authority), len);
		c->authority.len = len;
	}
}

static void read_forms(struct pve_arena *mem, struct pve_cert *c, X509 *x)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	char *text;
	long n;

	if (!bio || len < 0 || PEM_write_bio_X509(bio, x) != 1)
		abort(); /* out of memory, as everywhere: mem.h */
	c->der = (struct pve_span){pve_arena_memdup(mem, der, (size_t)len), (size_t)len};
	OPENSSL_free(der);
	n = BIO_get_mem_data(bio, &text);
	c->pem = (struct pve_span){pve_arena_memdup(mem, text, (size_t)n), (size_t)n};
	BIO_free(bio);
}

static void read_cert(struct pve_arena *mem, struct pve_cert *c, X509 *x)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_PKEY *public = X509_get0_pubkey(x);
	int kind = NID_undef;

	c->subject = one_line(mem, X509_get_subject_name(x));
	c->issuer = one_line(mem, X509_get_issuer_name(x));
	c->subject_cn = common_name(mem, X509_get_subject_name(x));
	c->issuer_cn = common_name(mem, X509_get_issuer_name(x));
	X509_digest(x, EVP_sha256(), md, &n);
	c->fingerprint = hex(mem, md, n, "0123456789ABCDEF", ':');
	c->not_before = time_of(X509_get0_notBefore(x));
	c->not_after = time_of(X509_get0_notAfter(x));
	if (public)
		kind = EVP_PKEY_get_id(public);
	c->key_type = kind == NID_undef ? "" : pve_arena_strdup(mem, OBJ_nid2ln(kind));
	c->key_bits = public ? (unsigned)EVP_PKEY_get_bits(public) : 0;
	c->ca = X509_check_ca(x) == 1;
	read_names(mem, c, x);
	read_serial(mem, c, x);
	read_forms(mem, c, x);
}

static bool is_certificate(const char *label)
{
	return strcmp(label, PEM_STRING_X509) == 0 || strcmp(label, PEM_STRING_X509_OLD) == 0 ||
	       strcmp(label, PEM_STRING_X509_TRUSTED) == 0;
}

static int add_block(struct pve_chain *chain, size_t *cap, const char *label,
		     const unsigned char *der, long len, struct pve_err *e)
{
	struct pve_chain_x509 *x = chain->x509;
	const unsigned char *p = der;
	X509 *cert;

	if (!is_certificate(label))
		return pve_err_set(e, PVE_DATA, "among the certificates there is a block %s", label);
	cert = d2i_X509(NULL, &p, len);
	if (!cert) {
		pve_openssl_err(e, "a certificate");
		pve_err_prefix(e, "block %zu", x->n + 1);
		if (e)
			e->code = PVE_DATA;
		return -1;
	}
	x->v = pve_grow(x->v, x->n, cap, sizeof(*x->v));
	x->v[x->n++] = cert;
	return 0;
}

static int read_blocks(struct pve_chain *chain, BIO *bio, struct pve_err *e)
{
	char *label, *header;
	unsigned char *der;
	size_t cap = 0;
	long len;
	int rc = 0;

	while (rc == 0 && PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		rc = add_block(chain, &cap, label, der, len, e);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	if (rc == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
		pve_openssl_err(e, "the PEM text is damaged");
		if (e)
			e->code = PVE_DATA;
		rc = -1;
	}
	ERR_clear_error();
	if (rc == 0 && !chain->x509->n)
		rc = pve_err_set(e, PVE_DATA, "there is no certificate in PEM form");
	return rc;
}

int pve_chain_parse(struct pve_chain *chain, struct pve_span pem, struct pve_err *e)
{
	BIO *bio = BIO_new_mem_buf(pem.len ? pem.p : "", (int)pem.len);
	int rc;

	if (!bio)
		abort();
	chain->x509 = pve_calloc(1, sizeof(*chain->x509));
	rc = read_blocks(chain, bio, e);
	BIO_free(bio);
	if (rc < 0) {
		pve_chain_done(chain);
		return -1;
	}
	chain->n = chain->x509->n;
	chain->v = pve_arena_alloc(&chain->mem, chain->n * sizeof(*chain->v));
	for (size_t i = 0; i < chain->n; i++)
		read_cert(&chain->mem, &chain->v[i], chain->x509->v[i]);
	ERR_clear_error();
	return 0;
}

void pve_chain_done(struct pve_chain *chain)
{
	if (chain->x509) {
		for (size_t i = 0; i < chain->x509->n; i++)
			X509_free(chain->x509->v[i]);
		free(chain->x509->v);
		free(chain->x509);
	}
	pve_arena_done(&chain->mem);
	*chain = (struct pve_chain){0};
}

/* --- judging ------------------------------------------------------------------------------ */

bool pve_chain_has_key(const struct pve_chain *chain, const struct pve_pkey *key)
{
	bool good = X509_check_private_key(chain->x509->v[0], key->evp) == 1;

	ERR_clear_error();
	return good;
}

int pve_chain_check_order(const struct pve_chain *chain, struct pve_err *e)
{
	for (size_t i = 1; i < chain->n; i++) {
		EVP_PKEY *issuer = X509_get0_pubkey(chain->x509->v[i]);
		bool good = issuer && X509_verify(chain->x509->v[i - 1], issuer) == 1;

		ERR_clear_error();
		if (!good)
			return pve_err_set(e, PVE_DATA,
					   "certificate %zu (%s) is not signed by the one behind it (%s)",
					   i, chain->v[i - 1].subject, chain->v[i].subject);
	}
	return 0;
}

bool pve_chain_is_for(const struct pve_chain *chain, const char *name)
{
	X509 *x = chain->x509->v[0];

	return pve_name_type(name) == PVE_NAME_IP ? X509_check_ip_asc(x, name, 0) == 1
						  : X509_check_host(x, name, 0, 0, NULL) == 1;
}

bool pve_cert_self_signed(const struct pve_cert *cert)
{
	return strcmp(cert->subject, cert->issuer) == 0;
}

/* --- making ------------------------------------------------------------------------------- */

/* The text of an extension subjectAltName as OpenSSL's configuration wants it. */
static int alt_names(const struct pve_name *names, size_t n, struct pve_buf *text, struct pve_err *e)
{
	for (size_t i = 0; i < n; i++) {
		bool ip = names[i].type == PVE_NAME_IP;

		if (ip ? pve_name_type(names[i].text) != PVE_NAME_IP
		       : !*names[i].text || strpbrk(names[i].text, ",: \t\n"))
			return pve_err_set(e, PVE_USAGE, "%s is no %s", names[i].text,
					   ip ? "address" : "domain name");
		pve_buf_printf(text, "%s%s:%s", i ? "," : "", ip ? "IP" : "DNS", names[i].text);
	}
	return 0;
}

int pve_csr(const struct pve_pkey *key, const struct pve_name *names, size_t n,
	    struct pve_buf *der, struct pve_err *e)
{
	PVE_BUF san = {0};
	X509_REQ *req;
	STACK_OF(X509_EXTENSION) *extensions;
	X509_EXTENSION *x;
	unsigned char *bytes = NULL;
	int len = -1;

	if (alt_names(names, n, &san, e) < 0)
		return -1;
	req = X509_REQ_new();
	extensions = sk_X509_EXTENSION_new_null();
	x = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, pve_buf_str(&san));
	if (req && extensions && x && sk_X509_EXTENSION_push(extensions, x) > 0 &&
	    X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
	    X509_REQ_set_pubkey(req, key->evp) == 1 &&
	    X509_REQ_add_extensions(req, extensions) == 1 &&
	    X509_REQ_sign(req, key->evp, EVP_PKEY_is_a(key->evp, "ED25519") ? NULL : EVP_sha256()) > 0)
		len = i2d_X509_REQ(req, &bytes);
	sk_X509_EXTENSION_free(extensions);
	X509_EXTENSION_free(x);
	X509_REQ_free(req);
	if (len < 0)
		return pve_openssl_err(e, "making the certificate request");
	pve_buf_add(der, bytes, (size_t)len);
	OPENSSL_free(bytes);
	return 0;
}

#define ACME_IDENTIFIER "1.3.6.1.5.5.7.1.31" /* id-pe-acmeIdentifier: RFC 8737, section 6.1 */

static bool add_identifier(X509 *x, const unsigned char digest[32])
{
	ASN1_OBJECT *oid = OBJ_txt2obj(ACME_IDENTIFIER, 1);
	ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	unsigned char *der = NULL;
	int n = -1;
	bool good;

	if (oid && inner && outer && ASN1_OCTET_STRING_set(inner, digest, 32) == 1)
		n = i2d_ASN1_OCTET_STRING(inner, &der);
	if (n > 0 && ASN1_OCTET_STRING_set(outer, der, n) == 1)
		ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, outer);
	good = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	OPENSSL_free(der);
	ASN1_OCTET_STRING_free(inner);
	ASN1_OCTET_STRING_free(outer);
	ASN1_OBJECT_free(oid);
	return good;
}

static bool fill_alpn(X509 *x, const struct pve_pkey *key, const char *san,
		      const unsigned char digest[32])
{
	X509_NAME *subject = X509_get_subject_name(x);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san);
	bool good = ext && X509_add_ext(x, ext, -1) == 1 && add_identifier(x, digest) &&
		    X509_set_version(x, X509_VERSION_3) == 1 &&
		    ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
		    X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
		    X509_gmtime_adj(X509_getm_notAfter(x), 86400) &&
		    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					       (const unsigned char *)"ACME challenge", -1, -1, 0) ==
			    1 &&
		    X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key->evp) == 1 &&
		    X509_sign(x, key->evp, EVP_sha256()) > 0;

	X509_EXTENSION_free(ext);
	return good;
}

int pve_cert_alpn(const struct pve_pkey *key, const struct pve_name *name,
		  const unsigned char digest[32], struct pve_buf *pem, struct pve_err *e)
{
	PVE_BUF san = {0};
	X509 *x;
	BIO *bio;
	char *text;
	long n;
	bool good;

	if (alt_names(name, 1, &san, e) < 0)
		return -1;
	x = X509_new();
	bio = BIO_new(BIO_s_mem());
	good = x && bio && fill_alpn(x, key, pve_buf_str(&san), digest) &&
	       PEM_write_bio_X509(bio, x) == 1;
	if (good) {
		n = BIO_get_mem_data(bio, &text);
		pve_buf_add(pem, text, (size_t)n);
	}
	BIO_free(bio);
	X509_free(x);
	return good ? 0 : pve_openssl_err(e, "making the certificate of a challenge");
}
