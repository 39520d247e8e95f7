/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_PE_H
#define PVE_BOOT_PE_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * EFI programs, loaders and kernels alike, as Secure Boot looks at them before it starts one.  That a
 * signature is there, and is of these bytes, can be told; whose key the firmware knows can not.  All
 * of it is pure.
 *
 * Sources: Microsoft, "PE Format" (headers, certificate table) and "Windows Authenticode Portable
 * Executable Signature Format" (which bytes are signed); shim, SBAT.md.
 */
#define PE_MACHINE 0x8664 /* x86-64 */
#define PE_MAX (128u << 20) /* bytes of a program that is looked at */
#define PE_PIECES 4

struct pe {
	uint16_t machine;       /* PE_MACHINE, 0x014c, ... */
	size_t sum_at, dir_at;  /* what no signature covers: the checksum, and where the certificates are */
	struct pve_span certs;  /* the certificate table; len 0: none */
	unsigned signatures;    /* in it: PKCS #7 */
	bool gaps;              /* sections do not follow each other: what is signed is not known */
	struct pve_span sbat;   /* the section .sbat; p NULL: there is none */
};

/* image: all of the file.  PVE_DATA with a clause when it is no EFI program, or is cut.  Spans point
 * into it. */
int pe_parse(struct pe *pe, struct pve_span image, struct pve_err *e);
/* The bytes that a signature is of, in their order; returns how many pieces. */
size_t pe_signed(const struct pe *pe, struct pve_span image, struct pve_span piece[PE_PIECES]);
/* Does a signature name this digest (SHA-256, 32 bytes)?  Also true when one of them, which then may be
 * the one that counts, has none of that kind. */
bool pe_names_digest(const struct pe *pe, const unsigned char sha256[32]);
/* Is it revoked by the level of the host, lines of "component,generation"?  Then its component, as
 * it stands in the program, and both generations are returned. */
bool pe_revoked(const struct pe *pe, struct pve_span level, struct pve_span *component,
		uint64_t *has, uint64_t *wants);

/* Who looks at it, and asks for more than a signature. */
enum pe_by {
	PE_BY_FIRMWARE,
	PE_BY_SHIM,   /* as its second stage, which must have a section .sbat */
	PE_BY_LOADER, /* a kernel */
};
/* Why Secure Boot would not start it, a clause to be freed: "has no signature"; NULL: nothing is
 * known against it.  level: as pe_revoked; may be empty. */
char *pe_refusal(struct pve_span image, enum pe_by by, struct pve_span level);

#endif
