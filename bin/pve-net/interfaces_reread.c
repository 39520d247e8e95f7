/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Most edits put a few option lines in the place of others: nothing else has to be read again. */
#include "interfaces_impl.h"

/* Options in the place of others, in a stanza. */
struct swap {
	struct net_file *f;
	struct net_stanza *s;
	uint32_t from, gone, now; /* lines */
	uint32_t first;           /* the option of the stanza that is, or will be, the first one */
	struct pve_span text;     /* the new lines */
	bool after_blank;         /* a blank line stands between the head and them */
};

/* The stanza that has the lines in its body. */
static struct net_stanza *stanza_around(struct net_file *f, uint32_t from, uint32_t gone)
{
	uint32_t low = 0, high = f->nstanzas;
	struct net_stanza *s;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (f->stanza[mid].line < from)
			low = mid + 1;
		else
			high = mid;
	}
	s = low ? &f->stanza[low - 1] : NULL;
	if (!s || s->kind != NET_IFACE || from > s->last + 1 || from + gone > s->last + 1)
		return NULL;
	return s;
}

/* Does the line go on in the next one, as far as any engine thinks? */
static bool may_continue(const struct net_file *f, uint32_t number)
{
	struct pve_span t = net_line_text(f, number);

	return t.len && t.p[t.len - 1] == '\\';
}

/* Is each line that goes a whole option, and none that stays a part of one? */
static bool find_gone(struct swap *w)
{
	const struct net_file *f = w->f;
	const struct net_stanza *s = w->s;
	uint32_t n = 0;

	if (may_continue(f, w->from - 1) ||
	    (w->from <= f->nlines && f->line[w->from - 1].kind == NET_LINE_CONTINUED))
		return false;
	while (w->first < s->nopts && s->opt[w->first].line < w->from)
		w->first++;
	for (uint32_t i = w->first; i < s->nopts && s->opt[i].line < w->from + w->gone; i++)
		n += s->opt[i].nlines == 1;
	for (uint32_t i = s->line + 1; i < w->from; i++)
		w->after_blank |= f->line[i - 1].kind == NET_LINE_BLANK;
	return n == w->gone;
}

/* A line with its end, as an option that every engine reads alike; false when it is none. */
static bool read_option(struct swap *w, struct pve_span line, struct net_option *o)
{
	struct pve_span rest = net_trim_left(net_trim_right(line)), word;
	enum net_stanza_kind kind;

	if (!line.len || line.p[line.len - 1] != '\n' || !rest.len || strchr("#%<", rest.p[0]) ||
	    rest.p[rest.len - 1] == '\\' || memchr(line.p, '\0', line.len))
		return false;
	word = net_take_word(&rest);
	if (!rest.len || net_head_kind(w->s, word, &kind))
		return false;
	*o = (struct net_option){
		.key = net_key_of(w->f, word),
		.stanza = w->s,
		.value = rest,
		.nlines = 1,
		.after_blank = w->after_blank,
	};
	return true;
}

/* Makes room for the new lines and sets them; those behind move. */
static void set_lines(struct swap *w, struct pve_span whole)
{
	struct net_file *f = w->f;
	uint32_t behind = w->from - 1 + w->gone, rest = f->nlines + 1 - behind;
	uint32_t at = f->line[w->from - 1].start;
	uint32_t moved = at + (uint32_t)w->text.len - f->line[behind].start; /* may wrap around */
	struct pve_span t = w->text;

	f->line = pve_realloc(f->line, f->nlines + 1 + w->now, sizeof(*f->line));
	memmove(&f->line[w->from - 1 + w->now], &f->line[behind], rest * sizeof(*f->line));
	for (uint32_t i = w->from - 1; i < w->from - 1 + w->now; i++) {
		size_t len = (size_t)((const char *)memchr(t.p, '\n', t.len) + 1 - t.p);

		f->line[i] = (struct net_line){.start = at & NET_TEXT_MAX,
					       .eol = len > 1 && t.p[len - 2] == '\r' ? 2 : 1,
					       .kind = NET_LINE_OPTION};
		at += (uint32_t)len;
		t.p += len, t.len -= len;
	}
	for (uint32_t i = w->from - 1 + w->now; i < w->from - 1 + w->now + rest; i++)
		f->line[i].start = (f->line[i].start + moved) & NET_TEXT_MAX;
	f->nlines += w->now - w->gone;
	f->text = whole;
}

/* The same for the options.  What stands behind the new lines has other numbers. */
static void set_options(struct swap *w, const struct net_option *o)
{
	struct net_file *f = w->f;
	uint32_t at = (uint32_t)(w->s->opt - f->opt) + w->first, more = w->now - w->gone;
	struct net_option *next;

	f->opt = pve_realloc(f->opt, f->nopts + w->now, sizeof(*f->opt));
	memmove(&f->opt[at + w->now], &f->opt[at + w->gone],
		(f->nopts - at - w->gone) * sizeof(*f->opt));
	memcpy(&f->opt[at], o, w->now * sizeof(*o));
	f->nopts += more;
	for (uint32_t i = 0; i < w->now; i++)
		f->opt[at + i].line = w->from + i;
	for (uint32_t i = at + w->now; i < f->nopts; i++)
		f->opt[i].line += more;
	w->s->nopts += more;
	w->s->last += more;
	for (struct net_stanza *s = w->s + 1; s < f->stanza + f->nstanzas; s++) {
		s->lead += more;
		s->line += more;
		s->last += more;
	}
	next = f->opt;
	for (uint32_t i = 0; i < f->nstanzas; i++) {
		f->stanza[i].opt = next;
		next += f->stanza[i].nopts;
	}
}

bool net_file_reread(struct net_file *f, struct pve_span whole, uint32_t from, uint32_t gone,
		     struct pve_span lines)
{
	struct swap w = {.f = f, .from = from, .gone = gone, .text = lines};
	PVE_FREE struct net_option *o = NULL;
	struct pve_span rest = lines;
	size_t cap = 0;

	if (from < 2 || whole.len > NET_TEXT_MAX || !(w.s = stanza_around(f, from, gone)) ||
	    !find_gone(&w))
		return false;
	/* A last line without an end got one, or what stands before the new lines did. */
	if (from + gone > f->nlines + 1 || !f->line[f->nlines - 1].eol)
		return false;
	while (rest.len) {
		const char *nl = memchr(rest.p, '\n', rest.len);
		size_t len = nl ? (size_t)(nl + 1 - rest.p) : rest.len;

		o = pve_grow(o, w.now, &cap, sizeof(*o));
		if (!read_option(&w, (struct pve_span){rest.p, len}, &o[w.now++]))
			return false;
		rest.p += len, rest.len -= len;
	}
	if (!w.now)
		return false;
	set_lines(&w, whole);
	set_options(&w, o);
	return true;
}
