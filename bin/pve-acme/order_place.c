/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/order_impl.h"
#include "pvecommon/mem.h"

#define PAGES 50 /* of the list of an account's orders */
#define LOOKS 6  /* orders of it that are looked at */

int acme_run_take(struct acme_run *r, const struct pve_http_res *res, struct pve_err *e)
{
	struct pve_acme_order fresh;

	if (pve_acme_order_parse(&fresh, (struct pve_span){res->body.data, res->body.len}, e) < 0)
		return pve_err_prefix(e, "%s", r->url ? r->url : "the order");
	pve_arena_done(&r->order.mem);
	r->order = fresh;
	return 0;
}

int acme_run_fetch(struct acme_run *r, struct pve_http_res *res, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "the order", .url = r->url, .payload = "", .body = ACME_BODY_JSON};

	if (acme_client_ask(r->c, &ask, res, e) < 0)
		return -1;
	if (acme_run_take(r, res, e) == 0)
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

bool acme_run_open(const char *status)
{
	return strcmp(status, "pending") == 0 || strcmp(status, "ready") == 0 ||
	       strcmp(status, "processing") == 0 || strcmp(status, "valid") == 0;
}

/* Has nobody sent a certificate request for it yet? */
static bool is_fresh(const char *status)
{
	return strcmp(status, "pending") == 0 || strcmp(status, "ready") == 0;
}

/* The profile that is wanted, or a server that says nothing of it. */
static bool has_profile(const struct acme_run *r)
{
	return !r->want->profile || !*r->order.profile ||
	       strcmp(r->order.profile, r->want->profile) == 0;
}

/* Takes the order at this URL when it is for our names, and open; with fresh only when it has seen
 * no certificate request, which would be one for another key. */
static int adopt(struct acme_run *r, const char *url, bool fresh, bool *found, struct pve_err *e)
{
	PVE_FREE char *before = pve_take_ptr(&r->url);
	struct pve_http_res res;

	*found = false;
	r->url = pve_strdup(url);
	if (acme_run_fetch(r, &res, e) < 0) {
		bool gone = r->c->fate == ACME_REFUSED;

		free(r->url);
		r->url = pve_take_ptr(&before);
		return gone ? 0 : -1;
	}
	pve_http_done(&res);
	*found = (fresh ? is_fresh(r->order.status) : acme_run_open(r->order.status)) &&
		 is_for_names(&r->order, r->want) && has_profile(r);
	if (!*found) {
		free(r->url);
		r->url = pve_take_ptr(&before);
	}
	return 0;
}

/* Adds the account's orders to urls, page for page; none when the server keeps no list. */
static int list_orders(struct acme_run *r, struct pve_strv *urls, struct pve_err *e)
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

/* The answer to a new order was lost, or the run that got it.  Servers that keep a list of orders tell whether it was
 * made (section 7.1.2.1), the newest at the end; those that do not give the same one again to
 * whoever asks twice. */
static int look_for_order(struct acme_run *r, bool *found, struct pve_err *e)
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

static int take_new_order(struct acme_run *r, struct pve_http_res *res, struct pve_err *e)
{
	struct pve_span place = pve_http_header(res, "Location", 0);
	int rc;

	if (place.len)
		r->url = pve_strndup(place.p, place.len);
	rc = place.len ? acme_run_take(r, res, e)
		       : pve_err_set(e, PVE_FAILED, "the server does not say where the order is");
	pve_http_done(res);
	return rc;
}

static int place(struct acme_run *r, struct pve_err *e)
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

int acme_run_find(struct acme_run *r, struct pve_err *e)
{
	bool found = false;

	if (r->want->resume && adopt(r, r->want->resume, false, &found, e) < 0)
		return -1;
	if (!found && r->want->search && look_for_order(r, &found, e) < 0)
		return -1;
	if (found)
		acme_client_tell(r->c, "Going on with the order of an earlier run");
	else if (place(r, e) < 0)
		return -1;
	acme_client_tell(r->c, "Order URL: %s", r->url);
	return r->hooks->placed(r->hooks->data, r->url, e);
}
