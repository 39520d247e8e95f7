/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "pvecommon/mem.h"

struct pve_digest {
	EVP_MD_CTX *ctx;
	const char *name;
};

static int failed(const char *name, struct pve_err *e)
{
	char why[160];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	ERR_clear_error();
	return pve_err_set(e, PVE_FAILED, "computing a %s digest: %s", name, why);
}

struct pve_digest *pve_digest_new(enum pve_digest_kind kind, struct pve_err *e)
{
	static const struct {
		const char *name;
		const EVP_MD *(*md)(void);
	} kinds[] = {
		[PVE_DIGEST_MD5] = {"MD5", EVP_md5},
		[PVE_DIGEST_SHA1] = {"SHA-1", EVP_sha1},
		[PVE_DIGEST_SHA256] = {"SHA-256", EVP_sha256},
		[PVE_DIGEST_SHA512] = {"SHA-512", EVP_sha512},
	};
	struct pve_digest *d = pve_calloc(1, sizeof(*d));

	d->name = kinds[kind].name;
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx)
		abort(); /* out of memory, as everywhere: mem.h */
	if (EVP_DigestInit_ex(d->ctx, kinds[kind].md(), NULL) == 1)
		return d;
	failed(d->name, e);
	pve_digest_free(d);
	return NULL;
}

int pve_digest_add(struct pve_digest *d, struct pve_span bytes, struct pve_err *e)
{
	if (!bytes.len || EVP_DigestUpdate(d->ctx, bytes.p, bytes.len) == 1)
		return 0;
	return failed(d->name, e);
}

int pve_digest_end(struct pve_digest *d, char text[PVE_DIGEST_TEXT], struct pve_err *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	_Static_assert(PVE_DIGEST_TEXT >= 2 * EVP_MAX_MD_SIZE + 1, "every digest has room");
	if (EVP_DigestFinal_ex(d->ctx, md, &n) != 1)
		return failed(d->name, e);
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
	EVP_MD_CTX_free(d->ctx);
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
