/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_DOMAINS_H
#define PVE_ACME_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/conf_colon.h"

/*
 * The names that a node wants a certificate for, from its configuration:
 *
 *     acme: account=NAME,domains=a.example;b.example
 *     acmedomain0: c.example,plugin=ID,alias=d.example          (and so on, up to acmedomain5)
 *
 * Proxmox VE takes names of two labels and more.  We take wildcards and addresses too, when the
 * file holds them; Proxmox VE ignores such a line, and loses it when it writes the file anew.
 */
#define ACME_DOMAIN_KEYS 6       /* acmedomain0 to acmedomain5 */
#define ACME_STANDALONE "standalone" /* the plugin that is always there */
#define ACME_DEFAULT_ACCOUNT "default"

struct acme_domain {
	const char *name;   /* lower case: "a.example", "*.a.example", "192.0.2.1", "2001:db8::1" */
	const char *plugin; /* ID */
	const char *alias;  /* whose _acme-challenge is used instead; NULL */
	char key[16];       /* the key that names it: "acme", "acmedomain2" */
	unsigned line;
	bool foreign;       /* Proxmox VE would not take it */
};

struct acme_domains {
	const char *account; /* name */
	struct acme_domain *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Reads *d, which must be { 0 }, out of a configuration.  Errors in diags at lines of file (a name
 * for messages, borrowed): values that cannot be read, names that are none, a name given twice.
 * What is wrong is left out. */
void acme_domains_parse(struct acme_domains *d, const struct pve_conf_colon *config,
			const char *file, struct pve_diags *diags);
void acme_domains_done(struct acme_domains *d);

/* By its name, or NULL. */
const struct acme_domain *acme_domains_find(const struct acme_domains *d, const char *name);

/* What Proxmox VE calls an ID, of accounts and plugins: a letter, then at least one more letter,
 * digit, '-' or '_'. */
bool acme_is_id(const char *text);

#endif
