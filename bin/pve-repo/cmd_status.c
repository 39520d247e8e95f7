/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "add.h"
#include "check.h"
#include "pvecommon/fs.h"
#include "repo.h"
#include "select.h"

enum {
	COL_HANDLE,
	COL_CONFIGURED,
	COL_ENABLED,
	COL_USABLE,
	COL_WHERE,
	COL_REASON,
	COL_URI,
	COL_SUITE,
	COL_COMPONENTS,
};

const struct pve_col repo_status_cols[REPO_STATUS_NCOLS] = {
	{"handle", PVE_T_STR, false, "its name here"},
	{"configured", PVE_T_BOOL, false, "is there an entry for it?"},
	{"enabled", PVE_T_BOOL, false, "does apt use it?"},
	{"usable", PVE_T_BOOL, false, "could this host fetch from it?"},
	{"where", PVE_T_STR, false, "the entry, or the file to which it would be added"},
	{"reason", PVE_T_STR, false, "why it is not usable"},
	{"uri", PVE_T_STR, true, "its address"},
	{"suite", PVE_T_STR, true, "its release"},
	{"components", PVE_T_STR, true, "its components"},
};

const struct pve_opt repo_status_options[] = {
	{'s', "suite", PVE_OPT_STR, offsetof(struct repo_status_opts, suite), "RELEASE",
	 .help = "of this release instead of the host's own"},
	{0},
};

struct status {
	struct pve_ctx *ctx;
	struct repo_host h;
	struct repo_facts facts;
	struct pve_arena mem;
	struct pve_out *out;
};

/* The entry for it, an enabled one if there is any. */
static const struct repo_entry *entry_of(const struct status *s, const struct repo_standard *r,
					 struct repo_kind *k)
{
	const struct repo_entry *off = NULL;
	struct repo_kind kind;

	for (size_t i = 0; i < s->h.sources.nentries; i++) {
		const struct repo_entry *e = s->h.sources.entry[i];

		if (!repo_entry_is(e, r->handle, &kind) || kind.suite != r->suite)
			continue;
		if (!e->enabled && off)
			continue;
		off = e;
		*k = kind;
		if (e->enabled)
			break;
	}
	return off;
}

/* The key with which it is signed, as a file; NULL when there is none. */
static const char *missing_key(struct status *s, const struct repo_standard *r,
			       const struct repo_entry *e)
{
	const struct repo_option *o = e ? repo_entry_option(e, "signed-by") : NULL;
	const char *path = o ? o->value : e ? NULL : r->signed_by;

	if (path && path[0] == '/' && !strpbrk(path, " ,\n") && !pve_fs_exists(&s->ctx->sys, path))
		return path;
	return NULL;
}

static const char *reason(struct status *s, const struct repo_standard *r,
			  const struct repo_entry *e, const struct repo_kind *k)
{
	const struct repo_subscription *sub = &s->facts.sub;
	const char *key = missing_key(s, r, e);

	if (r->suite->retired && !(e && k->archived))
		return "retired: it has moved to the archive host";
	if (r->channel == REPO_ENTERPRISE && sub->status != REPO_SUB_ACTIVE)
		return pve_arena_printf(&s->mem, "the subscription is %s",
					repo_subscription_status(sub->status));
	if (r->channel == REPO_ENTERPRISE &&
	    !(r->product == REPO_CEPH ? s->facts.auth_ceph.found : s->facts.auth.found))
		return "no login in /etc/apt/auth.conf.d";
	if (key)
		return pve_arena_printf(&s->mem, "the key %s is missing", key);
	return NULL;
}

static void add_row(struct status *s, const struct repo_standard *r)
{
	struct pve_row *row = pve_out_row(s->out, NULL);
	struct repo_kind k = {0};
	const struct repo_entry *e = entry_of(s, r, &k);
	const char *why = reason(s, r, e, &k);

	pve_row_str(row, COL_HANDLE, r->handle);
	pve_row_bool(row, COL_CONFIGURED, e != NULL);
	pve_row_bool(row, COL_ENABLED, e && e->enabled);
	pve_row_bool(row, COL_USABLE, !why);
	if (e)
		pve_row_fmt(row, COL_WHERE, "%s:%u", e->file->path, e->line);
	else
		pve_row_str(row, COL_WHERE, r->file);
	pve_row_str(row, COL_REASON, why);
	pve_row_str(row, COL_URI, r->uri);
	pve_row_str(row, COL_SUITE, r->suite_name);
	pve_row_str(row, COL_COMPONENTS, r->components);
	if (e && e->enabled)
		pve_row_color(row, why ? "yellow" : "green");
}

static int add_rows(struct status *s)
{
	const struct pve_strv *asked = &s->ctx->operands;

	for (size_t i = 0; i < asked->n; i++) {
		const struct repo_standard *r = repo_standard_find(s->facts.all, asked->v[i]);

		if (!r)
			return pve_err_set(&s->ctx->err, PVE_USAGE, "%s has no repository '%s'",
					   s->facts.suite->codename, asked->v[i]);
		add_row(s, r);
	}
	for (const struct repo_standard *r = s->facts.all; !asked->n && r->handle; r++)
		add_row(s, r);
	return 0;
}

static int run(struct status *s)
{
	const struct repo_status_opts *opts = s->ctx->opts;
	struct pve_err *e = &s->ctx->err;

	if (repo_host_read(&s->h, &s->ctx->sys, e) < 0)
		return -1;
	s->facts.host = &s->h;
	s->facts.suite = repo_suite_find(opts->suite ? opts->suite : s->h.codename);
	if (!s->facts.suite && opts->suite)
		return pve_err_set(e, PVE_USAGE, "'%s' is no release that is known here", opts->suite);
	if (!s->facts.suite)
		return pve_err_set(e, PVE_DATA,
				   "%s/etc/os-release names no release that is known here; say which "
				   "with --suite", s->ctx->sys.root);
	s->facts.all = repo_standards(s->facts.suite, &s->mem);
	if (repo_facts_read(&s->facts, &s->ctx->sys, &s->mem, e) < 0)
		return -1;
	s->out = pve_out_new(repo_status_cols, REPO_STATUS_NCOLS, &s->ctx->out, e);
	if (!s->out || add_rows(s) < 0)
		return -1;
	return pve_ctx_print(s->ctx, s->out);
}

int repo_cmd_status(struct pve_ctx *ctx)
{
	struct status s = {.ctx = ctx};
	int rc = run(&s);

	pve_out_free(s.out);
	repo_host_done(&s.h);
	pve_arena_done(&s.mem);
	return rc;
}
