/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists.h"

#include "pve-repo/uri.h"

/* Is the entry for this architecture of the host?  Its option arch says so, and arch+ and arch-
 * on top. */
static bool wants_arch(const struct repo_entry *e, const char *arch)
{
	static const char *const keys[] = {"arch", "arch+", "arch-"};
	bool wanted = true;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const struct repo_option *o = repo_entry_option(e, keys[i]);
		PVE_STRV list = {0};

		if (!o)
			continue;
		pve_strv_split(&list, pve_span(o->value), ",");
		if (i == 0)
			wanted = pve_strv_has(&list, arch);
		else if (pve_strv_has(&list, arch))
			wanted = i == 1;
	}
	return wanted;
}

static struct repo_dist *dist_add(struct repo_lists *l, const struct repo_entry *e, const char *uri,
				  const char *suite)
{
	const struct repo_option *key = repo_entry_option(e, "signed-by"),
				 *trusted = repo_entry_option(e, "trusted");
	struct repo_uri parts;
	struct repo_dist *d;

	for (size_t i = 0; i < l->ndists; i++)
		if (strcmp(l->dist[i]->uri, uri) == 0 && strcmp(l->dist[i]->suite, suite) == 0)
			return l->dist[i];
	d = pve_arena_alloc(&l->mem, sizeof(*d));
	repo_uri_parse(&parts, uri, &l->mem);
	d->entry = e;
	d->uri = uri;
	d->suite = suite;
	d->site = parts.host;
	d->signed_by = key ? key->value : NULL;
	d->trusted = trusted && repo_bool(trusted->value, 0) == 1;
	l->dist = pve_grow(l->dist, l->ndists, &l->dists_cap, sizeof(struct repo_dist *));
	return l->dist[l->ndists++] = d;
}

static void index_add(struct repo_lists *l, struct repo_dist *d, const struct repo_entry *e,
		      const char *component, const char *arch)
{
	const char *name =
		component ? pve_arena_printf(&l->mem, "%s/binary-%s/Packages", component, arch)
			  : "Packages";
	const char *uri = repo_uri_meta(d->uri, d->suite, name, &l->mem);
	const char *base =
		pve_arena_printf(&l->mem, "%s/%s", l->dir, repo_uri_filename(uri, &l->mem));
	struct repo_index *x;

	for (size_t i = 0; i < l->nindexes; i++)
		if (strcmp(l->index[i]->base, base) == 0)
			return;
	x = pve_arena_alloc(&l->mem, sizeof(*x));
	x->dist = d;
	x->entry = e;
	x->name = name;
	x->base = base;
	x->pin.site = d->site;
	x->pin.component = component;
	x->pin.arch = component ? pve_arena_strdup(&l->mem, arch) : NULL;
	l->index = pve_grow(l->index, l->nindexes, &l->indexes_cap, sizeof(struct repo_index *));
	l->index[l->nindexes++] = x;
}

static void dist_indexes(struct repo_lists *l, struct repo_dist *d, const struct repo_entry *e)
{
	if (repo_suite_is_flat(d->suite)) {
		index_add(l, d, e, NULL, NULL);
		return;
	}
	for (size_t c = 0; c < e->components.n; c++) {
		for (size_t a = 0; a < l->archs.n; a++)
			if (wants_arch(e, l->archs.v[a]))
				index_add(l, d, e, e->components.v[c].text, l->archs.v[a]);
		/* apt fetches it where a Release asks for it; elsewhere no such file is there */
		index_add(l, d, e, e->components.v[c].text, "all");
	}
}

void repo_lists_plan(struct repo_lists *l, const struct repo_sources *s)
{
	for (size_t i = 0; i < s->nentries; i++) {
		const struct repo_entry *e = s->entry[i];

		if (!e->enabled || !repo_words_have(&e->types, "deb"))
			continue;
		for (size_t u = 0; u < e->uris.n; u++) {
			const char *uri = repo_uri_fix(e->uris.v[u].text, s->arch, &l->mem);

			for (size_t n = 0; uri && n < e->suites.n; n++)
				dist_indexes(l, dist_add(l, e, uri, e->suites.v[n].text), e);
		}
	}
}

static const char *string(struct repo_lists *l, struct pve_span s)
{
	return s.p ? pve_arena_memdup(&l->mem, s.p, s.len) : NULL;
}

void repo_dist_parse(struct repo_lists *l, struct repo_dist *d)
{
	struct repo_release *r = &d->release;

	repo_release_parse(r, (struct pve_span){pve_buf_str(&d->text), d->text.len});
	d->origin = string(l, r->origin);
	d->label = string(l, r->label);
	d->archive = string(l, r->suite);
	d->codename = string(l, r->codename);
	d->version = string(l, r->version);
	for (size_t i = 0; i < l->nindexes; i++) {
		struct repo_pin_list *pin = &l->index[i]->pin;

		if (l->index[i]->dist != d)
			continue;
		pin->origin = d->origin;
		pin->label = d->label;
		pin->archive = d->archive;
		pin->codename = d->codename;
		pin->version = d->version;
	}
}

const char *repo_dist_name(const struct repo_dist *d)
{
	return d->origin && *d->origin ? d->origin : *d->site ? d->site : d->uri;
}

static bool ends(const char *s, const char *tail)
{
	size_t n = s ? strlen(s) : 0, k = strlen(tail);

	return n >= k && strcmp(s + n - k, tail) == 0;
}

bool repo_dist_is_security(const struct repo_dist *d)
{
	return ends(d->archive, "-security") || ends(d->suite, "-security") ||
	       ends(d->label, "-Security") || strcmp(d->site, "security.debian.org") == 0 ||
	       ends(d->uri, "/debian-security/");
}

void repo_lists_done(struct repo_lists *l)
{
	for (size_t i = 0; i < l->ndists; i++)
		pve_buf_done(&l->dist[i]->text);
	free(l->dist);
	free(l->index);
	pve_strv_done(&l->archs);
	pve_arena_done(&l->mem);
	*l = (struct repo_lists){0};
}
