/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_BOX_H
#define PVE_ACME_BOX_H

#include <stdbool.h>

#include "pvecommon/buf.h"

/*
 * Keys and values in a box, as the tools of Proxmox VE print the properties of one thing.
 */
struct acme_box_row {
	const char *key;
	const char *value; /* may have several lines */
};

/* Adds the box with a head of "key" and "value"; with lines of box-drawing characters or, when
 * plain, of ASCII.  Control characters are shown as \xHH. */
void acme_box_format(const struct acme_box_row *rows, size_t n, bool plain, struct pve_buf *out);

#endif
