/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_pin.h"

#include <linux/if_arp.h>

#include "probe_gen.h"
#include "pvecommon/fs.h"

static void add(struct net_pins *pins, struct pve_span text)
{
	struct net_pin pin;

	if (!net_pin_parse(text, &pins->mem, &pin))
		return;
	pins->v = pve_grow(pins->v, pins->n, &pins->cap, sizeof(*pins->v));
	pins->v[pins->n++] = pin;
}

static void add_directory(struct net_pins *pins, struct pve_sys *sys)
{
	PVE_STRV names = {0};

	pve_fs_list(sys, NET_PIN_DIR, &names, NULL);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf(NET_PIN_DIR "/%s", names.v[i]);
		PVE_BUF text = {0};

		if (net_pin_is_path(path) && pve_fs_read(sys, path, 65536, &text, NULL, NULL) == 0)
			add(pins, (struct pve_span){text.data, text.len});
	}
}

static void add_generations(struct net_pins *pins, struct pve_sys *sys)
{
	NET_GEN_STORE store = {0};

	net_gen_list(sys, &store, NULL);
	for (size_t i = store.n; i-- > 0;) {
		NET_GEN g = {0};

		if (net_gen_read(sys, store.number[i], &g, NULL) < 0)
			continue;
		for (size_t k = 0; k < g.nfiles; k++)
			if (net_pin_is_path(g.file[k].path))
				add(pins, g.file[k].bytes);
	}
}

void net_pins_read(struct net_pins *pins, struct pve_sys *sys, const struct net_stage *stage)
{
	for (size_t i = 0; i < stage->n; i++)
		if (net_pin_is_path(stage->v[i]->path))
			add(pins, net_stage_bytes(stage->v[i]));
	add_directory(pins, sys);
	add_generations(pins, sys);
}

void net_pins_done(struct net_pins *pins)
{
	free(pins->v);
	pve_arena_done(&pins->mem);
	*pins = (struct net_pins){0};
}

/* A bond gives all its slaves one address, so the permanent one counts where it is told. */
static const struct pve_nl_link *nic_of(const struct pve_nl_snapshot *live, const char *mac)
{
	for (size_t i = 0; i < live->nlinks; i++) {
		const struct pve_nl_link *l = &live->link[i];

		if (!*l->kind && l->type == ARPHRD_ETHER &&
		    strcmp(*l->perm_mac ? l->perm_mac : l->mac, mac) == 0)
			return l;
	}
	return NULL;
}

void net_pins_add(const struct net_pins *pins, const struct pve_nl_snapshot *live,
		  struct net_state *now)
{
	for (size_t i = 0; i < pins->n; i++) {
		const struct net_pin *pin = &pins->v[i];
		const struct pve_nl_link *nic = nic_of(live, pin->mac);
		struct net_link *l = nic ? net_state_find(now, nic->name) : NULL;

		if (l && !net_state_find(now, pin->name))
			pve_map_set(&now->by_name, pve_span(pin->name), l);
		if (l && pin->was && !net_state_find(now, pin->was))
			pve_map_set(&now->by_name, pve_span(pin->was), l);
	}
}
