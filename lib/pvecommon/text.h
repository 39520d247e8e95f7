/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_TEXT_H
#define PVECOMMON_TEXT_H

#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/*
 * Text from the host on its way to people and programs.  A file name or a comment may hold
 * any byte; neither a terminal nor a reader of lines may be driven by it.  "Control" means
 * U+0000..U+001F, U+007F..U+009F and every byte that is not part of valid UTF-8.
 */

/* Bytes of the UTF-8 character at the start of s (1 to 4), 0 when there is none: empty,
 * cut, overlong, a surrogate, or above U+10FFFF (RFC 3629, section 4). */
size_t pve_utf8_len(struct pve_span s);

/* Writes a character as UTF-8, U+FFFD for what is none; returns the end: up to four bytes on. */
char *pve_utf8_put(char *to, uint32_t c);
/* Writes UTF-16, little-endian, up to its NUL or its end, as UTF-8 with a NUL behind; U+FFFD for
 * half a surrogate pair.  to has room for three bytes a unit and one more.  Returns where the NUL
 * is. */
char *pve_utf16_put(char *to, struct pve_span units);

/* Adds s for the field of a tab-separated line: \t \n \r \\ as such, other controls as
 * \xHH for each byte.  The result is one line of valid UTF-8, and pve_text_unescape gives
 * back the same bytes. */
void pve_text_escape(struct pve_buf *b, struct pve_span s);
/* The reverse; a backslash that starts none of these sequences stands for itself. */
void pve_text_unescape(struct pve_buf *b, struct pve_span s);
/* Adds s for people: every control byte as \xHH, all else, backslashes too, as it is. */
void pve_text_safe(struct pve_buf *b, struct pve_span s);
/* Adds s with U+FFFD in place of each byte that is not part of valid UTF-8. */
void pve_text_repair(struct pve_buf *b, struct pve_span s);

#endif
