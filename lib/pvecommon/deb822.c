/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/deb822.h"

#include <stdint.h>

/* Sixteen bytes are looked at together: compilers turn these types into the vector instructions
 * of the machine, or into plain words where there are none. */
typedef uint8_t block __attribute__((vector_size(16)));
typedef uint64_t halves __attribute__((vector_size(16)));

#define BLOCKS 4 /* looked at in one step of the fast loop */

static block load(const char *p)
{
	block b;

	memcpy(&b, p, sizeof(b));
	return b;
}

/* All ones in each byte that is a newline with a newline or a carriage return behind it. */
static block ends(const char *p)
{
	const block nl = (block){0} + (uint8_t)'\n', cr = (block){0} + (uint8_t)'\r';
	block next = load(p + 1);

	return (block)(load(p) == nl) & ((block)(next == nl) | (block)(next == cr));
}

static bool any(block b)
{
	halves h = (halves)b;

	return (h[0] | h[1]) != 0;
}

/* Is the newline at p followed by an empty line?  Bytes of that empty line's end, or 0. */
static size_t empty_after(const char *p, const char *end)
{
	if (p + 1 < end && p[1] == '\n')
		return 1;
	if (p + 2 < end && p[1] == '\r' && p[2] == '\n')
		return 2;
	return 0;
}

/* Passes over all that cannot be the end, without looking closer. */
static const char *skip(const char *p, const char *end)
{
	const size_t step = BLOCKS * sizeof(block);

	while ((size_t)(end - p) > step) {
		block found = {0};

		for (int i = 0; i < BLOCKS; i++)
			found |= ends(p + i * (int)sizeof(block));
		if (any(found))
			break;
		p += step;
	}
	return p;
}

size_t pve_deb822_end(struct pve_span text)
{
	const char *p = text.p, *end = text.p + text.len;

	while (p < end) {
		const char *stop;
		size_t n;

		p = skip(p, end);
		stop = (size_t)(end - p) > BLOCKS * sizeof(block) ? p + BLOCKS * sizeof(block)
								  : end;
		while (p < stop && (p = memchr(p, '\n', (size_t)(stop - p)))) {
			n = empty_after(p, end);
			if (n)
				return (size_t)(p - text.p) + 1 + n;
			p++;
		}
		p = stop;
	}
	return 0;
}

bool pve_deb822_next(struct pve_span *text, struct pve_span *stanza)
{
	size_t n;

	while (text->len && (*text->p == '\n' || *text->p == '\r'))
		text->p++, text->len--;
	if (!text->len)
		return false;
	n = pve_deb822_end(*text);
	if (!n)
		n = text->len;
	*stanza = (struct pve_span){text->p, n};
	text->p += n;
	text->len -= n;
	while (stanza->len &&
	       (stanza->p[stanza->len - 1] == '\n' || stanza->p[stanza->len - 1] == '\r'))
		stanza->len--;
	return true;
}

/* The length of the line at p with its newline. */
static size_t line_len(struct pve_span s)
{
	const char *nl = memchr(s.p, '\n', s.len);

	return nl ? (size_t)(nl - s.p) + 1 : s.len;
}

static void advance(struct pve_span *s, size_t n)
{
	s->p += n;
	s->len -= n;
}

bool pve_deb822_field(struct pve_span *stanza, struct pve_span *name, struct pve_span *value)
{
	while (stanza->len) {
		size_t n = line_len(*stanza);
		struct pve_span line = {stanza->p, n};
		const char *colon = memchr(line.p, ':', n);

		advance(stanza, n);
		if (!colon || pve_is_blank(*line.p) || *line.p == '#')
			continue;
		while (stanza->len && (pve_is_blank(*stanza->p) || *stanza->p == '#')) {
			n = line_len(*stanza);
			line.len += n;
			advance(stanza, n);
		}
		*name = pve_span_trim((struct pve_span){line.p, (size_t)(colon - line.p)});
		*value = pve_span_trim(
			(struct pve_span){colon + 1, line.len - (size_t)(colon + 1 - line.p)});
		return true;
	}
	return false;
}

struct pve_span pve_deb822_get(struct pve_span stanza, const char *name)
{
	struct pve_span key, value;
	size_t len = strlen(name);

	while (pve_deb822_field(&stanza, &key, &value))
		if (key.len == len && strncasecmp(key.p, name, len) == 0)
			return value;
	return (struct pve_span){NULL, 0};
}

bool pve_deb822_line(struct pve_span *value, struct pve_span *line)
{
	size_t n;

	if (!value->len)
		return false;
	n = line_len(*value);
	*line = pve_span_trim((struct pve_span){value->p, n});
	advance(value, n);
	return true;
}

bool pve_deb822_yes(struct pve_span value)
{
	static const char *const words[] = {"yes", "true", "with", "on", "enable", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (value.len == strlen(words[i]) && strncasecmp(value.p, words[i], value.len) == 0)
			return true;
	return false;
}
