/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "interfaces_impl.h"
#include "pvecommon/fs.h"

_Static_assert(PVE_FS_MAX < NET_TEXT_MAX, "what is read from a disk can be parsed");

/* Line ends are LF or CR LF; a CR elsewhere is a byte like any other. */
static void split(struct net_file *f)
{
	const char *begin = f->text.p, *end = begin + f->text.len, *nl;
	size_t cap = 0, n = 0;

	if (f->text.len > NET_TEXT_MAX)
		abort();
	for (const char *p = begin; p < end; p = nl) {
		struct net_line l = {.start = (uint32_t)(p - begin)};

		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl)
			l.eol = nl > p && nl[-1] == '\r' ? 2 : 1;
		nl = nl ? nl + 1 : end;
		f->line = pve_grow(f->line, n, &cap, sizeof(*f->line));
		f->line[n++] = l;
	}
	f->line = pve_grow(f->line, n, &cap, sizeof(*f->line));
	f->line[n] = (struct net_line){.start = (uint32_t)f->text.len};
	f->nlines = (uint32_t)n;
}

struct net_file *net_file_parse(const char *path, struct pve_span text, struct pve_diags *d)
{
	struct net_file *f = pve_calloc(1, sizeof(*f));

	f->path = pve_arena_strdup(&f->mem, path);
	f->text = text;
	f->bom = pve_span_starts(text, "\xef\xbb\xbf");
	split(f);
	net_file_read(f, d);
	return f;
}

void net_file_format(const struct net_file *f, struct pve_buf *out)
{
	pve_buf_span(out, net_lines_bytes(f, 1, f->nlines + 1));
}

void net_file_free(struct net_file *f)
{
	if (!f)
		return;
	free(f->line);
	free(f->stanza);
	free(f->opt);
	pve_map_done(&f->keys);
	pve_map_done(&f->words);
	pve_map_done(&f->tails);
	pve_arena_done(&f->mem);
	free(f);
}

struct pve_span net_lines_bytes(const struct net_file *f, uint32_t from, uint32_t to)
{
	uint32_t begin = f->line[from - 1].start;

	return (struct pve_span){f->text.p + begin, f->line[to - 1].start - begin};
}

void net_file_comment(const struct net_file *f, uint32_t from, uint32_t to, struct pve_buf *out)
{
	bool first = true;

	for (uint32_t n = from; f->comments && n && n <= to && n <= f->nlines; n++) {
		struct pve_span text;

		if (f->line[n - 1].kind != NET_LINE_COMMENT)
			continue;
		text = pve_span_trim(net_line_text(f, n));
		while (text.len && text.p[0] != '#') /* a byte order mark, or \v and \f */
			text.p++, text.len--;
		text.p++, text.len--;
		if (text.len && pve_is_blank(text.p[0]))
			text.p++, text.len--;
		if (!first)
			pve_buf_putc(out, '\n');
		pve_buf_span(out, text);
		first = false;
	}
}

const struct net_option *net_stanza_find(const struct net_stanza *s, enum net_key_id id)
{
	for (uint32_t i = s->nopts; i > 0; i--)
		if (s->opt[i - 1].key->id == id)
			return &s->opt[i - 1];
	return NULL;
}
