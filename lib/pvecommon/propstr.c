/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/propstr.h"

#include <stdio.h>

#include "pvecommon/map.h"
#include "pvecommon/textfile_impl.h"

struct pass {
	struct pve_propstr *p;
	const char *file;
	unsigned line;
	struct pve_diags *d;
	struct pve_map seen;
};

__attribute__((format(printf, 2, 3))) static void refuse(struct pass *ps, const char *fmt, ...)
{
	PVE_FREE char *msg = NULL;
	va_list ap;

	if (!ps->d)
		return;
	va_start(ap, fmt);
	msg = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_diags_add(ps->d, PVE_ERROR, ps->file, ps->line, "%s", msg);
}

static bool split(struct pass *ps, struct pve_prop *part)
{
	struct pve_span t = part->text;
	const char *eq = memchr(t.p, '=', t.len);
	struct pve_span key = {t.p, eq ? (size_t)(eq - t.p) : 0}, value = t;

	if (eq) {
		value = (struct pve_span){eq + 1, t.len - key.len - 1};
	} else if (ps->p->default_key) {
		key = pve_span(ps->p->default_key);
	} else {
		refuse(ps, "'%.*s' has no key", PVE_SPAN_ARG(t));
		return false;
	}
	if (!key.len || !value.len) {
		refuse(ps, "'%.*s' has no %s", PVE_SPAN_ARG(t), key.len ? "value" : "key");
		return false;
	}
	part->key = key;
	part->value = value;
	return true;
}

static void add_part(struct pass *ps, struct pve_span text)
{
	struct pve_propstr *p = ps->p;
	struct pve_prop part = {.text = text};

	if (!pve_span_trim(text).len) {
		if (ps->d)
			pve_diags_add(ps->d, PVE_WARNING, ps->file, ps->line,
				      "empty part between commas");
	} else if (split(ps, &part) && pve_map_set(&ps->seen, part.key, p)) {
		refuse(ps, "key '%.*s' is given twice", PVE_SPAN_ARG(part.key));
	}
	p->v = pve_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = part;
}

void pve_propstr_parse(struct pve_propstr *p, struct pve_span text, const char *default_key,
		       const char *file, unsigned line, struct pve_diags *d)
{
	const char *s = pve_arena_memdup(&p->memory, text.p, text.len);
	struct pass ps = {.p = p, .file = file, .line = line, .d = d};
	size_t start = 0;

	p->default_key = default_key;
	for (size_t i = 0; text.len && i <= text.len; i++) {
		if (i < text.len && s[i] != ',')
			continue;
		add_part(&ps, (struct pve_span){s + start, i - start});
		start = i + 1;
	}
	pve_map_done(&ps.seen);
}

void pve_propstr_format(const struct pve_propstr *p, struct pve_buf *b)
{
	for (size_t i = 0; i < p->n; i++) {
		if (i)
			pve_buf_putc(b, ',');
		pve_buf_span(b, p->v[i].text);
	}
}

void pve_propstr_done(struct pve_propstr *p)
{
	free(p->v);
	pve_arena_done(&p->memory);
	*p = (struct pve_propstr){0};
}

static struct pve_prop *find(const struct pve_propstr *p, const char *key)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].key.len && pve_span_eq(p->v[i].key, key))
			return &p->v[i];
	return NULL;
}

const struct pve_prop *pve_propstr_find(const struct pve_propstr *p, const char *key)
{
	return find(p, key);
}

static int check(const char *key, struct pve_span value, struct pve_err *e)
{
	for (const char *c = key; *c; c++)
		if (textfile_is_control(*c) || *c == ',' || *c == '=')
			return pve_err_set(e, PVE_USAGE, "'%s' is no key of a property string",
					   key);
	if (!*key)
		return pve_err_set(e, PVE_USAGE, "the key is empty");
	if (!value.len || memchr(value.p, ',', value.len))
		return pve_err_set(e, PVE_USAGE, "the value of %s %s", key,
				   value.len ? "holds a comma" : "is empty");
	return textfile_check_value(key, value, true, e);
}

static bool is_bare(const struct pve_prop *part)
{
	return part->text.p == part->value.p;
}

/* Gives the part its text, key and value anew. */
static void write_part(struct pve_propstr *p, struct pve_prop *part, const char *key,
		       struct pve_span value, bool bare)
{
	size_t n = strlen(key);
	char *s;

	/* A bare part with '=' in it would be read as a key and its value. */
	bare = bare && !memchr(value.p, '=', value.len);
	s = bare ? pve_arena_printf(&p->memory, "%.*s", PVE_SPAN_ARG(value))
		 : pve_arena_printf(&p->memory, "%s=%.*s", key, PVE_SPAN_ARG(value));
	part->text = pve_span(s);
	part->key = bare ? pve_span(p->default_key) : (struct pve_span){s, n};
	part->value = bare ? part->text : pve_span(s + n + 1);
}

int pve_propstr_set(struct pve_propstr *p, const char *key, struct pve_span value,
		    struct pve_err *e)
{
	bool is_default = p->default_key && strcmp(key, p->default_key) == 0;
	struct pve_prop *part;

	if (check(key, value, e) < 0)
		return -1;
	part = find(p, key);
	if (part && pve_span_same(part->value, value))
		return 0;
	if (part) {
		write_part(p, part, key, value, is_bare(part));
		return 0;
	}
	p->v = pve_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	part = &p->v[is_default ? 0 : p->n];
	if (is_default)
		memmove(part + 1, part, p->n * sizeof(*p->v));
	p->n++;
	write_part(p, part, key, value, is_default);
	return 0;
}

bool pve_propstr_remove(struct pve_propstr *p, const char *key)
{
	size_t kept = 0, n = p->n;

	for (size_t i = 0; i < n; i++)
		if (!p->v[i].key.len || !pve_span_eq(p->v[i].key, key))
			p->v[kept++] = p->v[i];
	p->n = kept;
	return kept < n;
}
