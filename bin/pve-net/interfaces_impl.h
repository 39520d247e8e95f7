/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_INTERFACES_IMPL_H
#define PVE_NET_INTERFACES_IMPL_H

#include "interfaces.h"

/* Between the parts of the parser: interfaces.c has the lines, interfaces_read.c reads them, and
 * interfaces_head.c knows the words that open a stanza. */

/* Reads the lines of a file that has only these. */
void net_file_read(struct net_file *f, struct pve_diags *d);

/* The key for a spelling, which must live as long as the file. */
const struct net_key *net_key_of(struct net_file *f, struct pve_span spelling);

/* A finding about a line; what (p may be NULL) is quoted behind the text.  d may be NULL. */
void net_file_diag(const struct net_file *f, struct pve_diags *d, enum pve_severity severity,
		   uint32_t line, const char *text, struct pve_span what);

/* Is this word one that opens a stanza, when open is the one that stands above it? */
bool net_head_kind(const struct net_stanza *open, struct pve_span word, enum net_stanza_kind *kind);
/* Fills in head, name and args of a stanza whose kind and line are known.  word and args are those
 * of its line. */
void net_head_read(struct net_file *f, struct net_stanza *s, struct pve_span word,
		   struct pve_span args, struct pve_diags *d);

/* isspace(3) in the C locale, which is what ifupdown separates words by. */
static inline bool net_is_space(char c)
{
	return (unsigned char)c <= ' ' && (c == ' ' || (c >= '\t' && c <= '\r'));
}

static inline struct pve_span net_trim_left(struct pve_span s)
{
	while (s.len && net_is_space(s.p[0]))
		s.p++, s.len--;
	return s;
}

static inline struct pve_span net_trim_right(struct pve_span s)
{
	while (s.len && net_is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Takes the first word off *rest and the white space behind it. */
static inline struct pve_span net_take_word(struct pve_span *rest)
{
	struct pve_span w = {rest->p, 0};

	while (w.len < rest->len && !net_is_space(w.p[w.len]))
		w.len++;
	rest->p += w.len;
	rest->len -= w.len;
	*rest = net_trim_left(*rest);
	return w;
}

/* The same for the same words, and most often another one for others. */
static inline unsigned net_look(struct pve_span s)
{
	return s.len ? (unsigned)(s.len + (unsigned char)s.p[s.len - 1]) % NET_LOOKS : 0;
}

#endif
