/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/select.h"

#include <stdlib.h>
#include <string.h>

#include "pve-repo/repair.h"
#include "pvecommon/num.h"

/* What is asked for: a repository, or the others of its product. */
struct wanted {
	const char *handle;
	enum repo_product product; /* without a handle: all of it but except */
	const char *except;
};

static bool matches(const struct wanted *w, const char *uri, const char *suite,
		    const char *component, struct repo_kind *k)
{
	char buf[REPO_HANDLE_MAX];
	const char *handle;

	repo_classify(k, uri, suite, component);
	handle = repo_handle(k, buf);
	if (!w->handle)
		return k->product == w->product && (!handle || strcmp(handle, w->except) != 0);
	return handle && strcmp(handle, w->handle) == 0;
}

/* The words of the entry for which there is a match, whatever the other lists say. */
struct match {
	bool *uri, *suite, *component;
	bool any;
	struct repo_kind kind;
};

static void match_init(struct match *m, const struct repo_entry *e)
{
	*m = (struct match){
		.uri = pve_calloc(e->uris.n + 1, sizeof(bool)),
		.suite = pve_calloc(e->suites.n + 1, sizeof(bool)),
		.component = pve_calloc(e->components.n + 1, sizeof(bool)),
	};
}

static void match_done(struct match *m)
{
	free(m->uri);
	free(m->suite);
	free(m->component);
}

static void match_entry(struct match *m, const struct repo_entry *e, const struct wanted *w)
{
	struct repo_kind k;

	for (size_t u = 0; u < e->uris.n; u++)
		for (size_t s = 0; s < e->suites.n; s++)
			for (size_t c = 0; c < e->components.n; c++) {
				if (!matches(w, e->uris.v[u].text, e->suites.v[s].text,
					     e->components.v[c].text, &k))
					continue;
				if (!m->any)
					m->kind = k;
				m->any = m->uri[u] = m->suite[s] = m->component[c] = true;
			}
}

static bool all_of(const bool *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i])
			return false;
	return true;
}

/* Changes the words that match.  Only one list can be told apart in one step; an entry that mixes
 * more is too much for one change. */
static int change_match(const struct repo_entry *e, const struct match *m, enum repo_change change,
			struct repo_edits *edits, struct pve_err *err)
{
	bool u = all_of(m->uri, e->uris.n), s = all_of(m->suite, e->suites.n),
	     c = all_of(m->component, e->components.n);
	struct repo_part part = {REPO_WHOLE, NULL};

	if (u + s + c < 2)
		return pve_err_set(err, PVE_DATA,
				   "%s:%u: the entry mixes repositories in more than one list; "
				   "name the words with --uri, --suite and --component",
				   e->file->path, e->line);
	if (!c)
		part = (struct repo_part){REPO_COMPONENTS, m->component};
	else if (!s)
		part = (struct repo_part){REPO_SUITES, m->suite};
	else if (!u)
		part = (struct repo_part){REPO_URIS, m->uri};
	repo_edit_change(edits, e, change, &part);
	return 0;
}

static size_t file_number(const struct repo_sources *s, const struct repo_file *f)
{
	size_t i = 0;

	while (s->file[i] != f)
		i++;
	return i;
}

/* --- words named by options -------------------------------------------------------------- */

static int flags(const struct repo_words *w, const struct pve_strv *names, bool *word,
		 const struct repo_entry *e, struct pve_err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!repo_words_have(w, names->v[i]))
			return pve_err_set(err, PVE_NOTHERE, "%s:%u: the entry has no '%s'",
					   e->file->path, e->line, names->v[i]);
		for (size_t k = 0; k < w->n; k++)
			word[k] |= strcmp(w->v[k].text, names->v[i]) == 0;
	}
	return 0;
}

/* Several lists would have to be told apart, which one more entry cannot do. */
static int change_narrow(const struct repo_entry *e, const struct repo_narrow *n,
			 enum repo_change change, struct repo_edits *edits, struct pve_err *err)
{
	const struct pve_strv *names[] = {&n->types, &n->uris, &n->suites, &n->components};
	const struct repo_words *words[] = {&e->types, &e->uris, &e->suites, &e->components};
	struct repo_part part = {REPO_WHOLE, NULL};
	PVE_FREE bool *word = NULL;

	for (int i = 0; i < 4; i++) {
		if (!names[i]->n)
			continue;
		if (word)
			return pve_err_set(err, PVE_USAGE,
					   "one of --type, --uri, --suite and --component at a time");
		word = pve_calloc(words[i]->n + 1, sizeof(bool));
		if (flags(words[i], names[i], word, e, err) < 0)
			return -1;
		part.list = REPO_TYPES + i;
		part.word = word;
	}
	repo_edit_change(edits, e, change, &part);
	return 0;
}

/* --- operands ----------------------------------------------------------------------------- */

/* The file that this names: its path, or its name. */
static const struct repo_file *find_file(const struct repo_sources *s, const char *name)
{
	for (size_t i = 0; i < s->nfiles; i++)
		if (strcmp(s->file[i]->path, name) == 0 ||
		    strcmp(strrchr(s->file[i]->path, '/') + 1, name) == 0)
			return s->file[i];
	return NULL;
}

/* Is there something that apt refuses in the stanza, or the line, at this line? */
static bool is_refused(const struct repo_sources *s, const struct repo_file *f, unsigned line)
{
	unsigned first, last;

	repo_edit_lines(f, line, &first, &last);
	for (size_t i = 0; i < s->diags.n; i++) {
		const struct pve_diag *d = &s->diags.v[i];

		if (d->severity == PVE_ERROR && strcmp(d->file, f->path) == 0 && d->line >= first &&
		    d->line <= last)
			return true;
	}
	return false;
}

/* What is no entry can only be made a comment, whole. */
static int change_refused(const struct repo_sources *s, const struct repo_file *f, unsigned line,
			  const struct repo_narrow *n, enum repo_change change,
			  struct repo_edits *edits, struct pve_err *e)
{
	if (!is_refused(s, f, line))
		return pve_err_set(e, PVE_NOTHERE, "%s: there is no entry at line %u", f->path,
				   line);
	if (change != REPO_DISABLE || n->types.n || n->uris.n || n->suites.n || n->components.n)
		return pve_err_set(e, PVE_DATA,
				   "%s:%u: apt cannot read this; \"pve-repo disable %s:%u\" makes it "
				   "a comment", f->path, line, f->path, line);
	if (f->format == REPO_SOURCES && memchr(f->text.p, '\0', f->text.len))
		return pve_err_set(e, PVE_DATA, "%s: a NUL byte is in it: this is no text", f->path);
	repo_edit_comment(edits, f, line);
	return 1;
}

/* "FILE:LINE". */
static const struct repo_file *find_place(const struct repo_sources *s, const char *operand,
					  unsigned *line, struct pve_err *e)
{
	const char *colon = strrchr(operand, ':');
	PVE_FREE char *name = pve_strndup(operand, (size_t)(colon ? colon - operand : 0));
	const struct repo_file *f = find_file(s, name);
	uint64_t n;

	if (!f) {
		pve_err_set(e, PVE_NOTHERE, "%s is no file that apt reads",
			    colon ? name : operand);
		return NULL;
	}
	if (pve_num_u64(colon + 1, 1, 1u << 30, &n, e) < 0)
		return NULL;
	*line = (unsigned)n;
	return f;
}

static int change_place(const struct repo_sources *s, const char *operand,
			const struct repo_narrow *narrow, enum repo_change change,
			struct repo_edits *edits, struct pve_err *e)
{
	const struct repo_entry *entry;
	unsigned line;
	const struct repo_file *f = find_place(s, operand, &line, e);

	if (!f)
		return -1;
	entry = repo_sources_find(s, f->path, line);
	if (!entry)
		return change_refused(s, f, line, narrow, change, &edits[file_number(s, f)],
				      e);
	return change_narrow(entry, narrow, change, &edits[file_number(s, f)], e) < 0 ? -1 : 1;
}

int repo_select_repair(const struct repo_sources *s, const char *operand, struct repo_edits *edits,
		       struct pve_err *e)
{
	const struct repo_entry *entry;
	unsigned line;
	const struct repo_file *f = find_place(s, operand, &line, e);

	if (!f)
		return -1;
	entry = repo_sources_find(s, f->path, line);
	if (!entry)
		return pve_err_set(e, PVE_NOTHERE, "%s: there is no entry at line %u", f->path, line);
	if (!repo_repair_all(&edits[file_number(s, f)], entry))
		return pve_err_set(e, PVE_NOTHERE,
				   "%s:%u: there is nothing in this entry that could be mended "
				   "without knowing what was meant", f->path, line);
	return 0;
}

static int change_wanted(const struct repo_sources *s, const struct wanted *w,
			 const struct repo_narrow *narrow, enum repo_change change,
			 struct repo_edits *edits, struct pve_err *e)
{
	int n = 0;

	for (size_t i = 0; i < s->nentries; i++) {
		const struct repo_entry *x = s->entry[i];
		struct repo_edits *to = &edits[file_number(s, x->file)];
		struct match m;
		int rc = 0;

		match_init(&m, x);
		match_entry(&m, x, w);
		if (m.any && narrow && (narrow->types.n || narrow->uris.n || narrow->suites.n ||
					narrow->components.n))
			rc = change_narrow(x, narrow, change, to, e);
		else if (m.any)
			rc = change_match(x, &m, change, to, e);
		n += m.any;
		match_done(&m);
		if (rc < 0)
			return -1;
	}
	return n;
}

int repo_select_others(const struct repo_sources *s, const struct repo_standard *r,
		       enum repo_change change, struct repo_edits *edits, struct pve_err *e)
{
	const struct wanted w = {NULL, r->product, r->handle};

	return change_wanted(s, &w, NULL, change, edits, e);
}

int repo_select_change(const struct repo_sources *s, const struct repo_standard *all,
		       const char *operand, const struct repo_narrow *narrow,
		       enum repo_change change, struct repo_edits *edits, struct pve_err *e)
{
	const struct repo_standard *r = all ? repo_standard_find(all, operand) : NULL;
	const struct wanted w = {r ? r->handle : operand, REPO_FOREIGN, ""};
	int n;

	if (strchr(operand, ':'))
		return change_place(s, operand, narrow, change, edits, e);
	n = change_wanted(s, &w, narrow, change, edits, e);
	if (n == 0)
		pve_err_set(e, PVE_NOTHERE,
			    "%s: no entry of this repository is there; \"pve-repo status\" has the "
			    "names, \"pve-repo list\" the entries", operand);
	return n;
}

bool repo_entry_is(const struct repo_entry *e, const char *handle, struct repo_kind *k)
{
	const struct wanted w = {handle, REPO_FOREIGN, ""};
	struct match m;
	bool any;

	match_init(&m, e);
	match_entry(&m, e, &w);
	any = m.any;
	if (any)
		*k = m.kind;
	match_done(&m);
	return any;
}
