/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_LOCKOUT_H
#define PVE_NET_PROBE_LOCKOUT_H

#include "lockout.h"
#include "pvecommon/sys.h"

/* Finds the ways of this host: live is its state with addresses and routes; the rest is read
 * here.  Files that are not there stand for nothing to lose; others that cannot be read are
 * errors. */
int net_ways_read(struct net_ways *w, struct pve_sys *sys, const struct pve_nl_snapshot *live,
		  struct pve_err *e);

#endif
