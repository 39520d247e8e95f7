/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names in a directory of a FAT file system: short ones, and long ones that are spread over
 * the entries before them. */
#include <string.h>

#include "pvecommon/fat_impl.h"
#include "pvecommon/text.h"

#define ENTRY 32 /* bytes */
#define UNITS 13 /* UTF-16 units in an entry of a long name */
#define PARTS 20 /* entries of the longest one */

/* Offsets in a short entry, and in one of a long name. */
enum {
	ATTR = 11,
	CASE = 12,     /* short: bit 3: the name, bit 4: the extension is in lower case */
	LONG_SUM = 13, /* long: checksum of the short name */
};

enum {
	REMOVED = 0xe5,
	KANJI_E5 = 0x05, /* a name that begins with 0xe5 */
	LAST_PART = 0x40,
	ATTR_LABEL = 0x08,
	ATTR_LONG = 0x0f,
	ATTR_MASK = 0x3f,
	LOWER_BASE = 0x08,
	LOWER_EXT = 0x10,
};

/* Adds the name or the extension, without the blanks that fill it. */
static char *put_field(char *to, const unsigned char *p, size_t n, bool lower)
{
	while (n && p[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++) {
		bool upper = p[i] >= 'A' && p[i] <= 'Z';

		to = pve_utf8_put(to, p[i] >= 0x80 ? 0xfffd : lower && upper ? p[i] | 0x20u : p[i]);
	}
	return to;
}

static void put_short(const unsigned char *entry, struct fat_name *name)
{
	unsigned char base[8];
	char *to, *dot;

	memcpy(base, entry, sizeof(base));
	if (base[0] == KANJI_E5)
		base[0] = 0xe5;
	dot = put_field(name->text, base, sizeof(base), entry[CASE] & LOWER_BASE);
	*dot = '.';
	to = put_field(dot + 1, entry + sizeof(base), 3, entry[CASE] & LOWER_EXT);
	*(to == dot + 1 ? dot : to) = '\0';
}

static unsigned char checksum(const unsigned char *entry)
{
	unsigned char sum = 0;

	for (int i = 0; i < 11; i++)
		sum = (unsigned char)((sum >> 1 | sum << 7) + entry[i]);
	return sum;
}

static void take_units(struct fat_names *r, unsigned part, const unsigned char *entry)
{
	static const unsigned char place[UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

	for (unsigned i = 0; i < UNITS; i++)
		memcpy(r->unit[(part - 1) * UNITS + i], entry + place[i], 2);
}

/* The parts come last one first, each with the checksum of the same short name; any other entry
 * in between, and the long name is nobody's. */
static void take_part(struct fat_names *r, const unsigned char *entry)
{
	unsigned part = entry[0] & (LAST_PART - 1);

	if (entry[0] & LAST_PART) {
		r->units = part <= PARTS ? part * UNITS : 0;
		r->parts = part;
		r->sum = entry[LONG_SUM];
	}
	if (!r->units || !part || part != r->parts || entry[LONG_SUM] != r->sum) {
		r->units = 0;
		return;
	}
	take_units(r, part, entry);
	r->parts--;
}

static bool is_dots(const unsigned char *entry)
{
	return memcmp(entry, ".          ", 11) == 0 || memcmp(entry, "..         ", 11) == 0;
}

/* Takes an entry that is no part of a long name; false when it names nothing. */
static bool take_short(struct fat_names *r, const unsigned char *entry, struct fat_name *name)
{
	bool has_long = r->units && !r->parts && r->sum == checksum(entry);

	if (entry[0] == REMOVED || entry[ATTR] & ATTR_LABEL || is_dots(entry)) {
		r->units = 0;
		return false;
	}
	name->entry = entry;
	if (has_long)
		pve_utf16_put(name->text, (struct pve_span){r->unit[0], 2 * (size_t)r->units});
	if (!has_long || !*name->text)
		put_short(entry, name);
	r->units = 0;
	return true;
}

bool fat_names_next(struct fat_names *r, struct fat_name *name)
{
	_Static_assert(sizeof(r->unit) / sizeof(*r->unit) == PARTS * UNITS,
		       "the longest name fits");
	while (r->bytes.len - r->at >= ENTRY) {
		const unsigned char *entry = (const unsigned char *)r->bytes.p + r->at;

		if (!entry[0])
			return false;
		r->at += ENTRY;
		if (entry[0] != REMOVED && (entry[ATTR] & ATTR_MASK) == ATTR_LONG)
			take_part(r, entry);
		else if (take_short(r, entry, name))
			return true;
	}
	return false;
}
