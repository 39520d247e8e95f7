/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_CONF_COLON_H
#define PVECOMMON_CONF_COLON_H

#include "pvecommon/textfile.h"

/*
 * The node configuration of Proxmox VE, /etc/pve/nodes/NODE/config, read and rewritten
 * losslessly: lines of "key: value", and a description in lines that begin with '#'.
 *
 * As its own reader (pve-manager, PVE::NodeConfig) has it: a key is a lower-case letter, then
 * lower-case letters, '-' and '_', then digits; the value is not empty; of two lines with one
 * key the last counts.  Each line of the description has control characters, bytes above 0x7e,
 * '%' and ':' as %HH; "description: TEXT" is one more such line.
 */
struct pve_conf_colon_key {
	struct pve_span name;
	struct pve_span value; /* without blanks around */
	size_t line;           /* from 0, in text */
	bool description;      /* a line of the description: name is empty, value encoded */
};

struct pve_conf_colon {
	struct pve_textfile text;
	struct pve_conf_colon_key *v; /* in the order of the file */
	size_t n, cap;
};

/* Reads bytes into *c, which must be { 0 }; d may be NULL.  Everything is kept.  Lines that are
 * nothing of the above are errors in d, with their line in `file` (a name for messages,
 * borrowed by d); a repeated key is a warning. */
void pve_conf_colon_parse(struct pve_conf_colon *c, struct pve_span bytes, const char *file,
			  struct pve_diags *d);
/* Adds the bytes of the file to b: those that were read, but for the lines that were edited. */
void pve_conf_colon_format(const struct pve_conf_colon *c, struct pve_buf *b);
void pve_conf_colon_done(struct pve_conf_colon *c);

/* The line of the key that counts, or NULL.  The pointer lives until the next edit, its spans
 * as long as the file.  The description is not found so. */
const struct pve_conf_colon_key *pve_conf_colon_find(const struct pve_conf_colon *c,
						     const char *key);
/* Sets the line that counts, and no byte when it has that value.  A new key goes before the
 * first key behind it in the alphabet (Proxmox VE keeps them sorted), else below the last.
 * PVE_USAGE for "description", for a key the reader would not take, and for a value that is
 * empty, has blanks at its ends or holds control characters. */
int pve_conf_colon_set(struct pve_conf_colon *c, const char *key, struct pve_span value,
		       struct pve_err *e);
/* Removes every line of the key; false when there was none. */
bool pve_conf_colon_remove(struct pve_conf_colon *c, const char *key);

/* Adds the decoded description to b, LF between its lines; false when there is none. */
bool pve_conf_colon_description(const struct pve_conf_colon *c, struct pve_buf *b);
/* Sets it; an LF at the end of text is ignored, and an empty text removes it.  Lines that stay
 * the same keep their bytes. */
void pve_conf_colon_describe(struct pve_conf_colon *c, struct pve_span text);

#endif
