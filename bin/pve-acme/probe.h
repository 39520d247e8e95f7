/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_PROBE_H
#define PVE_ACME_PROBE_H

#include "pve-acme/accounts.h"
#include "pve-acme/domains.h"
#include "pve-acme/node.h"
#include "pve-acme/plugins.h"
#include "pve-acme/renewal.h"
#include "pvecommon/plan.h"
#include "pvecommon/sys.h"

/*
 * What is configured on this host.
 */
struct acme_file {
	struct pve_buf bytes;
	bool there;
};

struct acme_host {
	struct acme_node node;
	struct acme_file config_file, plugins_file;
	struct pve_conf_colon config;
	struct pve_conf_section_file sections;
	struct acme_domains domains;
	struct acme_plugins plugins;
	struct pve_diags diags; /* all that is wrong in the two files */
};

/* PVE_NOTHERE when it cannot be told which node this is.  Missing files are empty ones; what is
 * wrong in them is no error but in h->diags.  *h must be { 0 }; ends with acme_host_done, also
 * on failure. */
int acme_host_read(struct acme_host *h, struct pve_sys *sys, struct pve_err *e);
void acme_host_done(struct acme_host *h);
#define ACME_HOST PVE_CLEANUP(acme_host_done) struct acme_host

/* Can files below /etc/pve be written?  PVE_NOTHERE when the node's folder is not there, PVE_AGAIN
 * when the cluster has no quorum.  To be asked before anything is begun. */
int acme_host_writable(const struct acme_host *h, struct pve_sys *sys, struct pve_err *e);

/* The plugin that a domain is validated with.  NULL with PVE_CONFIG when there is no such plugin,
 * it is disabled, this node may not use it, or it cannot validate such a name; the message says how
 * to mend that. */
const struct acme_plugin *acme_host_plugin(const struct acme_host *h, const struct acme_domain *d,
					   struct pve_err *e);

/* The bytes of a file of the host; a missing one is empty and not f->there. */
int acme_file_read(struct acme_file *f, struct pve_sys *sys, const char *path, struct pve_err *e);
void acme_file_done(struct acme_file *f);
#define ACME_FILE PVE_CLEANUP(acme_file_done) struct acme_file
static inline struct pve_span acme_file_span(const struct acme_file *f)
{
	return (struct pve_span){pve_buf_str(&f->bytes), f->bytes.len};
}
/* For the guard of a plan: NULL when there is no such file. */
const struct pve_span *acme_file_was(const struct acme_file *f, struct pve_span *span);
/* Is the SHA-1 of its bytes that digest (NULL: it is)?  PVE_AGAIN when it is not, in the words of
 * Proxmox VE. */
int acme_file_is(const struct acme_file *f, const char *digest, struct pve_err *e);
/* Fails with PVE_DENIED, and says how to mend it, when others than its owner can read a file with
 * a private key, or credentials.  pmxcfs sees to that by itself. */
int acme_file_private(struct pve_sys *sys, const char *path, struct pve_err *e);

/* The accounts by name, in byte order. */
int acme_accounts_list(struct pve_sys *sys, struct pve_strv *names, struct pve_err *e);
/* "/etc/pve/priv/acme/NAME"; to be freed. */
char *acme_account_path(const char *name);
/* PVE_USAGE when name cannot be one, PVE_NOTHERE when there is no such account, PVE_DENIED when its
 * file is not private.  file, for the guard of a plan, may be NULL. */
int acme_account_read(struct acme_stored *a, struct acme_file *file, struct pve_sys *sys,
		      const char *name, struct pve_err *e);

/* --- what is remembered, and what is shown -------------------------------------------------- */

/* The memory of renewals; none is an empty one.  file is for the guard of a plan. */
int acme_renewal_read(struct acme_renewal *r, struct acme_file *file, struct pve_sys *sys,
		      struct pve_err *e);
/* Adds the steps that write it. */
void acme_renewal_plan(const struct acme_renewal *r, const struct acme_file *file,
		       struct pve_sys *sys, struct pve_plan *plan);
/* The chain of the web interface.  1 when there is one, 0 when there is none; -1 also when it cannot be
 * read: PVE_DATA. */
int acme_chain_read(struct pve_chain *chain, const struct acme_host *h, struct pve_sys *sys,
		    struct pve_err *e);

#endif
