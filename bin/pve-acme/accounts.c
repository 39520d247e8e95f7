/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/accounts.h"

#include <string.h>

#include "pvecommon/mem.h"
#include "pveio/acme.h"

static void find_members(struct acme_stored *a)
{
	a->directory = pve_json_str(a->json, "directory");
	if (!a->directory)
		a->directory = pve_json_str(a->json, "directoryUrl");
	a->key = pve_json_str(a->json, "key");
	a->location = pve_json_str(a->json, "location");
	a->tos = pve_json_str(a->json, "tos");
	a->eab_kid = pve_json_str(a->json, "eabKid");
}

int acme_stored_parse(struct acme_stored *a, struct pve_span text, struct pve_err *e)
{
	struct acme_stored one = {.json = pve_json_parse(text, e)};

	if (!one.json)
		return -1;
	find_members(&one);
	if (!one.directory || !one.key) {
		pve_err_set(e, PVE_DATA, "has no member '%s', so it is no account",
			    one.directory ? "key" : "directory");
		acme_stored_done(&one);
		return -1;
	}
	*a = one;
	return 0;
}

int acme_stored_init(struct acme_stored *a, const char *directory, const struct pve_pkey *key,
		     struct pve_err *e)
{
	*a = (struct acme_stored){.json = pve_json_new()};
	if (acme_stored_set(a, "directory", directory, e) < 0 || acme_stored_set_key(a, key, e) < 0) {
		acme_stored_done(a);
		return -1;
	}
	return 0;
}

void acme_stored_format(const struct acme_stored *a, struct pve_buf *text)
{
	pve_json_format(a->json, text);
}

void acme_stored_done(struct acme_stored *a)
{
	pve_json_free(a->json);
	*a = (struct acme_stored){0};
}

int acme_stored_set(struct acme_stored *a, const char *member, const char *text, struct pve_err *e)
{
	int rc = pve_json_set_str(a->json, member, text, e);

	find_members(a);
	return rc;
}

int acme_stored_set_key(struct acme_stored *a, const struct pve_pkey *key, struct pve_err *e)
{
	PVE_BUF pem = {0};

	pve_pkey_format(key, &pem);
	return acme_stored_set(a, "key", pve_buf_str(&pem), e);
}

int acme_stored_set_account(struct acme_stored *a, const char *json, const char *location,
			    struct pve_err *e)
{
	/* What was read as "directoryUrl" is written as Proxmox VE reads it, too. */
	if (!pve_json_str(a->json, "directory") &&
	    acme_stored_set(a, "directory", a->directory, e) < 0)
		return -1;
	if (pve_json_set(a->json, "account", pve_span(json), e) < 0)
		return -1;
	return location ? acme_stored_set(a, "location", location, e) : 0;
}

char *acme_stored_status(const struct acme_stored *a, struct pve_strv *contacts)
{
	struct pve_acme_account account;
	PVE_BUF json = {0};
	char *status;

	if (!pve_json_get(a->json, "account", &json) ||
	    pve_acme_account_parse(&account, (struct pve_span){json.data, json.len}, NULL) < 0)
		return pve_strdup(a->location ? "unknown" : "unregistered");
	status = pve_strdup(a->location ? account.status : "unregistered");
	for (size_t i = 0; contacts && account.contacts && account.contacts[i]; i++)
		pve_strv_add(contacts, account.contacts[i]);
	pve_arena_done(&account.mem);
	return status;
}

/* "mailto:", "tel:": letters, then digits, '+', '-' and '.' (RFC 3986, section 3.1). */
static bool has_scheme(const char *word)
{
	size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

	return n && word[n] == ':';
}

int acme_contacts(const struct pve_strv *words, size_t from, struct pve_strv *urls,
		  struct pve_err *e)
{
	struct pve_strv each = {0};
	int rc = 0;

	for (size_t i = from; i < words->n; i++)
		pve_strv_split(&each, pve_span(words->v[i]), ",; \t");
	for (size_t i = 0; rc == 0 && i < each.n; i++) {
		const char *at = strchr(each.v[i], '@');

		if (has_scheme(each.v[i]))
			pve_strv_add(urls, each.v[i]);
		else if (at && at > each.v[i] && at[1])
			pve_strv_addf(urls, "mailto:%s", each.v[i]);
		else
			rc = pve_err_set(e, PVE_USAGE,
					 "'%s' is neither a mail address nor a URL of a contact",
					 each.v[i]);
	}
	pve_strv_done(&each);
	return rc;
}
