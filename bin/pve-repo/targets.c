/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/targets.h"

#include <stdlib.h>
#include <string.h>

#include "pve-repo/uri.h"

/* A target of an index as apt has it built in. */
static const struct kind {
	const char *type, *name, *key, *flat;
} kinds[] = {
	{"deb", "Packages", "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages", "Packages"},
	{"deb", "Translations", "$(COMPONENT)/i18n/Translation-$(LANGUAGE)", "$(LANGUAGE)"},
	{"deb-src", "Sources", "$(COMPONENT)/source/Sources", "Sources"},
};
#define NKINDS (sizeof(kinds) / sizeof(*kinds))

/* One component of an entry, as apt collects them for each release. */
struct section {
	const struct repo_entry *entry;
	const char *type, *component;
	size_t release;
};

struct work {
	struct repo_targets *t;
	const struct repo_sources *s;
	const struct repo_targets_conf *conf;
	struct section *v;
	size_t n, cap;
};

/* --- lists of an entry --------------------------------------------------------------- */

/* strutl.cc, VectorizeString: a comma at the end adds nothing, others may add empty words. */
static void split(struct pve_strv *l, const char *s)
{
	while (*s) {
		size_t len = strcspn(s, ",");

		pve_strv_add_span(l, (struct pve_span){s, len});
		s += len + (s[len] == ',');
	}
}

static const char *value(const struct repo_entry *e, const char *key, const char *suffix)
{
	PVE_FREE char *name = pve_asprintf("%s%s", key, suffix);
	const struct repo_option *o = repo_entry_option(e, name);

	return o ? o->value : NULL;
}

static void drop(struct pve_strv *l, const struct pve_strv *what)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (pve_strv_has(what, l->v[i]))
			free(l->v[i]);
		else
			l->v[n++] = l->v[i];
	if (l->v)
		l->v[n] = NULL;
	l->n = n;
}

static void plus_minus(struct pve_strv *l, const struct repo_entry *e, const char *key)
{
	const char *plus = value(e, key, "+"), *minus = value(e, key, "-");
	PVE_STRV more = {0};
	PVE_STRV less = {0};
	size_t had = l->n;

	if (plus)
		split(&more, plus);
	for (size_t i = 0; i < more.n; i++) {
		bool has = false;

		for (size_t k = 0; k < had; k++)
			has |= strcmp(l->v[k], more.v[i]) == 0;
		if (!has)
			pve_strv_add(l, more.v[i]);
	}
	if (minus)
		split(&less, minus);
	drop(l, &less);
}

/* The values of an option, or the default ones, and what is added and taken away. */
static void list(struct pve_strv *l, const struct repo_entry *e, const char *key,
		 const struct pve_strv *otherwise)
{
	const char *set = value(e, key, "");

	if (set)
		split(l, set);
	for (size_t i = 0; !set && i < otherwise->n; i++)
		pve_strv_add(l, otherwise->v[i]);
	plus_minus(l, e, key);
}

/* "all" is fetched, too, unless it is taken away by name. */
static void archs(struct pve_strv *l, const struct repo_entry *e, const struct pve_strv *all)
{
	const char *minus = value(e, "arch", "-");
	PVE_STRV less = {0};

	list(l, e, "arch", all);
	if (minus)
		split(&less, minus);
	if (!pve_strv_has(&less, "all") && !pve_strv_has(l, "all"))
		pve_strv_add(l, "all");
}

/* Names of the targets, with "Packages=no" and the like heeded. */
static void targets(struct pve_strv *l, const struct repo_entry *e, const char *type)
{
	PVE_STRV all = {0};

	for (size_t i = 0; i < NKINDS; i++)
		if (strcmp(kinds[i].type, type) == 0)
			pve_strv_add(&all, kinds[i].name);
	list(l, e, "target", &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct repo_option *o = repo_entry_option(e, all.v[i]);
		PVE_STRV one = {0};

		if (!o)
			continue;
		pve_strv_add(&one, all.v[i]);
		if (repo_bool(o->value, -1))
			pve_strv_add(l, all.v[i]);
		else
			drop(l, &one);
	}
}

/* --- targets ------------------------------------------------------------------------- */

static bool is_there(const struct work *w, const struct repo_release *r, const char *key)
{
	for (size_t i = r->target; i < w->t->n; i++)
		if (strcmp(w->t->v[i].key, key) == 0)
			return true;
	return false;
}

static void add(struct work *w, const struct repo_release *r, const struct section *s,
		const struct kind *k, const char *arch, const char *lang)
{
	struct pve_arena *mem = &w->t->mem;
	bool flat = repo_suite_is_flat(r->suite);
	const char *key = flat ? k->flat : k->key, *base;
	const struct repo_option *pdiffs = repo_entry_option(s->entry, "pdiffs");
	const struct repo_option *by_hash = repo_entry_option(s->entry, "by-hash");

	key = repo_subst(key, "$(COMPONENT)", s->component, mem);
	key = repo_subst(key, "$(ARCHITECTURE)", arch, mem);
	key = repo_subst(key, "$(LANGUAGE)", lang, mem);
	if (is_there(w, r, key))
		return;
	base = repo_uri_meta(r->uri, r->suite, key, mem);
	w->t->v = pve_grow(w->t->v, w->t->n, &w->t->cap, sizeof(*w->t->v));
	w->t->v[w->t->n++] = (struct repo_target){
		.entry = s->entry,
		.type = k->type,
		.name = k->name,
		.uri = r->uri,
		.suite = r->suite,
		.component = s->component,
		.arch = arch,
		.language = lang,
		.key = key,
		.filename = repo_uri_filename(base, mem),
		.pdiffs = pdiffs ? repo_bool(pdiffs->value, w->conf->pdiffs) != 0 : w->conf->pdiffs,
		.by_hash = by_hash ? by_hash->value : w->conf->by_hash,
	};
}

/* All of one kind: for each language and architecture that its name has a place for. */
static void add_kind(struct work *w, const struct repo_release *r, const struct section *s,
		     const struct kind *k)
{
	const char *key = repo_suite_is_flat(r->suite) ? k->flat : k->key;
	bool by_arch = strstr(key, "$(ARCHITECTURE)"), by_lang = strstr(key, "$(LANGUAGE)");
	PVE_STRV arch = {0};
	PVE_STRV lang = {0};

	archs(&arch, s->entry, w->conf->archs);
	list(&lang, s->entry, "lang", w->conf->langs);
	if (!lang.n)
		pve_strv_add(&lang, "none");
	for (size_t i = 0; i < lang.n; i++) {
		if (by_lang && strcmp(lang.v[i], "none") == 0)
			continue;
		for (size_t n = 0; n < arch.n; n++) {
			add(w, r, s, k, by_arch ? pve_arena_strdup(&w->t->mem, arch.v[n]) : "",
			    by_lang ? pve_arena_strdup(&w->t->mem, lang.v[i]) : "");
			if (!by_arch)
				break;
		}
		if (!by_lang)
			break;
	}
}

static void add_section(struct work *w, const struct repo_release *r, const struct section *s)
{
	PVE_STRV names = {0};

	targets(&names, s->entry, s->type);
	for (size_t i = 0; i < names.n; i++)
		for (size_t k = 0; k < NKINDS; k++)
			if (strcmp(kinds[k].type, s->type) == 0 &&
			    strcmp(kinds[k].name, names.v[i]) == 0)
				add_kind(w, r, s, &kinds[k]);
}

/* --- entries ------------------------------------------------------------------------- */

/* Two entries belong to one Release file when its name in the cache is the same. */
static size_t release(struct work *w, const struct repo_entry *e, const char *uri,
		      const char *suite)
{
	struct repo_targets *t = w->t;
	const char *name =
		repo_uri_filename(repo_uri_meta(uri, suite, "Release", &t->mem), &t->mem);

	for (size_t i = 0; i < t->nreleases; i++)
		if (strcmp(t->release[i].filename, name) == 0)
			return i;
	t->release = pve_grow(t->release, t->nreleases, &t->releases_cap, sizeof(*t->release));
	t->release[t->nreleases] = (struct repo_release){uri, suite, name, e, 0, 0};
	return t->nreleases++;
}

static void add_sections(struct work *w, const struct repo_entry *e, const char *type,
			 size_t of_release, bool flat)
{
	for (size_t i = 0; i < (flat ? 1 : e->components.n); i++) {
		w->v = pve_grow(w->v, w->n, &w->cap, sizeof(*w->v));
		w->v[w->n++] = (struct section){e, type, flat ? "" : e->components.v[i].text,
						of_release};
	}
}

static void add_entry(struct work *w, const struct repo_entry *e)
{
	struct pve_arena *mem = &w->t->mem;

	for (size_t y = 0; y < e->types.n; y++)
		for (size_t u = 0; u < e->uris.n; u++)
			for (size_t n = 0; n < e->suites.n; n++) {
				const char *suite = e->suites.v[n].text;
				const char *uri = repo_uri_fix(e->uris.v[u].text, w->s->arch, mem);
				bool flat = repo_suite_is_flat(suite);

				if (e->file->format == REPO_SOURCES || flat)
					suite = repo_subst(suite, "$(ARCH)", w->s->arch, mem);
				add_sections(w, e, e->types.v[y].text, release(w, e, uri, suite), flat);
			}
}

static void add_release(struct work *w, struct repo_release *r, size_t number)
{
	static const char *const order[] = {"deb-src", "deb"};

	r->target = w->t->n;
	for (size_t y = 0; y < 2; y++)
		for (size_t i = 0; i < w->n; i++)
			if (w->v[i].release == number && strcmp(w->v[i].type, order[y]) == 0)
				add_section(w, r, &w->v[i]);
	r->ntargets = w->t->n - r->target;
}

void repo_targets_read(struct repo_targets *t, const struct repo_sources *s,
		       const struct repo_targets_conf *conf)
{
	struct work w = {.t = t, .s = s, .conf = conf};

	for (size_t i = 0; i < s->nentries; i++)
		if (s->entry[i]->enabled)
			add_entry(&w, s->entry[i]);
	for (size_t i = 0; i < t->nreleases; i++)
		add_release(&w, &t->release[i], i);
	free(w.v);
}

void repo_targets_done(struct repo_targets *t)
{
	free(t->v);
	free(t->release);
	pve_arena_done(&t->mem);
	*t = (struct repo_targets){0};
}
