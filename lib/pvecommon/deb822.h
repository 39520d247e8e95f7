/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DEB822_H
#define PVECOMMON_DEB822_H

#include <stdbool.h>

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/*
 * Reading of deb822 data (deb822(5)) as dpkg and apt write it: /var/lib/dpkg/status, Packages,
 * Release.  Made for speed: tens of megabytes are passed over to find some hundred stanzas, and
 * nothing is copied.  All spans point into the text that was given.
 *
 * Stanzas end at an empty line (LF or CR LF).  A line that begins with a blank continues the
 * field before it.  Any bytes are read as something: a line that is no field is passed over.
 */

/* Where the stanza at the start of text ends: the number of bytes up to the end of the empty line
 * behind it; 0 when there is none, so that the stanza may go on in what is yet to be read. */
size_t pve_deb822_end(struct pve_span text);
/* Takes the next stanza off *text, without the empty lines around it.  false: none is left. */
bool pve_deb822_next(struct pve_span *text, struct pve_span *stanza);

/* Takes the next field off *stanza.  The value has no blanks at its ends and its continuation
 * lines in it as they are.  Comment lines (#) are passed over.  false: none is left. */
bool pve_deb822_field(struct pve_span *stanza, struct pve_span *name, struct pve_span *value);
/* The value of the field of that name, in any case (the first, if there are several); .p is NULL
 * when there is none. */
struct pve_span pve_deb822_get(struct pve_span stanza, const char *name);
/* Takes the next line off a value, without blanks at its ends.  false: none is left. */
bool pve_deb822_line(struct pve_span *value, struct pve_span *line);
/* "yes" or "true", "1", "on", "with", "enable", in any case, as apt takes them. */
bool pve_deb822_yes(struct pve_span value);

#endif
