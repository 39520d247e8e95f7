/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/conf_section.h"

#include <stdio.h>

#include "pvecommon/map.h"
#include "pvecommon/textfile_impl.h"

/* White space as Perl's \s has it. */
static bool is_space(char c)
{
	return c && strchr(" \t\r\f\v\n", c);
}

static struct pve_span trim(struct pve_span a)
{
	while (a.len && is_space(a.p[0]))
		a.p++, a.len--;
	while (a.len && is_space(a.p[a.len - 1]))
		a.len--;
	return a;
}

static struct pve_span first_word(struct pve_span a)
{
	size_t n = 0;

	while (n < a.len && !is_space(a.p[n]))
		n++;
	return (struct pve_span){a.p, n};
}

static struct pve_span behind(struct pve_span a, size_t n)
{
	return (struct pve_span){a.p + n, a.len - n};
}

/* "TYPE: ID", "TYPE:ID" or "TYPE:" from the first column. */
static bool parse_header(struct pve_span line, struct pve_conf_section *s)
{
	struct pve_span type = first_word(line);
	struct pve_span id = trim(behind(line, type.len));
	size_t colon = type.len;

	if (first_word(id).len != id.len)
		return false;
	while (colon && type.p[colon - 1] != ':')
		colon--;
	/* With an ID behind the blank, the colon must be the last of its word. */
	if (colon < 2 || (id.len && colon < type.len))
		return false;
	if (!id.len)
		id = behind(type, colon);
	type.len = colon - 1;
	*s = (struct pve_conf_section){.type = type, .id = id.len ? id : type, .bare = !id.len};
	return true;
}

static bool parse_key(struct pve_span line, struct pve_conf_section_key *k)
{
	struct pve_span text = trim(line);

	if (!line.len || !is_space(line.p[0]) || !text.len)
		return false;
	*k = (struct pve_conf_section_key){.name = first_word(text)};
	k->value = trim(behind(text, k->name.len));
	return true;
}

/* State of one pass over the lines.  d is NULL when the file is read again after an edit. */
struct pass {
	struct pve_conf_section_file *f;
	const char *file;
	struct pve_diags *d;
	struct pve_map ids, keys; /* by name; keys: of the current section */
	bool inside, crlf;        /* in a section; CR LF was reported */
	char mark;                /* something to point the maps at */
};

__attribute__((format(printf, 4, 5))) static void say(struct pass *p, enum pve_severity s,
						      size_t line, const char *fmt, ...)
{
	PVE_FREE char *msg = NULL;
	va_list ap;

	if (!p->d)
		return;
	va_start(ap, fmt);
	msg = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_diags_add(p->d, s, p->file, (unsigned)line + 1, "%s", msg);
}

static void begin(struct pass *p, struct pve_conf_section s, size_t line)
{
	struct pve_conf_section_file *f = p->f;

	s.line = line;
	s.end = line + 1;
	s.key = f->nkeys;
	if (pve_map_set(&p->ids, s.id, &p->mark))
		say(p, PVE_WARNING, line, "section '%.*s' is defined again: this one counts",
		    PVE_SPAN_ARG(s.id));
	f->v = pve_grow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = s;
	pve_map_done(&p->keys);
	p->inside = true;
}

static void add_key(struct pass *p, struct pve_conf_section_key k, size_t line)
{
	struct pve_conf_section_file *f = p->f;

	k.line = line;
	k.repeated = pve_map_set(&p->keys, k.name, &p->mark) != NULL;
	if (k.repeated)
		say(p, PVE_WARNING, line, "'%.*s' is given again in section '%.*s'",
		    PVE_SPAN_ARG(k.name), PVE_SPAN_ARG(f->v[f->n - 1].id));
	f->keys = pve_grow(f->keys, f->nkeys, &f->keys_cap, sizeof(*f->keys));
	f->keys[f->nkeys++] = k;
	f->v[f->n - 1].nkeys++;
}

static void read_inside(struct pass *p, size_t i, struct pve_span line)
{
	struct pve_conf_section_key k;
	struct pve_conf_section s;

	p->f->v[p->f->n - 1].end = i + 1;
	if (parse_key(line, &k))
		add_key(p, k, i);
	else if (!trim(line).len)
		say(p, PVE_WARNING, i, "a line of blanks does not end section '%.*s'",
		    PVE_SPAN_ARG(p->f->v[p->f->n - 1].id));
	else if (parse_header(line, &s))
		say(p, PVE_ERROR, i, "an empty line is missing before section '%.*s'",
		    PVE_SPAN_ARG(s.id));
	else
		say(p, PVE_ERROR, i, "line is not indented and no section header: ignored");
}

static void read_outside(struct pass *p, size_t i, struct pve_span line)
{
	struct pve_conf_section s;

	if (!is_space(line.p[0]) && parse_header(line, &s))
		begin(p, s, i);
	else if (trim(line).len)
		say(p, PVE_ERROR, i, "line belongs to no section: ignored");
}

static void read_line(struct pass *p, size_t i)
{
	struct pve_span line = p->f->text.v[i].text;
	struct pve_span text = trim(line);

	if (p->f->text.v[i].eol.len == 2 && !p->crlf) {
		p->crlf = true;
		say(p, PVE_WARNING, i, "line ends in CR LF, so Proxmox VE sees no empty lines");
	}
	if (!line.len) {
		p->inside = false;
	} else if (text.len && text.p[0] == '#') {
		if (p->inside)
			p->f->v[p->f->n - 1].end = i + 1;
	} else if (p->inside) {
		read_inside(p, i, line);
	} else {
		read_outside(p, i, line);
	}
}

/* Reads the lines of f->text, first time and after each edit: sections keep their places in
 * the array unless one is added or removed. */
static void read_lines(struct pve_conf_section_file *f, const char *file, struct pve_diags *d)
{
	struct pass p = {.f = f, .file = file, .d = d};

	f->n = f->nkeys = 0;
	for (size_t i = 0; i < f->text.n; i++)
		read_line(&p, i);
	pve_map_done(&p.ids);
	pve_map_done(&p.keys);
}

void pve_conf_section_parse(struct pve_conf_section_file *f, struct pve_span bytes,
			    const char *file, struct pve_diags *d)
{
	pve_textfile_parse(&f->text, bytes);
	read_lines(f, file, d);
}

void pve_conf_section_format(const struct pve_conf_section_file *f, struct pve_buf *b)
{
	pve_textfile_format(&f->text, b);
}

void pve_conf_section_done(struct pve_conf_section_file *f)
{
	pve_textfile_done(&f->text);
	free(f->v);
	free(f->keys);
	*f = (struct pve_conf_section_file){0};
}

struct pve_conf_section *pve_conf_section_find(const struct pve_conf_section_file *f,
					       const char *type, const char *id)
{
	for (size_t i = f->n; i-- > 0;) {
		struct pve_conf_section *s = &f->v[i];

		if (pve_span_eq(s->id, id) &&
		    (!type || (strlen(type) == s->type.len &&
			       strncasecmp(type, s->type.p, s->type.len) == 0)))
			return s;
	}
	return NULL;
}

const struct pve_conf_section_key *pve_conf_section_get(const struct pve_conf_section_file *f,
							const struct pve_conf_section *s,
							const char *key)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (pve_span_eq(f->keys[s->key + i].name, key))
			return &f->keys[s->key + i];
	return NULL;
}

/* A word that can stand in a header or begin a line: no white space, no control character. */
static int check_word(const char *what, const char *word, struct pve_err *e)
{
	for (const char *c = word; *c; c++)
		if (*c == ' ' || textfile_is_control(*c))
			return pve_err_set(e, PVE_USAGE, "%s '%s' holds a blank", what, word);
	if (!*word || *word == '#')
		return pve_err_set(e, PVE_USAGE, "'%s' is no %s", word, what);
	return 0;
}

/* Changes the value on the line of a key, or makes the key bare. */
static void set_line(struct pve_conf_section_file *f, const struct pve_conf_section_key *k,
		     struct pve_span value)
{
	struct pve_span line = f->text.v[k->line].text;
	const char *name_end = k->name.p + k->name.len;
	const char *from = value.len && k->value.len ? k->value.p : name_end;
	const char *to = k->value.len ? k->value.p + k->value.len : name_end;
	PVE_BUF b = {0};

	pve_buf_add(&b, line.p, (size_t)(from - line.p));
	if (value.len && !k->value.len)
		pve_buf_putc(&b, ' ');
	pve_buf_span(&b, value);
	pve_buf_add(&b, to, (size_t)(line.p + line.len - to));
	textfile_put(&f->text, k->line, (struct pve_span){b.data, b.len});
}

static void add_line(struct pve_conf_section_file *f, const struct pve_conf_section *s,
		     const char *key, struct pve_span value)
{
	size_t at = s->line;
	struct pve_span indent = pve_span("\t");
	PVE_BUF b = {0};

	if (s->nkeys) {
		const struct pve_conf_section_key *last = &f->keys[s->key + s->nkeys - 1];

		at = last->line;
		indent.p = f->text.v[at].text.p;
		indent.len = (size_t)(last->name.p - indent.p);
	}
	pve_buf_span(&b, indent);
	pve_buf_puts(&b, key);
	pve_buf_puts(&b, value.len ? " " : "");
	pve_buf_span(&b, value);
	textfile_insert(&f->text, at + 1, (struct pve_span){b.data, b.len});
}

int pve_conf_section_set(struct pve_conf_section_file *f, struct pve_conf_section *s,
			 const char *key, struct pve_span value, struct pve_err *e)
{
	const struct pve_conf_section_key *k;

	if (check_word("key", key, e) < 0 || textfile_check_value(key, value, true, e) < 0)
		return -1;
	k = pve_conf_section_get(f, s, key);
	if (k && pve_span_same(k->value, value))
		return 0;
	if (k)
		set_line(f, k, value);
	else
		add_line(f, s, key, value);
	read_lines(f, NULL, NULL);
	return 0;
}

bool pve_conf_section_remove(struct pve_conf_section_file *f, struct pve_conf_section *s,
			     const char *key)
{
	bool removed = false;

	/* From the last to the first, so that line numbers stay right. */
	for (size_t i = s->nkeys; i-- > 0;) {
		if (!pve_span_eq(f->keys[s->key + i].name, key))
			continue;
		pve_textfile_delete(&f->text, f->keys[s->key + i].line);
		removed = true;
	}
	if (removed)
		read_lines(f, NULL, NULL);
	return removed;
}

int pve_conf_section_add(struct pve_conf_section_file *f, const char *type, const char *id,
			 struct pve_conf_section **out, struct pve_err *e)
{
	PVE_FREE char *header = NULL;
	bool spaced = !f->text.n || !f->text.v[f->text.n - 1].text.len;

	if (check_word("type", type, e) < 0 || check_word("ID", id, e) < 0)
		return -1;
	if (pve_conf_section_find(f, NULL, id))
		return pve_err_set(e, PVE_FAILED, "a section '%s' is there already", id);
	header = pve_asprintf("%s: %s", type, id);
	if (!spaced)
		textfile_insert(&f->text, f->text.n, (struct pve_span){0});
	textfile_insert(&f->text, f->text.n, pve_span(header));
	if (spaced)
		textfile_insert(&f->text, f->text.n, (struct pve_span){0});
	read_lines(f, NULL, NULL);
	if (out)
		*out = &f->v[f->n - 1];
	return 0;
}

static bool is_comment(struct pve_span line)
{
	line = trim(line);
	return line.len && line.p[0] == '#';
}

void pve_conf_section_drop(struct pve_conf_section_file *f, struct pve_conf_section *s)
{
	size_t first = s->line, end = s->end;

	while (first && is_comment(f->text.v[first - 1].text))
		first--;
	if (end < f->text.n)
		end++; /* the empty line that ended the section */
	else if (first && !f->text.v[first - 1].text.len)
		first--;
	while (end > first)
		pve_textfile_delete(&f->text, --end);
	read_lines(f, NULL, NULL);
}
