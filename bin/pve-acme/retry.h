/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_RETRY_H
#define PVE_ACME_RETRY_H

#include <stdint.h>
#include <time.h>

#include "pvecommon/span.h"

/* When to ask again. */

/* The seconds from now that a Retry-After means: a number, or a date of HTTP (RFC 9110, section
 * 10.2.3).  -1 when it is neither; a date that is past is 0. */
int64_t acme_retry_after(struct pve_span value, time_t now);

/* The pause in ms before the n-th repetition (from 0) of a request that failed: 100 ms, doubled
 * each time up to 5 s, less a random part of up to a quarter; random is any number. */
unsigned acme_retry_pause(unsigned n, uint32_t random);

/* The pause in ms before the n-th look (from 0) whether the server is done: 50 ms at first, since
 * it often is, doubled each time up to 5 s. */
unsigned acme_poll_pause(unsigned n);

#endif
