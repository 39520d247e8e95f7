/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/lvm_meta.h"

#include "pvecommon/buf.h"

#define DEPTH_MAX 6

enum token { END, WORD, STRING, OPEN, CLOSE, LIST, LIST_END, EQUALS };

/*
 * section[] has the names of the open sections: VG, logical_volumes, NAME, segment1.  Deeper
 * ones are counted only.
 */
struct lexer {
	struct pve_lvm_meta *m;
	struct pve_span rest;
	struct pve_span text;   /* of the last word or string; strings still have their "\" */
	struct pve_span section[DEPTH_MAX];
	size_t depth;
};

/* --- tokens ------------------------------------------------------------------------ */

static void skip_blanks(struct lexer *l)
{
	while (l->rest.len) {
		char c = l->rest.p[0];

		if (c == '#')
			while (l->rest.len && l->rest.p[0] != '\n')
				l->rest.p++, l->rest.len--;
		else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',')
			l->rest.p++, l->rest.len--;
		else
			return;
	}
}

static enum token string(struct lexer *l)
{
	size_t n = 1;

	while (n < l->rest.len && l->rest.p[n] != '"')
		n += l->rest.p[n] == '\\' && n + 1 < l->rest.len ? 2 : 1;
	l->text = (struct pve_span){l->rest.p + 1, n - 1};
	n += n < l->rest.len;
	l->rest.p += n;
	l->rest.len -= n;
	return STRING;
}

static enum token next(struct lexer *l)
{
	static const char marks[] = "{}[]=";
	static const enum token tokens[] = {OPEN, CLOSE, LIST, LIST_END, EQUALS};
	const char *mark;
	size_t n = 0;

	skip_blanks(l);
	if (!l->rest.len)
		return END;
	if (l->rest.p[0] == '"')
		return string(l);
	mark = memchr(marks, l->rest.p[0], sizeof(marks) - 1);
	if (mark) {
		l->rest.p++, l->rest.len--;
		return tokens[mark - marks];
	}
	while (n < l->rest.len && !memchr(" \t\r\n{}[]=#,\"", l->rest.p[n], 11))
		n++;
	l->text = (struct pve_span){l->rest.p, n};
	l->rest.p += n;
	l->rest.len -= n;
	return WORD;
}

/* The text of a string without its backslashes. */
static const char *plain(struct pve_arena *mem, struct pve_span s)
{
	char *text = pve_arena_memdup(mem, s.p, s.len), *to = text;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			i++;
		*to++ = s.p[i];
	}
	*to = 0;
	return text;
}

/* --- meaning ----------------------------------------------------------------------- */

static bool in(const struct lexer *l, const char *list, size_t depth)
{
	return l->depth == depth && pve_span_eq(l->section[1], list);
}

static void open_section(struct lexer *l, struct pve_span name)
{
	struct pve_lvm_meta *m = l->m;

	if (l->depth < DEPTH_MAX)
		l->section[l->depth] = name;
	l->depth++;
	if (l->depth == 1 && !*m->vg)
		m->vg = pve_arena_memdup(&m->mem, name.p, name.len);
	if (in(l, "physical_volumes", 3)) {
		m->pv = pve_grow(m->pv, m->npvs, &m->pvs_cap, sizeof(*m->pv));
		m->pv[m->npvs++] = (struct pve_lvm_pv){
			pve_arena_memdup(&m->mem, name.p, name.len), "", ""};
	} else if (in(l, "logical_volumes", 3)) {
		m->lv = pve_grow(m->lv, m->nlvs, &m->lvs_cap, sizeof(*m->lv));
		m->lv[m->nlvs++] = (struct pve_lvm_lv){
			.name = pve_arena_memdup(&m->mem, name.p, name.len)};
	}
}

static void set(struct lexer *l, struct pve_span key, struct pve_span value)
{
	struct pve_lvm_meta *m = l->m;

	if (!in(l, "physical_volumes", 3) || !m->npvs)
		return;
	if (pve_span_eq(key, "id"))
		m->pv[m->npvs - 1].id = plain(&m->mem, value);
	else if (pve_span_eq(key, "device"))
		m->pv[m->npvs - 1].device = plain(&m->mem, value);
}

static void add_item(struct lexer *l, struct pve_span key, struct pve_span value)
{
	struct pve_lvm_lv *lv = l->m->nlvs ? &l->m->lv[l->m->nlvs - 1] : NULL;

	if (lv && in(l, "logical_volumes", 3) && pve_span_eq(key, "tags")) {
		lv->tag = pve_grow(lv->tag, lv->ntags, &lv->tags_cap, sizeof(*lv->tag));
		lv->tag[lv->ntags++] = plain(&l->m->mem, value);
	} else if (lv && in(l, "logical_volumes", 4) && pve_span_eq(key, "stripes")) {
		lv->pv = pve_grow(lv->pv, lv->npvs, &lv->pvs_cap, sizeof(*lv->pv));
		lv->pv[lv->npvs++] = plain(&l->m->mem, value);
	}
}

/* Behind "key =". */
static void value(struct lexer *l, struct pve_span key)
{
	enum token t = next(l);

	if (t == STRING)
		set(l, key, l->text);
	if (t != LIST)
		return;
	while ((t = next(l)) != END && t != LIST_END)
		if (t == STRING)
			add_item(l, key, l->text);
}

void pve_lvm_meta_parse(struct pve_lvm_meta *m, struct pve_span bytes)
{
	struct lexer l = {.m = m, .rest = bytes};
	struct pve_span name = {0};
	enum token t;

	m->vg = "";
	while ((t = next(&l)) != END) {
		if (t == WORD)
			name = l.text;
		else if (t == OPEN)
			open_section(&l, name);
		else if (t == CLOSE && l.depth)
			l.depth--;
		else if (t == EQUALS)
			value(&l, name);
	}
}

void pve_lvm_meta_done(struct pve_lvm_meta *m)
{
	for (size_t i = 0; i < m->nlvs; i++) {
		free(m->lv[i].tag);
		free(m->lv[i].pv);
	}
	free(m->lv);
	free(m->pv);
	pve_arena_done(&m->mem);
	*m = (struct pve_lvm_meta){0};
}

const struct pve_lvm_pv *pve_lvm_meta_pv(const struct pve_lvm_meta *m, const char *id)
{
	for (size_t i = 0; i < m->npvs; i++)
		if (*id && strcmp(m->pv[i].id, id) == 0)
			return &m->pv[i];
	return NULL;
}

const char *pve_lvm_dm_vg(struct pve_arena *mem, const char *dm_name)
{
	char *vg = pve_arena_strdup(mem, dm_name), *to = vg;

	for (const char *c = dm_name; *c; c++) {
		if (*c == '-' && c[1] != '-') {
			*to = 0;
			return vg;
		}
		*to++ = *c;
		if (*c == '-')
			c++;
	}
	return NULL;
}
