/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_BATCH_H
#define PVE_NET_BATCH_H

#include "interfaces.h"

/*
 * Changes of one file as a list of operations on its lines, all numbered as they were read, so
 * that a whole command is one pass over the file.  Pure.  The file must not be read anew in
 * between.
 */
struct net_op {
	uint32_t line;        /* from 1; nlines + 1 is the end */
	uint32_t gone;        /* lines from there on that go away */
	uint32_t seq;         /* in the order of adding */
	struct pve_span text; /* whole lines that come before what stands there; in the arena */
};

struct net_batch {
	const struct net_file *f;
	struct net_op *v;
	size_t n, cap;
	struct pve_arena mem;
};

void net_batch_init(struct net_batch *b, const struct net_file *f);
void net_batch_done(struct net_batch *b);

/* Removes the lines from..to, numbers, both included. */
void net_batch_delete(struct net_batch *b, uint32_t from, uint32_t to);
/* Puts one line, given without its end, in place of from..to, or in front of line at.  Its end is
 * that of the lines around it.  Lines in front of the same one stand in the order of adding. */
void net_batch_replace(struct net_batch *b, uint32_t from, uint32_t to, struct pve_span text);
void net_batch_insert(struct net_batch *b, uint32_t at, struct pve_span text);

/* Adds the bytes of the file after all of them.  Lines that no operation names are byte for byte
 * what they were, but that a last line without an end gets one when something comes behind it.
 * Removals may overlap; of two replacements of one line the first counts. */
void net_batch_format(struct net_batch *b, struct pve_buf *out);

/* The line end for a new line before line at: of the line above, else of the one below, else LF. */
const char *net_batch_eol(const struct net_file *f, uint32_t at);
/* The white space that a line begins with. */
struct pve_span net_line_indent(const struct net_file *f, uint32_t number);

#endif
