/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ACCOUNT_H
#define PVE_ACME_ACCOUNT_H

#include "pve-acme/client.h"

/*
 * Accounts at the server (RFC 8555, section 7.3).  Each function that gives one adds the server's
 * own JSON of it to json, and sets the client's kid.
 */
struct acme_account_want {
	const char *const *contacts; /* "mailto:..." and the like, then NULL; NULL: leave them */
	bool agree;                  /* to the terms of service */
	bool existing;               /* only find the account that this key has */
	bool bind;                   /* send an external account binding */
};

/* Makes the account for the signer's key, or finds the one that the key has already.
 * PVE_NOTHERE: there is none, and existing was set. */
int acme_account_register(struct acme_client *c, const struct acme_account_want *want,
			  struct pve_buf *json, struct pve_err *e);
int acme_account_fetch(struct acme_client *c, struct pve_buf *json, struct pve_err *e);
int acme_account_update(struct acme_client *c, const struct acme_account_want *want,
			struct pve_buf *json, struct pve_err *e);
/* Forever.  One that is deactivated already is fine. */
int acme_account_deactivate(struct acme_client *c, struct pve_buf *json, struct pve_err *e);
/* Gives the account the key ACME_KEY_NEXT (section 7.3.5).  When the answer is lost the server
 * is asked which key it goes by: *rolled says so, also on failure. */
int acme_account_roll(struct acme_client *c, bool *rolled, struct pve_err *e);

#endif
