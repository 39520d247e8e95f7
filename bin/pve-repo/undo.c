/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of the last change: a line "pve-repo undo 1", a line "command ...", and for each file
 * a line "file LENGTH SHA256 PATH" ("-" for no file before or after) with that many bytes and a
 * line end behind it. */
#include <stdlib.h>
#include <string.h>

#include "pve-repo/draft.h"
#include "pvecommon/num.h"

#define MAGIC "pve-repo undo 1\n"

void repo_undo_format(const struct repo_draft *d, const char *const *digest, const char *command,
		      struct pve_buf *out)
{
	pve_buf_printf(out, MAGIC "command %s\n", command);
	for (size_t i = 0; i < d->n; i++) {
		const struct repo_draft_file *f = &d->v[i];

		pve_buf_puts(out, "file ");
		if (f->existed)
			pve_buf_printf(out, "%zu", f->was.len);
		else
			pve_buf_putc(out, '-');
		pve_buf_printf(out, " %s %s\n", *digest[i] ? digest[i] : "-", f->path);
		if (f->existed)
			pve_buf_span(out, f->was);
		pve_buf_putc(out, '\n');
	}
}

/* The rest of a line behind a word; false when it begins otherwise. */
static bool take_line(struct pve_span *rest, const char *word, struct pve_span *line)
{
	const char *eol = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!eol || !pve_span_starts(*rest, word))
		return false;
	*line = (struct pve_span){rest->p, (size_t)(eol - rest->p)};
	rest->len -= line->len + 1;
	rest->p += line->len + 1;
	line->p += strlen(word);
	line->len -= strlen(word);
	return true;
}

static bool take_file(struct repo_undo *u, struct pve_span *rest)
{
	struct repo_undo_file f = {0};
	struct pve_span line, len, digest, path;
	uint64_t n = 0;

	if (!take_line(rest, "file ", &line))
		return false;
	len = pve_span_word(&line);
	digest = pve_span_word(&line);
	path = pve_span_trim(line);
	f.existed = !pve_span_eq(len, "-");
	if (f.existed && pve_num_span(len, rest->len, &n) < 0)
		return false;
	if (!path.len || path.p[0] != '/' || rest->len <= n || rest->p[n] != '\n')
		return false;
	f.was = (struct pve_span){rest->p, (size_t)n};
	f.path = pve_arena_memdup(&u->mem, path.p, path.len);
	f.now = pve_span_eq(digest, "-") ? "" : pve_arena_memdup(&u->mem, digest.p, digest.len);
	rest->p += n + 1;
	rest->len -= (size_t)n + 1;
	u->v = pve_grow(u->v, u->n, &u->cap, sizeof(*u->v));
	u->v[u->n++] = f;
	return true;
}

int repo_undo_parse(struct repo_undo *u, struct pve_span text, const char *path,
		    struct pve_err *e)
{
	struct pve_span rest = text, line;
	bool good = take_line(&rest, "pve-repo undo 1", &line) && !line.len &&
		    take_line(&rest, "command ", &line);

	*u = (struct repo_undo){0};
	if (good)
		u->command = pve_arena_memdup(&u->mem, line.p, line.len);
	while (good && rest.len)
		good = take_file(u, &rest);
	if (good && u->n)
		return 0;
	repo_undo_done(u);
	return pve_err_set(e, PVE_DATA, "%s: not the record of a change by pve-repo", path);
}

void repo_undo_done(struct repo_undo *u)
{
	free(u->v);
	pve_arena_done(&u->mem);
	*u = (struct repo_undo){0};
}
