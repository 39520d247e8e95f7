/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ORDER_IMPL_H
#define PVE_ACME_ORDER_IMPL_H

#include "pve-acme/order.h"

/* The parts of an order, between the files order.c, order_place.c and order_authz.c. */

/* Where a task belongs. */
struct acme_where {
	size_t authz;
	const char *url; /* of the challenge */
};

/* One run. */
struct acme_run {
	struct acme_client *c;
	const struct acme_order_want *want;
	const struct acme_order_hooks *hooks;
	char *url;                    /* of the order */
	struct pve_acme_order order;  /* as last seen */
	struct pve_acme_authz *authz; /* by order.authorizations */
	struct acme_task *tasks;
	struct acme_where *where;     /* by task */
	size_t ntasks;
	bool sent;                    /* the certificate request was */
	struct pve_arena mem;         /* of tasks and where, and of their texts */
};

/* --- order_place.c: which order it is ----------------------------------------------------- */

/* Goes on with the order that is to be resumed, or places one; its URL has been kept then. */
int acme_run_find(struct acme_run *r, struct pve_err *e);
/* The order as the server has it now; *res is the answer, for its Retry-After, and ends with
 * pve_http_done. */
int acme_run_fetch(struct acme_run *r, struct pve_http_res *res, struct pve_err *e);
/* The order out of an answer that holds it. */
int acme_run_take(struct acme_run *r, const struct pve_http_res *res, struct pve_err *e);
/* Can an order of this status still come to a certificate, or has it? */
bool acme_run_open(const char *status);

/* --- order_authz.c: that the names are ours ----------------------------------------------- */

/* All challenges are prepared before the first is named to the server, so that they are waited
 * for together. */
int acme_run_authorize(struct acme_run *r, struct pve_err *e);
/* What an order came to nothing for: its own error, and those of its authorizations; -1. */
int acme_run_failed(struct acme_run *r, struct pve_err *e);
/* An order that is given up leaves no open authorizations behind: servers limit their number. */
void acme_run_abandon(struct acme_run *r);

#endif
