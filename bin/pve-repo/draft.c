/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/draft.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/diff.h"

static struct repo_draft_file *find(const struct repo_draft *d, const char *path)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].path, path) == 0)
			return &d->v[i];
	return NULL;
}

static void set(struct repo_draft *d, const char *path, const struct pve_span *was,
		const struct pve_span *text, const char *why)
{
	struct repo_draft_file *f = find(d, path);

	if (!f) {
		d->v = pve_grow(d->v, d->n, &d->cap, sizeof(*d->v));
		f = &d->v[d->n++];
		*f = (struct repo_draft_file){.path = pve_arena_strdup(&d->mem, path)};
		f->existed = was != NULL;
		if (was)
			f->was = *was;
	}
	f->why = why;
	f->remove = !text;
	f->text = (struct pve_span){0};
	if (text)
		f->text = (struct pve_span){pve_arena_memdup(&d->mem, text->p, text->len), text->len};
}

void repo_draft_set(struct repo_draft *d, const char *path, const struct pve_span *was,
		    const struct pve_span *text, const char *why, ...)
{
	va_list ap;

	va_start(ap, why);
	set(d, path, was, text, pve_arena_vprintf(&d->mem, why, ap));
	va_end(ap);
}

void repo_draft_edit(struct repo_draft *d, const struct repo_file *f, struct repo_edits *edits,
		     const char *why, ...)
{
	PVE_BUF out = {0};
	struct pve_span text;
	va_list ap;

	if (!edits->n)
		return;
	repo_edits_apply(edits, f->text, &out);
	text = (struct pve_span){pve_buf_str(&out), out.len};
	if (pve_span_same(text, f->text))
		return;
	va_start(ap, why);
	set(d, f->path, &f->text, &text, pve_arena_vprintf(&d->mem, why, ap));
	va_end(ap);
}

/* --- reading the result -------------------------------------------------------------------- */

/* The main file first, then by name: as apt reads them. */
static bool is_before(const char *a, const char *b)
{
	bool a_main = !strstr(a, ".d/"), b_main = !strstr(b, ".d/");

	return a_main != b_main ? a_main : strcmp(a, b) < 0;
}

/* Not a file of apt.conf(5). */
static bool is_source(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".list") == 0 || strcmp(dot, ".sources") == 0);
}

void repo_draft_read(const struct repo_draft *d, const struct repo_sources *now,
		     struct repo_sources *after)
{
	size_t total = now->nfiles + d->n, n = 0;
	struct repo_draft_file *v = pve_calloc(total + 1, sizeof(*v));

	after->arch = now->arch;
	after->apt = now->apt;
	for (size_t i = 0; i < now->nfiles; i++)
		if (!find(d, now->file[i]->path))
			v[n++] = (struct repo_draft_file){.path = now->file[i]->path,
							  .text = now->file[i]->text};
	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].remove && is_source(d->v[i].path))
			v[n++] = d->v[i];
	for (size_t i = 1; i < n; i++) {
		struct repo_draft_file one = v[i];
		size_t k = i;

		for (; k > 0 && is_before(one.path, v[k - 1].path); k--)
			v[k] = v[k - 1];
		v[k] = one;
	}
	for (size_t i = 0; i < n; i++)
		repo_sources_add(after, v[i].path, v[i].text);
	repo_sources_conflicts(after);
	free(v);
}

static bool was_refused(const struct repo_sources *now, const struct pve_diag *d)
{
	for (size_t i = 0; i < now->diags.n; i++)
		if (strcmp(now->diags.v[i].file, d->file) == 0 &&
		    strcmp(now->diags.v[i].msg, d->msg) == 0)
			return true;
	return false;
}

int repo_draft_verify(const struct repo_draft *d, const struct repo_sources *now,
		      struct pve_err *e)
{
	struct repo_sources after = {0};
	PVE_BUF why = {0};
	int rc = 0;

	repo_draft_read(d, now, &after);
	for (size_t i = 0; i < after.diags.n; i++) {
		PVE_FREE char *line = NULL;

		if (was_refused(now, &after.diags.v[i]) ||
		    (d->back && !repo_is_conflict(&after.diags.v[i])))
			continue;
		line = pve_diag_format(&after.diags.v[i]);
		pve_buf_printf(&why, "%s%s", why.len ? "\n" : "", line);
	}
	if (why.len)
		rc = pve_err_set(e, PVE_DATA, "apt would refuse the result, so nothing is changed: %s",
				 pve_buf_str(&why));
	repo_sources_done(&after);
	return rc;
}

/* --- plan and diff -------------------------------------------------------------------------- */

void repo_draft_plan(const struct repo_draft *d, struct pve_plan *plan)
{
	for (size_t i = 0; i < d->n; i++)
		if (!d->v[i].remove)
			pve_plan_write(plan, d->v[i].path, d->v[i].existed ? &d->v[i].was : NULL,
				       d->v[i].text, 0644, "%s", d->v[i].why);
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].remove)
			pve_plan_remove(plan, d->v[i].path, &d->v[i].was, "%s", d->v[i].why);
}

/* patch(1) takes no absolute names. */
void repo_draft_diff(const struct repo_draft *d, struct pve_buf *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const char *name = d->v[i].path + 1;

		pve_diff(d->v[i].was, d->v[i].text, d->v[i].existed ? name : "/dev/null",
			 d->v[i].remove ? "/dev/null" : name, out);
	}
}

void repo_draft_done(struct repo_draft *d)
{
	free(d->v);
	pve_arena_done(&d->mem);
	*d = (struct repo_draft){0};
}
