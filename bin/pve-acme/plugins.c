/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/plugins.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-acme/domains.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

bool acme_is_api(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '-' && *text != '_')
			return false;
	return true;
}

/* --- data --------------------------------------------------------------------------------- */

/* Takes the next line off *rest, without its end; false when there is none. */
static bool next_line(struct pve_span *rest, struct pve_span *line)
{
	const char *end;

	if (!rest->len)
		return false;
	end = memchr(rest->p, '\n', rest->len);
	line->p = rest->p;
	line->len = end ? (size_t)(end - rest->p) : rest->len;
	rest->p += line->len;
	rest->len -= line->len;
	if (end)
		rest->p++, rest->len--;
	*line = pve_span_trim(*line);
	return true;
}

/* The length of the key in a line KEY=VALUE; 0 when it is none. */
static size_t key_len(struct pve_span line)
{
	size_t n = 0;

	while (n < line.len && (isalnum((unsigned char)line.p[n]) || line.p[n] == '_'))
		n++;
	return n && n < line.len && line.p[n] == '=' && !isdigit((unsigned char)line.p[0]) ? n : 0;
}

const char *acme_data_wrong(struct pve_span text, unsigned *line)
{
	struct pve_span rest = text, one;

	*line = 0;
	if (text.len && memchr(text.p, 0, text.len))
		return "holds a NUL, so it is no text";
	while (next_line(&rest, &one)) {
		++*line;
		if (one.len && one.p[0] != '#' && !key_len(one))
			return "is not of the form KEY=VALUE";
	}
	return NULL;
}

static struct pve_span unquote(struct pve_span v)
{
	if (v.len >= 2 && (v.p[0] == '"' || v.p[0] == '\'') && v.p[v.len - 1] == v.p[0])
		return (struct pve_span){v.p + 1, v.len - 2};
	return v;
}

const char *acme_plugin_data(const struct acme_plugin *p, const char *key, struct pve_arena *mem)
{
	struct pve_span rest = pve_span(p->data ? p->data : ""), line;
	const char *found = NULL;

	while (next_line(&rest, &line)) {
		size_t n = key_len(line);

		if (n && pve_span_eq((struct pve_span){line.p, n}, key)) {
			struct pve_span v = unquote((struct pve_span){line.p + n + 1, line.len - n - 1});

			found = pve_arena_memdup(mem, v.p, v.len);
		}
	}
	return found;
}

void acme_plugin_lines(const struct acme_plugin *p, struct pve_buf *out)
{
	struct pve_span rest = pve_span(p->data ? p->data : ""), line;

	while (next_line(&rest, &line)) {
		size_t n = key_len(line);
		struct pve_span v;

		if (!n)
			continue;
		v = unquote((struct pve_span){line.p + n + 1, line.len - n - 1});
		pve_buf_printf(out, "%.*s=%.*s\n", (int)n, line.p, PVE_SPAN_ARG(v));
	}
}

/* --- sections ----------------------------------------------------------------------------- */

struct reader {
	struct acme_plugins *p;
	const struct pve_conf_section_file *f;
	const char *file;
	struct pve_diags *diags;
};

static void read_data(struct reader *r, struct acme_plugin *one, struct pve_span value,
		      unsigned line)
{
	PVE_BUF text = {0};
	const char *wrong = NULL;
	unsigned at;

	if (!pve_base64url_decode(value, &text))
		wrong = "is not in base64";
	else
		wrong = acme_data_wrong((struct pve_span){text.data, text.len}, &at);
	/* What it says is a secret: no word of it stands in a message. */
	if (wrong)
		pve_diags_add(r->diags, PVE_ERROR, r->file, line, "%s: its data %s", one->id, wrong);
	if (text.len && !memchr(text.data, 0, text.len))
		one->data = pve_arena_memdup(&r->p->mem, text.data, text.len);
}

static void read_delay(struct reader *r, struct acme_plugin *one, struct pve_span value,
		       unsigned line)
{
	uint64_t s;

	if (pve_num_span(value, ACME_DELAY_MAX, &s) < 0)
		pve_diags_add(r->diags, PVE_ERROR, r->file, line,
			      "%s: validation-delay must be 0 to %d seconds", one->id,
			      ACME_DELAY_MAX);
	else
		one->delay = (unsigned)s;
	one->delay_given = true;
}

static void read_key(struct reader *r, struct acme_plugin *one,
		     const struct pve_conf_section_key *k)
{
	const char *text = pve_arena_memdup(&r->p->mem, k->value.len ? k->value.p : "", k->value.len);
	unsigned line = (unsigned)k->line + 1;

	if (k->repeated)
		return;
	if (pve_span_eq(k->name, "api")) {
		one->api = text;
		if (!acme_is_api(text))
			pve_diags_add(r->diags, PVE_ERROR, r->file, line,
				      "%s: '%s' cannot be the name of an api", one->id, text);
	} else if (pve_span_eq(k->name, "data")) {
		read_data(r, one, k->value, line);
	} else if (pve_span_eq(k->name, "nodes")) {
		one->nodes = text;
	} else if (pve_span_eq(k->name, "validation-delay")) {
		read_delay(r, one, k->value, line);
	} else if (pve_span_eq(k->name, "disable")) {
		one->disabled = strcmp(text, "0") != 0;
	} else {
		pve_diags_add(r->diags, PVE_WARNING, r->file, line, "%s: unknown key '%.*s'", one->id,
			      PVE_SPAN_ARG(k->name));
	}
}

static struct acme_plugin *add(struct acme_plugins *p, const char *type, const char *id)
{
	struct acme_plugin *one;

	p->v = pve_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	one = &p->v[p->n++];
	*one = (struct acme_plugin){.id = id, .type = type, .delay = ACME_DELAY_DEFAULT};
	return one;
}

static void judge(struct reader *r, const struct acme_plugin *one)
{
	bool dns = strcmp(one->type, "dns") == 0;

	if (!dns && strcmp(one->type, ACME_STANDALONE) != 0)
		pve_diags_add(r->diags, PVE_ERROR, r->file, one->line,
			      "%s: the type '%s' is neither standalone nor dns", one->id, one->type);
	if (!acme_is_id(one->id))
		pve_diags_add(r->diags, PVE_ERROR, r->file, one->line,
			      "'%s' cannot be the name of a plugin", one->id);
	if (dns && !one->api)
		pve_diags_add(r->diags, PVE_ERROR, r->file, one->line, "%s: names no api", one->id);
}

static void read_section(struct reader *r, const struct pve_conf_section *s)
{
	char *type = pve_arena_memdup(&r->p->mem, s->type.p, s->type.len);
	struct acme_plugin *one;

	for (char *c = type; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	one = add(r->p, type, pve_arena_memdup(&r->p->mem, s->id.p, s->id.len));
	one->line = (unsigned)s->line + 1;
	for (size_t i = 0; i < s->nkeys; i++)
		read_key(r, one, &r->f->keys[s->key + i]);
	judge(r, one);
}

void acme_plugins_parse(struct acme_plugins *p, const struct pve_conf_section_file *f,
			const char *file, struct pve_diags *diags)
{
	struct pve_diags ignored = {0};
	struct reader r = {p, f, file, diags ? diags : &ignored};

	for (size_t i = 0; i < f->n; i++) {
		PVE_FREE char *id = pve_strndup(f->v[i].id.p, f->v[i].id.len);

		/* Of two sections with one ID the last wins. */
		if (pve_conf_section_find(f, NULL, id) == &f->v[i])
			read_section(&r, &f->v[i]);
	}
	if (!acme_plugins_find(p, ACME_STANDALONE))
		add(p, ACME_STANDALONE, ACME_STANDALONE);
	pve_diags_done(&ignored);
}

void acme_plugins_done(struct acme_plugins *p)
{
	free(p->v);
	pve_arena_done(&p->mem);
	*p = (struct acme_plugins){0};
}

const struct acme_plugin *acme_plugins_find(const struct acme_plugins *p, const char *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].id, id) == 0)
			return &p->v[i];
	return NULL;
}

const char *acme_plugin_challenge(const struct acme_plugin *p)
{
	if (strcmp(p->type, "dns") == 0)
		return "dns-01";
	return p->api && strcmp(p->api, "tls-alpn") == 0 ? "tls-alpn-01" : "http-01";
}

bool acme_plugin_is_for(const struct acme_plugin *p, const char *node)
{
	struct pve_strv names = {0};
	bool found;

	if (!p->nodes)
		return true;
	pve_strv_split(&names, pve_span(p->nodes), ",; \t");
	found = pve_strv_has(&names, node);
	pve_strv_done(&names);
	return found;
}
