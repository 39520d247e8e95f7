/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_EDIT_PART_H
#define PVE_NET_EDIT_PART_H

#include "edit_impl.h"

/* Between edit_set.c and edit_address.c, which decide, edit_part.c, which knows what is there, and
 * edit_line.c, which writes. */

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

/* --- edit_part.c ---------------------------------------------------------------- */

/* Makes a part of each stanza of the interface.  Complains about those of a template engine. */
void edit_parts_read(struct edit_set *set);
/* A new part at the end; s is NULL when its stanza is yet to be made. */
struct edit_part *edit_part_add(struct edit_set *set, const struct net_stanza *s,
				const char *family, const char *method);
/* Has it neither family nor method (ifupdown2)? */
bool edit_part_typeless(const struct edit_part *p);
/* Is it of the family, or of none? */
bool edit_part_is(const struct edit_part *p, bool inet6);
/* May the part have addresses of its own? */
bool edit_part_takes_addresses(const struct edit_part *p);

/* The n-th option of the part, if it is still there and of that kind. */
const struct net_option *edit_part_live(const struct edit_part *p, uint32_t n,
					const struct net_key *key);
/* How many such options it has; of addresses and gateways those of a family, 1 for inet6, 0 for
 * inet and -1 for both. */
unsigned edit_part_count(const struct edit_part *p, const struct net_key *key, int family);
extern const struct net_key edit_address_key;
/* Addresses that it will have. */
unsigned edit_part_addresses(const struct edit_part *p);
/* Sets all lines of the key at work to the one value; false when there is none.  Or removes
 * them.  family as above. */
bool edit_part_replace(struct edit_set *set, struct edit_part *p, int family);
void edit_part_remove(struct edit_set *set, struct edit_part *p, int family);

/* The line that has the value at work, the n-th option of a part. */
bool edit_find_line(struct edit_set *set, struct edit_part **in, uint32_t *n);
/* Removes it; complains when there is none. */
void edit_take_line(struct edit_set *set);
/* Complains, unless forced, when a stanza inherits the option at work: ifupdown joins an inherited
 * value and an own one. */
bool edit_inherits(struct edit_set *set);

/* --- edit_address.c: does what the change at work says -------------------------- */

void edit_change_address(struct edit_set *set);
void edit_set_gateway(struct edit_set *set);
void edit_set_method(struct edit_set *set);

/* --- edit_line.c ---------------------------------------------------------------- */

void edit_option_delete(struct edit_set *set, struct edit_part *p, uint32_t n);
/* Nothing happens when it has the value already. */
void edit_option_replace(struct edit_set *set, const struct net_option *o, struct pve_span value);
void edit_option_insert(struct edit_set *set, struct edit_part *p, struct pve_span value);
/* Heads, new stanzas, and those that go. */
void edit_parts_write(struct edit_set *set);

#endif
