/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the configuration of a guest: tags and trunks stay within the ids of VLANs, and every
 * port that was found has a table. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "pve-net/guests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_guests g = {0};

	net_guests_parse(&g, 100, (struct pve_span){(const char *)data, size});
	for (size_t i = 0; i < g.n; i++) {
		struct net_vlans table = {0};
		char name[32];

		snprintf(name, sizeof(name), "tap%ui%u", g.v[i].guest, g.v[i].nic);
		if (g.v[i].tag > 4094 || !net_guest_vlans(&g, name, &table) ||
		    !net_vids_has(&table.all, table.pvid) || net_vids_has(&table.all, 4095))
			abort();
	}
	net_guests_done(&g);
	return 0;
}
