/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ACCOUNTS_H
#define PVE_ACME_ACCOUNTS_H

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/strv.h"
#include "pveio/json.h"
#include "pveio/pkey.h"

/*
 * An account as it is kept, /etc/pve/priv/acme/NAME: a JSON object of
 *
 *     account      what the server says of it, word by word
 *     directory    URL ("directoryUrl" as Proxmox Backup Server writes it is read as well)
 *     key          PEM
 *     location     URL of the account; missing until the server has answered
 *     tos          URL of the terms that were agreed to; optional
 *
 * and members that we do not know, which stay.
 */
struct acme_stored {
	struct pve_json *json;
	const char *directory; /* these live until the member is set again */
	const char *key;
	const char *location;  /* NULL: not known, so perhaps there is no account */
	const char *tos;       /* NULL */
	const char *eab_kid;   /* of the external account that it is bound to; NULL */
};

/* The kind of an account's key when none is asked for.  Certificates have P-256; accounts cannot: the client of
 * Proxmox VE reads a key with Crypt::OpenSSL::RSA and signs by RS256 only, and an account is for
 * both in turn.  Of RSA keys 2048 bits are what every CA takes and what signs ten requests in few
 * milliseconds. */
#define ACME_ACCOUNT_KEY PVE_PKEY_RSA2048

/* Reads *a, which must be { 0 }.  PVE_DATA when it is no such object; *a stays { 0 } then. */
int acme_stored_parse(struct acme_stored *a, struct pve_span text, struct pve_err *e);
/* A new one, not known to the server yet. */
int acme_stored_init(struct acme_stored *a, const char *directory, const struct pve_pkey *key,
		     struct pve_err *e);
void acme_stored_format(const struct acme_stored *a, struct pve_buf *text);
void acme_stored_done(struct acme_stored *a);

/* Takes what the server said of it; location NULL: as before. */
int acme_stored_set_account(struct acme_stored *a, const char *json, const char *location,
			    struct pve_err *e);
/* Sets one of its texts: "tos", "eabKid", "directory". */
int acme_stored_set(struct acme_stored *a, const char *member, const char *text, struct pve_err *e);
int acme_stored_set_key(struct acme_stored *a, const struct pve_pkey *key, struct pve_err *e);

/* The word of the server: "valid", "deactivated", "revoked"; "unregistered" when there is none.
 * Adds the contacts to contacts, which may be NULL. */
char *acme_stored_status(const struct acme_stored *a, struct pve_strv *contacts);

/* The contacts as the protocol wants them, URLs, from words that may hold several with ',', ';' or
 * blanks between; one that is no URL is a mail address.  PVE_USAGE for one that cannot be any. */
int acme_contacts(const struct pve_strv *words, size_t from, struct pve_strv *urls,
		  struct pve_err *e);

#endif
