/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "add.h"
#include "check.h"
#include "repo.h"
#include "pvecommon/num.h"

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
	pve_row_str(row, COL_DETAIL, detail && *detail ? detail : NULL);
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
		    s->status == REPO_SUB_ACTIVE ? "pvesubscription update --force" : NULL);
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

int repo_cmd_subscription(struct pve_ctx *ctx)
{
	struct repo_facts facts = {0};
	struct pve_arena mem = {0};
	struct pve_out *out = NULL;
	struct repo_host h;
	int rc = -1;

	if (repo_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (repo_facts_read(&facts, &ctx->sys, &mem, &ctx->err) == 0)
		out = pve_out_new(repo_subscription_cols, REPO_SUBSCRIPTION_NCOLS, &ctx->out,
				  &ctx->err);
	if (out) {
		add_rows(out, &h, &facts);
		rc = pve_ctx_print(ctx, out);
	}
	pve_out_free(out);
	repo_host_done(&h);
	pve_arena_done(&mem);
	explicit_bzero(&facts, sizeof(facts));
	return rc;
}
