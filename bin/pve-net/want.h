/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_WANT_H
#define PVE_NET_WANT_H

#include "state.h"

/* The kind of bridges and internal ports of Open vSwitch, which its own program makes. */
#define NET_KIND_OVS "openvswitch"

/*
 * What a configuration wants of the kernel: the interfaces that start at boot, and all that
 * they stand on.  Pure.
 *
 * Values that cannot be understood are errors in *d, with file:line, and are left out; what
 * the native engine leaves alone (methods and types that it does not know) is a warning.
 * The model is borrowed.
 */
void net_want_read(struct net_state *want, const struct net_model *m, struct pve_diags *d);
/* Calls links of the configuration by the names that the kernel has for them, when they are
 * called by an altname. */
void net_want_rename(struct net_state *want, const struct net_state *now);
/* Is the interface brought up: does it start at boot, or does such a one stand on it? */
bool net_want_has(const struct net_state *want, const char *name);

/* Method of the last stanza of that family ("inet", "inet6"), or "" */
struct pve_span net_iface_method(const struct net_iface *i, const char *family);
/* An attribute as the files call it: "bond-miimon", and its value as they write it, "802.3ad",
 * added to out. */
const char *net_want_key(enum pve_nl_attr a);
void net_want_word(const struct pve_nl_value *v, struct pve_buf *out);

#endif
