/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "efivars.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/text.h"

#define ATTRIBUTES 4  /* bytes before each value */
#define LOAD_ACTIVE 1 /* attribute of an entry */

/* Nodes of a device path. */
enum {
	MEDIA = 4,      /* type */
	MEDIA_DISK = 1, /* subtype: a partition: 42 bytes */
	MEDIA_FILE = 4, /* subtype: a path in UTF-16 */
	END = 0x7f,     /* type */
	DISK_BYTES = 42,
	DISK_NUMBER = 4,     /* 32 bits */
	DISK_SIGNATURE = 24, /* 16 bytes */
	DISK_KIND = 41,      /* 8: 2: the signature is a GUID */
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

static struct pve_span from(struct pve_span s, size_t n)
{
	return (struct pve_span){s.p + n, s.len - n};
}

static const char *text(struct efivars *v, struct pve_span units)
{
	PVE_FREE char *utf8 = pve_malloc(units.len / 2 * 3 + 1);

	pve_utf16_put(utf8, units);
	return pve_arena_strdup(&v->mem, utf8);
}

/* The first three fields of a GUID are little-endian numbers (UEFI, appendix A). */
static void guid_text(struct pve_span s, char to[EFI_GUID_TEXT])
{
	const unsigned char *p = (const unsigned char *)s.p + 8;

	snprintf(to, EFI_GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", u32(s, 0),
		 u16(s, 4), u16(s, 6), p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]);
}

static void take_node(struct efivars *v, struct efi_entry *entry, struct pve_span node)
{
	if (node.p[0] != MEDIA)
		return;
	if (node.p[1] == MEDIA_DISK && node.len >= DISK_BYTES) {
		entry->partno = u32(node, DISK_NUMBER);
		if (node.p[DISK_KIND] == 2)
			guid_text(from(node, DISK_SIGNATURE), entry->part);
	} else if (node.p[1] == MEDIA_FILE) {
		entry->file = text(v, from(node, 4));
	}
}

/* Walks along the device path; false when a node leads out of it. */
static bool take_path(struct efivars *v, struct efi_entry *entry, struct pve_span path)
{
	while (path.len >= 4 && path.p[0] != END) {
		size_t n = u16(path, 2);

		if (n < 4 || n > path.len)
			return false;
		take_node(v, entry, (struct pve_span){path.p, n});
		path = from(path, n);
	}
	return true;
}

/* Attributes, the length of the device path, the description in UTF-16, the path. */
static bool parse_entry(struct efivars *v, struct efi_entry *entry, struct pve_span value)
{
	size_t path, n = 0;
	struct pve_span rest;

	if (value.len < 6)
		return false;
	entry->active = u32(value, 0) & LOAD_ACTIVE;
	path = u16(value, 4);
	rest = from(value, 6);
	while (n + 2 <= rest.len && u16(rest, n))
		n += 2;
	if (n + 2 > rest.len || path > rest.len - n - 2)
		return false;
	entry->description = text(v, (struct pve_span){rest.p, n});
	return take_path(v, entry, (struct pve_span){rest.p + n + 2, path});
}

static void take_entry(struct efivars *v, unsigned number, const char *name, struct pve_span value)
{
	struct efi_entry entry = {.number = number, .description = "", .file = ""};

	if (!parse_entry(v, &entry, value)) {
		pve_diags_add(&v->diags, PVE_WARNING, pve_arena_strdup(&v->mem, name), 0,
			      "is no boot entry");
		return;
	}
	v->entry = pve_grow(v->entry, v->nentries, &v->entries_cap, sizeof(*v->entry));
	v->entry[v->nentries++] = entry;
}

static void take_order(struct efivars *v, struct pve_span value)
{
	v->norder = value.len / 2;
	v->order = pve_arena_alloc(&v->mem, (v->norder + 1) * sizeof(*v->order));
	for (size_t i = 0; i < v->norder; i++)
		v->order[i] = u16(value, 2 * i);
}

/* "Boot0001": exactly four hexadecimal digits in upper case. */
static bool entry_number(struct pve_span name, unsigned *number)
{
	if (name.len != 8 || !pve_span_starts(name, "Boot"))
		return false;
	*number = 0;
	for (size_t i = 4; i < 8; i++) {
		char c = name.p[i];

		if (!isdigit((unsigned char)c) && (c < 'A' || c > 'F'))
			return false;
		*number = *number * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
	}
	return true;
}

static enum efi_switch take_switch(struct pve_span value)
{
	if (value.len != 1)
		return EFI_UNKNOWN;
	return value.p[0] ? EFI_ON : EFI_OFF;
}

static void take_global(struct efivars *v, struct pve_span name, const char *file,
			struct pve_span value)
{
	unsigned number;

	if (entry_number(name, &number))
		take_entry(v, number, file, value);
	else if (pve_span_eq(name, "BootOrder"))
		take_order(v, value);
	else if (pve_span_eq(name, "BootCurrent") && value.len == 2)
		v->current = (int)u16(value, 0);
	else if (pve_span_eq(name, "BootNext") && value.len == 2)
		v->next = (int)u16(value, 0);
	else if (pve_span_eq(name, "SecureBoot"))
		v->secure_boot = take_switch(value);
	else if (pve_span_eq(name, "SetupMode"))
		v->setup_mode = take_switch(value);
}

static void take_loader(struct efivars *v, struct pve_span name, struct pve_span value)
{
	const struct {
		const char *name;
		const char **to;
	} texts[] = {
		{"LoaderInfo", &v->loader},
		{"LoaderDevicePartUUID", &v->loader_part},
		{"LoaderEntrySelected", &v->selected},
		{"LoaderEntryOneShot", &v->one_shot},
		{"LoaderEntryDefault", &v->preferred},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (pve_span_eq(name, texts[i].name))
			*texts[i].to = text(v, value);
}

static void take_shim(struct efivars *v, struct pve_span name, struct pve_span value)
{
	if (pve_span_eq(name, "MokSBStateRT"))
		v->shim_lax = take_switch(value) == EFI_ON;
	else if (pve_span_eq(name, "SbatLevelRT"))
		v->sbat_level = (struct pve_span){
			pve_arena_copy(&v->mem, value.p, value.len), value.len};
}

void efivars_take(struct efivars *v, const char *file, struct pve_span bytes)
{
	size_t n = strlen(file), guid = EFI_GUID_TEXT; /* with the dash before it */
	struct pve_span name;

	if (n <= guid || file[n - guid] != '-' || bytes.len < ATTRIBUTES)
		return;
	name = (struct pve_span){file, n - guid};
	bytes = from(bytes, ATTRIBUTES);
	if (strcmp(file + n - guid + 1, EFI_GLOBAL) == 0)
		take_global(v, name, file, bytes);
	else if (strcmp(file + n - guid + 1, EFI_LOADER) == 0)
		take_loader(v, name, bytes);
	else if (strcmp(file + n - guid + 1, EFI_SHIM) == 0)
		take_shim(v, name, bytes);
}

void efivars_init(struct efivars *v)
{
	*v = (struct efivars){.current = -1,
			      .next = -1,
			      .loader = "",
			      .loader_part = "",
			      .selected = "",
			      .one_shot = "",
			      .preferred = ""};
}

static int by_number(const void *a, const void *b)
{
	const struct efi_entry *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void to_lower(struct efivars *v, const char **s)
{
	char *copy = pve_arena_strdup(&v->mem, *s);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	*s = copy;
}

void efivars_finish(struct efivars *v)
{
	if (v->nentries)
		qsort(v->entry, v->nentries, sizeof(*v->entry), by_number);
	for (size_t i = 0; i < v->nentries; i++)
		for (size_t k = 0; k < v->norder; k++)
			v->entry[i].in_order |= v->order[k] == v->entry[i].number;
	to_lower(v, &v->loader_part);
}

const struct efi_entry *efivars_entry(const struct efivars *v, int number)
{
	for (size_t i = 0; i < v->nentries; i++)
		if (number >= 0 && v->entry[i].number == (unsigned)number)
			return &v->entry[i];
	return NULL;
}

void efivars_done(struct efivars *v)
{
	free(v->entry);
	pve_diags_done(&v->diags);
	pve_arena_done(&v->mem);
	*v = (struct efivars){0};
}
