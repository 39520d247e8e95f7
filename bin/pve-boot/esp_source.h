/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_ESP_SOURCE_H
#define PVE_BOOT_ESP_SOURCE_H

#include "esp.h"

/* Between the files probe_esp*.c only. */
struct esp_source {
	int fd; /* of the device, image or directory; owned */
};

/* Adds a node; name is a single name, parent the index of its directory in t->v or SIZE_MAX. */
struct esp_node *esp_add(struct esp_tree *t, size_t parent, const char *name);

/* The directory behind t->source->fd. */
int esp_dir_read(struct esp_tree *t, struct pve_err *e);
int esp_dir_stream(struct esp_tree *t, const struct esp_node *node,
		   int (*each)(void *data, struct pve_span piece, struct pve_err *e), void *data,
		   struct pve_err *e);

#endif
