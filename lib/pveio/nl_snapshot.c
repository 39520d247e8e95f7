/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The snapshot as a data structure; pure. */
#include "pveio/nl.h"

struct pve_nl_link *pve_nl_link_add(struct pve_nl_snapshot *s)
{
	struct pve_nl_link *l;

	s->link = pve_grow(s->link, s->nlinks, &s->links_cap, sizeof(*s->link));
	l = &s->link[s->nlinks++];
	*l = (struct pve_nl_link){.name = "",
				  .kind = "",
				  .operstate = "unknown",
				  .mac = "",
				  .perm_mac = "",
				  .alias = "",
				  .vlan_id = -1,
				  .bond_mode = -1,
				  .vlan_filtering = -1,
				  .stp = -1};
	return l;
}

static int by_index(const void *a, const void *b)
{
	const struct pve_nl_link *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

void pve_nl_links_sort(struct pve_nl_snapshot *s)
{
	for (size_t i = 1; i < s->nlinks; i++)
		if (s->link[i].index < s->link[i - 1].index) {
			qsort(s->link, s->nlinks, sizeof(*s->link), by_index);
			return;
		}
}

void pve_nl_snapshot_free(struct pve_nl_snapshot *s)
{
	free(s->link);
	free(s->addr);
	free(s->route);
	free(s->vlan);
	free(s->remote);
	pve_arena_done(&s->mem);
	*s = (struct pve_nl_snapshot){0};
}

const struct pve_nl_link *pve_nl_link_by_index(const struct pve_nl_snapshot *s, int index)
{
	struct pve_nl_link key = {.index = index};

	if (!s->nlinks)
		return NULL;
	return bsearch(&key, s->link, s->nlinks, sizeof(key), by_index);
}
