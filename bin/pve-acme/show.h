/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_SHOW_H
#define PVE_ACME_SHOW_H

#include "pve-acme/box.h"
#include "pvecommon/cmd.h"
#include "pvecommon/mem.h"

/* Does the user want rows (-H, --json, -o), rather than the shape that people know? */
bool acme_show_rows(const struct pve_ctx *ctx);
/* Prints the properties of one thing: in a box for people, else as rows of the columns key and value
 * (which must be the first two of ctx->cmd's).  0, or -1 with ctx->err. */
int acme_show_box(struct pve_ctx *ctx, const struct acme_box_row *rows, size_t n);
/* ISO 8601; for one use in a row. */
const char *acme_show_time(struct pve_arena *mem, time_t t);

#endif
