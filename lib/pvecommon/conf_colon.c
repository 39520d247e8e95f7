/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/conf_colon.h"

#include <ctype.h>

#include "pvecommon/map.h"
#include "pvecommon/textfile_impl.h"

static const char DESCRIPTION[] = "description";

/* [a-z][a-z_-]*[0-9]* */
static bool is_key(struct pve_span k)
{
	size_t n = k.len;

	while (n && isdigit((unsigned char)k.p[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		if (!islower((unsigned char)k.p[i]) && (!i || (k.p[i] != '-' && k.p[i] != '_')))
			return false;
	return n > 0;
}

static bool parse_line(struct pve_span line, struct pve_conf_colon_key *k)
{
	const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;

	*k = (struct pve_conf_colon_key){0};
	if (line.len && line.p[0] == '#') {
		k->description = true;
		k->value = (struct pve_span){line.p + 1, line.len - 1};
		return true;
	}
	if (!colon)
		return false;
	k->name = (struct pve_span){line.p, (size_t)(colon - line.p)};
	k->value = pve_span_trim(
		(struct pve_span){colon + 1, (size_t)(line.p + line.len - colon - 1)});
	if (pve_span_eq(k->name, DESCRIPTION)) {
		k->description = true;
		k->name.len = 0;
	}
	return k->value.len && (k->description || is_key(k->name));
}

static void read_lines(struct pve_conf_colon *c, const char *file, struct pve_diags *d)
{
	struct pve_map seen = {0};
	struct pve_conf_colon_key k;

	c->n = 0;
	for (size_t i = 0; i < c->text.n; i++) {
		struct pve_span line = c->text.v[i].text;

		if (!parse_line(line, &k)) {
			if (d && pve_span_trim(line).len)
				pve_diags_add(d, PVE_ERROR, file, (unsigned)i + 1,
					      "line is not 'key: value'");
			continue;
		}
		k.line = i;
		if (!k.description && d && pve_map_set(&seen, k.name, c))
			pve_diags_add(d, PVE_WARNING, file, (unsigned)i + 1,
				      "'%.*s' is given again: this one counts",
				      PVE_SPAN_ARG(k.name));
		c->v = pve_grow(c->v, c->n, &c->cap, sizeof(*c->v));
		c->v[c->n++] = k;
	}
	pve_map_done(&seen);
}

void pve_conf_colon_parse(struct pve_conf_colon *c, struct pve_span bytes, const char *file,
			  struct pve_diags *d)
{
	pve_textfile_parse(&c->text, bytes);
	read_lines(c, file, d);
}

void pve_conf_colon_format(const struct pve_conf_colon *c, struct pve_buf *b)
{
	pve_textfile_format(&c->text, b);
}

void pve_conf_colon_done(struct pve_conf_colon *c)
{
	pve_textfile_done(&c->text);
	free(c->v);
	*c = (struct pve_conf_colon){0};
}

const struct pve_conf_colon_key *pve_conf_colon_find(const struct pve_conf_colon *c,
						     const char *key)
{
	for (size_t i = c->n; i-- > 0;)
		if (!c->v[i].description && pve_span_eq(c->v[i].name, key))
			return &c->v[i];
	return NULL;
}

static int check(const char *key, struct pve_span value, struct pve_err *e)
{
	if (!is_key(pve_span(key)) || strcmp(key, DESCRIPTION) == 0)
		return pve_err_set(e, PVE_USAGE, "'%s' is no key of a node configuration", key);
	if (!value.len)
		return pve_err_set(e, PVE_USAGE, "the value of %s is empty", key);
	return textfile_check_value(key, value, true, e);
}

/* The order of bytes, as Perl sorts. */
static bool is_before(const char *key, struct pve_span other)
{
	size_t n = strlen(key);
	int order = memcmp(key, other.p, n < other.len ? n : other.len);

	return order ? order < 0 : n < other.len;
}

/* The line before which a new key goes. */
static size_t place_for(const struct pve_conf_colon *c, const char *key)
{
	size_t last = c->text.n;

	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].description)
			continue;
		if (is_before(key, c->v[i].name))
			return c->v[i].line;
		last = c->v[i].line + 1;
	}
	return last;
}

int pve_conf_colon_set(struct pve_conf_colon *c, const char *key, struct pve_span value,
		       struct pve_err *e)
{
	const struct pve_conf_colon_key *k;
	PVE_BUF b = {0};

	if (check(key, value, e) < 0)
		return -1;
	k = pve_conf_colon_find(c, key);
	if (k && pve_span_same(k->value, value))
		return 0;
	if (k) {
		struct pve_span line = c->text.v[k->line].text;
		const char *end = k->value.p + k->value.len;

		pve_buf_add(&b, line.p, (size_t)(k->value.p - line.p));
		pve_buf_span(&b, value);
		pve_buf_add(&b, end, (size_t)(line.p + line.len - end));
		textfile_put(&c->text, k->line, (struct pve_span){b.data, b.len});
	} else {
		pve_buf_printf(&b, "%s: %.*s", key, PVE_SPAN_ARG(value));
		textfile_insert(&c->text, place_for(c, key), (struct pve_span){b.data, b.len});
	}
	read_lines(c, NULL, NULL);
	return 0;
}

bool pve_conf_colon_remove(struct pve_conf_colon *c, const char *key)
{
	bool removed = false;

	for (size_t i = c->n; i-- > 0;) {
		if (c->v[i].description || !pve_span_eq(c->v[i].name, key))
			continue;
		pve_textfile_delete(&c->text, c->v[i].line);
		removed = true;
	}
	if (removed)
		read_lines(c, NULL, NULL);
	return removed;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20; /* lower case */
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %HH to bytes; a '%' that starts none stands for itself. */
static void decode(struct pve_span s, struct pve_buf *b)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '%' && i + 2 < s.len && hex(s.p[i + 1]) >= 0 &&
		    hex(s.p[i + 2]) >= 0) {
			pve_buf_putc(b, (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2])));
			i += 2;
		} else {
			pve_buf_putc(b, s.p[i]);
		}
	}
}

static void encode(struct pve_span s, struct pve_buf *b)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c > 0x7e || c == '%' || c == ':')
			pve_buf_printf(b, "%%%02X", c);
		else
			pve_buf_putc(b, (char)c);
	}
}

bool pve_conf_colon_description(const struct pve_conf_colon *c, struct pve_buf *b)
{
	bool found = false;

	for (size_t i = 0; i < c->n; i++) {
		if (!c->v[i].description)
			continue;
		if (found)
			pve_buf_putc(b, '\n');
		decode(c->v[i].value, b);
		found = true;
	}
	return found;
}

/* Takes the next line off *text; false when there is none. */
static bool next_line(struct pve_span *text, struct pve_span *line)
{
	const char *nl = text->len ? memchr(text->p, '\n', text->len) : NULL;
	size_t n = nl ? (size_t)(nl - text->p) : text->len;

	if (!text->len)
		return false;
	*line = (struct pve_span){text->p, n};
	text->p += n + (nl != NULL);
	text->len -= n + (nl != NULL);
	return true;
}

static bool decodes_to(struct pve_span encoded, struct pve_span line)
{
	PVE_BUF b = {0};

	decode(encoded, &b);
	return pve_span_same((struct pve_span){b.data, b.len}, line);
}

void pve_conf_colon_describe(struct pve_conf_colon *c, struct pve_span text)
{
	size_t below = 0, i = 0;
	struct pve_span line;

	/* Old and new lines side by side; new ones that are left over go below the last. */
	while (next_line(&text, &line)) {
		PVE_BUF b = {0};

		pve_buf_putc(&b, '#');
		encode(line, &b);
		while (i < c->n && !c->v[i].description)
			i++;
		if (i == c->n) {
			textfile_insert(&c->text, below++, (struct pve_span){b.data, b.len});
			continue;
		}
		below = c->v[i].line + 1;
		if (!decodes_to(c->v[i].value, line))
			textfile_put(&c->text, c->v[i].line, (struct pve_span){b.data, b.len});
		i++;
	}
	/* Old ones that are left over go; if there are any, none was inserted above. */
	for (size_t j = c->n; j-- > i;)
		if (c->v[j].description)
			pve_textfile_delete(&c->text, c->v[j].line);
	read_lines(c, NULL, NULL);
}
