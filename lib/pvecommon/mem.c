/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ARENA_FIRST (4 * 1024 - 64) /* of an arena's blocks; each next one is twice as large */
#define ARENA_BLOCK (64 * 1024 - 64)

/* Objects fill a block from its begin, strings, which need no alignment, from its end. */
struct pve_arena_block {
	struct pve_arena_block *next;
	size_t size;
	size_t used; /* bytes of objects; a multiple of the alignment */
	size_t end;  /* where the strings begin */
	alignas(PVE_ARENA_ALIGN) char data[];
};

static void *checked(void *p)
{
	if (!p)
		abort();
	return p;
}

void *pve_malloc(size_t n)
{
	return checked(malloc(n ? n : 1));
}

void *pve_calloc(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size ? size : 1));
}

void *pve_realloc(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *pve_strdup(const char *s)
{
	return checked(strdup(s));
}

char *pve_strndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

char *pve_vasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	return s;
}

char *pve_asprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = pve_vasprintf(fmt, ap);
	va_end(ap);
	return s;
}

void *pve_grow(void *array, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	if (*cap > SIZE_MAX / 2)
		abort();
	*cap = *cap ? *cap * 2 : 8;
	return pve_realloc(array, *cap, size);
}

int pve_take_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

void *pve_take_ptr_(void *pp)
{
	void *p;

	memcpy(&p, pp, sizeof(p));
	memset(pp, 0, sizeof(p));
	return p;
}

void pve_cleanup_free(void *pp)
{
	free(pve_take_ptr_(pp));
}

void pve_cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void pve_cleanup_fclose(void *pp)
{
	FILE *f = pve_take_ptr_(pp);

	if (f)
		fclose(f);
}

/* A block with room for n bytes. */
static struct pve_arena_block *block_for(struct pve_arena *a, size_t n)
{
	struct pve_arena_block *b = a->head;
	size_t size = b ? 2 * b->size : ARENA_FIRST;

	if (n > SIZE_MAX / 2)
		abort();
	if (b && b->end - b->used >= n)
		return b;
	if (size > ARENA_BLOCK)
		size = ARENA_BLOCK;
	if (size < n)
		size = n;
	b = pve_malloc(sizeof(*b) + size);
	*b = (struct pve_arena_block){.next = a->head, .size = size, .end = size};
	/* What is large has a block to itself, and the one that was being filled stays so. */
	if (size > ARENA_BLOCK && a->head) {
		b->next = a->head->next;
		return a->head->next = b;
	}
	return a->head = b;
}

/* n bytes of any alignment, not zeroed. */
static char *take_bytes(struct pve_arena *a, size_t n)
{
	struct pve_arena_block *b = block_for(a, n);

	b->end -= n;
	return b->data + b->end;
}

void *pve_arena_alloc(struct pve_arena *a, size_t n)
{
	const size_t align = PVE_ARENA_ALIGN;
	struct pve_arena_block *b;

	if (n > SIZE_MAX / 2)
		abort();
	n = (n + align - 1) & ~(align - 1);
	b = block_for(a, n);
	b->used += n;
	return memset(b->data + b->used - n, 0, n);
}

void *pve_arena_copy(struct pve_arena *a, const void *p, size_t n)
{
	void *copy = pve_arena_alloc(a, n);

	return n ? memcpy(copy, p, n) : copy;
}

char *pve_arena_memdup(struct pve_arena *a, const void *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		abort();
	copy = take_bytes(a, n + 1);
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *pve_arena_strdup(struct pve_arena *a, const char *s)
{
	return pve_arena_memdup(a, s, strlen(s));
}

/* Most texts are short, so that they are made once only. */
char *pve_arena_vprintf(struct pve_arena *a, const char *fmt, va_list ap)
{
	char text[256], *s;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(text, sizeof(text), fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	if ((size_t)n < sizeof(text))
		return pve_arena_memdup(a, text, (size_t)n);
	s = pve_arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	return s;
}

char *pve_arena_printf(struct pve_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = pve_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void pve_arena_done(struct pve_arena *a)
{
	struct pve_arena_block *b, *next;

	for (b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
}
