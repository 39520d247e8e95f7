/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "interfaces.h"

/* Line ends are LF or CR LF; a CR elsewhere is a byte like any other. */
static struct net_line take_line(struct pve_span *rest)
{
	const char *nl = memchr(rest->p, '\n', rest->len);
	struct net_line l = {.p = rest->p};

	l.len = (uint32_t)(nl ? (size_t)(nl - rest->p) + 1 : rest->len);
	if (nl)
		l.eol = l.len > 1 && nl[-1] == '\r' ? 2 : 1;
	rest->p += l.len;
	rest->len -= l.len;
	return l;
}

/* At least as many as take_line will find. */
static size_t count_lines(struct pve_span text)
{
	const char *p = text.p, *end = text.p + text.len;
	size_t n = 1;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		p++;
		n++;
	}
	return n;
}

struct net_file *net_file_parse(const char *path, struct pve_span text, struct pve_diags *d)
{
	struct net_file *f = pve_calloc(1, sizeof(*f));
	struct pve_span rest = text;

	f->path = pve_arena_strdup(&f->mem, path);
	f->text = text;
	f->bom = pve_span_starts(text, "\xef\xbb\xbf");
	f->line = pve_malloc((count_lines(text) + 1) * sizeof(*f->line));
	while (rest.len)
		f->line[f->nlines++] = take_line(&rest);
	net_file_read(f, d);
	return f;
}

void net_file_format(const struct net_file *f, struct pve_buf *out)
{
	for (uint32_t i = 0; i < f->nlines; i++)
		pve_buf_add(out, f->line[i].p, f->line[i].len);
}

void net_file_free(struct net_file *f)
{
	if (!f)
		return;
	free(f->line);
	free(f->stanza);
	free(f->opt);
	pve_map_done(&f->keys);
	pve_arena_done(&f->mem);
	free(f);
}

struct pve_span net_line_text(const struct net_line *l)
{
	return (struct pve_span){l->p, l->len - l->eol};
}

void net_file_comment(const struct net_file *f, uint32_t from, uint32_t to, struct pve_buf *out)
{
	bool first = true;

	for (uint32_t n = from; n && n <= to && n <= f->nlines; n++) {
		struct pve_span text = pve_span_trim(net_line_text(&f->line[n - 1]));

		if (f->line[n - 1].kind != NET_LINE_COMMENT)
			continue;
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
