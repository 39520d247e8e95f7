/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/keyfile.h"

/* Takes the next word off the text: what stands in quotes, one of { } ;, or a run of other
 * characters.  Comments are passed over: #, //, and those between slash and asterisk. */
static struct pve_span next_word(struct pve_span *rest, unsigned *line)
{
	struct pve_span w = {rest->p, 0};

	while (rest->len) {
		size_t skip = 1;

		if (rest->p[0] == '#' || (rest->len > 1 && memcmp(rest->p, "//", 2) == 0)) {
			const char *end = memchr(rest->p, '\n', rest->len);

			skip = end ? (size_t)(end - rest->p) : rest->len;
		} else if (rest->len > 1 && memcmp(rest->p, "/*", 2) == 0) {
			const char *end = memmem(rest->p + 2, rest->len - 2, "*/", 2);

			skip = end ? (size_t)(end + 2 - rest->p) : rest->len;
		} else if (!strchr(" \t\r\n", rest->p[0]) || !rest->p[0]) {
			break;
		}
		for (size_t i = 0; i < skip; i++)
			*line += rest->p[i] == '\n';
		rest->p += skip;
		rest->len -= skip;
	}
	w.p = rest->p;
	if (!rest->len)
		return w;
	if (rest->p[0] == '"') {
		const char *end = memchr(rest->p + 1, '"', rest->len - 1);

		w.p++;
		w.len = end ? (size_t)(end - w.p) : rest->len - 1;
		rest->p += w.len + (end ? 2 : 1);
		rest->len -= w.len + (end ? 2 : 1);
		return w;
	}
	do
		w.len++;
	while (!memchr("{};", w.p[0], 3) && w.len < rest->len &&
	       !memchr(" \t\r\n{};\"", w.p[w.len], 8));
	rest->p += w.len;
	rest->len -= w.len;
	return w;
}

int acme_keyfile_parse(struct acme_keyfile *k, struct pve_span text, const char *file,
		       struct pve_arena *mem, struct pve_err *e)
{
	struct acme_keyfile found = {0};
	unsigned line = 1;

	while (!found.name || !found.algorithm || !found.secret) {
		struct pve_span w = next_word(&text, &line), value;
		const char **to = pve_span_eq(w, "key")         ? &found.name
				  : pve_span_eq(w, "algorithm") ? &found.algorithm
				  : pve_span_eq(w, "secret")    ? &found.secret
								: NULL;

		if (!w.len && !text.len)
			return pve_err_set(e, PVE_DATA,
					   "%s:%u: no key \"NAME\" { algorithm ...; secret ...; };",
					   file, line);
		if (!to)
			continue;
		value = next_word(&text, &line);
		if (!value.len || memchr(value.p, '\0', value.len))
			return pve_err_set(e, PVE_DATA, "%s:%u: %.*s has no value", file, line,
					   PVE_SPAN_ARG(w));
		*to = pve_arena_memdup(mem, value.p, value.len);
	}
	*k = found;
	return 0;
}
