/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_MEM_H
#define PVECOMMON_MEM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

/*
 * Memory.  Exhaustion ends the process with abort(): no caller could do anything
 * better, and the plan executor treats a process that died as a power cut, so
 * nothing on the host is left half done.  Every other failure is returned.
 */

/* malloc, calloc, realloc, strdup, strndup that never return NULL.  The array forms
 * abort when n * size overflows.  The caller frees the result with free(). */
void *pve_malloc(size_t n) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *pve_calloc(size_t n, size_t size)
	__attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *pve_realloc(void *p, size_t n, size_t size) __attribute__((alloc_size(2, 3)));
char *pve_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *pve_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *pve_asprintf(const char *fmt, ...)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 2)));
char *pve_vasprintf(const char *fmt, va_list ap)
	__attribute__((malloc, returns_nonnull, format(printf, 1, 0)));

/* Makes room for one more element in a growing array: doubles *cap when n reaches it
 * and returns the (perhaps moved) array. */
void *pve_grow(void *array, size_t n, size_t *cap, size_t size);

/*
 * Cleanup on scope exit.  PVE_FREE: free(); PVE_CLOSE: close() unless negative;
 * PVE_FCLOSE: fclose() unless NULL; PVE_CLEANUP(f): f(&variable).
 * pve_take_ptr and pve_take_fd hand the value on and disarm the variable.
 */
#define PVE_CLEANUP(f) __attribute__((cleanup(f)))
#define PVE_FREE PVE_CLEANUP(pve_cleanup_free)
#define PVE_CLOSE PVE_CLEANUP(pve_cleanup_close)
#define PVE_FCLOSE PVE_CLEANUP(pve_cleanup_fclose)
#define pve_take_ptr(p) ((__typeof__(*(p)))pve_take_ptr_(p))
int pve_take_fd(int *fd);

void *pve_take_ptr_(void *pp);
void pve_cleanup_free(void *pp);
void pve_cleanup_close(int *fd);
void pve_cleanup_fclose(void *pp);

/*
 * An arena: many small objects that die together.  Pointers stay valid, and are
 * never moved, until pve_arena_done.  { 0 } is an empty arena.
 */
struct pve_arena {
	struct pve_arena_block *head; /* the block that is being filled; NULL when empty */
};

/* n zeroed bytes aligned for any type but long double. */
#define PVE_ARENA_ALIGN 8
void *pve_arena_alloc(struct pve_arena *a, size_t n) __attribute__((returns_nonnull));
/* A copy of n bytes, aligned likewise. */
void *pve_arena_copy(struct pve_arena *a, const void *p, size_t n)
	__attribute__((returns_nonnull));
/* Strings have no alignment.  memdup: a copy of n bytes with a NUL behind them; the bytes may
 * contain NULs. */
char *pve_arena_strdup(struct pve_arena *a, const char *s) __attribute__((returns_nonnull));
char *pve_arena_memdup(struct pve_arena *a, const void *p, size_t n)
	__attribute__((returns_nonnull));
char *pve_arena_printf(struct pve_arena *a, const char *fmt, ...)
	__attribute__((returns_nonnull, format(printf, 2, 3)));
char *pve_arena_vprintf(struct pve_arena *a, const char *fmt, va_list ap)
	__attribute__((returns_nonnull, format(printf, 2, 0)));
void pve_arena_done(struct pve_arena *a);

#endif
