/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source.h"

#include <errno.h>
#include <fnmatch.h>

#include "pvecommon/fs.h"

/* Files that source one another deeper than this are a mistake. */
#define MAX_DEPTH 32

struct source {
	struct net_conf *c;
	struct pve_sys *sys;        /* NULL: follow nothing */
	const struct pve_map *over; /* path -> struct pve_span; may be NULL */
	unsigned depth;
};

static int read_path(struct source *s, const char *path, const struct net_stanza *from,
		     struct pve_err *e);

static void warn(struct source *s, const struct net_stanza *from, const char *path,
		 const char *what)
{
	pve_diags_add(&s->c->diags, PVE_WARNING, from->head->file->path, from->line, "%s: %s", path,
		      what);
}

/* --- patterns ------------------------------------------------------------------ */

static bool has_glob(struct pve_span s)
{
	return memchr(s.p, '*', s.len) || memchr(s.p, '?', s.len) || memchr(s.p, '[', s.len);
}

static char *join_path(const char *dir, struct pve_span name)
{
	const char *slash = dir[0] && dir[strlen(dir) - 1] == '/' ? "" : "/";

	return pve_asprintf("%s%s%.*s", dir, slash, PVE_SPAN_ARG(name));
}

void net_source_glob(struct pve_sys *sys, const char *dir, struct pve_span pattern,
		     struct pve_strv *out)
{
	PVE_STRV names = {0};
	struct pve_span part = pattern;
	const char *slash;

	while (part.len && part.p[0] == '/')
		part.p++, part.len--;
	slash = part.len ? memchr(part.p, '/', part.len) : NULL;
	pattern.p = slash ? slash : part.p + part.len;
	pattern.len = slash ? part.len - (size_t)(slash - part.p) : 0;
	part.len -= pattern.len;
	if (has_glob(part))
		pve_fs_list(sys, dir, &names, NULL);
	else
		pve_strv_add_span(&names, part);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *word = pve_strndup(part.p, part.len);
		char *path;

		if (has_glob(part) && fnmatch(word, names.v[i], FNM_PERIOD) != 0)
			continue;
		path = join_path(dir, pve_span(names.v[i]));
		if (pattern.len) {
			net_source_glob(sys, path, pattern, out);
			free(path);
		} else {
			pve_strv_take(out, path);
		}
	}
}

/* The paths that the words of a source line mean. */
static void expand(struct source *s, const struct net_stanza *from, struct pve_strv *paths)
{
	const char *file = from->head->file->path, *slash = strrchr(file, '/');
	PVE_FREE char *dir = pve_strndup(file, slash ? (size_t)(slash - file) : 0);
	struct pve_span rest = net_stanza_args(from), w;

	while ((w = pve_span_word(&rest)).len) {
		for (const char *c = "\"'`$~\\{"; *c; c++)
			if (memchr(w.p, *c, w.len)) {
				pve_diags_add(&s->c->diags, PVE_WARNING, file, from->line,
					      "%.*s: shell syntax is not expanded here",
					      PVE_SPAN_ARG(w));
				break;
			}
		net_source_glob(s->sys, w.p[0] == '/' ? "/" : dir, w, paths);
		if (!has_glob(w) && paths->n && !pve_fs_exists(s->sys, paths->v[paths->n - 1]))
			warn(s, from, paths->v[paths->n - 1], "there is no such file");
	}
}

/* What run-parts(8) and ifupdown take from a directory. */
static bool plain_name(const char *name)
{
	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789_-")] == '\0';
}

static int read_directory(struct source *s, const char *dir, const struct net_stanza *from,
			  struct pve_err *e)
{
	PVE_STRV names = {0};

	if (pve_fs_list(s->sys, dir, &names, e) < 0)
		return e->sys == ENOENT || e->sys == ENOTDIR ? 0 : -1;
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = join_path(dir, pve_span(names.v[i]));

		if (plain_name(names.v[i]) && read_path(s, path, from, e) < 0)
			return -1;
	}
	return 0;
}

static int follow(struct source *s, const struct net_stanza *from, struct pve_err *e)
{
	PVE_STRV paths = {0};

	if (s->depth >= MAX_DEPTH) {
		warn(s, from, from->head->file->path, "sources nested too deeply");
		return 0;
	}
	expand(s, from, &paths);
	for (size_t i = 0; i < paths.n; i++) {
		int (*read)(struct source *, const char *, const struct net_stanza *,
			    struct pve_err *) =
			from->kind == NET_SOURCE ? read_path : read_directory;

		if (read(s, paths.v[i], from, e) < 0)
			return -1;
	}
	return 0;
}

/* --- files --------------------------------------------------------------------- */

/* Hardly any file has "inherits", so the names above are only collected when one does. */
static void check_inherits(struct net_conf *c, const struct net_stanza *st)
{
	for (; c->ndefined < c->nstanzas - 1; c->ndefined++) {
		struct net_stanza *above = c->stanza[c->ndefined];

		if (above->kind == NET_IFACE)
			pve_map_set(&c->defined, above->name, above);
	}
	if (!pve_map_get(&c->defined, st->head->inherits))
		pve_diags_add(&c->diags, PVE_ERROR, st->head->file->path, st->line,
			      "no iface above to inherit from: %.*s", PVE_SPAN_ARG(st->head->inherits));
}

/* Adds a file's stanzas, and at each source line those of the files it names. */
static int add_file(struct source *s, const char *path, struct pve_span text, struct pve_err *e)
{
	struct net_conf *c = s->c;
	struct net_file *f = net_file_parse(path, text, &c->diags);
	int rc = 0;

	c->file = pve_grow(c->file, c->nfiles, &c->files_cap, sizeof(struct net_file *));
	c->file[c->nfiles++] = f;
	if (!c->stanza) { /* often there is no more than this file */
		c->stanzas_cap = f->nstanzas;
		c->stanza = pve_calloc(c->stanzas_cap, sizeof(struct net_stanza *));
	}
	for (uint32_t i = 0; i < f->nstanzas && rc == 0; i++) {
		struct net_stanza *st = &f->stanza[i];

		c->stanza = pve_grow(c->stanza, c->nstanzas, &c->stanzas_cap,
				     sizeof(struct net_stanza *));
		c->stanza[c->nstanzas++] = st;
		if (st->head->inherits.len)
			check_inherits(c, st);
		if (s->sys && (st->kind == NET_SOURCE || st->kind == NET_SOURCE_DIR)) {
			s->depth++;
			rc = follow(s, st, e);
			s->depth--;
		}
	}
	return rc;
}

/* Was this file, under whatever name, read before?  st is NULL when the disk has none. */
static bool seen_before(struct net_conf *c, const struct stat *st, const char *path)
{
	char *key = st ? pve_arena_printf(&c->mem, "%ju:%ju", (uintmax_t)st->st_dev,
					  (uintmax_t)st->st_ino)
		       : pve_arena_strdup(&c->mem, path);

	return pve_map_set(&c->known, pve_span(key), key);
}

static void warn_seen(struct source *s, const struct net_stanza *from, const char *path)
{
	if (from)
		pve_diags_add(&s->c->diags, PVE_INFO, from->head->file->path, from->line,
			      "%s was read before: not read again", path);
}

/* A file that the caller has the bytes of. */
static int read_over(struct source *s, const char *path, const struct pve_span *bytes,
		     const struct net_stanza *from, struct pve_err *e)
{
	struct stat st;
	bool there = pve_fs_stat(s->sys, path, &st, NULL) == 0;

	if (!seen_before(s->c, there ? &st : NULL, path))
		return add_file(s, path, *bytes, e);
	warn_seen(s, from, path);
	return 0;
}

/* from is NULL for the main file. */
static int read_path(struct source *s, const char *path, const struct net_stanza *from,
		     struct pve_err *e)
{
	const struct pve_span *over = s->over ? pve_map_get(s->over, pve_span(path)) : NULL;
	struct pve_buf buf = {0};
	struct stat st;
	size_t len;

	if (over)
		return read_over(s, path, over, from, e);
	if (pve_fs_read(s->sys, path, 0, &buf, &st, e) < 0) {
		if (e->sys == ENOENT || e->sys == ENOTDIR) {
			s->c->missing |= !from;
			return 0;
		}
		if (!from || e->code != PVE_DATA)
			return -1;
		warn(s, from, path, "no regular file, or too large: left out");
		return 0;
	}
	if (seen_before(s->c, &st, path)) {
		pve_buf_done(&buf);
		warn_seen(s, from, path);
		return 0;
	}
	len = buf.len;
	pve_strv_take(&s->c->text, pve_buf_take(&buf));
	return add_file(s, path, (struct pve_span){s->c->text.v[s->c->text.n - 1], len}, e);
}

int net_conf_read(struct net_conf *c, struct pve_sys *sys, const char *path, struct pve_err *e)
{
	return net_conf_read_over(c, sys, path, NULL, e);
}

int net_conf_read_over(struct net_conf *c, struct pve_sys *sys, const char *path,
		       const struct pve_map *over, struct pve_err *e)
{
	struct source s = {.c = c, .sys = sys, .over = over};
	struct pve_err own = {0};

	*c = (struct net_conf){0};
	if (read_path(&s, path, NULL, &own) == 0)
		return 0;
	net_conf_done(c);
	if (e)
		*e = own;
	return -1;
}

void net_conf_parse(struct net_conf *c, const char *path, struct pve_span text)
{
	*c = (struct net_conf){0};
	net_conf_add(c, path, text);
}

void net_conf_add(struct net_conf *c, const char *path, struct pve_span text)
{
	struct source s = {.c = c};

	add_file(&s, path, text, NULL);
}

void net_conf_done(struct net_conf *c)
{
	for (size_t i = 0; i < c->nfiles; i++)
		net_file_free(c->file[i]);
	free(c->file);
	free(c->stanza);
	pve_diags_done(&c->diags);
	pve_strv_done(&c->text);
	pve_map_done(&c->defined);
	pve_map_done(&c->known);
	pve_arena_done(&c->mem);
	*c = (struct net_conf){0};
}
