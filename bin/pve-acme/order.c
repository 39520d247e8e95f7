/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/order.h"

#include <string.h>

#include "pve-acme/order_impl.h"
#include "pve-acme/retry.h"
#include "pvecommon/mem.h"
#include "pveio/x509.h"

static int finalize(struct acme_run *r, struct pve_err *e)
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
		rc = acme_run_take(r, &res, e);
		pve_http_done(&res);
		return rc;
	}
	/* It may not be ready yet, whatever it said; or it is done, and the answer was lost. */
	if (r->c->fate != ACME_LOST && !acme_client_refused(r->c, "orderNotReady"))
		return -1;
	if (acme_run_fetch(r, &res, e) < 0)
		return -1;
	pve_http_done(&res);
	return 0;
}

/* Goes on with the order until it is valid.  What is known of it was right before its names were
 * validated, so it is looked at at once; from then on with pauses. */
static int complete(struct acme_run *r, struct pve_err *e)
{
	bool known = false; /* its status is the server's last word */
	unsigned pauses = 0;

	acme_client_tell(r->c, "Checking order status");
	while (strcmp(r->order.status, "valid") != 0) {
		bool ready = strcmp(r->order.status, "ready") == 0;
		struct pve_http_res res;

		if (!acme_run_open(r->order.status))
			return acme_run_failed(r, e);
		/* The first request is sent as soon as it is ready; another one only when the server
		 * said so and was not. */
		if (known && !(ready && !r->sent) &&
		    acme_client_pause(r->c, acme_poll_pause(pauses++), e) < 0)
			return pve_err_prefix(e, "the order is %s", r->order.status);
		if (ready) {
			acme_client_tell(r->c, "Order is ready, finalizing order");
			if (finalize(r, e) < 0)
				return -1;
			r->sent = true;
		} else {
			if (acme_run_fetch(r, &res, e) < 0)
				return -1;
			pve_http_done(&res);
		}
		known = true;
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

static int fetch_chain(struct acme_run *r, const char *url, struct pve_http_res *res, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "the certificate", .url = url, .payload = "", .body = ACME_BODY_PEM};

	return acme_client_ask(r->c, &ask, res, e);
}

/* Looks among the alternates for the chain that is preferred; without one the first stays. */
static int choose_chain(struct acme_run *r, const struct pve_http_res *first, struct pve_buf *pem,
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

static int download(struct acme_run *r, struct pve_buf *pem, struct pve_err *e)
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
	struct acme_run r = {.c = c, .want = want, .hooks = hooks, .order = {.status = ""}};
	int rc = acme_run_find(&r, e);

	if (rc == 0 && strcmp(r.order.status, "pending") == 0) {
		rc = acme_run_authorize(&r, e);
		if (rc < 0 && c->fate != ACME_GIVEN_UP && c->fate != ACME_LOST)
			acme_run_abandon(&r);
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
