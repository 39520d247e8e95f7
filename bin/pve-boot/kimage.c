/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kimage.h"

#include <inttypes.h>
#include <string.h>

/* Offsets of the setup header, and of the PE header that an EFI stub has around it. */
enum {
	SETUP_SECTORS = 0x1f1, /* 8 bits: of 512 bytes, behind the first one; 0 means 4 */
	SYS_SIZE = 0x1f4,      /* 32: of the rest, in units of 16 bytes */
	BOOT_FLAG = 0x1fe,     /* 16: 0xaa55 */
	MAGIC = 0x202,         /* "HdrS" */
	PROTOCOL = 0x206,      /* 16 */
	VERSION = 0x20e,       /* 16: where its version stands, less 0x200 */
	SMALLEST = 0x210,
	PE_AT = 0x3c,       /* 32: where the PE header starts */
};

static uint32_t u16(struct pve_span s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(struct pve_span s, size_t at)
{
	return u16(s, at) | u16(s, at + 2) << 16;
}

/* The version is the first word of a text with the compiler and the time behind it. */
static int take_version(struct kimage *k, struct pve_span head, struct pve_err *e)
{
	size_t at = u16(head, VERSION), n = 0;

	if (!at || at + 0x200 >= head.len)
		return pve_err_set(e, PVE_DATA, "its header names no version");
	at += 0x200;
	while (at + n < head.len && n < sizeof(k->version) && head.p[at + n] > ' ' &&
	       head.p[at + n] < 0x7f)
		n++;
	if (!n || n == sizeof(k->version))
		return pve_err_set(e, PVE_DATA, "its header names no version");
	memcpy(k->version, head.p + at, n);
	k->version[n] = '\0';
	return 0;
}

static void take_pe(struct kimage *k, struct pve_span head)
{
	size_t at = u32(head, PE_AT);

	k->efi = memcmp(head.p, "MZ", 2) == 0 && at <= head.len - 4 &&
		 memcmp(head.p + at, "PE\0\0", 4) == 0;
}

int kimage_parse(struct kimage *k, struct pve_span head, uint64_t size, struct pve_err *e)
{
	struct kimage new = {0};
	uint32_t sectors;

	if (!size)
		return pve_err_set(e, PVE_DATA, "is empty");
	if (head.len < SMALLEST || u16(head, BOOT_FLAG) != 0xaa55 ||
	    memcmp(head.p + MAGIC, "HdrS", 4) != 0)
		return pve_err_set(e, PVE_DATA, "is no Linux kernel for this architecture");
	new.protocol = u16(head, PROTOCOL);
	sectors = (unsigned char)head.p[SETUP_SECTORS];
	/* Before protocol 2.04 only the lower half of its size meant something. */
	new.whole =
		(uint64_t)((sectors ? sectors : 4) + 1) * 512 +
		16 * (uint64_t)(new.protocol >= 0x204 ? u32(head, SYS_SIZE) : u16(head, SYS_SIZE));
	if (size < new.whole)
		return pve_err_set(e, PVE_DATA, "is cut: it has %" PRIu64 " of %" PRIu64 " bytes",
				   size, new.whole);
	if (take_version(&new, head, e) < 0)
		return -1;
	take_pe(&new, head);
	*k = new;
	return 0;
}
