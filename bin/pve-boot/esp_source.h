/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_ESP_SOURCE_H
#define PVE_BOOT_ESP_SOURCE_H

#include "esp.h"
#include "pvecommon/fat.h"

/* Between the files probe_esp*.c only. */
struct esp_source {
	int fd;    /* of the device, image or directory; owned */
	bool cold; /* what the kernel has cached is dropped before it is read */

	/* Of devices and images only. */
	struct pve_fat fat;
	struct pve_fat_tree tree; /* what the nodes' names point into */
	size_t told;              /* damage of that tree which is in the ESP's */
};

/* The directory behind t->source->fd. */
int esp_dir_read(struct esp_tree *t, struct pve_err *e);
int esp_dir_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
		   struct pve_err *e);
int esp_dir_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e);

/* The device or image behind it. */
int esp_fat_read(struct esp_tree *t, struct pve_err *e);
int esp_fat_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
		   struct pve_err *e);
int esp_fat_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e);

#endif
