/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "lists.h"
#include "pve-repo/uri.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

/* Foreign architectures follow in dpkg's own file. */
static int read_archs(struct repo_lists *l, const struct repo_host *h, struct pve_sys *sys,
		      struct pve_err *e)
{
	PVE_STRV lines = {0};
	PVE_BUF text = {0};

	if (repo_probe_file(sys, "/var/lib/dpkg/arch", &text, NULL, e) < 0)
		return -1;
	pve_strv_split(&lines, (struct pve_span){pve_buf_str(&text), text.len}, "\n");
	pve_strv_add(&l->archs, h->arch);
	for (size_t i = 0; i < lines.n; i++)
		if (!pve_strv_has(&l->archs, lines.v[i]))
			pve_strv_add(&l->archs, lines.v[i]);
	return 0;
}

static const char *list_path(struct repo_lists *l, const struct repo_dist *d, const char *name)
{
	const char *uri = repo_uri_meta(d->uri, d->suite, name, &l->mem);

	return pve_arena_printf(&l->mem, "%s/%s", l->dir, repo_uri_filename(uri, &l->mem));
}

static int read_release(struct repo_lists *l, struct repo_dist *d, struct pve_sys *sys,
			struct pve_err *e)
{
	static const char *const names[] = {"InRelease", "Release"};

	for (int i = 0; i < 2 && !d->path; i++) {
		const char *path = list_path(l, d, names[i]);
		bool there;

		if (repo_probe_file(sys, path, &d->text, &there, e) < 0)
			return -1;
		if (!there)
			continue;
		d->path = path;
		path = list_path(l, d, "Release.gpg");
		if (i == 1 && pve_fs_exists(sys, path))
			d->detached = path;
	}
	repo_dist_parse(l, d);
	return 0;
}

/* Names in the directory are looked up in one listing of it. */
static void find_file(struct repo_lists *l, struct repo_index *x, const struct pve_strv *names)
{
	static const char *const extensions[] = {"", ".lz4", ".zst", ".gz", ".xz", ".bz2", ".lzma"};
	const char *base = x->base + strlen(l->dir) + 1;

	for (size_t i = 0; i < sizeof(extensions) / sizeof(*extensions); i++) {
		PVE_FREE char *name = pve_asprintf("%s%s", base, extensions[i]);

		if (!pve_strv_has(names, name))
			continue;
		x->path = pve_arena_printf(&l->mem, "%s/%s", l->dir, name);
		x->extension = extensions[i];
		return;
	}
}

int repo_lists_read(struct repo_lists *l, struct repo_aptconf *conf, const struct repo_host *h,
		    struct pve_sys *sys, struct pve_err *e)
{
	struct pve_err own = {0};
	PVE_STRV names = {0};

	*l = (struct repo_lists){0};
	l->dir = pve_arena_strdup(&l->mem, repo_aptconf_path(conf, "Dir::State::lists"));
	if (read_archs(l, h, sys, e) < 0)
		return -1;
	repo_lists_plan(l, &h->sources);
	if (pve_fs_list(sys, l->dir, &names, &own) < 0 && own.sys != ENOENT) {
		*e = own;
		return -1;
	}
	for (size_t i = 0; i < l->ndists; i++)
		if (read_release(l, l->dist[i], sys, e) < 0)
			return -1;
	for (size_t i = 0; i < l->nindexes; i++)
		find_file(l, l->index[i], &names);
	return 0;
}
