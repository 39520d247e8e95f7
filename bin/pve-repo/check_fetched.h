/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_CHECK_FETCHED_H
#define PVE_REPO_CHECK_FETCHED_H

#include "pve-repo/keys.h"
#include "pvecommon/findings.h"

/*
 * Findings about keys and about what was fetched, as far as they cost nearly nothing: no program is
 * started and no list is read.  pve-repo verify looks closer.
 */
struct repo_fetched {
	const struct repo_lists *lists;
	const struct repo_keys *keys;
	time_t now;
	time_t refreshed; /* when apt fetched last; 0: not known */
	const char *legacy; /* the file trusted.gpg, if apt of the host's release does not heed it;
			     * else NULL */
};

void repo_check_fetched(const struct repo_fetched *f, struct pve_findings *out);

/* probe_keys.c: reads all that from the host and adds what is found; what cannot be read is an
 * error, and nothing is added. */
int repo_check_fetched_host(const struct repo_host *h, struct repo_aptconf *conf,
			    struct pve_sys *sys, struct pve_findings *out, struct pve_err *e);

#endif
