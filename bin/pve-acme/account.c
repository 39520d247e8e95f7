/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/account.h"

#include <string.h>

#include "pve-acme/jws.h"
#include "pvecommon/mem.h"

static void add_contacts(struct pve_buf *payload, const char *const *contacts)
{
	pve_buf_puts(payload, "\"contact\":[");
	for (size_t i = 0; contacts[i]; i++) {
		if (i)
			pve_buf_putc(payload, ',');
		pve_acme_quote(payload, contacts[i]);
	}
	pve_buf_putc(payload, ']');
}

static int registration(struct acme_client *c, const struct acme_account_want *want,
			struct pve_buf *payload, struct pve_err *e)
{
	pve_buf_printf(payload, "{\"termsOfServiceAgreed\":%s", want->agree ? "true" : "false");
	if (want->existing)
		pve_buf_puts(payload, ",\"onlyReturnExisting\":true");
	if (want->contacts) {
		pve_buf_putc(payload, ',');
		add_contacts(payload, want->contacts);
	}
	if (want->bind) {
		pve_buf_puts(payload, ",\"externalAccountBinding\":");
		if (c->opts.signer->bind(c->opts.signer->data, c->dir.new_account, payload, e) < 0)
			return -1;
	}
	pve_buf_putc(payload, '}');
	return 0;
}

int acme_account_register(struct acme_client *c, const struct acme_account_want *want,
			  struct pve_buf *json, struct pve_err *e)
{
	PVE_BUF payload = {0};
	struct pve_http_res res;
	struct pve_span place;
	struct acme_ask ask = {.what = want->existing ? "looking for the account" : "the account",
			       .url = c->dir.new_account,
			       .by_jwk = true,
			       .body = ACME_BODY_JSON};

	if (registration(c, want, &payload, e) < 0)
		return -1;
	ask.payload = pve_buf_str(&payload);
	/* A repetition finds the account that the lost answer was about: 200 instead of 201. */
	if (acme_client_ask(c, &ask, &res, e) < 0)
		return -1;
	place = pve_http_header(&res, "Location", 0);
	if (!place.len) {
		pve_http_done(&res);
		return pve_err_set(e, PVE_FAILED, "%s does not say where the account is",
				   c->dir.new_account);
	}
	free(c->kid);
	c->kid = pve_strndup(place.p, place.len);
	c->opts.kid = c->kid;
	pve_buf_add(json, res.body.data, res.body.len);
	pve_http_done(&res);
	return 0;
}

static int post_account(struct acme_client *c, const char *what, const char *payload,
			struct pve_buf *json, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = what, .url = c->opts.kid, .payload = payload, .body = ACME_BODY_JSON};
	struct pve_http_res res;

	if (acme_client_ask(c, &ask, &res, e) < 0)
		return -1;
	pve_buf_add(json, res.body.data, res.body.len);
	pve_http_done(&res);
	return 0;
}

int acme_account_fetch(struct acme_client *c, struct pve_buf *json, struct pve_err *e)
{
	return post_account(c, "the account", "", json, e);
}

int acme_account_update(struct acme_client *c, const struct acme_account_want *want,
			struct pve_buf *json, struct pve_err *e)
{
	PVE_BUF payload = {0};

	pve_buf_putc(&payload, '{');
	if (want->contacts)
		add_contacts(&payload, want->contacts);
	if (want->agree)
		pve_buf_printf(&payload, "%s\"termsOfServiceAgreed\":true",
			       want->contacts ? "," : "");
	pve_buf_putc(&payload, '}');
	return post_account(c, "changing the account", pve_buf_str(&payload), json, e);
}

int acme_account_deactivate(struct acme_client *c, struct pve_buf *json, struct pve_err *e)
{
	int rc = post_account(c, "deactivating the account", "{\"status\":\"deactivated\"}", json, e);

	/* A repetition meets an account that cannot sign any more. */
	if (rc < 0 && c->fate == ACME_REFUSED && strstr(c->problem.detail, "deactivated"))
		rc = 0;
	return rc;
}

/* The inner signature: by the next key, over who it is for and which key it replaces. */
static int key_change(struct acme_client *c, struct pve_buf *out, struct pve_err *e)
{
	const struct acme_signer *s = c->opts.signer;
	PVE_BUF payload = {0};
	PVE_BUF input = {0};
	PVE_BUF signature = {0};
	struct acme_jws jws = {.alg = s->alg[ACME_KEY_NEXT],
			       .jwk = s->jwk[ACME_KEY_NEXT],
			       .url = c->dir.key_change};

	pve_buf_puts(&payload, "{\"account\":");
	pve_acme_quote(&payload, c->opts.kid);
	pve_buf_printf(&payload, ",\"oldKey\":%s}", s->jwk[ACME_KEY_ACCOUNT]);
	jws.payload = (struct pve_span){payload.data, payload.len};
	acme_jws_input(&jws, &input);
	if (s->sign(s->data, ACME_KEY_NEXT, (struct pve_span){input.data, input.len}, &signature, e) <
	    0)
		return -1;
	acme_jws_format((struct pve_span){input.data, input.len},
			(struct pve_span){signature.data, signature.len}, out);
	return 0;
}

/* Does the account go by the next key already? */
static int has_next_key(struct acme_client *c, bool *rolled, struct pve_err *e)
{
	const struct acme_ask ask = {.what = "looking which key the account has",
				     .url = c->dir.new_account,
				     .payload = "{\"onlyReturnExisting\":true}",
				     .key = ACME_KEY_NEXT,
				     .by_jwk = true,
				     .body = ACME_BODY_JSON};
	struct pve_http_res res;

	if (acme_client_ask(c, &ask, &res, e) == 0) {
		*rolled = true;
		pve_http_done(&res);
		return 0;
	}
	*rolled = false;
	return acme_client_refused(c, "accountDoesNotExist") ? 0 : -1;
}

int acme_account_roll(struct acme_client *c, bool *rolled, struct pve_err *e)
{
	PVE_BUF payload = {0};
	struct acme_ask ask = {.what = "changing the key", .url = c->dir.key_change, .once = true};
	struct pve_http_res res;

	*rolled = false;
	if (!c->dir.key_change)
		return pve_err_set(e, PVE_FAILED, "%s offers no change of keys", c->opts.directory);
	if (key_change(c, &payload, e) < 0)
		return -1;
	ask.payload = pve_buf_str(&payload);
	while (!*rolled) {
		if (acme_client_ask(c, &ask, &res, e) == 0) {
			*rolled = true;
			pve_http_done(&res);
		} else if (c->fate != ACME_LOST || has_next_key(c, rolled, e) < 0) {
			return -1;
		}
	}
	return 0;
}
