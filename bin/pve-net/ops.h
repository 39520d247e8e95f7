/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_OPS_H
#define PVE_NET_OPS_H

#include "guests.h"
#include "want.h"

/*
 * From what is to what is wanted: operations in the order in which they do the least harm.
 * Pure.
 *
 * An operation is text, so that it can stand in the journal of the executor: lines of
 * fields between tabs, which ops_line.c reads and cmd_apply_calls.c carries out.  Values that
 * are text are escaped as by pve_text_escape.
 *
 *     add    NAME KIND ATTR=VALUE...    make a link
 *     set    NAME ATTR=VALUE...
 *     del    NAME KIND [ATTR=VALUE...]  when it is of that kind and has these values
 *     addr+  NAME ADDRESS/PREFIX [peer= brd= scope= label= preferred=]
 *     addr-  NAME ADDRESS/PREFIX [peer=]
 *     route+ NAME DST/PREFIX via=GATEWAY metric= table= proto= [onlink]
 *     route- likewise
 *     vid+   NAME self|port FROM-TO FLAGS    vid- likewise
 *     remote+ NAME ADDRESS              remote- likewise
 *     sysctl PATH VALUE                 below /proc/sys
 */
enum net_risk {
	NET_RISK_NONE,
	NET_RISK_BLIP,   /* packets may be lost for a moment */
	NET_RISK_OUTAGE, /* something stops, for seconds or for good */
	NET_RISK_GUESTS, /* running guests lose their network */
};

/* All in the arena of struct net_ops. */
struct net_operation {
	const char *object; /* the link, or the path of a sysctl */
	const char *action; /* "create bridge", "mtu 1500 > 9000" */
	const char *why;    /* one clause */
	enum net_risk risk;
	const char *words;  /* the operation: one line or more */
	const char *undo;   /* its inverse, likewise; "" when there is nothing to undo */
};

struct net_ops {
	struct net_operation *v;
	size_t n, cap;
	struct pve_diags diags; /* errors: the plan is refused.  Warnings: what is not there */
	struct pve_arena mem;
};

struct net_ops_opts {
	const struct net_state *owned; /* of the last apply; NULL: nothing */
	const struct net_model *model; /* what it names is kept, also when it is not started */
	const struct net_guests *guests; /* NULL: unknown */
	bool ovs;                      /* ovs-vsctl makes its links before the operations */
	bool force;                    /* guests may lose their network */
};

/* now and want are changed while planning.  Refusals are in ops->diags. */
void net_ops_plan(struct net_ops *ops, struct net_state *want, struct net_state *now,
		  const struct net_ops_opts *opts);
void net_ops_done(struct net_ops *ops);
/* "none", "blip", "outage", "guest loss". */
const char *net_risk_name(enum net_risk r);

/* What an attribute is when nothing was ever configured; false when that is not known or
 * differs from link to link. */
bool net_attr_default(enum pve_nl_attr a, struct pve_nl_value *v);
/* "mtu=9000" added to out. */
void net_value_format(const struct pve_nl_value *v, struct pve_buf *out);
/* False when it is no such text.  text is borrowed. */
bool net_value_parse(const char *text, struct pve_nl_value *v);
/* "192.0.2.9/24" added to out. */
void net_ip_format(const struct net_ip *ip, struct pve_buf *out);
/* Is it a port of the guest or engine that made it, and not of the configuration now or
 * before? */
bool net_link_is_ours(const struct net_state *want, const struct net_state *owned,
		      const char *name);

#endif
