/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stage.h"

#include "merge.h"

/* --- names ---------------------------------------------------------------------- */

const char *net_stage_name_of(struct pve_arena *mem, const char *path)
{
	char *name = pve_arena_alloc(mem, 3 * strlen(path) + 1), *to = name;

	for (path += *path == '/'; *path; path++) {
		if (*path != '/' && *path != '%')
			*to++ = *path;
		else
			to = stpcpy(to, *path == '/' ? "%2F" : "%25");
	}
	return name;
}

const char *net_stage_path_of(struct pve_arena *mem, struct pve_span name)
{
	char *path = pve_arena_alloc(mem, name.len + 2), *to = path;

	*to++ = '/';
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] != '%') {
			*to++ = name.p[i];
			continue;
		}
		if (i + 2 >= name.len || name.p[i + 1] != '2' ||
		    (name.p[i + 2] != 'F' && name.p[i + 2] != '5'))
			return NULL;
		*to++ = name.p[i + 2] == 'F' ? '/' : '%';
		i += 2;
	}
	return name.len ? path : NULL;
}

struct net_stage_file *net_stage_add(struct net_stage *s, const char *path)
{
	struct net_stage_file *f = pve_arena_alloc(&s->mem, sizeof(*f));
	const char *name = net_stage_name_of(&s->mem, path);

	f->path = pve_arena_strdup(&s->mem, path);
	f->base_path = pve_arena_printf(&s->mem, NET_STAGE_DIR "/%s.base", name);
	f->staged_path = strcmp(path, NET_INTERFACES) == 0
				 ? NET_STAGED
				 : pve_arena_printf(&s->mem, NET_STAGE_DIR "/%s.new", name);
	f->mode = 0644;
	s->v = pve_grow(s->v, s->n, &s->cap, sizeof(struct net_stage_file *));
	return s->v[s->n++] = f;
}

void net_stage_done(struct net_stage *s)
{
	for (size_t i = 0; i < s->n; i++)
		pve_strv_done(&s->v[i]->missing);
	free(s->v);
	pve_strv_done(&s->text);
	pve_arena_done(&s->mem);
	*s = (struct net_stage){0};
}

/* --- states --------------------------------------------------------------------- */

bool net_stage_pending(const struct net_stage *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i]->staged_there)
			return true;
	return false;
}

bool net_stage_foreign(const struct net_stage *s)
{
	return s->n && s->v[0]->staged_there && !s->v[0]->base_there;
}

bool net_stage_stale(const struct net_stage_file *f)
{
	return f->staged_there && f->base_there && !f->rebased && !pve_span_same(f->live, f->base);
}

int net_stage_check(const struct net_stage *s, struct pve_err *e)
{
	PVE_BUF names = {0};

	for (size_t i = 0; i < s->n; i++)
		if (net_stage_stale(s->v[i]))
			pve_buf_printf(&names, "%s%s", names.len ? ", " : "", s->v[i]->path);
	if (!names.len)
		return 0;
	return pve_err_set(e, PVE_DATA,
			   "%s changed after the staged changes were made: 'pve-net set --rebase' "
			   "merges them, 'pve-net revert' drops them",
			   pve_buf_str(&names));
}

struct pve_span net_stage_bytes(const struct net_stage_file *f)
{
	if (f->put)
		return f->want;
	return f->staged_there ? f->staged : f->live;
}

void net_stage_put(struct net_stage *s, struct net_stage_file *f, struct pve_span bytes)
{
	f->want = (struct pve_span){pve_arena_memdup(&s->mem, bytes.p, bytes.len), bytes.len};
	f->put = true;
}

void net_stage_take(struct net_stage *s, struct net_stage_file *f, struct pve_buf *bytes)
{
	size_t len = bytes->len;

	pve_strv_take(&s->text, pve_buf_take(bytes));
	f->want = (struct pve_span){s->text.v[s->text.n - 1], len};
	f->put = true;
}

int net_stage_rebase(struct net_stage *s, struct pve_err *e)
{
	PVE_FREE struct pve_buf *merged = pve_calloc(s->n, sizeof(*merged));
	int rc = 0;

	for (size_t i = 0; i < s->n && rc == 0; i++) {
		struct net_stage_file *f = s->v[i];

		if (net_stage_stale(f) &&
		    net_merge(f->path, f->base, f->live, f->staged, &merged[i], e) < 0)
			rc = -1;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct net_stage_file *f = s->v[i];

		if (rc == 0 && net_stage_stale(f)) {
			net_stage_put(s, f, (struct pve_span){merged[i].data, merged[i].len});
			f->rebased = true;
		}
		pve_buf_done(&merged[i]);
	}
	return rc;
}

/* --- plans ---------------------------------------------------------------------- */

static void plan_missing(const struct net_stage_file *f, struct pve_plan *plan)
{
	for (size_t i = 0; i < f->missing.n; i++) {
		bool planned = false;

		for (size_t k = 0; k < plan->n; k++)
			planned |= plan->v[k].kind == PVE_STEP_MKDIR &&
				   strcmp(plan->v[k].target, f->missing.v[i]) == 0;
		if (!planned)
			pve_plan_mkdir(plan, f->missing.v[i], 0755, "for %s", f->path);
	}
}

/* The base is on the disk before the staged file is: a staged file without one would be taken
 * for the GUI's. */
static void plan_write(const struct net_stage_file *f, struct pve_plan *plan)
{
	struct pve_span was = f->base;

	if (!f->staged_there || !f->base_there || f->rebased)
		pve_plan_write(plan, f->base_path, f->base_there ? &was : NULL, f->live,
			       f->mode & 0777, "the live file as it was when its staging began");
	was = f->staged;
	pve_plan_write(plan, f->staged_path, f->staged_there ? &was : NULL, f->want, f->mode & 0777,
		       "what %s will be after an apply", f->path);
}

static void plan_drop(const struct net_stage_file *f, struct pve_plan *plan, const char *why)
{
	if (f->staged_there)
		pve_plan_remove(plan, f->staged_path, &f->staged, "%s", why);
	if (f->base_there)
		pve_plan_remove(plan, f->base_path, &f->base, "%s", why);
}

void net_stage_plan_write(const struct net_stage *s, struct pve_plan *plan)
{
	bool dirs = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct net_stage_file *f = s->v[i];

		if (!f->put)
			continue;
		/* The bytes of a lean one are others: it was settled. */
		if (!f->lean && pve_span_same(f->want, f->live)) {
			plan_drop(f, plan, "it is what the live file is");
			continue;
		}
		if (f->staged_there && !f->rebased && pve_span_same(f->want, f->staged))
			continue;
		if (!dirs && !s->parent_there)
			pve_plan_mkdir(plan, NET_STAGE_PARENT, 0755,
				       "for what pve-net has to remember");
		if (!dirs && !s->dir_there)
			pve_plan_mkdir(plan, NET_STAGE_DIR, 0755, "for what is staged");
		dirs = true;
		if (f == s->v[0])
			plan_missing(f, plan);
		plan_write(f, plan);
	}
}

void net_stage_plan_commit(const struct net_stage *s, struct pve_plan *plan)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct net_stage_file *f = s->v[i];

		if (!f->staged_there)
			continue;
		plan_missing(f, plan);
		pve_plan_write(plan, f->path, f->live_there ? &f->live : NULL, f->staged,
			       f->mode & 0777, "what was staged takes effect");
		plan_drop(f, plan, "it is live now");
	}
}

void net_stage_plan_drop(const struct net_stage *s, struct pve_plan *plan)
{
	for (size_t i = 0; i < s->n; i++)
		plan_drop(s->v[i], plan, "the staged changes are dropped");
}
