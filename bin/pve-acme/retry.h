/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_RETRY_H
#define PVE_ACME_RETRY_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "pvecommon/span.h"

/* When to ask again. */

/* The seconds from now that a Retry-After means: a number, or a date of HTTP (RFC 9110, section
 * 10.2.3).  -1 when it is neither; a date that is past is 0. */
int64_t acme_retry_after(struct pve_span value, time_t now);

/* A date of HTTP (section 5.6.7), in each of its three forms; 0 when it is none. */
time_t acme_http_date(struct pve_span value);

/* How far the clock of this host is ahead of a server's, in seconds (behind it: negative), by the fields
 * Date and Age of an answer, .p NULL where there is none: a cache may have kept it for a while (RFC
 * 9111, section 5.1).  0 when it cannot be told. */
int64_t acme_clock_skew(struct pve_span date, struct pve_span age, time_t now);
#define ACME_SKEW_SAID 300     /* seconds: from there on it is said */
#define ACME_SKEW_WRONG 86400  /* from there on nothing is begun */
/* "12 minutes ahead of", "3 days behind". */
#define ACME_SKEW_TEXT 64
char *acme_skew_text(int64_t skew, char text[ACME_SKEW_TEXT]);
bool acme_skew_said(int64_t skew);
/* What is said of it: owned; NULL when nothing is. */
char *acme_skew_warning(int64_t skew);

/* The pause in ms before the n-th repetition (from 0) of a request that failed: 100 ms, doubled
 * each time up to 5 s, less a random part of up to a quarter; random is any number. */
unsigned acme_retry_pause(unsigned n, uint32_t random);

/* The pause in ms before the n-th look (from 0) whether the server is done: 50 ms at first, since
 * it often is, doubled each time up to 5 s. */
unsigned acme_poll_pause(unsigned n);

#endif
