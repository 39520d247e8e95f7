/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_INSTALL_H
#define PVE_ACME_INSTALL_H

#include "pve-acme/probe.h"
#include "pvecommon/apply.h"
#include "pvecommon/exec.h"
#include "pveio/x509.h"

/*
 * Putting the certificate of the web interface into place: certificate and key are swapped as one,
 * through the executor; then pveproxy is reloaded, and one handshake with it must show the new
 * certificate, or the old pair comes back and is loaded again.  A run that dies in the middle is
 * undone by the next run of any command that changes something.
 */

/* Begins a change with all functions that a plan of this tool may name, so that any command can
 * bring an interrupted run of any other to its end.  Use it instead of pve_ctx_begin. */
int acme_change_begin(struct pve_ctx *ctx, struct pve_change *change);

struct acme_pair {
	struct pve_span chain; /* PEM, what is to be in the file */
	struct pve_span key;   /* PEM; .p NULL: the key stays */
};

/* Adds the steps that put the pair there.  chain must be the parsed pair->chain.  restart: load and
 * verify it, too; with --root that is left out.  Says what will be different. */
int acme_install_plan(struct pve_ctx *ctx, const struct acme_host *h, const struct acme_pair *pair,
		      const struct pve_chain *chain, bool restart, struct pve_plan *plan);
/* Adds the steps that take certificate and key away, so that pve-ssl.pem is shown again. */
int acme_uninstall_plan(struct pve_ctx *ctx, const struct acme_host *h, bool restart,
			struct pve_plan *plan);

/* Is there anything wrong with a pair that would be installed?  PVE_DATA with all that is wrong, a
 * line each.  names: of the host, or NULL when they do not matter.  With force what is merely odd
 * (names, expiry) is left out. */
int acme_pair_check(const struct pve_chain *chain, const struct pve_pkey *key,
		    const struct acme_domains *names, const char *node, time_t now, bool force,
		    struct pve_err *e);

#endif
