/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From lines to stanzas, as ifupdown 0.8.41 reads them (config.c there). */
#include "interfaces_impl.h"

struct reader {
	struct net_file *f;
	struct pve_diags *d;     /* may be NULL */
	struct net_stanza *open; /* the stanza that takes options; NULL after auto, source, ... */
	uint32_t comments;       /* first line of the comment block just read; 0: none */
	bool blank;              /* a blank line stands between the open stanza and here */
	bool script;             /* the open stanza, a mapping, has its script */
	bool template;           /* inside "<% ... %>" */
	bool nul;                /* there is a NUL byte in the text */
};

/* A logical line: physical lines joined where they end in a backslash. */
struct logical {
	uint32_t line, n;     /* number of the first; how many */
	struct pve_span text; /* trimmed */
};

static const struct pve_span no_word;

static void diag(struct reader *r, enum pve_severity s, uint32_t line, const char *text,
		 struct pve_span what)
{
	net_file_diag(r->f, r->d, s, line, text, what);
}

/* --- logical lines ------------------------------------------------------------- */

/* Does the line, of which this is the text or the end of it, go on in the next one?  The backslash
 * must be the last byte, so CR LF lines never continue. */
static bool continues(const struct net_file *f, uint32_t number, struct pve_span text)
{
	return text.len && text.p[text.len - 1] == '\\' && f->line[number - 1].eol != 2;
}

/* Joins the lines from l->line on; l->text is the text of the first of them, and continues. */
static void join(struct net_file *f, struct logical *l)
{
	struct pve_span t = l->text;
	size_t max = 0, len = 0;
	uint32_t n = l->line;
	char *text;

	for (; max += t.len, continues(f, n, t) && n < f->nlines; n++)
		t = net_line_text(f, n + 1);
	l->n = n - l->line + 1;
	text = pve_arena_alloc(&f->mem, max + 1);
	for (n = l->line; n < l->line + l->n; n++) {
		t = n > l->line ? net_line_text(f, n) : l->text;
		t.len -= continues(f, n, t);
		memcpy(text + len, t.p, t.len);
		len += t.len;
		if (n > l->line)
			f->line[n - 1].kind = NET_LINE_CONTINUED;
	}
	l->text = net_trim_left((struct pve_span){text, len});
}

/* --- options ------------------------------------------------------------------- */

/* The spelling with dashes and without the mark of a default. */
static const char *fold(struct net_file *f, struct pve_span spelling)
{
	char *folded = pve_arena_memdup(&f->mem, spelling.p, spelling.len);

	for (size_t i = 0; i < spelling.len; i++)
		if (folded[i] == '_')
			folded[i] = '-';
	if (spelling.len > 1 && folded[spelling.len - 1] == '?')
		folded[spelling.len - 1] = '\0';
	return folded;
}

/* A file has few spellings, each many times, so each is looked for once; keys that nobody knows
 * differ by spelling. */
const struct net_key *net_key_of(struct net_file *f, struct pve_span spelling)
{
	const struct net_key **recent = &f->recent_key[net_look(spelling)], *known;
	struct net_key *key;

	if (*recent && pve_span_same((*recent)->spelling, spelling))
		return *recent;
	key = pve_map_get(&f->keys, spelling);
	if (key)
		return *recent = key;
	key = pve_arena_alloc(&f->mem, sizeof(*key));
	key->name = fold(f, spelling);
	known = net_key_find(key->name);
	if (known)
		*key = *known;
	key->spelling = spelling;
	key->weak = spelling.len > 1 && spelling.p[spelling.len - 1] == '?';
	pve_map_set(&f->keys, spelling, key);
	return *recent = key;
}

static void check_option(struct reader *r, const struct net_option *o)
{
	if (!o->value.len)
		diag(r, PVE_ERROR, o->line, "option without a value", o->key->spelling);
	if (r->open->kind == NET_STRAY)
		diag(r, PVE_ERROR, o->line, "option outside of a stanza", o->key->spelling);
	if (r->open->kind != NET_MAPPING)
		return;
	if (o->key->id == NET_K_SCRIPT) {
		if (r->script)
			diag(r, PVE_ERROR, o->line, "second script of a mapping", o->value);
		r->script = true;
	} else if (o->key->id != NET_K_MAP) {
		diag(r, PVE_ERROR, o->line, "a mapping has only script and map lines",
		     o->key->spelling);
	}
}

static void add_option(struct reader *r, const struct logical *l, struct pve_span word,
		       struct pve_span rest)
{
	struct net_file *f = r->f;
	struct net_option *o = &f->opt[f->nopts++];

	*o = (struct net_option){
		.key = net_key_of(f, word),
		.value = rest,
		.line = l->line,
		.nlines = l->n & 0x7fffffff,
		.after_blank = r->blank,
	};
	r->open->nopts++;
	r->open->last = l->line + l->n - 1;
	if (!rest.len || r->open->kind >= NET_MAPPING)
		check_option(r, o);
}

/* --- stanzas ------------------------------------------------------------------- */

static struct net_stanza *add_stanza(struct reader *r, enum net_stanza_kind kind,
				     const struct logical *l)
{
	struct net_file *f = r->f;
	struct net_stanza *s = &f->stanza[f->nstanzas++];

	*s = (struct net_stanza){
		.lead = r->comments ? r->comments : l->line,
		.line = l->line,
		.last = l->line + l->n - 1,
		.kind = kind,
	};
	r->blank = r->script = false;
	r->open = kind == NET_IFACE || kind >= NET_MAPPING ? s : NULL;
	return s;
}

/* "auto", "no-scripts" and their like without names speak of the stanza they stand in. */
static bool read_flag(struct reader *r, enum net_stanza_kind kind, const struct logical *l,
		      struct pve_span word)
{
	struct net_stanza *s = r->open;

	if (!s || s->kind != NET_IFACE || l->text.len != word.len)
		return false;
	switch (kind) {
	case NET_AUTO:
		s->autostart = true;
		break;
	case NET_ALLOW:
		s->hotplug |= pve_span_eq(word, "allow-hotplug");
		break;
	case NET_NO_AUTO_DOWN:
		s->no_auto_down = true;
		break;
	case NET_NO_SCRIPTS:
		s->no_scripts = true;
		break;
	default:
		return false;
	}
	s->last = l->line + l->n - 1;
	return true;
}

/* --- lines --------------------------------------------------------------------- */

static void read_logical(struct reader *r, const struct logical *l)
{
	struct net_line *line = &r->f->line[l->line - 1];
	struct pve_span rest = l->text, word = net_take_word(&rest);
	enum net_stanza_kind kind;

	line->kind = NET_LINE_OPTION;
	if (!net_head_kind(r->open, word, &kind)) {
		if (!r->open)
			net_head_read(r->f, add_stanza(r, NET_STRAY, l), word,
				      (struct pve_span){rest.p, 0}, r->d);
		add_option(r, l, word, rest);
	} else if (!read_flag(r, kind, l, word)) {
		line->kind = NET_LINE_HEAD;
		net_head_read(r->f, add_stanza(r, kind, l), word, rest, r->d);
	}
	r->comments = 0;
}

/* The comment block that ends here leads nothing: it belongs to the stanza above when it
 * stands directly below its last line. */
static void end_comments(struct reader *r, uint32_t line)
{
	if (r->comments && r->open && r->comments == r->open->last + 1)
		r->open->last = line - 1;
	r->comments = 0;
}

static bool is_template(struct reader *r, struct pve_span t)
{
	bool begins = t.len > 1 && t.p[0] == '<' && t.p[1] == '%';

	if (!r->template && !begins)
		return t.len && t.p[0] == '%';
	r->template = !memmem(t.p, t.len, "%>", 2);
	return true;
}

/* What ifupdown makes of bytes that look harmless. */
static void check_bytes(struct reader *r, const struct logical *l)
{
	uint32_t last = l->line + l->n - 1;
	struct pve_span t = net_line_text(r->f, last);

	if (t.len && t.p[t.len - 1] == '\\' && r->f->line[last - 1].eol == 2)
		diag(r, PVE_WARNING, last, "a backslash before CR LF does not continue the line",
		     no_word);
	if (r->nul && memchr(l->text.p, '\0', l->text.len))
		diag(r, PVE_WARNING, l->line, "NUL byte: ifupdown ends the line there", no_word);
}

/* A template line, a comment, or neither. */
static bool read_unjoined(struct reader *r, uint32_t number, struct pve_span first)
{
	struct net_line *line = &r->f->line[number - 1];

	if (is_template(r, first)) {
		line->kind = NET_LINE_OPAQUE;
		r->comments = 0;
		diag(r, PVE_WARNING, number, "template line: only ifupdown2 with mako reads it",
		     no_word);
		return true;
	}
	if (!first.len || first.p[0] != '#')
		return false;
	line->kind = NET_LINE_COMMENT;
	r->f->comments = true;
	r->comments = r->comments ? r->comments : number;
	return true;
}

/* Reads the logical line that begins at a line number; returns the number behind it. */
static uint32_t read_line(struct reader *r, uint32_t number)
{
	struct logical l = {.line = number, .n = 1, .text = net_line_text(r->f, number)};

	if (number == 1 && r->f->bom) {
		diag(r, PVE_ERROR, 1, "byte order mark: ifupdown takes it for part of a word",
		     no_word);
		l.text.p += 3, l.text.len -= 3;
	}
	l.text = net_trim_left(l.text);
	if (read_unjoined(r, number, l.text))
		return number + 1;
	if (continues(r->f, number, l.text))
		join(r->f, &l);
	l.text = net_trim_right(l.text);
	if (l.text.len) {
		check_bytes(r, &l);
		read_logical(r, &l);
	} else {
		r->f->line[number - 1].kind = NET_LINE_BLANK;
		end_comments(r, number);
		r->blank = true;
	}
	return number + l.n;
}

/* Gives back what the arrays do not need.  They have their final place only then. */
static void settle(struct net_file *f)
{
	struct net_option *o;

	f->stanza = pve_realloc(f->stanza, f->nstanzas, sizeof(*f->stanza));
	f->opt = o = pve_realloc(f->opt, f->nopts, sizeof(*f->opt));
	for (uint32_t i = 0; i < f->nstanzas; i++) {
		f->stanza[i].opt = o;
		for (uint32_t k = 0; k < f->stanza[i].nopts; k++)
			(o++)->stanza = &f->stanza[i];
	}
}

void net_file_read(struct net_file *f, struct pve_diags *d)
{
	struct reader r = {.f = f, .d = d};

	/* No line is more than one stanza or option, and a stray option is both.  Of what is too
	 * much for a large file the pages are never touched. */
	f->stanza = pve_malloc((f->nlines + 1) * sizeof(*f->stanza));
	f->opt = pve_malloc((f->nlines + 1) * sizeof(*f->opt));
	r.nul = f->text.len && memchr(f->text.p, '\0', f->text.len);
	for (uint32_t n = 1; n <= f->nlines;)
		n = read_line(&r, n);
	end_comments(&r, f->nlines + 1);
	settle(f);
}
