/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_NETPROC_H
#define PVE_ACME_NETPROC_H

#include "pvecommon/sys.h"

/*
 * The process that talks to the network.  It has no key and no privilege; what it gets from
 * servers it parses here, and what needs a key it asks of the keeper at the other end of fd
 * (msg.h).  Jobs, with what they want -> what they answer:
 *
 *     directory               -> terms, website, "1" for required bindings, names of the CA in CAA
 *                                records with blanks between, then name and text of each profile
 *     register  agree existing bind contact...  -> account URL, JSON
 *     fetch, deactivate       -> JSON
 *     update    agree contact...                -> JSON ("-" alone: contacts stay)
 *     roll                    -> nothing; on failure the fate "rolled" says that it happened
 *     order     csr resume profile replaces chain, then type, value, challenge of each name -> PEM
 *     revoke    der64 reason by-cert            -> nothing
 *     dns       a job of dnsproc.h that needs no credentials: another process is not worth it
 *     renewal   certificate identifier          -> start, end (seconds), explanation, Retry-After
 */

/* For resume of an order: its URL is not known, but a run that died may have placed one. */
#define ACME_ORDER_SEARCH "?"

/* Serves the keeper until it closes its end. */
int acme_netproc(struct pve_sys *sys, int fd, struct pve_err *e);

#endif
