/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_MODEL_IMPL_H
#define PVE_NET_MODEL_IMPL_H

#include "model.h"

/* Between the parts of net_model_read. */

/* The interface of that name, which is a new mention when there is none. */
struct net_iface *net_model_mention(struct net_model *m, struct pve_span name);
/* To be filled in: the interface's own from then on. */
struct net_rare *net_model_rare(struct net_model *m, struct net_iface *i);
/* Fills lower and upper of all interfaces, their types, and the ids of VLANs. */
void net_model_edges(struct net_model *m);
/* By options, then by name and method; its edges need not be known. */
enum net_type net_model_type(const struct net_iface *i);

static inline struct pve_span net_first_word(struct pve_span s)
{
	return pve_span_word(&s);
}

#endif
