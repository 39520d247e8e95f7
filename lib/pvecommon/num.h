/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_NUM_H
#define PVECOMMON_NUM_H

#include <stdint.h>
#include <time.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/*
 * Numbers in text.  The whole string must be the number: no blanks, no sign where none
 * makes sense, nothing behind it; outside [min, max] is an error.  On failure the result
 * is untouched, the code is PVE_USAGE and the message names the string and the range.
 */

/* Decimal digits only. */
int pve_num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out, struct pve_err *e);
/* An optional minus, then decimal digits. */
int pve_num_i64(const char *s, int64_t min, int64_t max, int64_t *out, struct pve_err *e);
/* Bytes: digits, an optional fraction (not of bytes), an optional unit K M G T P E, which
 * may be followed by iB or B.  All units are powers of 1024, as LVM, ZFS and Proxmox VE
 * read them: 512M, 1.5G, 8GiB. */
int pve_num_size(const char *s, uint64_t min, uint64_t max, uint64_t *bytes, struct pve_err *e);
/* Seconds: digits with an optional unit s, min, h, d, w, and sums of them: 90, 1h30min. */
int pve_num_duration(const char *s, uint64_t min, uint64_t max, uint64_t *seconds,
		     struct pve_err *e);
/* Digits only, for parsers of files: returns 0 and sets *out, or -1. */
int pve_num_span(struct pve_span s, uint64_t max, uint64_t *out);

#define PVE_SIZE_TEXT 24
/* Bytes for people: up to three digits and an IEC unit, rounded half up: 0B, 1023B, 1.0K,
 * 9.9G, 512M. */
char *pve_num_size_text(uint64_t bytes, char text[PVE_SIZE_TEXT]);

#define PVE_TIME_TEXT 32
/* ISO 8601 in UTC with seconds: 2026-11-24T00:13:46Z. */
char *pve_num_time_text(time_t t, char text[PVE_TIME_TEXT]);

#endif
