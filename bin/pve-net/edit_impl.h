/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_EDIT_IMPL_H
#define PVE_NET_EDIT_IMPL_H

#include <ctype.h>

#include "edit.h"

/* Between the parts of the editor. */

/* A line for net_edit_err, or for the notes. */
void edit_complain(struct net_edit *ed, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void edit_note(struct net_edit *ed, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Complains about an option that nobody knows and names the nearest one. */
void edit_unknown(struct net_edit *ed, const struct net_change *c);
/* Complains about a value that cannot be; true when it did. */
bool edit_refused(struct net_edit *ed, const struct net_change *c);

struct net_batch *edit_batch(struct net_edit *ed, const struct net_file *f);
/* The first and the next iface stanza of a name; NULL when there is no more.  at is a cursor that
 * begins at 0. */
const struct net_stanza *edit_next(const struct net_edit *ed, const char *name, size_t *at);
/* Is there an iface stanza of that name? */
bool edit_defined(const struct net_edit *ed, const char *name);
/* Complains when a template engine has a say in the lines of the stanza. */
bool edit_computed(struct net_edit *ed, const struct net_stanza *s);
/* How many physical lines the head of a stanza has. */
uint32_t edit_head_lines(const struct net_stanza *s);
/* The indentation for an option of the stanza, or of a file when s is NULL. */
struct pve_span edit_indent(const struct net_file *f, const struct net_stanza *s);
/* Makes the name that a new option is written with, given its neighbours in s (may be NULL). */
const char *edit_spelling(struct net_edit *ed, const struct net_stanza *s, const char *typed,
			  bool ovs);

/* May a name have it, where words are no more than runs of such: in hooks, in the firewall's files?
 * ':' is left out: what stands before it in eno1:0 and what stands behind it in src:eno1 are names. */
static inline bool edit_in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}
/* What becomes of a word: NULL, it stays; "", it goes; else what takes its place. */
typedef const char *edit_map(void *data, unsigned index, struct pve_span word);
/* Maps the words of the logical line that begins at a line; index 0 is the first of it.  In hooks
 * words are runs of the characters that names have.  Returns how many changed. */
unsigned edit_words(struct net_edit *ed, const struct net_file *f, uint32_t line, uint32_t nlines,
		    bool hook, edit_map *map, void *data);

/* Brings an interface up at boot or not; see NET_P_AUTOSTART. */
void edit_autostart(struct net_edit *ed, const char *iface, struct pve_span value);
/* Takes a name off all auto and allow- lines of these words; NULL: of all of them. */
void edit_autostart_drop(struct net_edit *ed, const char *iface, const char *words);

/* Is it an option whose value is one interface, or a list of them? */
bool edit_is_reference(const struct net_key *key);
/* Does the name stand on the other by what it is called: eno1.5, eno1:0 on eno1? */
bool edit_stands_on(struct pve_span name, const char *lower);

#endif
