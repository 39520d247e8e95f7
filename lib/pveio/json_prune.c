/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Works on the bytes: the text need not be JSON. */
#include "pveio/json.h"

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

/* Behind the string that begins at p; NULL when it has no end. */
static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : NULL;
}

/* The comma or bracket behind the value that begins at p; NULL when there is none. */
static const char *value_end(const char *p, const char *end)
{
	size_t depth = 0;

	while (p && p < end) {
		if (*p == '"') {
			p = string_end(p, end);
			continue;
		}
		if (!depth && (*p == ',' || *p == '}' || *p == ']'))
			return p;
		depth += *p == '{' || *p == '[';
		depth -= *p == '}' || *p == ']';
		p++;
	}
	return NULL;
}

static bool is_one_of(struct pve_span name, const char *const *names)
{
	for (; name.len && *names; names++)
		if (name.p[0] == (*names)[0] && pve_span_eq(name, *names))
			return true;
	return false;
}

/* Where a member ends whose name is one of these and lies from quote to behind; else NULL. */
static const char *member_end(const char *quote, const char *behind, const char *end,
			      const char *const *names)
{
	const char *colon = skip_blanks(behind, end);

	if (colon == end || *colon != ':' ||
	    !is_one_of((struct pve_span){quote + 1, (size_t)(behind - quote) - 2}, names))
		return NULL;
	return value_end(colon + 1, end);
}

/* Takes back the comma before a member that was the last one. */
static void take_comma(struct pve_buf *out)
{
	size_t n = out->len;

	while (n && strchr(" \t\n\r", out->data[n - 1]))
		n--;
	if (n && out->data[n - 1] == ',')
		out->len = n - 1;
}

void pve_json_prune(struct pve_span text, const char *const *names, struct pve_buf *out)
{
	const char *from = text.p, *end = text.p + text.len, *p = from, *next;

	while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
		const char *behind = string_end(p, end);

		if (!behind)
			break;
		next = member_end(p, behind, end, names);
		if (next) {
			pve_buf_add(out, from, (size_t)(p - from));
			from = behind = next + (*next == ',');
			if (*next != ',')
				take_comma(out);
		}
		p = behind;
	}
	pve_buf_add(out, from, (size_t)(end - from));
}
