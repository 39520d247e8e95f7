/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what is staged; stage.c has the rest. */
#include <errno.h>

#include "pvecommon/fs.h"
#include "stage.h"

/* A file that need not be there; its bytes join the staging. */
static int read_part(struct net_stage *s, struct pve_sys *sys, const char *path, bool *there,
		     struct pve_span *bytes, struct stat *st, struct pve_err *e)
{
	struct pve_err why = {0};
	struct pve_buf buf = {0};
	size_t len;

	*there = false;
	if (pve_fs_read(sys, path, 0, &buf, st, &why) < 0) {
		if (why.sys == ENOENT || why.sys == ENOTDIR)
			return 0;
		return pve_err_set(e, why.code, "%s", why.msg);
	}
	*there = true;
	len = buf.len;
	if (!len) {
		pve_buf_done(&buf);
		return 0;
	}
	pve_strv_take(&s->text, pve_buf_take(&buf));
	*bytes = (struct pve_span){s->text.v[s->text.n - 1], len};
	return 0;
}

/* Directories above a file that are not there. */
static void find_missing(struct net_stage_file *f, struct pve_sys *sys)
{
	for (const char *c = strchr(f->path + 1, '/'); c; c = strchr(c + 1, '/')) {
		PVE_FREE char *dir = pve_strndup(f->path, (size_t)(c - f->path));

		if (!pve_fs_exists(sys, dir))
			pve_strv_add(&f->missing, dir);
	}
}

/* The base is almost always what the live file still is; then it is the same bytes here, too. */
static int read_base(struct net_stage *s, struct pve_sys *sys, struct net_stage_file *f,
		     struct pve_err *e)
{
	bool same;

	if (f->live_there && pve_fs_matches(sys, f->base_path, &f->live, 1, &same, NULL) == 0 &&
	    same) {
		f->base_there = true;
		f->base = f->live;
		return 0;
	}
	return read_part(s, sys, f->base_path, &f->base_there, &f->base, NULL, e);
}

/* Forgets the live bytes, which were read last, where the base says that they do not matter. */
static void make_lean(struct net_stage *s, struct net_stage_file *f)
{
	f->lean = f->live_there && f->base_there && f->live.len && f->base.p == f->live.p;
	if (!f->lean)
		return;
	free(s->text.v[--s->text.n]);
	s->text.v[s->text.n] = NULL;
	f->live = f->base = (struct pve_span){0};
}

static int read_parts(struct net_stage *s, struct pve_sys *sys, struct net_stage_file *f,
		      struct stat *st, struct pve_err *e)
{
	if (read_part(s, sys, f->path, &f->live_there, &f->live, st, e) < 0 ||
	    read_base(s, sys, f, e) < 0)
		return -1;
	if (s->lean && pve_fs_exists(sys, f->staged_path))
		make_lean(s, f);
	return read_part(s, sys, f->staged_path, &f->staged_there, &f->staged, NULL, e);
}

static struct net_stage_file *read_file(struct net_stage *s, struct pve_sys *sys, const char *path,
					struct pve_err *e)
{
	struct net_stage_file *f = net_stage_add(s, path);
	struct stat st;

	if (read_parts(s, sys, f, &st, e) < 0)
		return NULL;
	if (f->lean && !f->staged_there) {
		pve_err_set(e, PVE_AGAIN, "%s went away while it was read", f->staged_path);
		return NULL;
	}
	if (f->live_there)
		f->mode = st.st_mode & 07777;
	else
		find_missing(f, sys);
	return f;
}

struct net_stage_file *net_stage_open(struct net_stage *s, struct pve_sys *sys, const char *path,
				      struct pve_err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i]->path, path) == 0)
			return s->v[i];
	return read_file(s, sys, path, e);
}

/* What else is staged: every NAME.new in the directory. */
static int read_staged(struct net_stage *s, struct pve_sys *sys, struct pve_err *e)
{
	struct pve_err why = {0};
	PVE_STRV names = {0};

	if (pve_fs_list(sys, NET_STAGE_DIR, &names, &why) < 0) {
		if (why.sys != ENOENT && why.sys != ENOTDIR)
			return pve_err_set(e, why.code, "%s", why.msg);
		s->parent_there = pve_fs_exists(sys, NET_STAGE_PARENT);
		return 0;
	}
	s->parent_there = s->dir_there = true;
	for (size_t i = 0; i < names.n; i++) {
		struct pve_span name = pve_span(names.v[i]);
		const char *path;

		if (name.len < 4 || strcmp(name.p + name.len - 4, ".new") != 0)
			continue;
		name.len -= 4;
		path = net_stage_path_of(&s->mem, name);
		if (path && !net_stage_open(s, sys, path, e))
			return -1;
	}
	return 0;
}

static int read_all(struct net_stage *s, struct pve_sys *sys, bool lean, struct pve_err *e)
{
	*s = (struct net_stage){.lean = lean};
	if (read_file(s, sys, NET_INTERFACES, e) && read_staged(s, sys, e) == 0)
		return 0;
	net_stage_done(s);
	return -1;
}

int net_stage_read(struct net_stage *s, struct pve_sys *sys, struct pve_err *e)
{
	return read_all(s, sys, false, e);
}

int net_stage_read_lean(struct net_stage *s, struct pve_sys *sys, struct pve_err *e)
{
	return read_all(s, sys, true, e);
}

int net_stage_settle(struct net_stage *s, struct pve_sys *sys, struct pve_err *e)
{
	for (size_t i = 0; i < s->n; i++) {
		struct net_stage_file *f = s->v[i];
		bool same = false;

		if (!f->lean || !f->put)
			continue;
		if (pve_fs_matches(sys, f->path, &f->want, 1, &same, e) < 0)
			return -1;
		if (same) {
			f->live = f->base = f->want;
			f->lean = false;
		}
	}
	return 0;
}

/* The bytes of a file in a view; false when it has none there. */
static bool view_of(const struct net_stage_file *f, enum net_stage_view view,
		    struct pve_span *bytes)
{
	bool staged = f->staged_there && view != NET_VIEW_LIVE;

	*bytes = staged ? f->staged : f->live;
	if (view != NET_VIEW_STAGED || !f->put)
		return staged || f->live_there;
	*bytes = f->want;
	return true;
}

int net_stage_conf(struct net_stage *s, struct pve_sys *sys, enum net_stage_view view,
		   struct net_conf *c, struct pve_err *e)
{
	PVE_FREE struct pve_span *bytes = pve_calloc(s->n, sizeof(*bytes));
	struct pve_map over = {0};
	int rc;

	for (size_t i = 0; i < s->n; i++)
		if (view_of(s->v[i], view, &bytes[i]))
			pve_map_set(&over, pve_span(s->v[i]->path), &bytes[i]);
	rc = net_conf_read_over(c, sys, NET_INTERFACES, &over, e);
	pve_map_done(&over);
	return rc;
}
