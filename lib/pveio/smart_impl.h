/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_SMART_IMPL_H
#define PVEIO_SMART_IMPL_H

#include <jansson.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/* Between smart_load.c and smart_json.c only.  The text as objects that live in *mem and must not
 * be freed one by one: there are a thousand in a report, and to free them costs half as much as
 * to read it.  NULL and *why when it is no JSON. */
json_t *pve_smart_load(struct pve_arena *mem, struct pve_span bytes, json_error_t *why);

#endif
