/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_VALUE_H
#define PVE_NET_VALUE_H

#include "keys.h"
#include "pvecommon/span.h"

/* How the values of an option add up. */
enum net_value_kind {
	NET_V_ONE,   /* one line, one value */
	NET_V_WORDS, /* one line, a list of words: bridge-ports */
	NET_V_LINES, /* one line for each value: address, hooks, vxlan-remoteip */
};
enum net_value_kind net_value_kind_of(const struct net_key *key);

/* Why a value cannot be, as the end of the sentence "mtu 12: ..."; NULL when it can.  All that
 * can be said of the value alone: what it means among others is for the checks.  The text is
 * static. */
const char *net_value_refusal(const struct net_key *key, struct pve_span value);
/* Why the kernel takes no interface of this name, or NULL (dev_valid_name, net/core/dev.c; a
 * percent sign makes it a pattern for free names).  For an alias the whole label counts. */
const char *net_name_refusal(const char *name);
/* Does the name match a pattern in which '#' stands for one or more digits, '*' for the rest, and
 * all else for itself? */
bool net_name_matches(const char *name, const char *pattern);

#endif
