/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "edit_impl.h"

#include <ctype.h>

#include "pvecommon/strv.h"
#include "value.h"

void net_edit_init(struct net_edit *ed, const struct net_conf *conf)
{
	*ed = (struct net_edit){.conf = conf};
	ed->of = pve_calloc(conf->nfiles, sizeof(*ed->of));
	for (size_t i = 0; i < conf->nfiles; i++)
		net_batch_init(&ed->of[i], conf->file[i]);
}

void net_edit_done(struct net_edit *ed)
{
	for (size_t i = 0; ed->conf && i < ed->conf->nfiles; i++)
		net_batch_done(&ed->of[i]);
	free(ed->of);
	pve_buf_done(&ed->notes);
	pve_buf_done(&ed->errors);
	pve_arena_done(&ed->mem);
	*ed = (struct net_edit){0};
}

int net_edit_err(const struct net_edit *ed, struct pve_err *e)
{
	return ed->code ? pve_err_set(e, ed->code, "%s", pve_buf_str(&ed->errors)) : 0;
}

bool net_edit_changes(const struct net_edit *ed, size_t n)
{
	return ed->of[n].n > 0;
}

void net_edit_format(struct net_edit *ed, size_t n, struct pve_buf *out)
{
	net_batch_format(&ed->of[n], out);
}

bool net_edit_reread(struct net_edit *ed, struct net_conf *conf, size_t n, struct pve_span bytes)
{
	const struct net_op *op = ed->of[n].v;
	struct net_file *f = conf->file[n];
	uint32_t begin;

	if (ed->of[n].n != 1 || conf->diags.n || op->line > f->nlines)
		return false;
	begin = f->line[op->line - 1].start;
	return begin + op->text.len <= bytes.len &&
	       net_file_reread(f, bytes, op->line, op->gone,
			       (struct pve_span){bytes.p + begin, op->text.len});
}

void edit_complain(struct net_edit *ed, int code, const char *fmt, ...)
{
	va_list ap;

	if (ed->errors.len)
		pve_buf_putc(&ed->errors, '\n');
	va_start(ap, fmt);
	pve_buf_vprintf(&ed->errors, fmt, ap);
	va_end(ap);
	if (!ed->code)
		ed->code = code;
}

void edit_note(struct net_edit *ed, const char *fmt, ...)
{
	va_list ap;

	if (ed->notes.len)
		pve_buf_putc(&ed->notes, '\n');
	va_start(ap, fmt);
	pve_buf_vprintf(&ed->notes, fmt, ap);
	va_end(ap);
}

struct net_batch *edit_batch(struct net_edit *ed, const struct net_file *f)
{
	size_t i = 0;

	while (ed->conf->file[i] != f)
		i++;
	return &ed->of[i];
}

const struct net_stanza *edit_next(const struct net_edit *ed, const char *name, size_t *at)
{
	while (*at < ed->conf->nstanzas) {
		const struct net_stanza *s = ed->conf->stanza[(*at)++];

		if (s->kind == NET_IFACE && pve_span_eq(s->name, name))
			return s;
	}
	return NULL;
}

bool edit_defined(const struct net_edit *ed, const char *name)
{
	return edit_next(ed, name, &(size_t){0});
}

/* --- templates ------------------------------------------------------------------ */

/* "% for", "% if" and the like open a block that "% end..." closes. */
static int block_of(struct pve_span t)
{
	struct pve_span w;

	while (t.len && (t.p[0] == '%' || pve_is_blank(t.p[0])))
		t.p++, t.len--;
	w = pve_span_word(&t);
	if (pve_span_starts(w, "end"))
		return -1;
	return pve_span_starts(w, "for") || pve_span_starts(w, "if") ||
	       pve_span_starts(w, "while") || pve_span_starts(w, "try") ||
	       pve_span_starts(w, "with");
}

bool edit_computed(struct net_edit *ed, const struct net_stanza *s)
{
	const struct net_file *f = s->head->file;
	bool inside = false;
	int depth = 0;

	for (uint32_t i = 1; i <= s->last && i <= f->nlines; i++) {
		bool opaque = f->line[i - 1].kind == NET_LINE_OPAQUE;

		if (opaque)
			depth += block_of(net_line_text(f, i));
		if (i >= s->lead && (depth > 0 || opaque))
			inside = true;
	}
	if (inside)
		edit_complain(ed, PVE_DATA,
			      "%s:%u: %.*s is made by template lines: change those by hand",
			      f->path, s->line, PVE_SPAN_ARG(s->name));
	return inside;
}

/* --- lines and words ------------------------------------------------------------ */

uint32_t edit_head_lines(const struct net_stanza *s)
{
	uint32_t n = 1;

	while (s->line - 1 + n < s->head->file->nlines &&
	       s->head->file->line[s->line - 1 + n].kind == NET_LINE_CONTINUED)
		n++;
	return n;
}

struct pve_span edit_indent(const struct net_file *f, const struct net_stanza *s)
{
	if (s && s->nopts)
		return net_line_indent(f, s->opt[s->nopts - 1].line);
	for (uint32_t i = 0; i < f->nstanzas; i++)
		if (f->stanza[i].kind == NET_IFACE && f->stanza[i].nopts)
			return net_line_indent(f, f->stanza[i].opt[0].line);
	return pve_span("\t");
}

/* Options of one package are spelled alike: bridge_stp beside bridge_ports. */
static bool siblings_have_underscores(const struct net_stanza *s, const char *word, size_t prefix)
{
	for (uint32_t i = 0; s && i < s->nopts; i++) {
		struct pve_span o = s->opt[i].key->spelling;

		if (o.len > prefix && o.p[prefix] == '_' && memcmp(o.p, word, prefix) == 0)
			return true;
	}
	return false;
}

const char *edit_spelling(struct net_edit *ed, const struct net_stanza *s, const char *typed,
			  bool ovs)
{
	char *word = pve_arena_strdup(&ed->mem, typed);
	size_t prefix = strcspn(word, "-_");

	/* Proxmox VE reads these in no other spelling. */
	if (ovs && strcmp(word, "mtu") == 0)
		return "ovs_mtu";
	if (strncmp(word, "ovs", prefix) != 0 && !siblings_have_underscores(s, word, prefix))
		return word;
	for (char *c = word; *c; c++)
		if (*c == '-')
			*c = '_';
	return word;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool in_word(char c, bool hook)
{
	return hook ? edit_in_name(c) : !is_space(c);
}

/* Maps the words of one piece of text.  A word that goes takes the blanks before it along. */
static unsigned map_text(struct pve_span t, bool hook, unsigned *index, edit_map *map, void *data,
			 struct pve_buf *out)
{
	unsigned changed = 0;

	for (size_t i = 0; i < t.len;) {
		struct pve_span w = {t.p + i, 0};
		const char *to;

		if (!in_word(t.p[i], hook)) {
			pve_buf_putc(out, t.p[i++]);
			continue;
		}
		while (i + w.len < t.len && in_word(w.p[w.len], hook))
			w.len++;
		i += w.len;
		to = map(data, (*index)++, w);
		changed += to != NULL;
		if (!to)
			pve_buf_span(out, w);
		else if (*to)
			pve_buf_puts(out, to);
		else
			while (out->len && pve_is_blank(out->data[out->len - 1]))
				out->len--;
	}
	return changed;
}

/* The text of a physical line that counts: without the backslash that continues it. */
static struct pve_span line_body(const struct net_file *f, uint32_t line, uint32_t last)
{
	struct pve_span t = net_line_text(f, line);

	if (line < last && t.len)
		t.len--;
	return t;
}

/* A word that a backslash cuts in two cannot be mapped in its physical lines. */
static bool cuts_a_word(const struct net_file *f, uint32_t line, uint32_t last)
{
	for (; line < last; line++) {
		struct pve_span a = line_body(f, line, last), b = line_body(f, line + 1, last);

		if (a.len && b.len && !is_space(a.p[a.len - 1]) && !is_space(b.p[0]))
			return true;
	}
	return false;
}

static unsigned words_of_line(struct net_edit *ed, const struct net_file *f, uint32_t line,
			      uint32_t last, bool hook, unsigned *index, edit_map *map, void *data)
{
	struct pve_span body = line_body(f, line, last);
	PVE_BUF text = {0};
	unsigned n = map_text(body, hook, index, map, data, &text);

	if (line < last)
		pve_buf_putc(&text, '\\');
	if (n)
		net_batch_replace(edit_batch(ed, f), line, line,
				  (struct pve_span){pve_buf_str(&text), text.len});
	return n;
}

unsigned edit_words(struct net_edit *ed, const struct net_file *f, uint32_t line, uint32_t nlines,
		    bool hook, edit_map *map, void *data)
{
	uint32_t last = line + nlines - 1;
	unsigned n = 0, index = 0;
	PVE_BUF whole = {0};
	PVE_BUF text = {0};

	if (!cuts_a_word(f, line, last)) {
		for (uint32_t i = line; i <= last; i++)
			n += words_of_line(ed, f, i, last, hook, &index, map, data);
		return n;
	}
	for (uint32_t i = line; i <= last; i++)
		pve_buf_span(&whole, line_body(f, i, last));
	n = map_text((struct pve_span){whole.data, whole.len}, hook, &index, map, data, &text);
	if (n)
		net_batch_replace(edit_batch(ed, f), line, last,
				  (struct pve_span){pve_buf_str(&text), text.len});
	return n;
}

bool edit_is_reference(const struct net_key *key)
{
	static const char *const names[] = {"bond-active-slave", "xfrm-physdev", "ppp-physdev",
					    "veth-peer-name",    "requires",     NULL};

	switch (key->id) {
	case NET_K_BRIDGE_PORTS:
	case NET_K_BOND_SLAVES:
	case NET_K_BOND_MASTER:
	case NET_K_BOND_PRIMARY:
	case NET_K_VLAN_RAW_DEVICE:
	case NET_K_VXLAN_PHYSDEV:
	case NET_K_VRF:
	case NET_K_OVS_BRIDGE:
	case NET_K_OVS_PORTS:
	case NET_K_OVS_BONDS:
		return true;
	case NET_K_KNOWN:
		for (size_t i = 0; names[i]; i++)
			if (strcmp(key->name, names[i]) == 0)
				return true;
		return false;
	default:
		return false;
	}
}

bool edit_stands_on(struct pve_span name, const char *lower)
{
	size_t n = strlen(lower);

	return name.len > n + 1 && memcmp(name.p, lower, n) == 0 &&
	       (name.p[n] == '.' || name.p[n] == ':') && isdigit((unsigned char)name.p[n + 1]);
}

/* --- what was asked for --------------------------------------------------------- */

static const char *nearest_option(struct net_edit *ed, const char *folded)
{
	size_t n = 0;
	const char **names;

	while (net_key_names[n].spelling)
		n++;
	names = pve_arena_alloc(&ed->mem, (n + 4) * sizeof(*names));
	names[n] = "autostart";
	names[n + 1] = "method";
	names[n + 2] = "method6";
	while (n--)
		names[n] = net_key_names[n].spelling;
	return pve_str_nearest(folded, names);
}

static void find_pseudo(struct net_change *c, const char *folded)
{
	c->inet6 = folded[strlen(folded) - 1] == '6';
	if (strcmp(folded, "autostart") == 0)
		c->pseudo = NET_P_AUTOSTART;
	else if (strcmp(folded, "method") == 0 || strcmp(folded, "method6") == 0)
		c->pseudo = NET_P_METHOD;
	else if (strcmp(folded, "address6") == 0 || strcmp(folded, "gateway6") == 0)
		c->pseudo = NET_P_FAMILY6;
}

static bool is_option_name(struct pve_span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isgraph((unsigned char)s.p[i]) || strchr("#\\%$\"'`", s.p[i]))
			return false;
	return s.len && s.len < 80; /* ifupdown cuts longer ones */
}

void edit_unknown(struct net_edit *ed, const struct net_change *c)
{
	const char *near = nearest_option(ed, c->key->name);

	edit_complain(ed, PVE_USAGE, "%s: no engine knows this option%s%s%s; --force takes it",
		      c->spelling, near ? "; is it " : "", near ? near : "", near ? "?" : "");
}

static void find_key(struct net_edit *ed, struct net_change *c)
{
	static const struct net_key pseudo = {"", NET_K_UNKNOWN};
	char *folded = pve_arena_strdup(&ed->mem, c->spelling);

	for (char *p = folded; *p; p++)
		if (*p == '_')
			*p = '-';
	find_pseudo(c, folded);
	if (c->pseudo == NET_P_FAMILY6) {
		folded[strlen(folded) - 1] = '\0';
		c->spelling = folded;
	}
	c->key = c->pseudo && c->pseudo != NET_P_FAMILY6 ? &pseudo : net_key_find(folded);
	if (!c->key) {
		struct net_key *own = pve_arena_alloc(&ed->mem, sizeof(*own));

		*own = (struct net_key){folded, NET_K_UNKNOWN};
		c->key = own;
	}
}

int net_change_parse(struct net_edit *ed, const char *word, struct net_change *c, struct pve_err *e)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : 0;

	*c = (struct net_change){.op = NET_SET};
	if (len > 1 && (eq[-1] == '+' || eq[-1] == '-')) {
		c->op = eq[-1] == '+' ? NET_ADD : NET_TAKE;
		len--;
	}
	if (!eq || !is_option_name((struct pve_span){word, len}))
		return pve_err_set(e, PVE_USAGE, "'%s' is not OPTION=VALUE", word);
	c->spelling = pve_arena_memdup(&ed->mem, word, len);
	c->value = pve_span(pve_arena_strdup(&ed->mem, eq + 1));
	if (c->op != NET_SET && !c->value.len)
		return pve_err_set(e, PVE_USAGE, "%s: a value is missing", word);
	find_key(ed, c);
	return 0;
}
