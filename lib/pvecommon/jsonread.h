/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_JSONREAD_H
#define PVECOMMON_JSONREAD_H

#include <stdint.h>

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * JSON (RFC 8259) that is looked at and thrown away, such as a report of smartctl.  One pass notes
 * where each value begins; names are compared and numbers read where they stand, when somebody
 * asks.  jansson makes an object of each value, with a table for each that has members, which
 * costs ten times as much; for JSON that is written or kept it is the one to use.
 */

/* A value.  What it is its first byte says: { [ " t f n or that of a number.  Behind a container
 * lie the values in it; in an object each has its name, a string, before it. */
struct pve_jsonval {
	const char *p; /* in the text */
	uint32_t len;  /* bytes of it; of a container how many values are in it */
	uint32_t span; /* values from this one to the next beside it; 1 but for containers */
};

struct pve_jsontext {
	struct pve_jsonval *v; /* n, the outermost first */
	size_t n, cap;
	const char *why;       /* it is none, in a few words; "" */
	unsigned line;         /* where, from 1 */
	bool cut;              /* it would need to go on: nothing before its end is wrong */
};

/* Reads a text, which must stay: values point into it.  The outermost value, or NULL with why.
 * Bytes that are no UTF-8 are taken as they are, numbers have no limits, and of members with one
 * name the last counts.  *t ends with pve_jsontext_done, which ends the values, too. */
const struct pve_jsonval *pve_jsontext_parse(struct pve_jsontext *t, struct pve_span text);
void pve_jsontext_done(struct pve_jsontext *t);

/* All of these take NULL, and a value of another kind, for one that is not there. */

/* The member at a path like "device.protocol"; NULL when there is none.  Names are compared as
 * they stand, escapes and all. */
const struct pve_jsonval *pve_jsonval_at(const struct pve_jsonval *o, const char *path);
/* The element of an array behind this one, or the first (NULL); NULL behind the last. */
const struct pve_jsonval *pve_jsonval_next(const struct pve_jsonval *array,
					   const struct pve_jsonval *v);
/* 1 true, 0 false, else -1. */
int pve_jsonval_bool(const struct pve_jsonval *v);
/* A number from min to max, else other; what stands behind a decimal point is dropped. */
int64_t pve_jsonval_int(const struct pve_jsonval *v, int64_t min, int64_t max, int64_t other);
/* Is it this string?  Which must have nothing in it that JSON escapes. */
bool pve_jsonval_is(const struct pve_jsonval *v, const char *text);
/* A string, up to the first NUL in it; NULL when it is none.  Half a surrogate is U+FFFD. */
char *pve_jsonval_str(const struct pve_jsonval *v, struct pve_arena *mem);

#endif
