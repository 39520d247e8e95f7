/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "add.h"
#include "check.h"
#include "repo.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

#define AUTH_DIR "/etc/apt/auth.conf.d"

const struct pve_opt repo_subscription_options[] = {
	{'l', "login", PVE_OPT_FLAG, offsetof(struct repo_subscription_opts, login),
	 .help = "write the login for the enterprise repositories, from /etc/subscription"},
	{0},
};

enum { COL_ITEM, COL_STATE, COL_DETAIL };

const struct pve_col repo_subscription_cols[REPO_SUBSCRIPTION_NCOLS] = {
	{"item", PVE_T_STR, false, "what is looked at: status, key, entry, login"},
	{"state", PVE_T_STR, false, "how it is; ok, missing or wrong where it must fit"},
	{"detail", PVE_T_STR, false, "more about it"},
};

static struct pve_row *add(struct pve_out *out, const char *item, const char *state,
			   const char *detail)
{
	struct pve_row *row = pve_out_row(out, NULL);

	pve_row_str(row, COL_ITEM, item);
	pve_row_str(row, COL_STATE, state);
	pve_row_text(row, COL_DETAIL, detail);
	if (strcmp(state, "missing") == 0 || strcmp(state, "wrong") == 0)
		pve_row_color(row, "yellow");
	return row;
}

static void add_subscription(struct pve_out *out, const struct repo_subscription *s)
{
	char text[PVE_TIME_TEXT];

	pve_row_color(add(out, "status", repo_subscription_status(s->status), s->why),
		      s->status == REPO_SUB_ACTIVE ? "green" : "yellow");
	if (s->status == REPO_SUB_NONE)
		return;
	add(out, "key", s->key, s->level ? s->level : "not a key of Proxmox VE");
	if (s->sockets)
		pve_row_fmt(add(out, "sockets", "", NULL), COL_STATE, "%u", s->sockets);
	if (s->checked)
		add(out, "checked", pve_num_time_text((time_t)s->checked, text),
		    s->is_signed ? "offline key" : NULL);
	if (s->due[0])
		add(out, "due", s->due, NULL);
}

/* The first entry of an enterprise repository of the product. */
static const struct repo_entry *enterprise(const struct repo_host *h, enum repo_product product)
{
	for (size_t i = 0; i < h->sources.nentries; i++) {
		const struct repo_entry *e = h->sources.entry[i];
		struct repo_kind k;

		if (!e->enabled || !e->components.n)
			continue;
		repo_classify(&k, e->uris.v[0].text, e->suites.v[0].text, e->components.v[0].text);
		if (k.product == product && k.channel == REPO_ENTERPRISE)
			return e;
	}
	return NULL;
}

static void add_entry(struct pve_out *out, const char *item, const struct repo_entry *e,
		      const struct repo_subscription *s)
{
	PVE_FREE char *place = e ? pve_asprintf("%s:%u", e->file->path, e->line) : NULL;
	bool active = s->status == REPO_SUB_ACTIVE;

	if (e && active)
		add(out, item, "ok", place);
	else if (e)
		add(out, item, "wrong", "enabled without an active subscription: pve-repo check");
	else
		add(out, item, active ? "missing" : "none", active ? "pve-repo add enterprise" : NULL);
}

static void add_login(struct pve_out *out, const char *item, const struct repo_auth *a,
		      const struct repo_subscription *s)
{
	PVE_FREE char *place = a->found ? pve_asprintf("%s:%u", a->file, a->line) : NULL;

	if (!a->found)
		add(out, item, s->status == REPO_SUB_ACTIVE ? "missing" : "none",
		    s->status == REPO_SUB_ACTIVE ? "pve-repo subscription --login" : NULL);
	else if (strcmp(a->login, s->raw_key) != 0)
		add(out, item, "wrong", "it is not the key of the subscription");
	else if (s->server[0] && a->password[0] && !strstr(s->server, a->password))
		add(out, item, "wrong", "it is not the server of the subscription");
	else
		add(out, item, "ok", place);
}

static void add_rows(struct pve_out *out, const struct repo_host *h, const struct repo_facts *f)
{
	const struct repo_entry *ceph = enterprise(h, REPO_CEPH);

	add_subscription(out, &f->sub);
	add_entry(out, "entry", enterprise(h, REPO_PVE), &f->sub);
	add_login(out, "login", &f->auth, &f->sub);
	if (ceph) {
		add_entry(out, "ceph entry", ceph, &f->sub);
		add_login(out, "ceph login", &f->auth_ceph, &f->sub);
	}
}

static int show(struct pve_ctx *ctx, const struct repo_host *h, const struct repo_facts *f)
{
	struct pve_out *out = pve_out_new(repo_subscription_cols, REPO_SUBSCRIPTION_NCOLS, &ctx->out,
					  &ctx->err);
	int rc;

	if (!out)
		return -1;
	add_rows(out, h, f);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

/* --- the login ---------------------------------------------------------------------------- */

/* Both are in a file with blanks between. */
static bool is_word(const char *s)
{
	return *s && !s[strcspn(s, " \t\r\n,")];
}

/* A file with logins, and what becomes of it. */
struct auth_file {
	const char *path;
	struct pve_buf text;
	bool there;
	struct repo_edits edits;
};

struct login {
	struct pve_ctx *ctx;
	const struct repo_facts *f;
	struct auth_file file[2]; /* one for each product at most */
	size_t n;
	struct pve_arena mem;
};

static struct auth_file *auth_file(struct login *l, const char *path)
{
	struct auth_file *f;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->file[i].path, path) == 0)
			return &l->file[i];
	f = &l->file[l->n++];
	f->path = path;
	if (repo_probe_file(&l->ctx->sys, path, &f->text, &f->there, &l->ctx->err) < 0)
		return NULL;
	return f;
}

static void replace(struct auth_file *f, struct repo_place place, const char *text)
{
	repo_edit_add(&f->edits, place.at, place.len, text);
}

/* A wrong login is replaced where it stands; a missing one is written as pvesubscription does, for
 * every path that begins so. */
static int edit_login(struct login *l, const struct repo_auth *a, const char *product)
{
	const struct repo_subscription *sub = &l->f->sub;
	struct auth_file *f;

	if (a->found && strcmp(a->login, sub->raw_key) == 0)
		return 0;
	f = auth_file(l, a->found ? a->file
				  : pve_arena_printf(&l->mem, AUTH_DIR "/%s.conf", product));
	if (!f)
		return -1;
	if (a->found && (!a->login_place.len || !a->password_place.len))
		return pve_err_set(&l->ctx->err, PVE_DATA,
				   "%s:%u: there is no login and password behind this machine",
				   a->file, a->line);
	if (a->found) {
		replace(f, a->login_place, sub->raw_key);
		replace(f, a->password_place, sub->server);
	} else {
		PVE_FREE char *line = pve_asprintf(
			"machine enterprise.proxmox.com/debian/%s login %s password %s\n", product,
			sub->raw_key, sub->server);

		repo_edit_insert(&f->edits, (struct pve_span){pve_buf_str(&f->text), f->text.len},
				 f->text.len, line);
		explicit_bzero(line, strlen(line));
	}
	return 0;
}

static void plan_file(struct pve_plan *plan, struct auth_file *f)
{
	struct pve_span was = {pve_buf_str(&f->text), f->text.len};
	PVE_BUF now = {0};

	repo_edits_apply(&f->edits, was, &now);
	pve_plan_write(plan, f->path, f->there ? &was : NULL,
		       (struct pve_span){pve_buf_str(&now), now.len}, 0600,
		       "the login of the subscription");
}

static int make_plan(struct login *l, struct pve_plan *plan)
{
	const struct repo_subscription *sub = &l->f->sub;
	struct pve_err *e = &l->ctx->err;

	if (sub->status == REPO_SUB_NONE)
		return pve_err_set(e, PVE_DATA,
				   REPO_SUBSCRIPTION ": the subscription is none; \"pvesubscription "
						     "set KEY\" enters one");
	if (sub->status != REPO_SUB_ACTIVE)
		return pve_err_set(e, PVE_DATA,
				   REPO_SUBSCRIPTION ": the subscription is %s; \"pvesubscription "
						     "update --force\" asks for it anew",
				   repo_subscription_status(sub->status));
	if (!is_word(sub->raw_key) || !is_word(sub->server))
		return pve_err_set(e, PVE_DATA,
				   REPO_SUBSCRIPTION ": it does not say for which server it is; "
				   "\"pvesubscription update --force\" asks");
	if (edit_login(l, &l->f->auth, "pve") < 0 || edit_login(l, &l->f->auth_ceph, "ceph") < 0)
		return -1;
	if (l->n && !pve_fs_exists(&l->ctx->sys, AUTH_DIR))
		pve_plan_mkdir(plan, AUTH_DIR, 0755, "for the login in it");
	for (size_t i = 0; i < l->n; i++)
		plan_file(plan, &l->file[i]);
	return 0;
}

static int write_login(struct pve_ctx *ctx, struct pve_change *change, const struct repo_facts *f)
{
	struct login l = {.ctx = ctx, .f = f};
	PVE_PLAN plan = {0};
	int rc = make_plan(&l, &plan);

	if (rc == 0)
		rc = pve_ctx_apply(ctx, change, &plan);
	for (size_t i = 0; i < l.n; i++) {
		pve_buf_done(&l.file[i].text);
		repo_edits_done(&l.file[i].edits);
	}
	pve_arena_done(&l.mem);
	return rc;
}

int repo_cmd_subscription(struct pve_ctx *ctx)
{
	const struct repo_subscription_opts *opts = ctx->opts;
	PVE_CHANGE change = {0};
	struct repo_facts facts = {0};
	struct pve_arena mem = {0};
	struct repo_host h;
	int rc = -1;

	if (opts->login && pve_ctx_begin(ctx, NULL, NULL, &change) < 0)
		return -1;
	if (repo_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (repo_facts_read(&facts, &ctx->sys, &mem, &ctx->err) == 0)
		rc = opts->login ? write_login(ctx, &change, &facts) : show(ctx, &h, &facts);
	repo_host_done(&h);
	pve_arena_done(&mem);
	explicit_bzero(&facts, sizeof(facts));
	return rc;
}
