/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/order_impl.h"
#include "pvecommon/mem.h"

static int fetch_authz(struct acme_run *r, size_t i, struct pve_http_res *res, struct pve_err *e)
{
	const struct acme_ask ask = {.what = "an authorization",
				     .url = r->order.authorizations[i],
				     .payload = "",
				     .body = ACME_BODY_JSON};
	struct pve_acme_authz fresh;

	if (acme_client_ask(r->c, &ask, res, e) < 0)
		return -1;
	if (pve_acme_authz_parse(&fresh, (struct pve_span){res->body.data, res->body.len}, e) < 0) {
		pve_http_done(res);
		return pve_err_prefix(e, "%s", ask.url);
	}
	pve_arena_done(&r->authz[i].mem);
	r->authz[i] = fresh;
	return 0;
}

/* Which of our names the authorization is for: the identifier of one for a wildcard does not
 * say so, but a flag beside it does. */
static size_t name_of(const struct acme_run *r, const struct pve_acme_authz *a)
{
	for (size_t i = 0; i < r->want->n; i++) {
		const struct acme_order_name *name = &r->want->names[i];
		bool wildcard = strncmp(name->value, "*.", 2) == 0;

		if (wildcard == a->wildcard && strcmp(name->type, a->id.type) == 0 &&
		    strcasecmp(name->value + (wildcard ? 2 : 0), a->id.value) == 0)
			return i;
	}
	return r->want->n;
}

static int no_challenge(const struct pve_acme_authz *a, const struct acme_order_name *name,
			struct pve_err *e)
{
	PVE_BUF offered = {0};

	for (size_t i = 0; i < a->n; i++)
		pve_buf_printf(&offered, "%s%s", i ? ", " : "", a->v[i].type);
	return pve_err_set(e, PVE_FAILED, "%s: the server does not offer %s for it, but %s",
			   name->value, name->challenge,
			   offered.len ? pve_buf_str(&offered) : "nothing");
}

static const struct pve_acme_challenge *challenge_of(const struct pve_acme_authz *a,
						     const char *type)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].type, type) == 0 && a->v[i].token)
			return &a->v[i];
	return NULL;
}

/* Adds a task for the authorization unless it is valid already. */
static int add_task(struct acme_run *r, size_t i, struct pve_err *e)
{
	const struct pve_acme_authz *a = &r->authz[i];
	size_t name = name_of(r, a);
	const struct pve_acme_challenge *c;

	acme_client_tell(r->c, "%s", "");
	acme_client_tell(r->c, "Getting authorization details from '%s'", r->order.authorizations[i]);
	if (strcmp(a->status, "valid") == 0) {
		acme_client_tell(r->c, "%s%s is already validated!", a->wildcard ? "*." : "",
				 a->id.value);
		return 0;
	}
	acme_client_tell(r->c, "The validation for %s%s is pending!", a->wildcard ? "*." : "",
			 a->id.value);
	if (name == r->want->n)
		return pve_err_set(e, PVE_FAILED, "the server asks for %s%s, which was not ordered",
				   a->wildcard ? "*." : "", a->id.value);
	c = challenge_of(a, r->want->names[name].challenge);
	if (!c)
		return no_challenge(a, &r->want->names[name], e);
	r->tasks[r->ntasks] = (struct acme_task){name, pve_arena_strdup(&r->mem, c->token)};
	r->where[r->ntasks++] = (struct acme_where){i, pve_arena_strdup(&r->mem, c->url)};
	return 0;
}

static void failures_of(const struct pve_acme_authz *a, struct pve_buf *out)
{
	pve_buf_printf(out, "%s%s%s: the authorization is %s", out->len ? "\n" : "",
		       a->wildcard ? "*." : "", a->id.value, a->status);
	for (size_t i = 0; i < a->n; i++) {
		if (!a->v[i].failed)
			continue;
		pve_buf_printf(out, ": %s: ", a->v[i].type);
		pve_acme_problem_text(&a->v[i].error, out);
	}
}

int acme_run_failed(struct acme_run *r, struct pve_err *e)
{
	PVE_BUF why = {0};

	for (size_t i = 0; i < r->order.nauthorizations; i++) {
		struct pve_http_res res;

		if (fetch_authz(r, i, &res, NULL) < 0)
			continue;
		pve_http_done(&res);
		if (strcmp(r->authz[i].status, "valid") != 0 &&
		    strcmp(r->authz[i].status, "pending") != 0)
			failures_of(&r->authz[i], &why);
	}
	if (r->order.failed) {
		pve_buf_puts(&why, why.len ? "\n" : "");
		pve_acme_problem_text(&r->order.error, &why);
	}
	r->c->fate = ACME_REFUSED;
	if (!why.len)
		pve_buf_printf(&why, "the order is %s", r->order.status);
	return pve_err_set(e, PVE_FAILED, "%s", pve_buf_str(&why));
}

static bool is_pending(const struct acme_run *r, size_t task)
{
	const struct pve_acme_authz *a = &r->authz[r->where[task].authz];
	const struct pve_acme_challenge *c =
		challenge_of(a, r->want->names[r->tasks[task].name].challenge);

	return strcmp(a->status, "pending") == 0 && c && strcmp(c->status, "pending") == 0;
}

/* Tells the server to look.  Whether it has heard that is seen, when its answer is lost. */
static int trigger(struct acme_run *r, size_t task, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "a challenge", .url = r->where[task].url, .payload = "{}", .once = true};
	struct pve_http_res res;

	while (acme_client_ask(r->c, &ask, &res, e) < 0) {
		if (r->c->fate != ACME_LOST || fetch_authz(r, r->where[task].authz, &res, e) < 0)
			return -1;
		pve_http_done(&res);
		if (!is_pending(r, task))
			return 0;
	}
	pve_http_done(&res);
	return 0;
}

/* Looks until the server has judged it. */
static int await_authz(struct acme_run *r, size_t i, struct pve_err *e)
{
	for (unsigned n = 0;; n++) {
		struct pve_http_res res;
		unsigned pause;

		if (fetch_authz(r, i, &res, e) < 0)
			return -1;
		pause = acme_client_poll(r->c, &res, n);
		pve_http_done(&res);
		if (strcmp(r->authz[i].status, "pending") != 0)
			return 0;
		if (acme_client_pause(r->c, pause, e) < 0)
			return pve_err_prefix(e, "%s: waiting for the server to look at it",
					      r->authz[i].id.value);
	}
}

static int await_tasks(struct acme_run *r, struct pve_err *e)
{
	bool all = true;

	for (size_t t = 0; t < r->ntasks; t++) {
		const struct acme_order_name *name = &r->want->names[r->tasks[t].name];
		size_t i = r->where[t].authz;

		if (await_authz(r, i, e) < 0)
			return -1;
		acme_client_tell(r->c, "%s%sStatus is '%s'!", r->ntasks > 1 ? name->value : "",
				 r->ntasks > 1 ? ": " : "", r->authz[i].status);
		all = all && strcmp(r->authz[i].status, "valid") == 0;
	}
	if (all)
		return 0;
	return acme_run_failed(r, e);
}

int acme_run_authorize(struct acme_run *r, struct pve_err *e)
{
	size_t n = r->order.nauthorizations;

	r->authz = pve_calloc(n + 1, sizeof(*r->authz));
	r->tasks = pve_arena_alloc(&r->mem, (n + 1) * sizeof(*r->tasks));
	r->where = pve_arena_alloc(&r->mem, (n + 1) * sizeof(*r->where));
	for (size_t i = 0; i < n; i++) {
		struct pve_http_res res;

		if (fetch_authz(r, i, &res, e) < 0)
			return -1;
		pve_http_done(&res);
		if (add_task(r, i, e) < 0)
			return -1;
	}
	if (!r->ntasks)
		return 0;
	if (r->hooks->solve(r->hooks->data, r->tasks, r->ntasks, e) < 0)
		return -1;
	acme_client_tell(r->c, "Triggering validation");
	for (size_t t = 0; t < r->ntasks; t++)
		if (trigger(r, t, e) < 0)
			return -1;
	if (await_tasks(r, e) < 0)
		return -1;
	acme_client_tell(r->c, "%s", "");
	acme_client_tell(r->c, "All domains validated!");
	acme_client_tell(r->c, "%s", "");
	return 0;
}

void acme_run_abandon(struct acme_run *r)
{
	for (size_t i = 0; r->authz && i < r->order.nauthorizations; i++) {
		const struct acme_ask ask = {.what = "giving up an authorization",
					     .url = r->order.authorizations[i],
					     .payload = "{\"status\":\"deactivated\"}"};
		struct pve_http_res res;

		if (r->authz[i].status && strcmp(r->authz[i].status, "pending") == 0 &&
		    acme_client_ask(r->c, &ask, &res, NULL) == 0)
			pve_http_done(&res);
	}
	r->c->fate = ACME_REFUSED;
}
