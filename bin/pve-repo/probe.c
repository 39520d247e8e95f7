/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/probe.h"

#include <errno.h>
#include <string.h>

#include "pve-repo/aptconf.h"
#include "pve-repo/table.h"
#include "pvecommon/fs.h"

int repo_probe_file(struct pve_sys *sys, const char *path, struct pve_buf *text, bool *there,
		    struct pve_err *e)
{
	struct pve_err why = {0};
	int rc = pve_fs_read(sys, path, 0, text, NULL, &why);

	if (there)
		*there = rc == 0;
	if (rc == 0 || why.sys == ENOENT)
		return 0;
	if (e)
		*e = why;
	return -1;
}

/* Regular files and links to them; apt passes over all else. */
static bool is_file(struct pve_sys *sys, const char *path)
{
	struct stat st;

	return pve_fs_stat(sys, path, &st, NULL) == 0 && S_ISREG(st.st_mode);
}

/* A name with one of the two extensions in any case that apt does not read nevertheless. */
static bool looks_like_list(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && name[0] != '.' &&
	       (strcasecmp(dot, ".list") == 0 || strcasecmp(dot, ".sources") == 0);
}

static int list_paths(struct repo_host *h, struct pve_sys *sys, struct pve_strv *paths,
		      struct pve_err *e)
{
	struct pve_err why = {0};
	PVE_STRV names = {0};

	if (is_file(sys, h->list))
		pve_strv_add(paths, h->list);
	if (pve_fs_list(sys, h->parts, &names, &why) < 0) {
		if (why.sys == ENOENT || why.sys == ENOTDIR)
			return 0;
		*e = why;
		return -1;
	}
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", h->parts, names.v[i]);

		if (repo_file_name_ok(names.v[i]) && is_file(sys, path))
			pve_strv_add(paths, path);
		else if (looks_like_list(names.v[i]))
			pve_strv_add(&h->silly, path);
	}
	return 0;
}

static int read_sources(struct repo_host *h, struct pve_sys *sys, struct pve_err *e)
{
	const struct repo_suite *suite = repo_suite_find(h->codename);
	PVE_STRV paths = {0};

	if (list_paths(h, sys, &paths, e) < 0)
		return -1;
	h->text = pve_calloc(paths.n + 1, sizeof(*h->text));
	h->sources.arch = h->arch;
	h->sources.apt = suite ? suite->apt : 0;
	for (size_t i = 0; i < paths.n; i++) {
		if (pve_fs_read(sys, paths.v[i], 0, &h->text[i], NULL, e) < 0)
			return -1;
		repo_sources_add(&h->sources, paths.v[i],
				 (struct pve_span){h->text[i].data, h->text[i].len});
	}
	return 0;
}

/* Where apt looks, if apt.conf(5) says otherwise than usual; an apt.conf that apt refuses does not
 * keep us from reading the sources. */
static void read_places(struct repo_host *h, struct pve_sys *sys)
{
	struct repo_aptconf conf = {0};
	struct pve_err e = {0};
	const char *list = "", *parts = "";

	if (repo_aptconf_read(&conf, sys, &e) == 0) {
		list = repo_aptconf_path(&conf, "Dir::Etc::sourcelist");
		parts = repo_aptconf_path(&conf, "Dir::Etc::sourceparts");
	}
	h->list = pve_strdup(*list == '/' ? list : REPO_SOURCE_LIST);
	h->parts = pve_strdup(*parts == '/' ? parts : REPO_SOURCE_PARTS);
	repo_aptconf_done(&conf);
}

/* dpkg's first architecture is the native one; without other ones it has no such file, and
 * packages are those of this program's own architecture. */
static int read_arch(struct repo_host *h, struct pve_sys *sys, struct pve_err *e)
{
	PVE_BUF text = {0};

	if (repo_probe_file(sys, "/var/lib/dpkg/arch", &text, NULL, e) < 0)
		return -1;
	h->arch = pve_strndup(pve_buf_str(&text), strcspn(pve_buf_str(&text), "\n"));
	if (h->arch[0])
		return 0;
	free(h->arch);
#ifdef __aarch64__
	h->arch = pve_strdup("arm64");
#else
	h->arch = pve_strdup("amd64");
#endif
	return 0;
}

static int read_codename(struct repo_host *h, struct pve_sys *sys, struct pve_err *e)
{
	static const char key[] = "\nVERSION_CODENAME=";
	PVE_BUF text = {0};
	const char *hit;

	pve_buf_putc(&text, '\n');
	if (repo_probe_file(sys, "/etc/os-release", &text, NULL, e) < 0)
		return -1;
	hit = strstr(pve_buf_str(&text), key);
	if (hit) {
		hit += strlen(key);
		hit += strspn(hit, "\"'");
	}
	h->codename = pve_strndup(hit ? hit : "", hit ? strcspn(hit, "\"'\n") : 0);
	return 0;
}

int repo_host_read(struct repo_host *h, struct pve_sys *sys, struct pve_err *e)
{
	*h = (struct repo_host){0};
	read_places(h, sys);
	if (read_arch(h, sys, e) == 0 && read_codename(h, sys, e) == 0 &&
	    read_sources(h, sys, e) == 0) {
		repo_sources_conflicts(&h->sources);
		return 0;
	}
	repo_host_done(h);
	return -1;
}

void repo_host_done(struct repo_host *h)
{
	for (size_t i = 0; i < h->sources.nfiles; i++)
		pve_buf_done(&h->text[i]);
	repo_sources_done(&h->sources);
	free(h->text);
	free(h->arch);
	free(h->codename);
	free(h->list);
	free(h->parts);
	pve_strv_done(&h->silly);
	*h = (struct repo_host){0};
}
