/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "pve-repo/check_fetched.h"
#include "pve-repo/keys.h"
#include "pve-repo/parts.h"
#include "pve-repo/table.h"
#include "pvecommon/fs.h"

#define KEYRING_MAX (8u << 20)

/* apt's user is neither owner nor in the group of such files. */
static bool apt_can_read(struct pve_sys *sys, const char *path)
{
	PVE_FREE char *dir = pve_strdup(path);
	struct stat st;
	char *slash;

	if (pve_fs_stat(sys, path, &st, NULL) < 0 || !(st.st_mode & S_IROTH))
		return false;
	while ((slash = strrchr(dir, '/')) && slash > dir) {
		*slash = '\0';
		if (pve_fs_stat(sys, dir, &st, NULL) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

void repo_keyring_read(struct repo_keyring *r, struct pve_sys *sys)
{
	if (pve_fs_read(sys, r->path, KEYRING_MAX, &r->text, NULL, &r->err) < 0) {
		r->there = r->err.sys != ENOENT;
		return;
	}
	r->there = true;
	r->readable = apt_can_read(sys, r->path);
	repo_keyring_parse(r, r->path);
}

static int add_dir(struct repo_keys *k, struct pve_sys *sys, const char *dir,
		   enum repo_keyring_role role, struct pve_err *e)
{
	PVE_STRV names = {0};
	struct pve_err own = {0};

	if (pve_fs_list(sys, dir, &names, &own) < 0) {
		if (own.sys == ENOENT || own.sys == ENOTDIR)
			return 0;
		*e = own;
		return -1;
	}
	for (size_t i = 0; i < names.n; i++) {
		const char *dot = strrchr(names.v[i], '.');
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, names.v[i]);

		if (names.v[i][0] != '.' && dot &&
		    (strcmp(dot, ".gpg") == 0 || strcmp(dot, ".asc") == 0))
			repo_keys_add(k, path, role);
	}
	return 0;
}

/* What an enabled source, whose option it is, names by Signed-By. */
static void add_signed_by(struct repo_keys *k, const struct repo_entry *entry, const char *by)
{
	PVE_STRV words = {0};

	if (strstr(by, "-----BEGIN PGP")) {
		PVE_FREE char *place = pve_asprintf("%s:%u", entry->file->path, entry->line);
		struct repo_keyring *r = repo_keys_add(k, place, REPO_RING_EMBEDDED);

		if (r->there)
			return;
		r->there = r->readable = true;
		pve_buf_puts(&r->text, by);
		repo_keyring_parse(r, place);
		return;
	}
	pve_strv_split(&words, pve_span(by), " ,\t\n");
	for (size_t i = 0; i < words.n; i++)
		if (words.v[i][0] == '/')
			repo_keys_add(k, words.v[i], REPO_RING_SIGNED_BY);
}

static void read_signatures(struct repo_keys *k, const struct repo_lists *l, struct pve_sys *sys)
{
	k->signed_ = pve_calloc(l->ndists + 1, sizeof(*k->signed_));
	for (k->nsigned = 0; k->nsigned < l->ndists; k->nsigned++) {
		struct repo_signed *s = &k->signed_[k->nsigned];
		struct repo_dist *d = l->dist[k->nsigned];
		PVE_BUF detached = {0};
		struct pve_span text = {pve_buf_str(&d->text), d->text.len};

		s->dist = d;
		if (d->detached) {
			if (pve_fs_read(sys, d->detached, 0, &detached, NULL, &s->err) < 0)
				continue;
			text = (struct pve_span){pve_buf_str(&detached), detached.len};
		}
		if (d->path && (d->detached || d->release.is_signed))
			repo_pgp_sigs_parse(&s->sigs, text, &s->err);
	}
}

int repo_keys_read(struct repo_keys *k, struct repo_aptconf *conf, const struct repo_lists *l,
		   const struct repo_sources *s, struct pve_sys *sys, struct pve_err *e)
{
	const char *one = repo_aptconf_path(conf, "Dir::Etc::trusted");

	*k = (struct repo_keys){0};
	k->any_place = pve_fs_exists(sys, repo_aptconf_path(conf, "Dir::Etc::trustedparts")) ||
		       pve_fs_exists(sys, "/usr/share/keyrings");
	if (pve_fs_exists(sys, one))
		repo_keys_add(k, one, REPO_RING_TRUSTED);
	if (add_dir(k, sys, repo_aptconf_path(conf, "Dir::Etc::trustedparts"), REPO_RING_TRUSTED,
		    e) < 0)
		return -1;
	for (size_t i = 0; i < s->nentries; i++) {
		const struct repo_option *o = repo_entry_option(s->entry[i], "signed-by");

		if (s->entry[i]->enabled && o)
			add_signed_by(k, s->entry[i], o->value);
	}
	if (add_dir(k, sys, REPO_KEYRINGS, REPO_RING_SPARE, e) < 0)
		return -1;
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i]->role != REPO_RING_EMBEDDED)
			repo_keyring_read(k->v[i], sys);
	read_signatures(k, l, sys);
	return 0;
}

/* apt works in the directory partial of the lists, and in no other way. */
static time_t refreshed(const struct repo_lists *l, struct pve_sys *sys)
{
	PVE_FREE char *partial = pve_asprintf("%s/partial", l->dir);
	struct stat st;

	return pve_fs_stat(sys, partial, &st, NULL) < 0 ? 0 : st.st_mtime;
}

int repo_check_fetched_host(const struct repo_host *h, struct repo_aptconf *conf,
			    struct pve_sys *sys, struct pve_findings *out, struct pve_err *e)
{
	struct repo_lists lists = {0};
	struct repo_keys keys = {0};
	int rc = -1;

	if (repo_lists_read(&lists, conf, h, sys, e) == 0 &&
	    repo_keys_read(&keys, conf, &lists, &h->sources, sys, e) == 0) {
		const struct repo_suite *suite = repo_suite_find(h->codename);
		const struct repo_fetched f = {
			.lists = &lists,
			.keys = &keys,
			.now = pve_sys_time(sys),
			.refreshed = refreshed(&lists, sys),
			.legacy = suite && suite->deb822 ? repo_aptconf_path(conf, "Dir::Etc::trusted")
							 : NULL,
		};

		repo_check_fetched(&f, out);
		rc = 0;
	}
	repo_keys_done(&keys);
	repo_lists_done(&lists);
	return rc;
}
