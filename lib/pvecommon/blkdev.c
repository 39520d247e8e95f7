/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/blkdev.h"

#include <string.h>

void pve_blk_list_free(struct pve_blk_list *list)
{
	free(list->dev);
	pve_map_done(&list->index);
	pve_arena_done(&list->mem);
	*list = (struct pve_blk_list){0};
}

static void index_as(struct pve_blk_list *list, const char *name, struct pve_blk_dev *dev)
{
	/* Of two that claim one link, as the paths of a multipath disk do, the first has it. */
	if (!pve_map_get(&list->index, pve_span(name)))
		pve_map_set(&list->index, pve_span(name), dev);
}

void pve_blk_list_index(struct pve_blk_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		index_as(list, list->dev[i].name, &list->dev[i]);
		index_as(list, list->dev[i].node, &list->dev[i]);
	}
	for (size_t i = 0; i < list->n; i++) {
		struct pve_blk_dev *dev = &list->dev[i];

		for (size_t k = 0; k < dev->nlinks; k++)
			index_as(list, dev->link[k], dev);
		if (*dev->dm_name)
			index_as(list, pve_arena_printf(&list->mem, "/dev/mapper/%s", dev->dm_name),
				 dev);
	}
}

const struct pve_blk_dev *pve_blk_find(const struct pve_blk_list *list, const char *name)
{
	return pve_map_get(&list->index, pve_span(name));
}
