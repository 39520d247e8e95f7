/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manifest.h"

#include <inttypes.h>
#include <strings.h>

#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define FIRST_LINE "pve-boot manifest 1"

enum { SHA256, SIZE, MTIME, CTIME, INODE, PATH, SOURCE, NFIELDS };

struct parser {
	struct manifest *m;
	const char *file;
	struct pve_diags *diags;
	unsigned line;
	size_t files; /* lines of files, good or not */
	bool ended;
};

static void bad(struct parser *p, const char *why)
{
	pve_diags_add(p->diags, PVE_ERROR, p->file, p->line, "%s", why);
}

/* Cuts the line at its tabs; returns the number of fields, the last of which has the rest. */
static size_t cut(struct pve_span line, struct pve_span field[NFIELDS])
{
	size_t n = 0;

	for (;;) {
		const char *tab = line.len ? memchr(line.p, '\t', line.len) : NULL;

		if (!tab || n == NFIELDS - 1)
			break;
		field[n++] = (struct pve_span){line.p, (size_t)(tab - line.p)};
		line.len -= (size_t)(tab + 1 - line.p);
		line.p = tab + 1;
	}
	field[n++] = line;
	return n;
}

static bool is_sha256(struct pve_span s)
{
	if (s.len != MANIFEST_SHA256 - 1)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!memchr("0123456789abcdef", s.p[i], 16))
			return false;
	return true;
}

/* A path below the top, which leads nowhere else. */
static bool is_path(struct pve_span s)
{
	const char *p = s.p, *end = p + s.len;

	if (!s.len || memchr(s.p, '\0', s.len))
		return false;
	while (p <= end) {
		const char *slash = p < end ? memchr(p, '/', (size_t)(end - p)) : NULL;
		size_t n = (size_t)((slash ? slash : end) - p);

		if (!n || (n == 1 && *p == '.') || (n == 2 && memcmp(p, "..", 2) == 0))
			return false;
		p += n + 1;
	}
	return true;
}

/* The bytes that an escaped field stands for, in the manifest's memory. */
static struct pve_span unescape(struct manifest *m, struct pve_span s)
{
	PVE_BUF b = {0};

	pve_text_unescape(&b, s);
	return (struct pve_span){pve_arena_memdup(&m->mem, pve_buf_str(&b), b.len), b.len};
}

static void parse_file(struct parser *p, struct pve_span line)
{
	struct pve_span field[NFIELDS], path, source;
	struct manifest_file f = {0};
	uint64_t mtime, ctime;

	if (p->files++ == MANIFEST_FILES_MAX)
		bad(p, "more files than any ESP of ours has");
	if (p->files > MANIFEST_FILES_MAX)
		return;
	if (cut(line, field) != NFIELDS) {
		bad(p, "no line of seven fields");
		return;
	}
	path = unescape(p->m, field[PATH]);
	source = unescape(p->m, field[SOURCE]);
	if (!is_sha256(field[SHA256]))
		bad(p, "no SHA-256 digest in the first field");
	else if (pve_num_span(field[SIZE], INT64_MAX, &f.size) < 0 ||
		 pve_num_span(field[MTIME], INT64_MAX, &mtime) < 0 ||
		 pve_num_span(field[CTIME], INT64_MAX, &ctime) < 0 ||
		 pve_num_span(field[INODE], UINT64_MAX, &f.inode) < 0)
		bad(p, "size, times and inode are not all numbers");
	else if (!is_path(path) || (source.len && memchr(source.p, '\0', source.len)))
		bad(p, "no path of a file in the sixth field or the seventh");
	else if (manifest_find(p->m, path.p))
		bad(p, "the file is listed already");
	else {
		memcpy(f.sha256, field[SHA256].p, MANIFEST_SHA256 - 1);
		f.mtime = (int64_t)mtime;
		f.ctime = (int64_t)ctime;
		f.path = path.p;
		f.source = source.p;
		p->m->v = pve_grow(p->m->v, p->m->n, &p->m->cap, sizeof(*p->m->v));
		p->m->v[p->m->n++] = f;
	}
}

static void parse_end(struct parser *p, struct pve_span number)
{
	uint64_t n;

	p->ended = true;
	if (pve_num_span(number, SIZE_MAX, &n) < 0 || n != p->files)
		bad(p, "the number of files is another: the manifest is not whole");
}

static void parse_line(struct parser *p, struct pve_span line)
{
	p->line++;
	if (p->ended)
		bad(p, "something stands behind the end");
	else if (p->line == 1 && !pve_span_eq(line, FIRST_LINE))
		bad(p, "does not begin with '" FIRST_LINE "'");
	else if (p->line > 1 && pve_span_starts(line, "end "))
		parse_end(p, (struct pve_span){line.p + 4, line.len - 4});
	else if (p->line > 1)
		parse_file(p, line);
}

int manifest_parse(struct manifest *m, struct pve_span text, const char *file,
		   struct pve_diags *diags)
{
	struct parser p = {.m = m, .file = file, .diags = diags};
	size_t errors = diags->errors;

	while (text.len) {
		const char *eol = memchr(text.p, '\n', text.len);
		size_t n = eol ? (size_t)(eol - text.p) : text.len;

		parse_line(&p, (struct pve_span){text.p, n});
		n += eol ? 1 : 0;
		text.p += n;
		text.len -= n;
	}
	if (!p.ended) {
		p.line = 0;
		bad(&p, "the last line is missing: the manifest is not whole");
	}
	return diags->errors > errors ? -1 : 0;
}

void manifest_format(const struct manifest *m, struct pve_buf *b)
{
	pve_buf_puts(b, FIRST_LINE "\n");
	for (size_t i = 0; i < m->n; i++) {
		const struct manifest_file *f = &m->v[i];

		pve_buf_printf(b, "%s\t%" PRIu64 "\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\t",
			       f->sha256, f->size, f->mtime, f->ctime, f->inode);
		pve_text_escape(b, pve_span(f->path));
		pve_buf_putc(b, '\t');
		pve_text_escape(b, pve_span(f->source));
		pve_buf_putc(b, '\n');
	}
	pve_buf_printf(b, "end %zu\n", m->n);
}

struct manifest_file *manifest_find(const struct manifest *m, const char *path)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcasecmp(m->v[i].path, path) == 0)
			return &m->v[i];
	return NULL;
}

void manifest_put(struct manifest *m, const struct manifest_file *file)
{
	struct manifest_file *f = manifest_find(m, file->path);

	if (!f) {
		m->v = pve_grow(m->v, m->n, &m->cap, sizeof(*m->v));
		f = &m->v[m->n++];
	}
	*f = *file;
	f->path = pve_arena_strdup(&m->mem, file->path);
	f->source = pve_arena_strdup(&m->mem, file->source ? file->source : "");
}

void manifest_remove(struct manifest *m, const char *path)
{
	struct manifest_file *f = manifest_find(m, path);

	if (!f)
		return;
	m->n--;
	memmove(f, f + 1, (size_t)(m->v + m->n - f) * sizeof(*f));
}

void manifest_done(struct manifest *m)
{
	free(m->v);
	pve_arena_done(&m->mem);
	*m = (struct manifest){0};
}
