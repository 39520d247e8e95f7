/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/order.h"

#include <string.h>

#include "pve-acme/retry.h"
#include "pvecommon/mem.h"
#include "pvecommon/strv.h"
#include "pveio/x509.h"

#define PAGES 50 /* of the list of an account's orders */
#define LOOKS 6  /* orders of it that are looked at */

/* Where a task belongs. */
struct place {
	size_t authz;
	const char *url; /* of the challenge */
};

/* One run. */
struct run {
	struct acme_client *c;
	const struct acme_order_want *want;
	const struct acme_order_hooks *hooks;
	char *url;                   /* of the order */
	struct pve_acme_order order; /* as last seen */
	struct pve_acme_authz *authz; /* by order.authorizations */
	struct acme_task *tasks;
	struct place *places;        /* by task */
	size_t ntasks;
	struct pve_arena mem;        /* of tasks and places, and of their texts */
};

/* --- the order itself --------------------------------------------------------------------- */

static int take_order(struct run *r, const struct pve_http_res *res, struct pve_err *e)
{
	struct pve_acme_order fresh;

	if (pve_acme_order_parse(&fresh, (struct pve_span){res->body.data, res->body.len}, e) < 0)
		return pve_err_prefix(e, "%s", r->url ? r->url : "the order");
	pve_arena_done(&r->order.mem);
	r->order = fresh;
	return 0;
}

/* *res is the answer, for its Retry-After. */
static int fetch_order(struct run *r, struct pve_http_res *res, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "the order", .url = r->url, .payload = "", .body = ACME_BODY_JSON};

	if (acme_client_ask(r->c, &ask, res, e) < 0)
		return -1;
	if (take_order(r, res, e) == 0)
		return 0;
	pve_http_done(res);
	return -1;
}

static bool is_for_names(const struct pve_acme_order *o, const struct acme_order_want *want)
{
	if (o->nids != want->n)
		return false;
	for (size_t i = 0; i < o->nids; i++) {
		bool found = false;

		for (size_t j = 0; j < want->n && !found; j++)
			found = strcmp(o->id[i].type, want->names[j].type) == 0 &&
				strcasecmp(o->id[i].value, want->names[j].value) == 0;
		if (!found)
			return false;
	}
	return true;
}

static bool is_open(const char *status)
{
	return strcmp(status, "pending") == 0 || strcmp(status, "ready") == 0 ||
	       strcmp(status, "processing") == 0 || strcmp(status, "valid") == 0;
}

/* Has nobody sent a certificate request for it yet? */
static bool is_fresh(const char *status)
{
	return strcmp(status, "pending") == 0 || strcmp(status, "ready") == 0;
}

/* Takes the order at this URL when it is for our names, and open; with fresh only when it has seen
 * no certificate request, which would be one for another key. */
static int adopt(struct run *r, const char *url, bool fresh, bool *found, struct pve_err *e)
{
	PVE_FREE char *before = pve_take_ptr(&r->url);
	struct pve_http_res res;

	*found = false;
	r->url = pve_strdup(url);
	if (fetch_order(r, &res, e) < 0) {
		bool gone = r->c->fate == ACME_REFUSED;

		free(r->url);
		r->url = pve_take_ptr(&before);
		return gone ? 0 : -1;
	}
	pve_http_done(&res);
	*found = (fresh ? is_fresh(r->order.status) : is_open(r->order.status)) &&
		 is_for_names(&r->order, r->want);
	if (!*found) {
		free(r->url);
		r->url = pve_take_ptr(&before);
	}
	return 0;
}

/* Adds the account's orders to urls, page for page; none when the server keeps no list. */
static int list_orders(struct run *r, struct pve_strv *urls, struct pve_err *e)
{
	struct acme_ask ask = {.what = "the account",
			       .url = r->c->opts.kid,
			       .payload = "",
			       .body = ACME_BODY_JSON};
	struct pve_acme_account account;
	PVE_FREE char *next = NULL;
	struct pve_http_res res;
	int rc;

	if (acme_client_ask(r->c, &ask, &res, e) < 0)
		return -1;
	rc = pve_acme_account_parse(&account, (struct pve_span){res.body.data, res.body.len}, e);
	pve_http_done(&res);
	if (rc < 0)
		return -1;
	next = account.orders ? pve_strdup(account.orders) : NULL;
	pve_arena_done(&account.mem);
	ask.what = "the list of orders";
	for (int page = 0; next && page < PAGES; page++) {
		ask.url = next;
		if (acme_client_ask(r->c, &ask, &res, e) < 0)
			return r->c->fate == ACME_REFUSED ? 0 : -1;
		pve_acme_orders_parse((struct pve_span){res.body.data, res.body.len}, urls);
		free(next);
		next = acme_client_link(&res, "next", 0);
		pve_http_done(&res);
	}
	return 0;
}

/* The answer to a new order was lost.  Servers that keep a list of orders tell whether it was
 * made (section 7.1.2.1), the newest at the end; those that do not give the same one again to
 * whoever asks twice. */
static int look_for_order(struct run *r, bool *found, struct pve_err *e)
{
	PVE_STRV urls = {0};
	int rc = list_orders(r, &urls, e);

	*found = false;
	for (size_t i = 0; rc == 0 && i < urls.n && i < LOOKS && !*found; i++)
		rc = adopt(r, urls.v[urls.n - 1 - i], true, found, e);
	return rc;
}

static void format_order(const struct acme_order_want *want, bool replaces, struct pve_buf *payload)
{
	pve_buf_puts(payload, "{\"identifiers\":[");
	for (size_t i = 0; i < want->n; i++) {
		pve_buf_printf(payload, "%s{\"type\":", i ? "," : "");
		pve_acme_quote(payload, want->names[i].type);
		pve_buf_puts(payload, ",\"value\":");
		pve_acme_quote(payload, want->names[i].value);
		pve_buf_putc(payload, '}');
	}
	pve_buf_putc(payload, ']');
	if (want->profile) {
		pve_buf_puts(payload, ",\"profile\":");
		pve_acme_quote(payload, want->profile);
	}
	if (replaces) {
		pve_buf_puts(payload, ",\"replaces\":");
		pve_acme_quote(payload, want->replaces);
	}
	pve_buf_putc(payload, '}');
}

static int take_new_order(struct run *r, struct pve_http_res *res, struct pve_err *e)
{
	struct pve_span place = pve_http_header(res, "Location", 0);
	int rc;

	if (place.len)
		r->url = pve_strndup(place.p, place.len);
	rc = place.len ? take_order(r, res, e)
		       : pve_err_set(e, PVE_FAILED, "the server does not say where the order is");
	pve_http_done(res);
	return rc;
}

static int place(struct run *r, struct pve_err *e)
{
	bool replaces = r->want->replaces != NULL, found = false;

	acme_client_tell(r->c, "Placing ACME order");
	while (!found) {
		PVE_BUF payload = {0};
		struct pve_http_res res;
		struct acme_ask ask = {.what = "the new order",
				       .url = r->c->dir.new_order,
				       .once = true,
				       .body = ACME_BODY_JSON};

		format_order(r->want, replaces, &payload);
		ask.payload = pve_buf_str(&payload);
		if (acme_client_ask(r->c, &ask, &res, e) == 0)
			return take_new_order(r, &res, e);
		if (r->c->fate == ACME_LOST) {
			if (look_for_order(r, &found, e) < 0)
				return -1;
		} else if (r->c->fate == ACME_REFUSED && replaces && e->code != PVE_AGAIN) {
			/* Whatever the server holds against the link to the old certificate, the
			 * order is good without it. */
			acme_client_tell(r->c, "%s; once more without naming the old certificate",
					 e->msg);
			replaces = false;
		} else {
			return -1;
		}
	}
	return 0;
}

static int check_profile(const struct run *r, struct pve_err *e)
{
	const char *const *names = r->c->dir.profiles;
	PVE_BUF list = {0};

	if (!r->want->profile)
		return 0;
	for (size_t i = 0; names[i]; i++) {
		if (strcmp(names[i], r->want->profile) == 0)
			return 0;
		pve_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
	}
	return pve_err_set(e, PVE_USAGE, "%s has no profile %s; it offers %s", r->c->opts.directory,
			   r->want->profile, list.len ? pve_buf_str(&list) : "none");
}

static int find_order(struct run *r, struct pve_err *e)
{
	bool found = false;

	if (check_profile(r, e) < 0)
		return -1;
	if (r->want->resume && adopt(r, r->want->resume, false, &found, e) < 0)
		return -1;
	if (found)
		acme_client_tell(r->c, "Going on with the order of an earlier run");
	else if (place(r, e) < 0)
		return -1;
	acme_client_tell(r->c, "Order URL: %s", r->url);
	return r->hooks->placed(r->hooks->data, r->url, e);
}

/* --- authorizations ----------------------------------------------------------------------- */

static int fetch_authz(struct run *r, size_t i, struct pve_http_res *res, struct pve_err *e)
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
static size_t name_of(const struct run *r, const struct pve_acme_authz *a)
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
static int add_task(struct run *r, size_t i, struct pve_err *e)
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
	r->places[r->ntasks++] = (struct place){i, pve_arena_strdup(&r->mem, c->url)};
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

/* What an order came to nothing for: its own error, and those of its authorizations. */
static int order_failed(struct run *r, struct pve_err *e)
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

static bool is_pending(const struct run *r, size_t task)
{
	const struct pve_acme_authz *a = &r->authz[r->places[task].authz];
	const struct pve_acme_challenge *c =
		challenge_of(a, r->want->names[r->tasks[task].name].challenge);

	return strcmp(a->status, "pending") == 0 && c && strcmp(c->status, "pending") == 0;
}

/* Tells the server to look.  Whether it has heard that is seen, when its answer is lost. */
static int trigger(struct run *r, size_t task, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "a challenge", .url = r->places[task].url, .payload = "{}", .once = true};
	struct pve_http_res res;

	while (acme_client_ask(r->c, &ask, &res, e) < 0) {
		if (r->c->fate != ACME_LOST || fetch_authz(r, r->places[task].authz, &res, e) < 0)
			return -1;
		pve_http_done(&res);
		if (!is_pending(r, task))
			return 0;
	}
	pve_http_done(&res);
	return 0;
}

/* Looks until the server has judged it. */
static int await_authz(struct run *r, size_t i, struct pve_err *e)
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

static int await_tasks(struct run *r, struct pve_err *e)
{
	bool all = true;

	for (size_t t = 0; t < r->ntasks; t++) {
		const struct acme_order_name *name = &r->want->names[r->tasks[t].name];
		size_t i = r->places[t].authz;

		if (await_authz(r, i, e) < 0)
			return -1;
		acme_client_tell(r->c, "%s%sStatus is '%s'!", r->ntasks > 1 ? name->value : "",
				 r->ntasks > 1 ? ": " : "", r->authz[i].status);
		all = all && strcmp(r->authz[i].status, "valid") == 0;
	}
	if (all)
		return 0;
	return order_failed(r, e);
}

/* All challenges are prepared before the first is named to the server, so that they are waited
 * for together. */
static int authorize(struct run *r, struct pve_err *e)
{
	size_t n = r->order.nauthorizations;

	r->authz = pve_calloc(n + 1, sizeof(*r->authz));
	r->tasks = pve_arena_alloc(&r->mem, (n + 1) * sizeof(*r->tasks));
	r->places = pve_arena_alloc(&r->mem, (n + 1) * sizeof(*r->places));
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

/* An order that is given up leaves no open authorizations behind: servers limit their number. */
static void abandon(struct run *r)
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

/* --- the certificate ---------------------------------------------------------------------- */

static int finalize(struct run *r, struct pve_err *e)
{
	PVE_FREE char *payload = pve_asprintf("{\"csr\":\"%s\"}", r->want->csr);
	const struct acme_ask ask = {.what = "the certificate request",
				     .url = r->order.finalize,
				     .payload = payload,
				     .once = true,
				     .body = ACME_BODY_JSON};
	struct pve_http_res res;
	int rc;

	if (acme_client_ask(r->c, &ask, &res, e) == 0) {
		rc = take_order(r, &res, e);
		pve_http_done(&res);
		return rc;
	}
	/* It may not be ready yet, whatever it said; or it is done, and the answer was lost. */
	if (r->c->fate != ACME_LOST && !acme_client_refused(r->c, "orderNotReady"))
		return -1;
	if (fetch_order(r, &res, e) < 0)
		return -1;
	pve_http_done(&res);
	return 0;
}

/* Goes on with the order until it is valid. */
static int complete(struct run *r, struct pve_err *e)
{
	acme_client_tell(r->c, "Checking order status");
	for (unsigned n = 0; strcmp(r->order.status, "valid") != 0; n++) {
		struct pve_http_res res;
		unsigned pause = acme_poll_pause(n);

		if (strcmp(r->order.status, "ready") == 0) {
			acme_client_tell(r->c, "Order is ready, finalizing order");
			if (finalize(r, e) < 0)
				return -1;
			continue;
		}
		if (!is_open(r->order.status))
			return order_failed(r, e);
		if (n > 0 && acme_client_pause(r->c, pause, e) < 0)
			return pve_err_prefix(e, "the order is %s", r->order.status);
		if (fetch_order(r, &res, e) < 0)
			return -1;
		pve_http_done(&res);
	}
	acme_client_tell(r->c, "valid!");
	acme_client_tell(r->c, "%s", "");
	return 0;
}

static bool has_issuer(struct pve_span pem, const char *cn)
{
	struct pve_chain chain = {0};
	bool found = false;

	if (pve_chain_parse(&chain, pem, NULL) < 0)
		return false;
	for (size_t i = 0; i < chain.n && !found; i++)
		found = strcmp(chain.v[i].issuer_cn, cn) == 0;
	pve_chain_done(&chain);
	return found;
}

static int fetch_chain(struct run *r, const char *url, struct pve_http_res *res, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "the certificate", .url = url, .payload = "", .body = ACME_BODY_PEM};

	return acme_client_ask(r->c, &ask, res, e);
}

/* Looks among the alternates for the chain that is preferred; without one the first stays. */
static int choose_chain(struct run *r, const struct pve_http_res *first, struct pve_buf *pem,
			struct pve_err *e)
{
	const char *cn = r->want->preferred_chain;
	PVE_FREE char *url = NULL;
	struct pve_http_res res;

	for (size_t i = 0; free(url), url = acme_client_link(first, "alternate", i), url; i++) {
		bool good;

		if (fetch_chain(r, url, &res, e) < 0)
			return -1;
		good = has_issuer((struct pve_span){res.body.data, res.body.len}, cn);
		if (good)
			pve_buf_add(pem, res.body.data, res.body.len);
		pve_http_done(&res);
		if (good)
			return 0;
	}
	acme_client_tell(r->c, "no chain leads to %s: the server's own choice is taken", cn);
	pve_buf_add(pem, first->body.data, first->body.len);
	return 0;
}

static int download(struct run *r, struct pve_buf *pem, struct pve_err *e)
{
	const char *cn = r->want->preferred_chain;
	struct pve_http_res res;
	int rc = 0;

	acme_client_tell(r->c, "Downloading certificate");
	if (!r->order.certificate)
		return pve_err_set(e, PVE_FAILED, "the order is valid, but without a certificate");
	if (fetch_chain(r, r->order.certificate, &res, e) < 0)
		return -1;
	if (cn && !has_issuer((struct pve_span){res.body.data, res.body.len}, cn))
		rc = choose_chain(r, &res, pem, e);
	else
		pve_buf_add(pem, res.body.data, res.body.len);
	pve_http_done(&res);
	return rc;
}

int acme_order_run(struct acme_client *c, const struct acme_order_want *want,
		   const struct acme_order_hooks *hooks, struct pve_buf *pem, struct pve_err *e)
{
	struct run r = {.c = c, .want = want, .hooks = hooks, .order = {.status = ""}};
	int rc = find_order(&r, e);

	if (rc == 0 && strcmp(r.order.status, "pending") == 0) {
		rc = authorize(&r, e);
		if (rc < 0 && c->fate != ACME_GIVEN_UP && c->fate != ACME_LOST)
			abandon(&r);
	}
	if (rc == 0)
		rc = complete(&r, e);
	if (rc == 0)
		rc = download(&r, pem, e);
	for (size_t i = 0; r.authz && i < r.order.nauthorizations; i++)
		pve_arena_done(&r.authz[i].mem);
	free(r.authz);
	free(r.url);
	pve_arena_done(&r.order.mem);
	pve_arena_done(&r.mem);
	return rc;
}

int acme_revoke(struct acme_client *c, const char *der64, unsigned reason, bool by_cert,
		struct pve_err *e)
{
	PVE_FREE char *payload =
		pve_asprintf("{\"certificate\":\"%s\",\"reason\":%u}", der64, reason);
	const struct acme_ask ask = {.what = "the revocation",
				     .url = c->dir.revoke_cert,
				     .payload = payload,
				     .key = by_cert ? ACME_KEY_CERT : ACME_KEY_ACCOUNT,
				     .by_jwk = by_cert};
	struct pve_http_res res;

	if (!c->dir.revoke_cert)
		return pve_err_set(e, PVE_FAILED, "%s revokes no certificates", c->opts.directory);
	if (acme_client_ask(c, &ask, &res, e) == 0)
		pve_http_done(&res);
	else if (!acme_client_refused(c, "alreadyRevoked"))
		return -1;
	return 0;
}
