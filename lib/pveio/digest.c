/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/dl.h"

/* What is used of OpenSSL, under its own names and with its own types. */
struct calls {
	__typeof__(EVP_MD_CTX_new) *EVP_MD_CTX_new;
	__typeof__(EVP_MD_CTX_free) *EVP_MD_CTX_free;
	__typeof__(EVP_get_digestbyname) *EVP_get_digestbyname;
	__typeof__(EVP_DigestInit_ex) *EVP_DigestInit_ex;
	__typeof__(EVP_DigestUpdate) *EVP_DigestUpdate;
	__typeof__(EVP_DigestFinal_ex) *EVP_DigestFinal_ex;
	__typeof__(ERR_get_error) *ERR_get_error;
	__typeof__(ERR_error_string_n) *ERR_error_string_n;
	__typeof__(ERR_clear_error) *ERR_clear_error;
};

struct pve_digest {
	struct calls c;
	EVP_MD_CTX *ctx;
	const char *name;
};

static int load(struct calls *c, struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"EVP_MD_CTX_new", &c->EVP_MD_CTX_new},
		{"EVP_MD_CTX_free", &c->EVP_MD_CTX_free},
		{"EVP_get_digestbyname", &c->EVP_get_digestbyname},
		{"EVP_DigestInit_ex", &c->EVP_DigestInit_ex},
		{"EVP_DigestUpdate", &c->EVP_DigestUpdate},
		{"EVP_DigestFinal_ex", &c->EVP_DigestFinal_ex},
		{"ERR_get_error", &c->ERR_get_error},
		{"ERR_error_string_n", &c->ERR_error_string_n},
		{"ERR_clear_error", &c->ERR_clear_error},
	};

	return pve_dl_load("libcrypto.so.3", "OpenSSL", want, sizeof(want) / sizeof(*want), e);
}

static int failed(const struct pve_digest *d, struct pve_err *e)
{
	char why[160];

	d->c.ERR_error_string_n(d->c.ERR_get_error(), why, sizeof(why));
	d->c.ERR_clear_error();
	return pve_err_set(e, PVE_FAILED, "computing a %s digest: %s", d->name, why);
}

struct pve_digest *pve_digest_new(enum pve_digest_kind kind, struct pve_err *e)
{
	static const char *const names[] = {
		[PVE_DIGEST_MD5] = "MD5",
		[PVE_DIGEST_SHA1] = "SHA1",
		[PVE_DIGEST_SHA256] = "SHA256",
		[PVE_DIGEST_SHA512] = "SHA512",
	};
	struct pve_digest *d = pve_calloc(1, sizeof(*d));
	const EVP_MD *md;

	if (load(&d->c, e) < 0) {
		free(d);
		return NULL;
	}
	d->name = names[kind];
	d->ctx = d->c.EVP_MD_CTX_new();
	if (!d->ctx)
		abort(); /* out of memory, as everywhere: mem.h */
	md = d->c.EVP_get_digestbyname(d->name);
	if (md && d->c.EVP_DigestInit_ex(d->ctx, md, NULL) == 1)
		return d;
	failed(d, e);
	pve_digest_free(d);
	return NULL;
}

int pve_digest_add(struct pve_digest *d, struct pve_span bytes, struct pve_err *e)
{
	if (!bytes.len || d->c.EVP_DigestUpdate(d->ctx, bytes.p, bytes.len) == 1)
		return 0;
	return failed(d, e);
}

int pve_digest_end(struct pve_digest *d, char text[PVE_DIGEST_TEXT], struct pve_err *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	_Static_assert(PVE_DIGEST_TEXT >= 2 * EVP_MAX_MD_SIZE + 1, "every digest has room");
	if (d->c.EVP_DigestFinal_ex(d->ctx, md, &n) != 1)
		return failed(d, e);
	for (unsigned i = 0; i < n; i++) {
		text[2 * i] = digits[md[i] >> 4];
		text[2 * i + 1] = digits[md[i] & 15];
	}
	text[2 * n] = '\0';
	return 0;
}

void pve_digest_free(struct pve_digest *d)
{
	if (!d)
		return;
	d->c.EVP_MD_CTX_free(d->ctx);
	free(d);
}

int pve_digest(enum pve_digest_kind kind, struct pve_span bytes, char text[PVE_DIGEST_TEXT],
	       struct pve_err *e)
{
	struct pve_digest *d = pve_digest_new(kind, e);
	int rc = -1;

	if (d && pve_digest_add(d, bytes, e) == 0)
		rc = pve_digest_end(d, text, e);
	pve_digest_free(d);
	return rc;
}
