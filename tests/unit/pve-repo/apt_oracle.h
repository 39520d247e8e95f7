/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real apt in a directory of its own, and our reading of the same files, in one text each. */
#ifndef TESTS_APT_ORACLE_H
#define TESTS_APT_ORACLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "../lib/scratch.h"
#include "pve-repo/targets.h"

struct oracle {
	struct scratch scratch;
	struct pve_strv archs, langs;
	unsigned used; /* cases in which apt had something to fetch */
};

struct oracle_file {
	const char *name; /* "sources.list", or in sources.list.d */
	struct pve_span text;
};

static inline void oracle_new(struct oracle *o)
{
	static const char *const dirs[] = {"etc/apt/sources.list.d", "etc/apt/apt.conf.d",
					   "lists/partial", "cache", "bin"};
	PVE_BUF conf = {0};

	*o = (struct oracle){0};
	scratch_new(&o->scratch);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		PVE_FREE char *path = pve_asprintf("/%s", dirs[i]);

		assert_int_equal(pve_fs_mkdir_parents(&o->scratch.sys, path, NULL), 0);
	}
	scratch_put(&o->scratch, "/status", "", 0644);
	pve_buf_printf(&conf, "Dir \"%s/\";\nDir::Etc \"etc/apt/\";\nDir::State::lists \"lists/\";\n",
		       o->scratch.dir);
	pve_buf_printf(&conf, "Dir::State::status \"%s/status\";\nDir::Cache \"cache/\";\n",
		       o->scratch.dir);
	pve_buf_puts(&conf, "Dir::State \"\";\nDir::Cache::pkgcache \"\";\n"
			    "Dir::Cache::srcpkgcache \"\";\n"
			    "APT::Architecture \"amd64\";\nAPT::Architectures { \"amd64\"; \"i386\"; };\n"
			    "Acquire::Languages { \"en\"; \"de\"; };\n");
	scratch_put(&o->scratch, "/conf", pve_buf_str(&conf), 0644);
	pve_strv_add(&o->archs, "amd64");
	pve_strv_add(&o->archs, "i386");
	pve_strv_add(&o->langs, "en");
	pve_strv_add(&o->langs, "de");
	pve_strv_add(&o->langs, "none"); /* as apt has it when there is a directory of lists */
}

static inline void oracle_done(struct oracle *o)
{
	pve_strv_done(&o->archs);
	pve_strv_done(&o->langs);
	scratch_done(&o->scratch);
}

static inline char *oracle_path(const struct oracle *o, const char *name)
{
	return pve_asprintf("%s/etc/apt/%s%s", o->scratch.dir,
			    strcmp(name, "sources.list") == 0 ? "" : "sources.list.d/", name);
}

static inline void oracle_put(const struct oracle *o, const struct oracle_file *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		PVE_FREE char *path = oracle_path(o, file[i].name);
		PVE_FCLOSE FILE *f = fopen(path, "we");

		assert_non_null(f);
		assert_int_equal(fwrite(file[i].text.p, 1, file[i].text.len, f), file[i].text.len);
	}
}

static inline void oracle_drop(const struct oracle *o, const struct oracle_file *file, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		PVE_FREE char *path = oracle_path(o, file[i].name);

		unlink(path);
	}
}

/* What has no value is empty; the scratch directory has no name. */
static inline void oracle_normalize(const struct oracle *o, char *line, struct pve_strv *out)
{
	PVE_BUF b = {0};
	size_t dir = strlen(o->scratch.dir);

	while (*line) {
		if (strncmp(line, "$(", 2) == 0 && strcspn(line, ")") < 20 &&
		    strspn(line + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strcspn(line + 2, ")") &&
		    strncmp(line, "$(ARCH)", 7) != 0)
			line += strcspn(line, ")") + 1;
		else if (strncmp(line, o->scratch.dir, dir) == 0)
			line += dir;
		else
			pve_buf_putc(&b, *line++);
	}
	pve_strv_add(out, pve_buf_str(&b));
}

#define ORACLE_FORMAT                                                                              \
	"$(SOURCESENTRY)|$(TARGET_OF)|$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|"            \
	"$(ARCHITECTURE)|$(LANGUAGE)|$(METAKEY)|$(PDIFFS)|$(BY_HASH)|$(FILENAME)"

/* 0 and its targets, sorted; or the exit status. */
static inline int oracle_apt(const struct oracle *o, struct pve_strv *out)
{
	PVE_FREE char *command = pve_asprintf(
		"APT_CONFIG=%s/conf LC_ALL=C.UTF-8 apt-get indextargets --no-release-info "
		"--format '" ORACLE_FORMAT "' 2>%s/err", o->scratch.dir, o->scratch.dir);
	FILE *f = popen(command, "re");
	char *line = NULL;
	size_t size = 0;
	int status;

	assert_non_null(f);
	while (getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			oracle_normalize(o, line, out);
	}
	free(line);
	status = pclose(f);
	pve_strv_sort(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline int oracle_ours(const struct oracle *o, const struct oracle_file *file, size_t n,
			      struct pve_strv *out, struct pve_buf *why)
{
	struct repo_sources s = {.arch = "amd64"};
	struct repo_targets t = {0};
	struct repo_targets_conf conf = {&o->archs, &o->langs, true, "yes"};
	int rc;

	for (size_t i = 0; i < n; i++) {
		PVE_FREE char *path = oracle_path(o, file[i].name);

		repo_sources_add(&s, path + strlen(o->scratch.dir), file[i].text);
	}
	repo_sources_conflicts(&s);
	for (size_t i = 0; i < s.diags.n; i++) {
		PVE_FREE char *line = pve_diag_format(&s.diags.v[i]);

		assert_true(s.diags.v[i].line > 0);
		pve_buf_printf(why, "%s\n", line);
	}
	rc = s.diags.errors ? 100 : 0;
	if (!rc)
		repo_targets_read(&t, &s, &conf);
	for (size_t i = 0; i < t.n; i++) {
		const struct repo_target *x = &t.v[i];

		PVE_FREE char *line = NULL;

		line = pve_asprintf("%s:%u|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|/lists/%s",
				    x->entry->file->path, x->entry->number, x->type, x->name,
				    x->uri, strcmp(x->suite, "/") == 0 ? "" : x->suite,
				    x->component, x->arch, x->language, x->key,
				    x->pdiffs ? "yes" : "no", x->by_hash, x->filename);
		/* A value may have lines. */
		pve_strv_split(out, pve_span(line), "\n");
	}
	pve_strv_sort(out);
	repo_targets_done(&t);
	repo_sources_done(&s);
	return rc;
}

static inline void oracle_show(const char *what, const struct pve_strv *l)
{
	print_error("%s\n", what);
	for (size_t i = 0; i < l->n; i++)
		print_error("  %s\n", l->v[i]);
}

/* True when both say the same; else tells what each says. */
static inline bool oracle_same(struct oracle *o, const struct oracle_file *file, size_t n)
{
	PVE_STRV theirs = {0};
	PVE_STRV ours = {0};
	PVE_BUF why = {0};
	int their_rc, our_rc;
	bool same;

	oracle_put(o, file, n);
	their_rc = oracle_apt(o, &theirs);
	our_rc = oracle_ours(o, file, n, &ours, &why);
	o->used += !our_rc && ours.n;
	same = !their_rc == !our_rc && (our_rc || theirs.n == ours.n);
	for (size_t i = 0; same && !our_rc && i < ours.n; i++)
		same = strcmp(ours.v[i], theirs.v[i]) == 0;
	if (!same) {
		PVE_FREE char *said = scratch_get(&o->scratch, "/err");

		for (size_t i = 0; i < n; i++)
			print_error("--- %s\n%.*s\n", file[i].name, PVE_SPAN_ARG(file[i].text));
		print_error("apt: %d\n%s\nours: %d\n%s", their_rc, said ? said : "", our_rc,
			    pve_buf_str(&why));
		oracle_show("apt's targets:", &theirs);
		oracle_show("our targets:", &ours);
	}
	oracle_drop(o, file, n);
	return same;
}

#endif
