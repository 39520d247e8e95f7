/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_EDIT_PART_H
#define PVE_NET_EDIT_PART_H

#include "edit_impl.h"

/* Between edit_set.c, which decides, and edit_line.c, which writes. */

/* One iface stanza of the interface, old or about to be made. */
struct edit_part {
	struct edit_part *next;
	const struct net_stanza *s; /* NULL: new */
	const char *family;         /* "" for one without (ifupdown2) */
	const char *method, *was;   /* what it will be and what it was */
	bool *gone;                 /* for each option of s: it is deleted or replaced */
	unsigned added;             /* options that it gets */
	unsigned added_addresses;   /* of these */
	bool touched;               /* its addresses change */
	bool dropped;               /* the stanza goes */
	const char *body;           /* new: its lines but the head; may be NULL */
};

struct edit_set {
	struct net_edit *ed;
	const char *iface;
	const struct net_change *change; /* the one at work */
	struct edit_part *part, **end;   /* in reading order, new ones last */
};

/* Is it of the family, or of none? */
bool edit_part_is(const struct edit_part *p, bool inet6);
void edit_option_delete(struct edit_set *set, struct edit_part *p, uint32_t n);
/* Nothing happens when it has the value already. */
void edit_option_replace(struct edit_set *set, const struct net_option *o, struct pve_span value);
void edit_option_insert(struct edit_set *set, struct edit_part *p, struct pve_span value);
/* Heads, new stanzas, and those that go. */
void edit_parts_write(struct edit_set *set);

#endif
