/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_BUF_H
#define PVECOMMON_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "pvecommon/span.h"

/* A growing byte string.  { 0 } is empty.  data is always NUL-terminated once anything
 * was added (pve_buf_str gives "" before), but may contain NULs. */
struct pve_buf {
	char *data;
	size_t len, cap;
};

void pve_buf_add(struct pve_buf *b, const void *p, size_t n);
void pve_buf_puts(struct pve_buf *b, const char *s);
void pve_buf_putc(struct pve_buf *b, char c);
void pve_buf_span(struct pve_buf *b, struct pve_span s);
void pve_buf_printf(struct pve_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pve_buf_vprintf(struct pve_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Room for n more bytes behind len, which the caller may write and then add to len. */
char *pve_buf_reserve(struct pve_buf *b, size_t n);
const char *pve_buf_str(const struct pve_buf *b);
/* The string itself, to be freed by the caller; the buffer is empty afterwards. */
char *pve_buf_take(struct pve_buf *b);
void pve_buf_done(struct pve_buf *b);

#define PVE_BUF PVE_CLEANUP(pve_buf_done) struct pve_buf

#endif
