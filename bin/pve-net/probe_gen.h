/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_GEN_H
#define PVE_NET_PROBE_GEN_H

#include "gen.h"
#include "stage.h"

/* The generations of a host. */

/* What lies in the store; a store that is not there is empty. */
int net_gen_list(struct pve_sys *sys, struct net_gen_store *store, struct pve_err *e);
/* One of them.  PVE_NOTHERE when there is none of that number. */
int net_gen_read(struct pve_sys *sys, unsigned number, struct net_gen *g, struct pve_err *e);
/* The newest: what was put into effect last, and so what pve-net may count as its own.  Sets
 * *there; without one *g is empty.  An apply that awaits confirmation counts. */
int net_gen_last(struct pve_sys *sys, struct net_gen *g, bool *there, struct pve_err *e);
/* The configuration c, which was read from sys or is to be put there, and the pins (pin.h), as a
 * generation without number: of now, by nobody.  stage: pins that are staged or put count as they
 * will be after an apply; NULL: as they are. */
int net_gen_take(struct pve_sys *sys, const struct net_conf *c, const struct net_stage *stage,
		 struct net_gen *g, struct pve_err *e);
/* Says who runs this, and from where: SUDO_USER or the user of the process, the login uid,
 * SSH_CONNECTION. */
void net_gen_sign(struct pve_sys *sys, struct net_gen *g, const char *via, const char *why);

#endif
