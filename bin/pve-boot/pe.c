/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pe.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "pvecommon/mem.h"
#include "pveio/digest.h"

/* Offsets: in the file; from the signature "PE\0\0"; from the optional header behind that. */
enum {
	PE_AT = 0x3c,        /* 32 bits: where the signature is */
	MACHINE = 4,         /* 16 */
	SECTIONS = 6,        /* 16: how many */
	OPTIONAL_SIZE = 20,  /* 16 */
	OPTIONAL = 24,       /* its start; the table of sections is behind it */
	HEADERS = 60,        /* 32: bytes of all headers */
	CHECKSUM = 64,       /* 32 */
	SUBSYSTEM = 68,      /* 16: 10 to 13 are of EFI */
	DIRECTORIES_32 = 96, /* of PE32; four bytes before it stands how many */
	DIRECTORIES_64 = 112,
	CERTIFICATES = 4,    /* directory: 32: offset in the file, 32: size */
	SECTION = 40,        /* bytes of an entry of the table; in it: */
	RAW_SIZE = 16,       /* 32 */
	RAW_AT = 20,         /* 32 */
	SECTIONS_MAX = 96,   /* as the format says */
};

/* Bits beyond the end are 0: what is read there is refused by its bounds. */
static uint32_t get(struct pve_span s, uint64_t at, unsigned bytes)
{
	uint32_t v = 0;

	if (at > s.len || s.len - at < bytes)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint32_t)(unsigned char)s.p[at + i] << (8 * i);
	return v;
}

static bool is_inside(struct pve_span s, uint64_t at, uint64_t n)
{
	return at <= s.len && n <= s.len - at;
}

/* --- the table of certificates ------------------------------------------------------------------- */

/* Takes the next one: its length, revision 2.0, type 2 of PKCS #7, then the bytes; the next one begins
 * at a multiple of 8.  false at the end, or when it leads out of the table. */
static bool next_cert(struct pve_span *rest, struct pve_span *pkcs7)
{
	uint32_t n = get(*rest, 0, 4), padded = (n + 7) & ~7u;

	if (n < 8 || n > rest->len)
		return false;
	*pkcs7 = (struct pve_span){rest->p + 8, n - 8};
	if (get(*rest, 4, 2) != 0x0200 || get(*rest, 6, 2) != 2 || pkcs7->len < 2 ||
	    pkcs7->p[0] != 0x30)
		pkcs7->len = 0;
	if (padded < n || padded > rest->len)
		padded = (uint32_t)rest->len;
	*rest = (struct pve_span){rest->p + padded, rest->len - padded};
	return true;
}

static int take_certs(struct pe *pe, struct pve_span image, struct pve_err *e)
{
	uint32_t at = get(image, pe->dir_at, 4), n = get(image, pe->dir_at + 4, 4);
	struct pve_span rest, pkcs7;

	if (!n)
		return 0;
	if (!is_inside(image, at, n))
		return pve_err_set(e, PVE_DATA, "is cut: its signature is not there");
	pe->certs = rest = (struct pve_span){image.p + at, n};
	while (next_cert(&rest, &pkcs7))
		pe->signatures += pkcs7.len > 0;
	return 0;
}

/* --- sections --------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct pve_span *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

/* Secure Boot takes sections in their order; where nothing lies between them, that is all of the
 * file up to the certificates. */
static bool has_gaps(struct pve_span image, struct pve_span *section, size_t n, size_t headers)
{
	const char *end = image.p + headers;

	qsort(section, n, sizeof(*section), by_place);
	for (size_t i = 0; i < n; i++) {
		if (section[i].p != end)
			return true;
		end += section[i].len;
	}
	return false;
}

static int take_sections(struct pe *pe, struct pve_span image, size_t table, size_t n,
			 size_t headers, struct pve_err *e)
{
	struct pve_span section[SECTIONS_MAX] = {0};
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const char *entry = image.p + table + i * SECTION;
		struct pve_span head = {entry, SECTION};
		uint32_t size = get(head, RAW_SIZE, 4), at = get(head, RAW_AT, 4);

		if (!size)
			continue;
		if (!is_inside(image, at, size))
			return pve_err_set(e, PVE_DATA,
					   "is cut: it has %zu of %" PRIu64 " bytes at least",
					   image.len, (uint64_t)at + size);
		section[used++] = (struct pve_span){image.p + at, size};
		if (memcmp(entry, ".sbat\0\0", 8) == 0)
			pe->sbat = section[used - 1];
	}
	pe->gaps = has_gaps(image, section, used, headers);
	return 0;
}

int pe_parse(struct pe *pe, struct pve_span image, struct pve_err *e)
{
	uint64_t at = get(image, PE_AT, 4), opt = at + OPTIONAL, table;
	uint32_t magic = get(image, opt, 2), system, n, dirs;
	size_t headers;
	struct pe new = {0};

	dirs = magic == 0x20b ? DIRECTORIES_64 : magic == 0x10b ? DIRECTORIES_32 : 0;
	system = get(image, opt + SUBSYSTEM, 2);
	if (get(image, 0, 2) != 0x5a4d || get(image, at, 4) != 0x4550 || !dirs || system < 10 ||
	    system > 13)
		return pve_err_set(e, PVE_DATA, "is no EFI program");
	new.machine = (uint16_t)get(image, at + MACHINE, 2);
	n = get(image, at + SECTIONS, 2);
	table = opt + get(image, at + OPTIONAL_SIZE, 2);
	headers = get(image, opt + HEADERS, 4);
	if (n > SECTIONS_MAX || !is_inside(image, table, (uint64_t)n * SECTION) ||
	    headers > image.len || headers < table + (uint64_t)n * SECTION)
		return pve_err_set(e, PVE_DATA, "is no EFI program: its headers are cut");
	new.sum_at = (size_t)opt + CHECKSUM;
	new.dir_at = (size_t)opt + dirs + CERTIFICATES * 8;
	if (take_sections(&new, image, (size_t)table, n, headers, e) < 0)
		return -1;
	/* Without a place for it there is no signature. */
	if (new.dir_at + 8 > table || get(image, opt + dirs - 4, 4) <= CERTIFICATES)
		new.dir_at = 0;
	else if (take_certs(&new, image, e) < 0)
		return -1;
	*pe = new;
	return 0;
}

/* --- what is signed ------------------------------------------------------------------------------- */

size_t pe_signed(const struct pe *pe, struct pve_span image, struct pve_span piece[PE_PIECES])
{
	const char *certs = pe->certs.len ? pe->certs.p : image.p + image.len;
	const char *end = pe->certs.len ? certs + pe->certs.len : certs;
	const char *sum = image.p + pe->sum_at, *dir = image.p + pe->dir_at;

	if (!pe->dir_at || certs < dir + 8)
		return 0;
	piece[0] = (struct pve_span){image.p, pe->sum_at};
	piece[1] = (struct pve_span){sum + 4, (size_t)(dir - sum) - 4};
	piece[2] = (struct pve_span){dir + 8, (size_t)(certs - dir) - 8};
	piece[3] = (struct pve_span){end, (size_t)(image.p + image.len - end)};
	return PE_PIECES;
}

/* DER: takes an element with that tag, and gives what is in it. */
static bool take_der(struct pve_span *rest, unsigned char tag, struct pve_span *in)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t head = 2, n;

	if (rest->len < head || p[0] != tag)
		return false;
	n = p[1];
	if (n & 0x80) {
		head += n & 0x7f;
		if (head > 2 + sizeof(uint32_t) || head > rest->len)
			return false;
		n = 0;
		for (size_t i = 2; i < head; i++)
			n = n << 8 | p[i];
	}
	if (n > rest->len - head)
		return false;
	*in = (struct pve_span){rest->p + head, n};
	*rest = (struct pve_span){in->p + n, rest->len - head - n};
	return true;
}

/* The digest that a signature is of: SignedData has SpcIndirectDataContent, in which a DigestInfo is
 * behind what tells the kind of the file.  Digests behind that are of time stamps.  false: it is none
 * of SHA-256. */
static bool take_digest(struct pve_span pkcs7, struct pve_span *digest)
{
	static const char indirect[] = "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04";
	static const char sha256[] = "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
	const char *at = memmem(pkcs7.p, pkcs7.len, indirect, sizeof(indirect) - 1);
	struct pve_span rest, in, content, info, algorithm;

	if (!at)
		return false;
	at += sizeof(indirect) - 1;
	rest = (struct pve_span){at, (size_t)(pkcs7.p + pkcs7.len - at)};
	return take_der(&rest, 0xa0, &in) && take_der(&in, 0x30, &content) &&
	       take_der(&content, 0x30, &info) && take_der(&content, 0x30, &info) &&
	       take_der(&info, 0x30, &algorithm) && algorithm.len >= sizeof(sha256) - 1 &&
	       memcmp(algorithm.p, sha256, sizeof(sha256) - 1) == 0 &&
	       take_der(&info, 0x04, digest) && digest->len == 32;
}

bool pe_names_digest(const struct pe *pe, const unsigned char sha256[32])
{
	struct pve_span rest = pe->certs, pkcs7, digest;
	bool any = false;

	while (next_cert(&rest, &pkcs7)) {
		if (!pkcs7.len)
			continue;
		if (!take_digest(pkcs7, &digest) || memcmp(digest.p, sha256, 32) == 0)
			return true;
		any = true;
	}
	return !any;
}

/* --- revocation ----------------------------------------------------------------------------------- */

/* "component,generation,...": a line of either list; others are passed over. */
static bool next_component(struct pve_span *rest, struct pve_span *name, uint64_t *generation)
{
	while (rest->len && *rest->p) {
		const char *end = memchr(rest->p, '\n', rest->len), *p, *comma;
		struct pve_span line = {rest->p, end ? (size_t)(end - rest->p) : rest->len};
		size_t taken = line.len + (end != NULL);

		*rest = (struct pve_span){rest->p + taken, rest->len - taken};
		comma = memchr(line.p, ',', line.len);
		if (!comma)
			continue;
		*name = (struct pve_span){line.p, (size_t)(comma - line.p)};
		*generation = 0;
		for (p = comma + 1; p < line.p + line.len && isdigit((unsigned char)*p); p++)
			if (*generation < UINT32_MAX)
				*generation = *generation * 10 + (uint64_t)(*p - '0');
		if (p > comma + 1)
			return true;
	}
	return false;
}

bool pe_revoked(const struct pe *pe, struct pve_span level, struct pve_span *component,
		uint64_t *has, uint64_t *wants)
{
	struct pve_span name;

	while (next_component(&level, &name, wants)) {
		struct pve_span rest = pe->sbat;

		while (next_component(&rest, component, has))
			if (pve_span_same(name, *component) && *has < *wants)
				return true;
	}
	return false;
}

/* --- the verdict ---------------------------------------------------------------------------------- */

/* Bytes of the digest as digits.  false when there is nothing to make it with. */
static bool make_digest(const struct pe *pe, struct pve_span image, unsigned char sha256[32])
{
	struct pve_span piece[PE_PIECES];
	size_t n = pe_signed(pe, image, piece);
	struct pve_digest *d = n ? pve_digest_new(PVE_DIGEST_SHA256, NULL) : NULL;
	char text[PVE_DIGEST_TEXT];
	bool good = d;

	for (size_t i = 0; i < n && good; i++)
		good = pve_digest_add(d, piece[i], NULL) == 0;
	good = good && pve_digest_end(d, text, NULL) == 0;
	pve_digest_free(d);
	for (size_t i = 0; i < 32 && good; i++) {
		char byte[3] = {text[2 * i], text[2 * i + 1], '\0'};

		sha256[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	return good;
}

static bool is_changed(const struct pe *pe, struct pve_span image)
{
	unsigned char sha256[32];

	return !pe->gaps && make_digest(pe, image, sha256) && !pe_names_digest(pe, sha256);
}

char *pe_refusal(struct pve_span image, enum pe_by by, struct pve_span level)
{
	struct pve_span component;
	uint64_t has, wants;
	struct pve_err e;
	struct pe pe = {0};

	if (pe_parse(&pe, image, &e) < 0)
		return pve_strdup(e.msg);
	if (pe.machine != PE_MACHINE)
		return pve_asprintf("is for another machine, of the type 0x%04x", pe.machine);
	if (!pe.signatures)
		return pve_strdup("has no signature");
	if (is_changed(&pe, image))
		return pve_strdup("is not what was signed: it was changed since, or is damaged");
	if (by == PE_BY_SHIM && !pe.sbat.p)
		return pve_strdup("has no section .sbat, without which shim does not start it");
	if (pe_revoked(&pe, level, &component, &has, &wants))
		return pve_asprintf("is revoked: its %.*s is of generation %" PRIu64
				    ", and this host starts %" PRIu64 " and later ones",
				    PVE_SPAN_ARG(component), has, wants);
	return NULL;
}
