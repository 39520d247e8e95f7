/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "session.h"

#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define DEACTIVATED_MAX 10000 /* files of that name; Proxmox VE tries 100 */

struct chg {
	struct pve_ctx *ctx;
	struct acme_account_opts *opts;
	struct acme_session s;
	const char *name;
	char *path;
	struct acme_file file;
	struct acme_stored stored;
	struct pve_pkey *key;
};

static void done(struct chg *c)
{
	acme_session_done(&c->s);
	free(c->path);
	acme_file_done(&c->file);
	acme_stored_done(&c->stored);
	pve_pkey_free(c->key);
}

/* All of it but the talk: the account must be registered. */
static int prepare(struct chg *c)
{
	const struct pve_strv *o = &c->ctx->operands;
	struct pve_err *e = &c->ctx->err;

	c->name = o->n && !strpbrk(o->v[0], "@:") ? o->v[0] : ACME_DEFAULT_ACCOUNT;
	c->path = acme_account_path(c->name);
	if (acme_session_start(&c->s, c->ctx) < 0 ||
	    acme_account_read(&c->stored, &c->file, &c->ctx->sys, c->name, e) < 0)
		return -1;
	if (!c->stored.location)
		return pve_err_set(e, PVE_FAILED,
				   "the server has not answered the registration of '%s' yet; 'pve-acme "
				   "account register %s' asks again",
				   c->name, c->name);
	c->key = pve_pkey_parse(pve_span(c->stored.key), e);
	return c->key ? 0 : pve_err_prefix(e, "%s", c->path);
}

static int begin(struct chg *c)
{
	return acme_session_begin(&c->s, &c->s.keeper, c->stored.directory, c->stored.location, c->key,
				  NULL);
}

/* --- update ------------------------------------------------------------------------------- */

static int job_of_update(struct chg *c, struct pve_strv *out)
{
	const struct pve_strv *o = &c->ctx->operands;
	PVE_STRV contacts = {0};
	PVE_FREE const char **args = NULL;
	size_t n = 0, from = o->n && !strpbrk(o->v[0], "@:");

	if (acme_contacts(o, from, &contacts, &c->ctx->err) < 0 ||
	    acme_contacts(&c->opts->contact, 0, &contacts, &c->ctx->err) < 0 || begin(c) < 0)
		return -1;
	/* An update of nothing is no update, and servers refuse it. */
	if (!contacts.n && !c->opts->accept_tos)
		return acme_session_job(&c->s, &c->s.keeper, out, (const char *const[]){"fetch", NULL});
	args = pve_calloc(contacts.n + 4, sizeof(*args));
	args[n++] = "update";
	args[n++] = c->opts->accept_tos ? "1" : "";
	for (size_t i = 0; i < contacts.n; i++)
		args[n++] = contacts.v[i];
	if (!contacts.n)
		args[n++] = "-";
	return acme_session_job(&c->s, &c->s.keeper, out, args);
}

static int update(struct chg *c)
{
	PVE_STRV out = {0};
	PVE_PLAN plan = {0};

	if (prepare(c) < 0)
		return -1;
	if (c->ctx->dry_run) {
		acme_say(c->ctx, "ask %s for the account: to write into %s what it says",
			 c->stored.directory, c->path);
		return 0;
	}
	if (job_of_update(c, &out) < 0)
		return -1;
	if (out.n != 1 || acme_stored_set_account(&c->stored, out.v[0], NULL, &c->ctx->err) < 0)
		return pve_err_prefix(&c->ctx->err, "the account as %s has it", c->stored.directory);
	acme_session_write(&c->s, &plan, c->path, &c->file, &c->stored,
			   "the account as the server has it");
	if (acme_session_apply(&c->s, &plan) < 0)
		return -1;
	acme_say(c->ctx, "Task OK");
	return 0;
}

/* --- deactivate --------------------------------------------------------------------------- */

/* "_deactivated_NAME_N" with the first N that is free; to be freed. */
static char *free_name(struct chg *c)
{
	for (int i = 0; i < DEACTIVATED_MAX; i++) {
		char *path = pve_asprintf(ACME_DIR "/_deactivated_%s_%d", c->name, i);

		if (!pve_fs_exists(&c->ctx->sys, path))
			return path;
		free(path);
	}
	pve_err_set(&c->ctx->err, PVE_FAILED, "there are %d files _deactivated_%s_N in %s already",
		    DEACTIVATED_MAX, c->name, ACME_DIR);
	return NULL;
}

static int plan_rename(struct chg *c, const char *to, struct pve_plan *plan)
{
	const struct acme_file none = {0};
	struct pve_span was;

	acme_session_write(&c->s, plan, to, &none, &c->stored, "the deactivated account, for the record");
	pve_plan_remove(plan, c->path, acme_file_was(&c->file, &was), "it is of no more use");
	return acme_session_apply(&c->s, plan);
}

static int deactivate(struct chg *c)
{
	PVE_FREE char *to = NULL;
	PVE_STRV out = {0};
	PVE_PLAN plan = {0};

	if (prepare(c) < 0)
		return -1;
	to = free_name(c);
	if (!to)
		return -1;
	if (c->ctx->dry_run)
		return plan_rename(c, to, &plan);
	if (begin(c) < 0 || acme_session_job(&c->s, &c->s.keeper, &out,
					     (const char *const[]){"deactivate", NULL}) < 0)
		return -1;
	/* One that was deactivated before says nothing any more. */
	if (acme_stored_set_account(&c->stored,
				    out.n && *out.v[0] ? out.v[0] : "{\"status\":\"deactivated\"}", NULL,
				    &c->ctx->err) < 0)
		return -1;
	acme_say(c->ctx, "Renaming account file from '%s' to '%s'", c->path, to);
	if (plan_rename(c, to, &plan) < 0)
		return -1;
	acme_say(c->ctx, "Task OK");
	return 0;
}

/* --- rollover ----------------------------------------------------------------------------- */

struct roll {
	struct chg c;
	char *path;              /* NAME.rollover: the next key, from before the server hears of it */
	struct acme_file file;
	struct pve_pkey *next;
	bool left;               /* by a run that did not come to its end */
};

static int read_left(struct roll *r)
{
	struct pve_err *e = &r->c.ctx->err;

	r->path = pve_asprintf("%s.rollover", r->c.path);
	if (acme_file_read(&r->file, &r->c.ctx->sys, r->path, e) < 0)
		return -1;
	r->left = r->file.there;
	if (!r->left)
		return 0;
	r->next = pve_pkey_parse(acme_file_span(&r->file), e);
	return r->next ? 0 : pve_err_prefix(e, "%s", r->path);
}

static int make_next(struct roll *r)
{
	const char *word = r->c.opts->key_type;
	PVE_BUF pem = {0};
	PVE_PLAN plan = {0};

	if (r->left)
		return 0;
	r->next = pve_pkey_new(word ? (enum pve_pkey_type)pve_pkey_type(word) : ACME_ACCOUNT_KEY,
			       &r->c.ctx->err);
	if (!r->next)
		return -1;
	pve_pkey_format(r->next, &pem);
	pve_plan_write(&plan, r->path, NULL, (struct pve_span){pem.data, pem.len}, 0600,
		       "the next key, before the server hears of it");
	if (acme_session_apply(&r->c.s, &plan) < 0)
		return -1;
	return r->c.ctx->dry_run
		       ? 0
		       : acme_file_read(&r->file, &r->c.ctx->sys, r->path, &r->c.ctx->err);
}

/* Does the account of the file go by the next key already?  1, 0, or -1. */
static int is_rolled(struct roll *r)
{
	struct chg *c = &r->c;
	PVE_STRV out = {0};

	if (acme_session_begin(&c->s, &c->s.second, c->stored.directory, NULL, r->next, NULL) < 0)
		return -1;
	if (acme_session_job(&c->s, &c->s.second, &out,
			     (const char *const[]){"register", "", "1", "", NULL}) < 0)
		return c->ctx->err.code == PVE_NOTHERE ? 0 : -1;
	return out.n && strcmp(out.v[0], c->stored.location) == 0;
}

static int put_next(struct roll *r)
{
	struct chg *c = &r->c;
	struct pve_span was;
	PVE_PLAN plan = {0};

	if (acme_stored_set_key(&c->stored, r->next, &c->ctx->err) < 0)
		return -1;
	acme_session_write(&c->s, &plan, c->path, &c->file, &c->stored, "the key that the account has now");
	pve_plan_remove(&plan, r->path, acme_file_was(&r->file, &was), "the key is in its place");
	return acme_session_apply(&c->s, &plan);
}

static int ask_server(struct roll *r)
{
	struct chg *c = &r->c;
	struct pve_err why;
	struct pve_span was;
	PVE_STRV out = {0};
	PVE_PLAN plan = {0};
	int rolled = r->left ? is_rolled(r) : 0;

	if (rolled)
		return rolled < 0 ? -1 : 0;
	c->ctx->err = (struct pve_err){0};
	if (acme_session_begin(&c->s, &c->s.keeper, c->stored.directory, c->stored.location, c->key,
			       r->next) == 0 &&
	    acme_session_job(&c->s, &c->s.keeper, &out, (const char *const[]){"roll", NULL}) == 0)
		return 0;
	if (c->s.keeper.fate != ACME_REFUSED)
		return pve_err_prefix(&c->ctx->err,
				      "which key the account has now is not known; the next one is kept in "
				      "%s, run the same command again",
				      r->path);
	why = c->ctx->err;
	pve_plan_remove(&plan, r->path, acme_file_was(&r->file, &was), "the server refused it");
	acme_session_apply(&c->s, &plan);
	c->ctx->err = why;
	return -1;
}

static int rollover(struct roll *r)
{
	struct chg *c = &r->c;

	if (prepare(c) < 0 || read_left(r) < 0 || make_next(r) < 0)
		return -1;
	if (c->ctx->dry_run)
		return 0;
	if (ask_server(r) < 0 || put_next(r) < 0)
		return -1;
	acme_say(c->ctx, "The account '%s' has a new key: %s", c->name, pve_pkey_name(r->next));
	acme_say(c->ctx, "Task OK");
	return 0;
}

/* --- commands ----------------------------------------------------------------------------- */

static int run(struct pve_ctx *ctx, int (*what)(struct chg *c))
{
	struct chg c = {.ctx = ctx, .opts = ctx->opts};
	int rc = what(&c);

	done(&c);
	return rc;
}

int acme_account_update_cmd(struct pve_ctx *ctx)
{
	return run(ctx, update);
}

int acme_account_deactivate_cmd(struct pve_ctx *ctx)
{
	return run(ctx, deactivate);
}

int acme_account_rollover_cmd(struct pve_ctx *ctx)
{
	struct roll r = {.c = {.ctx = ctx, .opts = ctx->opts}};
	int rc = rollover(&r);

	free(r.path);
	acme_file_done(&r.file);
	pve_pkey_free(r.next);
	done(&r.c);
	return rc;
}
