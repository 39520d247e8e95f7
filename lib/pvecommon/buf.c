/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/buf.h"

#include <stdint.h>
#include <stdio.h>

#include "pvecommon/mem.h"

char *pve_buf_reserve(struct pve_buf *b, size_t n)
{
	size_t want, cap = b->cap ? b->cap * 2 : 64;

	if (n > SIZE_MAX / 2 - b->len - 1)
		abort();
	want = b->len + n + 1;
	if (want > b->cap) {
		/* Twice as much, so that many small additions cost little; but a large one, which is
		 * often the only one, gets no more than it asks for. */
		if (cap < want)
			cap = want;
		b->data = pve_realloc(b->data, cap, 1);
		b->cap = cap;
	}
	return b->data + b->len;
}

void pve_buf_add(struct pve_buf *b, const void *p, size_t n)
{
	char *end = pve_buf_reserve(b, n);

	if (n)
		memcpy(end, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void pve_buf_puts(struct pve_buf *b, const char *s)
{
	pve_buf_add(b, s, strlen(s));
}

void pve_buf_putc(struct pve_buf *b, char c)
{
	pve_buf_add(b, &c, 1);
}

void pve_buf_span(struct pve_buf *b, struct pve_span s)
{
	pve_buf_add(b, s.p, s.len);
}

void pve_buf_vprintf(struct pve_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	vsnprintf(pve_buf_reserve(b, (size_t)n), (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void pve_buf_printf(struct pve_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *pve_buf_str(const struct pve_buf *b)
{
	return b->data ? b->data : "";
}

char *pve_buf_take(struct pve_buf *b)
{
	char *s = b->data ? b->data : pve_strdup("");

	*b = (struct pve_buf){0};
	return s;
}

void pve_buf_done(struct pve_buf *b)
{
	free(b->data);
	*b = (struct pve_buf){0};
}
