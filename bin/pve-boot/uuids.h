/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_UUIDS_H
#define PVE_BOOT_UUIDS_H

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/* Editing the list of ESPs (esp.h, ESP_LIST).  No other line changes. */

/* The text with a line for the UUID at its end, unless it has one; added to out. */
void boot_uuids_add(struct pve_span text, const char *uuid, struct pve_buf *out);
/* The text without the lines of the UUID, in upper or lower case; added to out. */
void boot_uuids_remove(struct pve_span text, const char *uuid, struct pve_buf *out);

#endif
