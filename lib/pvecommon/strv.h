/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_STRV_H
#define PVECOMMON_STRV_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/span.h"

/* A list of owned strings.  v is NULL-terminated once anything was added, so it can be
 * passed to execv().  { 0 } is empty. */
struct pve_strv {
	char **v;
	size_t n, cap;
};

void pve_strv_add(struct pve_strv *l, const char *s);
void pve_strv_add_span(struct pve_strv *l, struct pve_span s);
void pve_strv_addf(struct pve_strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes over s, which was malloc'ed. */
void pve_strv_take(struct pve_strv *l, char *s);
/* Adds the pieces of s between any of the characters in seps; empty pieces are left out. */
void pve_strv_split(struct pve_strv *l, struct pve_span s, const char *seps);
bool pve_strv_has(const struct pve_strv *l, const char *s);
/* Byte order; duplicates stay. */
void pve_strv_sort(struct pve_strv *l);
/* Drops equal neighbours: sort first to drop all duplicates. */
void pve_strv_uniq(struct pve_strv *l);
/* The strings with sep between them; the caller frees the result. */
char *pve_strv_join(const struct pve_strv *l, const char *sep);
void pve_strv_done(struct pve_strv *l);

#define PVE_STRV PVE_CLEANUP(pve_strv_done) struct pve_strv

/* How many single-character edits (insert, delete, replace, swap of neighbours) turn a
 * into b: the optimal string alignment distance, for "did you mean".  Strings over 63
 * bytes are SIZE_MAX apart. */
size_t pve_str_distance(const char *a, const char *b);
/* The candidate nearest to word, or NULL when none is near: at most a third of the
 * word's length, and at most two, edits away. */
const char *pve_str_nearest(const char *word, const char *const *candidates);

#endif
