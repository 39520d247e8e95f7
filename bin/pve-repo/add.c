/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/add.h"

#include <string.h>

#include "pve-repo/select.h"

/* The entry with this repository for the release of r; an enabled one if there is any. */
static const struct repo_entry *find(const struct repo_sources *s, const struct repo_standard *r)
{
	const struct repo_entry *off = NULL;

	for (size_t i = 0; i < s->nentries; i++) {
		const struct repo_entry *e = s->entry[i];
		struct repo_kind k;

		if (!repo_words_have(&e->types, "deb") || !repo_entry_is(e, r->handle, &k) ||
		    k.suite != r->suite)
			continue;
		if (e->enabled)
			return e;
		off = off ? off : e;
	}
	return off;
}

bool repo_is_enabled(const struct repo_sources *s, const struct repo_standard *r)
{
	const struct repo_entry *e = find(s, r);

	return e && e->enabled;
}

void repo_entry_text(const struct repo_standard *r, const char *uri, struct pve_buf *out)
{
	uri = uri ? uri : r->uri;
	if (!r->suite->deb822) {
		pve_buf_printf(out, "deb %s %s %s\n", uri, r->suite_name, r->components);
		return;
	}
	pve_buf_printf(out, "Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\n", uri,
		       r->suite_name, r->components);
	if (r->signed_by)
		pve_buf_printf(out, "Signed-By: %s\n", r->signed_by);
}

/* --- where --------------------------------------------------------------------------------- */

static bool is_empty_line(struct pve_span t, size_t at)
{
	return at < t.len && (t.p[at] == '\n' || (t.p[at] == '\r' && at + 1 < t.len));
}

static size_t line_before(struct pve_span t, size_t at)
{
	for (at--; at > 0 && t.p[at - 1] != '\n'; at--)
		;
	return at;
}

/* The guide has the Proxmox VE lines above the security updates: where the paragraph of these
 * begins, with an empty line above it; 0 when there is no such place. */
static size_t above_security(const struct repo_sources *s, const struct repo_file *f)
{
	struct pve_span t = f->text;

	for (size_t i = f->entry; i < f->entry + f->nentries; i++) {
		const struct repo_entry *e = s->entry[i];
		size_t at = e->at, before;
		struct repo_kind k;

		if (!repo_entry_is(e, "debian-security", &k))
			continue;
		while (at > 0 && (before = line_before(t, at), t.p[before] == '#'))
			at = before;
		return at > 0 && is_empty_line(t, line_before(t, at)) ? at : 0;
	}
	return 0;
}

/* A comment opens a paragraph of its own; so does a stanza. */
static void add_to_file(struct repo_adding *a, const struct repo_file *f, size_t number,
			const struct repo_standard *r, const char *text)
{
	bool paragraph = r->comment || f->format == REPO_SOURCES;
	size_t above = r->product == REPO_PVE ? above_security(a->s, f) : 0, at = f->text.len;
	PVE_BUF b = {0};

	if (paragraph && !above && at &&
	    !(at > 1 && f->text.p[at - 1] == '\n' && is_empty_line(f->text, line_before(f->text, at))))
		pve_buf_putc(&b, '\n');
	if (r->comment)
		pve_buf_puts(&b, r->comment);
	pve_buf_puts(&b, text);
	if (above)
		pve_buf_putc(&b, '\n');
	repo_edit_insert(&a->edits[number], f->text, above ? above : at, pve_buf_str(&b));
}

/* A file that is not there: what other repositories added to it in the same run comes first. */
static void add_to_new_file(struct repo_adding *a, const struct repo_standard *r, const char *text)
{
	PVE_BUF b = {0};
	struct pve_span all;

	for (size_t i = 0; i < a->draft->n; i++)
		if (strcmp(a->draft->v[i].path, r->file) == 0)
			pve_buf_span(&b, a->draft->v[i].text);
	if (b.len && (r->comment || r->suite->deb822))
		pve_buf_putc(&b, '\n');
	if (r->comment)
		pve_buf_puts(&b, r->comment);
	pve_buf_puts(&b, text);
	all = (struct pve_span){b.data, b.len};
	repo_draft_set(a->draft, r->file, NULL, &all, "the repository %s is used", r->handle);
}

static size_t file_number(const struct repo_sources *s, const char *path)
{
	size_t i = 0;

	while (i < s->nfiles && strcmp(s->file[i]->path, path) != 0)
		i++;
	return i;
}

int repo_add(struct repo_adding *a, const struct repo_standard *r, const char *uri,
	     struct pve_err *e)
{
	const struct repo_entry *there = find(a->s, r);
	size_t number = file_number(a->s, r->file);
	PVE_BUF text = {0};

	if (there && there->enabled)
		return 0;
	if (there) {
		struct repo_sources one = *a->s;
		struct repo_entry *only[] = {(struct repo_entry *)there};

		/* Only this one, though others of the same name may be there for other releases. */
		one.entry = only;
		one.nentries = 1;
		return repo_select_change(&one, NULL, r->handle, NULL, REPO_ENABLE, a->edits, e) < 0
			       ? -1
			       : 0;
	}
	repo_entry_text(r, uri, &text);
	if (number < a->s->nfiles)
		add_to_file(a, a->s->file[number], number, r, pve_buf_str(&text));
	else
		add_to_new_file(a, r, pve_buf_str(&text));
	return 0;
}
