/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_NODECONF_H
#define PVE_ACME_NODECONF_H

#include "pve-acme/domains.h"
#include "pvecommon/conf_colon.h"

/*
 * The properties of a node's configuration and their values, as Proxmox VE has them
 * (pve-manager, PVE::NodeConfig).
 */
enum {
	ACME_CONF_ACME,
	ACME_CONF_DOMAIN0, /* and the five behind it */
	ACME_CONF_BALLOONING = ACME_CONF_DOMAIN0 + ACME_DOMAIN_KEYS,
	ACME_CONF_DESCRIPTION,
	ACME_CONF_LOCATION,
	ACME_CONF_STARTALL,
	ACME_CONF_WAKEONLAN,
	ACME_CONF_KEYS,
};
extern const char *const acme_conf_keys[ACME_CONF_KEYS + 1]; /* NULL at the end */

/* Sets one property.  PVE_USAGE, and nothing is changed, for a value that Proxmox VE would not
 * read again; names and plugins are looked at by acme_conf_verify. */
int acme_conf_set(struct pve_conf_colon *c, int key, const char *value, struct pve_err *e);
/* Removes the properties named in list, with ',', ';' or blanks between.  PVE_USAGE for one that
 * there cannot be; one that is not there is fine. */
int acme_conf_delete(struct pve_conf_colon *c, const char *list, struct pve_err *e);
/* What is wrong with the properties that are marked in changed, seen in the whole: PVE_USAGE.  What
 * was wrong with others before is no reason to refuse.  domains is what the file says now. */
int acme_conf_verify(const struct pve_conf_colon *c, const bool changed[ACME_CONF_KEYS],
		     struct acme_domains *domains, struct pve_err *e);

#endif
