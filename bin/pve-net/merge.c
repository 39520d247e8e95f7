/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "merge.h"

#define NONE SIZE_MAX

struct piece {
	const char *key;
	struct pve_span text;
	size_t first_added, next_added; /* pieces of ours that go behind this one of theirs */
	bool gone;
};

struct side {
	struct piece *v;
	size_t n;
	struct pve_map by_key; /* key -> struct piece */
	struct pve_arena mem;
};

/* --- pieces --------------------------------------------------------------------- */

/* The blank lines before a stanza are its own. */
static uint32_t first_line(const struct net_file *f, const struct net_stanza *s)
{
	uint32_t line = s->lead;

	while (line > 1 && f->line[line - 2].kind == NET_LINE_BLANK)
		line--;
	return line;
}

static const char *key_of(struct side *side, const struct net_stanza *s)
{
	struct pve_arena *mem = &side->mem;

	if (s->kind == NET_IFACE)
		return pve_arena_printf(mem, "iface %.*s %.*s", PVE_SPAN_ARG(s->name),
					PVE_SPAN_ARG(s->head->family));
	return pve_arena_printf(mem, "%.*s %.*s", PVE_SPAN_ARG(s->head->word),
				PVE_SPAN_ARG(net_stanza_args(s)));
}

static void add_piece(struct side *side, const char *key, struct pve_span text)
{
	struct piece *p = &side->v[side->n++];
	const char *unique = key;

	for (unsigned n = 2; pve_map_get(&side->by_key, pve_span(unique)); n++)
		unique = pve_arena_printf(&side->mem, "%s (%u)", key, n);
	*p = (struct piece){unique, text, NONE, NONE, false};
	pve_map_set(&side->by_key, pve_span(unique), p);
}

static void cut(struct side *side, const char *path, struct pve_span text)
{
	struct net_file *f = net_file_parse(path, text, NULL);
	uint32_t at = 1, to;

	side->v = pve_calloc(f->nstanzas + 1, sizeof(*side->v));
	for (uint32_t i = 0; i <= f->nstanzas; i++) {
		const char *key = i ? key_of(side, &f->stanza[i - 1]) : "the head of the file";

		to = i < f->nstanzas ? first_line(f, &f->stanza[i]) : f->nlines + 1;
		add_piece(side, key, to > at ? net_lines_bytes(f, at, to) : (struct pve_span){text.p, 0});
		at = to;
	}
	net_file_free(f);
}

static void side_done(struct side *side)
{
	free(side->v);
	pve_map_done(&side->by_key);
	pve_arena_done(&side->mem);
}

/* A line end that is missing at the end of a file is no difference of a stanza. */
static bool same(const struct piece *a, const struct piece *b)
{
	struct pve_span x = a->text, y = b->text;

	while (x.len && x.p[x.len - 1] == '\n')
		x.len--;
	while (y.len && y.p[y.len - 1] == '\n')
		y.len--;
	return pve_span_same(x, y);
}

/* --- merging -------------------------------------------------------------------- */

static struct piece *find(const struct side *side, const struct piece *p)
{
	return pve_map_get(&side->by_key, pve_span(p->key));
}

/* What we did to a stanza of the base is done to theirs.  False: both sides changed it. */
static bool take_change(const struct piece *base, const struct piece *ours, struct piece *theirs)
{
	if (ours && same(base, ours))
		return true;
	if (!ours) {
		if (theirs && !same(base, theirs))
			return false;
		if (theirs)
			theirs->gone = true;
		return true;
	}
	if (!theirs)
		return false;
	if (same(base, theirs))
		theirs->text = ours->text;
	return same(ours, theirs);
}

/* What we added goes behind the stanza of theirs that it stands behind in ours. */
static bool take_addition(struct side *ours, size_t i, struct side *theirs)
{
	struct piece *there = find(theirs, &ours->v[i]), *behind = NULL;
	size_t *slot;

	if (there)
		return same(there, &ours->v[i]);
	for (size_t k = i; k > 0 && !behind; k--)
		behind = find(theirs, &ours->v[k - 1]);
	slot = &(behind ? behind : &theirs->v[0])->first_added;
	while (*slot != NONE)
		slot = &ours->v[*slot].next_added;
	*slot = i;
	return true;
}

static void put(struct pve_buf *out, struct pve_span text, bool crlf)
{
	if (text.len && out->len && out->data[out->len - 1] != '\n')
		pve_buf_puts(out, crlf ? "\r\n" : "\n");
	pve_buf_span(out, text);
}

static void write_out(const struct side *theirs, const struct side *ours, bool crlf,
		      struct pve_buf *out)
{
	for (size_t i = 0; i < theirs->n; i++) {
		const struct piece *p = &theirs->v[i];

		if (!p->gone)
			put(out, p->text, crlf);
		for (size_t k = p->first_added; k != NONE; k = ours->v[k].next_added)
			put(out, ours->v[k].text, crlf);
	}
}

static void conflict(struct pve_buf *names, const struct piece *p)
{
	pve_buf_printf(names, "%s%s", names->len ? ", " : "", p->key);
}

int net_merge(const char *path, struct pve_span base, struct pve_span theirs, struct pve_span ours,
	      struct pve_buf *out, struct pve_err *e)
{
	struct side b = {0}, t = {0}, o = {0};
	PVE_BUF names = {0};

	cut(&b, path, base);
	cut(&t, path, theirs);
	cut(&o, path, ours);
	for (size_t i = 0; i < b.n; i++)
		if (!take_change(&b.v[i], find(&o, &b.v[i]), find(&t, &b.v[i])))
			conflict(&names, &b.v[i]);
	for (size_t i = 0; i < o.n; i++)
		if (!find(&b, &o.v[i]) && !take_addition(&o, i, &t))
			conflict(&names, &o.v[i]);
	if (!names.len)
		write_out(&t, &o, theirs.len && memmem(theirs.p, theirs.len, "\r\n", 2), out);
	side_done(&b);
	side_done(&t);
	side_done(&o);
	if (!names.len)
		return 0;
	return pve_err_set(e, PVE_DATA,
			   "%s: changed here and in the live file: %s; 'pve-net diff' shows how, "
			   "'pve-net revert' drops the staged side",
			   path, pve_buf_str(&names));
}
