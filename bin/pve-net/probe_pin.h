/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_PIN_H
#define PVE_NET_PROBE_PIN_H

#include "pin.h"
#include "stage.h"
#include "state.h"

/* The pins of a host, the newest first: those that are staged, those in their directory, those
 * of generations.  After a rollback, until the next boot, only the latter know what the files
 * mean by a name that the kernel does not have. */
struct net_pins {
	struct net_pin *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* What cannot be read counts as not there: without it a name is only not known. */
void net_pins_read(struct net_pins *pins, struct pve_sys *sys, const struct net_stage *stage);
void net_pins_done(struct net_pins *pins);
/* Makes both names of a pinned NIC known in *now, which was read from live, where no link has
 * them.  pins must live as long. */
void net_pins_add(const struct net_pins *pins, const struct pve_nl_snapshot *live,
		  struct net_state *now);

#endif
