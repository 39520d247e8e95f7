/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EFI programs as Secure Boot looks at them: headers that are poked and cut, what a signature is of,
 * and generations that are revoked.  Real signatures are in tests/cli/boot-secure.bats. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "pve-boot/pe.h"
#include "pvecommon/mem.h"
#include "pveio/digest.h"

/* Headers of 1024 bytes, .text of 512, .sbat of 512, room for two certificates of 80. */
enum {
	PE = 64,
	OPT = PE + 24,
	SUM = OPT + 64,
	DIRS = OPT + 112,
	TABLE = OPT + 240,
	CERTS = 2048,
	CERT = 80,
	ALGORITHM = CERTS + 8 + 26, /* of the digest, a byte of its identifier */
	DIGEST = CERTS + 8 + 39,    /* the bytes themselves */
	SIZE = CERTS + 2 * CERT
};

static void le(unsigned char *at, unsigned bytes, uint32_t v)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (unsigned char)(v >> (8 * i));
}

static void put_section(unsigned char *at, const char *name, uint32_t size, uint32_t place)
{
	memcpy(at, name, strlen(name));
	le(at + 16, 4, size);
	le(at + 20, 4, place);
}

static struct pve_span span_of(const unsigned char *f)
{
	return (struct pve_span){(const char *)f, SIZE};
}

/* The digest of all that is signed, at its place in the signature. */
static void sign(unsigned char *f)
{
	static const char head[] =
		"\x30\x45\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04\xa0\x37\x30\x35\x30\x00\x30\x31"
		"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
	struct pve_span piece[PE_PIECES];
	char text[PVE_DIGEST_TEXT];
	struct pve_digest *d;
	struct pe pe;
	size_t n;

	le(f + CERTS, 4, 8 + sizeof(head) - 1 + 32);
	le(f + CERTS + 4, 2, 0x200);
	le(f + CERTS + 6, 2, 2);
	memcpy(f + CERTS + 8, head, sizeof(head) - 1);
	assert_int_equal(pe_parse(&pe, span_of(f), NULL), 0);
	n = pe_signed(&pe, span_of(f), piece);
	assert_int_equal(n, PE_PIECES);
	d = pve_digest_new(PVE_DIGEST_SHA256, NULL);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(pve_digest_add(d, piece[i], NULL), 0);
	assert_int_equal(pve_digest_end(d, text, NULL), 0);
	pve_digest_free(d);
	for (size_t i = 0; i < 32; i++) {
		char byte[3] = {text[2 * i], text[2 * i + 1], 0};

		f[DIGEST + i] = (unsigned char)strtoul(byte, NULL, 16);
	}
}

static void make(unsigned char f[SIZE])
{
	memset(f, 0, SIZE);
	memcpy(f, "MZ", 2);
	le(f + 0x3c, 4, PE);
	memcpy(f + PE, "PE\0\0", 4);
	le(f + PE + 4, 2, PE_MACHINE);
	le(f + PE + 6, 2, 2);
	le(f + PE + 20, 2, 240);
	le(f + OPT, 2, 0x20b);
	le(f + OPT + 60, 4, 1024);
	le(f + OPT + 68, 2, 10);
	le(f + DIRS - 4, 4, 16);
	le(f + DIRS + 32, 4, CERTS);
	le(f + DIRS + 36, 4, SIZE - CERTS);
	put_section(f + TABLE, ".text", 512, 1024);
	put_section(f + TABLE + 40, ".sbat", 512, 1536);
	strcpy((char *)f + 1536, "sbat,1,x\ngrub,4,y\ngrub.debian,2,z\n");
	sign(f);
}

/* The reason, or "". */
static void refused(const unsigned char *f, enum pe_by by, const char *level, const char *want)
{
	PVE_FREE char *why = pe_refusal(span_of(f), by, pve_span(level));

	assert_string_equal(why ? why : "", want);
}

static void a_program(void **state)
{
	unsigned char f[SIZE];
	struct pe pe;

	(void)state;
	make(f);
	assert_int_equal(pe_parse(&pe, span_of(f), NULL), 0);
	assert_int_equal(pe.machine, PE_MACHINE);
	assert_int_equal(pe.signatures, 1);
	assert_false(pe.gaps);
	assert_ptr_equal(pe.sbat.p, f + 1536);
	refused(f, PE_BY_FIRMWARE, "", "");
	refused(f, PE_BY_SHIM, "", "");
	/* No signature is of the checksum, nor of where the certificates are. */
	memset(f + SUM, 0x55, 4);
	refused(f, PE_BY_SHIM, "", "");
}

static void what_was_signed_is_what_is_there(void **state)
{
	static const unsigned at[] = {0x30, OPT + 30, SUM + 6, DIRS + 31, DIRS + 40, 1024, CERTS - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		unsigned char f[SIZE];

		make(f);
		f[at[i]] ^= 0x80;
		refused(f, PE_BY_LOADER, "",
			"is not what was signed: it was changed since, or is damaged");
	}
}

/* Where it is not known what is signed, or how, nothing is claimed. */
static void doubt_is_no_verdict(void **state)
{
	unsigned char f[SIZE];

	(void)state;
	make(f);
	f[ALGORITHM] ^= 1; /* the identifier of another digest */
	f[1024] ^= 1;
	refused(f, PE_BY_LOADER, "", "");
	make(f);
	le(f + TABLE + 20, 4, 1040); /* a gap before .text, which then ends in .sbat */
	refused(f, PE_BY_LOADER, "", "");
}

/* One that is of these bytes is enough, and one that nothing is known of may be. */
static void several_signatures(void **state)
{
	static const char changed[] = "is not what was signed: it was changed since, or is damaged";
	static const char stamp[] = "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20";
	unsigned char f[SIZE];
	struct pe pe;

	(void)state;
	make(f);
	memcpy(f + CERTS + CERT, f + CERTS, CERT);
	assert_int_equal(pe_parse(&pe, span_of(f), NULL), 0);
	assert_int_equal(pe.signatures, 2);
	f[DIGEST] ^= 1;
	refused(f, PE_BY_LOADER, "", "");
	f[DIGEST + CERT] ^= 1;
	refused(f, PE_BY_LOADER, "", changed);
	f[DIGEST] ^= 1;
	refused(f, PE_BY_LOADER, "", "");
	f[DIGEST] ^= 1;
	f[ALGORITHM + CERT] ^= 1;
	refused(f, PE_BY_LOADER, "", "");
	/* SHA-256 only in its time stamp, which is of other bytes. */
	make(f);
	f[ALGORITHM] ^= 1;
	le(f + CERTS, 4, 2 * CERT);
	memcpy(f + CERTS + CERT, stamp, sizeof(stamp) - 1);
	refused(f, PE_BY_LOADER, "", "");
}

static void what_is_missing(void **state)
{
	static const struct {
		unsigned at, bytes;
		uint32_t value;
		enum pe_by by;
		const char *why;
	} cases[] = {
		{CERTS + 6, 2, 1, PE_BY_FIRMWARE, "has no signature"}, /* X.509 alone */
		{DIRS + 36, 4, 0, PE_BY_FIRMWARE, "has no signature"},
		{DIRS - 4, 4, 4, PE_BY_FIRMWARE, "has no signature"},
		{PE + 4, 2, 0x14c, PE_BY_LOADER, "is for another machine, of the type 0x014c"},
		{OPT + 68, 2, 3, PE_BY_LOADER, "is no EFI program"},
		{PE + 6, 2, 97, PE_BY_LOADER, "is no EFI program: its headers are cut"},
		{TABLE + 56, 4, 4096, PE_BY_LOADER, "is cut: it has 2208 of 5632 bytes at least"},
		{DIRS + 36, 4, SIZE - CERTS + 1, PE_BY_LOADER, "is cut: its signature is not there"},
	};
	unsigned char f[SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		make(f);
		le(f + cases[i].at, cases[i].bytes, cases[i].value);
		refused(f, cases[i].by, "", cases[i].why);
	}
	make(f);
	f[TABLE + 44] = 'x';
	sign(f);
	refused(f, PE_BY_SHIM, "", "has no section .sbat, without which shim does not start it");
	refused(f, PE_BY_LOADER, "grub,9", "");
}

static void generations(void **state)
{
	static const struct {
		const char *level, *component;
		unsigned has, wants;
	} cases[] = {
		{"", NULL, 0, 0},
		{"sbat,1,2024010900\nshim,4\ngrub,4\ngrub.debian,2\n", NULL, 0, 0},
		{"sbat,1,2024\ngrub,5", "grub", 4, 5},
		{"grub.debian,4\n", "grub.debian", 2, 4},
		{"grub\ngrub,\ngrub,x\n,9\ngrub,40", "grub", 4, 40},
		{"gru,9\ngrub.,9\ngrub.debian12,9\n", NULL, 0, 0},
	};
	unsigned char f[SIZE];
	struct pe pe;

	(void)state;
	make(f);
	assert_int_equal(pe_parse(&pe, span_of(f), NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pve_span component;
		uint64_t has, wants;
		bool is = pe_revoked(&pe, pve_span(cases[i].level), &component, &has, &wants);

		assert_int_equal(is, cases[i].component != NULL);
		if (!is)
			continue;
		assert_true(pve_span_eq(component, cases[i].component));
		assert_int_equal(has, cases[i].has);
		assert_int_equal(wants, cases[i].wants);
	}
	refused(f, PE_BY_SHIM, "grub,99999999999999999999999",
		"is revoked: its grub is of generation 4, and this host starts 9999999999 and later "
		"ones");
}

/* However short it is, nothing behind it is looked at (ASan). */
static void short_files(void **state)
{
	unsigned char f[SIZE];

	(void)state;
	make(f);
	for (size_t n = 1; n < SIZE; n++) {
		PVE_FREE char *exact = pve_malloc(n);
		PVE_FREE char *why = NULL;

		memcpy(exact, f, n);
		why = pe_refusal((struct pve_span){exact, n}, PE_BY_SHIM, pve_span("grub,9"));
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program),
		cmocka_unit_test(what_was_signed_is_what_is_there),
		cmocka_unit_test(doubt_is_no_verdict),
		cmocka_unit_test(several_signatures),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(generations),
		cmocka_unit_test(short_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
