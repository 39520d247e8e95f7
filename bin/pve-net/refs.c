/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "refs.h"

#include <ctype.h>
#include <string.h>

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool has_name(struct pve_span line, const char *name)
{
	size_t n = strlen(name);
	const char *end = line.p + line.len, *at = line.p;

	while (n && (at = memmem(at, (size_t)(end - at), name, n))) {
		bool begins = at == line.p || !in_word(at[-1]);
		bool ends = at + n == end || !in_word(at[n]);

		if (begins && ends)
			return true;
		at++;
	}
	return false;
}

void net_refs_find(struct pve_span text, const char *path, const char *name, struct pve_buf *out)
{
	for (unsigned number = 1; text.len; number++) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) : text.len};

		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
		line = pve_span_trim(line);
		if (line.len && *line.p != '#' && *line.p != ';' && has_name(line, name))
			pve_buf_printf(out, "%s:%u: names %s and was not changed: %.*s\n", path,
				       number, name, (int)(line.len > 200 ? 200 : line.len), line.p);
	}
}
