/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From lines to stanzas, as ifupdown 0.8.41 reads them (config.c there). */
#include "interfaces.h"

struct reader {
	struct net_file *f;
	struct pve_diags *d;     /* may be NULL */
	struct net_stanza *open; /* the stanza that takes options; NULL after auto, source, ... */
	uint32_t comments;       /* first line of the comment block just read; 0: none */
	bool blank;              /* a blank line stands between the open stanza and here */
	bool script;             /* the open stanza, a mapping, has its script */
	bool template;           /* inside "<% ... %>" */
};

/* A logical line: physical lines joined where they end in a backslash. */
struct logical {
	uint32_t line, n;     /* number of the first; how many */
	struct pve_span text; /* trimmed */
};

/* isspace(3) in the C locale, which is what ifupdown separates words by. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct pve_span trim_left(struct pve_span s)
{
	while (s.len && is_space(s.p[0]))
		s.p++, s.len--;
	return s;
}

static struct pve_span trim(struct pve_span s)
{
	s = trim_left(s);
	while (s.len && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

static struct pve_span take_word(struct pve_span *rest)
{
	struct pve_span w = {rest->p, 0};

	while (w.len < rest->len && !is_space(w.p[w.len]))
		w.len++;
	rest->p += w.len;
	rest->len -= w.len;
	*rest = trim_left(*rest);
	return w;
}

static void diag(struct reader *r, enum pve_severity s, uint32_t line, const char *text,
		 struct pve_span what)
{
	if (!r->d)
		return;
	if (what.p)
		pve_diags_add(r->d, s, r->f->path, line, "%s: %.*s", text,
			      what.len > 80 ? 80 : (int)what.len, what.p);
	else
		pve_diags_add(r->d, s, r->f->path, line, "%s", text);
}

static const struct pve_span no_word;

/* --- logical lines ------------------------------------------------------------- */

/* The backslash must be the last byte, so CR LF lines never continue. */
static bool continues(const struct net_line *line)
{
	struct pve_span t = net_line_text(line);

	return line->eol != 2 && t.len && t.p[t.len - 1] == '\\';
}

/* Joins the lines from l->line on; first is the text of the first of them.  Nothing is
 * copied when there is but one. */
static void join(struct net_file *f, struct logical *l, struct pve_span first)
{
	struct net_line *line = &f->line[l->line - 1];
	size_t max = first.len, len = 0;
	char *text;

	l->text = trim(first);
	if (!continues(line))
		return;
	for (l->n = 1; continues(&line[l->n - 1]) && l->line - 1 + l->n < f->nlines; l->n++)
		max += line[l->n].len;
	text = pve_arena_alloc(&f->mem, max + 1);
	for (uint32_t i = 0; i < l->n; i++) {
		struct pve_span t = i ? net_line_text(&line[i]) : first;

		t.len -= continues(&line[i]);
		memcpy(text + len, t.p, t.len);
		len += t.len;
		if (i)
			line[i].kind = NET_LINE_CONTINUED;
	}
	l->text = trim((struct pve_span){text, len});
}

/* --- options ------------------------------------------------------------------- */

/* The spelling with dashes and without the mark of a default. */
static char *fold(struct net_file *f, struct pve_span spelling)
{
	char *folded = pve_arena_memdup(&f->mem, spelling.p, spelling.len);

	for (size_t i = 0; i < spelling.len; i++)
		if (folded[i] == '_')
			folded[i] = '-';
	if (spelling.len > 1 && folded[spelling.len - 1] == '?')
		folded[spelling.len - 1] = '\0';
	return folded;
}

/* The key for a spelling.  A file has few spellings, each many times, so each is looked for
 * once; keys that nobody knows differ by spelling. */
static const struct net_key *find_key(struct net_file *f, struct pve_span spelling)
{
	struct net_key *key = pve_map_get(&f->keys, spelling);
	const struct net_key *known;
	char *name;

	if (key)
		return key;
	name = fold(f, spelling);
	known = net_key_find(name);
	if (known) {
		pve_map_set(&f->keys, spelling, (void *)known);
		return known;
	}
	key = pve_arena_alloc(&f->mem, sizeof(*key));
	key->name = name;
	pve_map_set(&f->keys, spelling, key);
	return key;
}

static void check_option(struct reader *r, const struct net_option *o)
{
	if (!o->value.len)
		diag(r, PVE_ERROR, o->line, "option without a value", o->spelling);
	if (r->open->kind == NET_STRAY)
		diag(r, PVE_ERROR, o->line, "option outside of a stanza", o->spelling);
	if (r->open->kind != NET_MAPPING)
		return;
	if (o->key->id == NET_K_SCRIPT) {
		if (r->script)
			diag(r, PVE_ERROR, o->line, "second script of a mapping", o->value);
		r->script = true;
	} else if (o->key->id != NET_K_MAP) {
		diag(r, PVE_ERROR, o->line, "a mapping has only script and map lines", o->spelling);
	}
}

static void add_option(struct reader *r, const struct logical *l, struct pve_span word,
		       struct pve_span rest)
{
	struct net_file *f = r->f;
	struct net_option *o;

	o = &f->opt[f->nopts++];
	*o = (struct net_option){.line = l->line, .nlines = l->n, .after_blank = r->blank};
	o->spelling = word;
	o->value = rest;
	o->key = find_key(f, o->spelling);
	o->weak = o->spelling.len > 1 && o->spelling.p[o->spelling.len - 1] == '?';
	r->open->nopts++;
	r->open->last = l->line + l->n - 1;
	check_option(r, o);
}

/* --- stanzas ------------------------------------------------------------------- */

static struct net_stanza *add_stanza(struct reader *r, enum net_stanza_kind kind,
				     const struct logical *l)
{
	struct net_file *f = r->f;
	struct net_stanza *s;

	s = &f->stanza[f->nstanzas++];
	*s = (struct net_stanza){.kind = kind, .file = f, .line = l->line};
	s->lead = r->comments ? r->comments : l->line;
	s->last = l->line + l->n - 1;
	r->blank = r->script = false;
	r->open = kind == NET_IFACE || kind >= NET_MAPPING ? s : NULL;
	return s;
}

static bool word_in(struct pve_span w, const char *const *list)
{
	while (*list && !pve_span_eq(w, *list))
		list++;
	return *list;
}

/* Methods of each family that any of the engines has. */
static bool known_method(struct pve_span family, struct pve_span method)
{
	static const char *const inet[] = {"loopback", "static", "manual", "dhcp",   "bootp",
					   "tunnel",   "ppp",    "wvdial", "ipv4ll", NULL};
	static const char *const inet6[] = {"auto",   "loopback", "static", "manual", "dhcp",
					    "tunnel", "v4tunnel", "6to4",   "ppp",    NULL};
	static const char *const ipx[] = {"static", "dynamic", NULL};
	static const char *const can[] = {"static", NULL};

	if (pve_span_eq(family, "inet"))
		return word_in(method, inet);
	if (pve_span_eq(family, "inet6"))
		return word_in(method, inet6);
	if (pve_span_eq(family, "ipx"))
		return word_in(method, ipx);
	return pve_span_eq(family, "can") && word_in(method, can);
}

static bool known_family(struct pve_span family)
{
	static const char *const families[] = {"inet", "inet6", "ipx", "can", NULL};

	return word_in(family, families);
}

/* What Debian's ifupdown refuses and another engine reads. */
static const char *only_of(enum net_stanza_kind kind)
{
	if (kind == NET_IFACE)
		return "no family and method: only ifupdown2 reads this, ifupdown refuses the file";
	if (kind == NET_VLAN)
		return "only ifupdown2 reads this, ifupdown refuses the file: vlan";
	return "only ifupdown-ng reads this, ifupdown refuses the file: template";
}

static void check_iface(struct reader *r, const struct net_stanza *s)
{
	if (!s->name.len)
		diag(r, PVE_ERROR, s->line, "iface without a name", no_word);
	else if (s->inherits.len)
		return;
	else if (!s->family.len)
		diag(r, PVE_WARNING, s->line, only_of(NET_IFACE), s->name);
	else if (!known_family(s->family))
		diag(r, PVE_ERROR, s->line, "unknown address family", s->family);
	else if (!s->method.len)
		diag(r, PVE_ERROR, s->line, "no method", s->args);
	else if (!known_method(s->family, s->method))
		diag(r, PVE_ERROR, s->line, "unknown method", s->method);
}

static void read_iface(struct reader *r, struct net_stanza *s)
{
	struct pve_span rest = s->args, w;

	s->name = take_word(&rest);
	while (rest.len) {
		w = take_word(&rest);
		if (pve_span_eq(w, "inherits") && !s->inherits.len) {
			s->inherits = take_word(&rest);
			if (!s->inherits.len)
				diag(r, PVE_ERROR, s->line, "inherits from what?", s->name);
		} else if (!s->family.len && !s->inherits.len) {
			s->family = w;
		} else if (!s->method.len && !s->inherits.len) {
			s->method = w;
		} else {
			diag(r, PVE_WARNING, s->line, "extra word on an iface line is ignored", w);
		}
	}
	check_iface(r, s);
}

/* Is this word one that opens a stanza here? */
static bool head_kind(const struct reader *r, struct pve_span w, enum net_stanza_kind *kind)
{
	static const struct {
		const char *word;
		enum net_stanza_kind kind;
	} heads[] = {
		{"iface", NET_IFACE},     {"auto", NET_AUTO},
		{"allow-auto", NET_AUTO}, {"no-auto-down", NET_NO_AUTO_DOWN},
		{"rename", NET_RENAME},   {"no-scripts", NET_NO_SCRIPTS},
		{"source", NET_SOURCE},   {"mapping", NET_MAPPING},
		{"vlan", NET_VLAN},       {"template", NET_TEMPLATE},
	};

	/* Most lines are options; none of the words begins with another letter. */
	if (!w.len || !memchr("aimnrstv", w.p[0], 8))
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (pve_span_eq(w, heads[i].word)) {
			*kind = heads[i].kind;
			/* To Debian these two are options. */
			return *kind < NET_VLAN || !r->open || r->open->kind >= NET_VLAN;
		}
	*kind = pve_span_starts(w, "source-dir") ? NET_SOURCE_DIR : NET_ALLOW;
	return *kind == NET_SOURCE_DIR ||
	       (pve_span_starts(w, "allow-") && w.len > strlen("allow-"));
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
	struct pve_span rest = l->text, word = take_word(&rest);
	enum net_stanza_kind kind;
	struct net_stanza *s;

	line->kind = NET_LINE_OPTION;
	if (!head_kind(r, word, &kind)) {
		if (!r->open)
			add_stanza(r, NET_STRAY, l)->word = word;
		add_option(r, l, word, rest);
	} else if (!read_flag(r, kind, l, word)) {
		line->kind = NET_LINE_HEAD;
		s = add_stanza(r, kind, l);
		s->word = word;
		s->args = rest;
		if (kind == NET_IFACE)
			read_iface(r, s);
		else if (kind >= NET_VLAN)
			diag(r, PVE_WARNING, l->line, only_of(kind), s->args);
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
	const struct net_line *line = &r->f->line[l->line + l->n - 2];
	struct pve_span t = net_line_text(line);

	if (line->eol == 2 && t.len && t.p[t.len - 1] == '\\')
		diag(r, PVE_WARNING, l->line + l->n - 1,
		     "a backslash before CR LF does not continue the line", no_word);
	if (memchr(l->text.p, '\0', l->text.len))
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
	r->comments = r->comments ? r->comments : number;
	return true;
}

/* Reads the logical line that begins at a line number; returns the number behind it. */
static uint32_t read_line(struct reader *r, uint32_t number)
{
	struct logical l = {.line = number, .n = 1};
	struct pve_span t = net_line_text(&r->f->line[number - 1]);

	if (number == 1 && r->f->bom) {
		diag(r, PVE_ERROR, 1, "byte order mark: ifupdown takes it for part of a word",
		     no_word);
		t.p += 3, t.len -= 3;
	}
	if (read_unjoined(r, number, trim_left(t)))
		return number + 1;
	join(r->f, &l, t);
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

/* The arrays have their final place only now. */
static void link_options(struct net_file *f)
{
	struct net_option *o = f->opt;

	for (uint32_t i = 0; i < f->nstanzas; i++) {
		f->stanza[i].opt = o;
		for (uint32_t k = 0; k < f->stanza[i].nopts; k++)
			(o++)->stanza = &f->stanza[i];
	}
}

void net_file_read(struct net_file *f, struct pve_diags *d)
{
	struct reader r = {.f = f, .d = d};

	free(f->stanza);
	free(f->opt);
	/* No line is more than one stanza or option, and a stray option is both.  Of what is too
	 * much for a large file the pages are never touched. */
	f->stanza = pve_malloc((f->nlines + 1) * sizeof(*f->stanza));
	f->opt = pve_malloc((f->nlines + 1) * sizeof(*f->opt));
	f->nstanzas = f->nopts = 0;
	for (uint32_t n = 1; n <= f->nlines;)
		n = read_line(&r, n);
	end_comments(&r, f->nlines + 1);
	link_options(f);
}
