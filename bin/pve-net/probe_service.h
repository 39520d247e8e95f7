/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_SERVICE_H
#define PVE_NET_PROBE_SERVICE_H

#include "service.h"
#include "state.h"

/* Which programs are there, and which clients run for interfaces of the two models: by their
 * pid files, as ifupdown and dhclient(8) leave them. */
void net_services_read(struct net_services *s, struct pve_sys *sys, const struct net_model *old,
		       const struct net_model *want, const struct net_state *now);

#endif
