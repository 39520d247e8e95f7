/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as source lists: every place lies in the file and in its entry, and nothing that is
 * made of them fails: targets, checks. */
#include "pve-repo/check.h"
#include "pve-repo/targets.h"

#include "../lib/edits.h"

static void check_words(const struct repo_words *w, size_t from, size_t to)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].text || w->v[i].at < from || w->v[i].at + w->v[i].len > to)
			abort();
}

static void check_entry(const struct repo_entry *e, struct pve_span text)
{
	size_t from = e->at, to = e->at + e->len;

	if (to > text.len || !e->len || !e->line || !e->number)
		abort();
	check_words(&e->types, from, to);
	check_words(&e->uris, from, to);
	check_words(&e->suites, from, to);
	check_words(&e->components, from, to);
	for (size_t i = 0; i < e->noptions; i++)
		if (e->option[i].at < from || e->option[i].at + e->option[i].len > to)
			abort();
	for (size_t i = 0; i < e->nfields; i++) {
		const struct repo_field *f = &e->field[i];

		if (f->at < from || f->at + f->len > to || f->value_at < f->at ||
		    f->value_at + f->value_len > f->at + f->len || (i && f->at < f[-1].at + f[-1].len))
			abort();
	}
}

static void all(const char *path, struct pve_span text)
{
	static char arch[] = "amd64", lang[] = "en";
	char *one[] = {arch, NULL}, *two[] = {lang, NULL};
	struct pve_strv archs = {one, 1, 2}, langs = {two, 1, 2};
	struct repo_targets_conf conf = {&archs, &langs, true, "yes"};
	struct repo_targets t = {0};
	struct pve_findings found = {0};
	struct pve_arena mem = {0};
	struct repo_host h = {.sources = {.arch = "amd64"}};
	struct repo_facts facts = {.host = &h, .suite = repo_suite_find("bookworm"),
				   .next = repo_suite_find("trixie"), .now = 1700000000};

	facts.all = repo_standards(facts.suite, &mem);
	repo_sources_add(&h.sources, path, text);
	repo_sources_conflicts(&h.sources);
	for (size_t i = 0; i < h.sources.nentries; i++) {
		check_entry(h.sources.entry[i], text);
		if (repo_sources_find(&h.sources, path, h.sources.entry[i]->line) == NULL)
			abort();
	}
	if (!h.sources.diags.errors)
		repo_targets_read(&t, &h.sources, &conf);
	repo_check(&facts, &found);
	pve_findings_done(&found);
	repo_targets_done(&t);
	repo_sources_done(&h.sources);
	pve_arena_done(&mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	all("/x.list", text);
	all("/x.sources", text);
	return 0;
}
