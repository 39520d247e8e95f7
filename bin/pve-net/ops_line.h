/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_OPS_LINE_H
#define PVE_NET_OPS_LINE_H

#include "ops.h"

/* One line of an operation (ops.h) as it is read again: by the run that planned it, or out of a
 * journal by one that recovers.  Pure. */
enum net_op_verb {
	NET_OP_ADD,
	NET_OP_SET,
	NET_OP_DEL,
	NET_OP_ADDR,
	NET_OP_ROUTE,
	NET_OP_VID,
	NET_OP_REMOTE,
	NET_OP_SYSCTL,
};

struct net_op_line {
	enum net_op_verb verb;
	bool add;         /* addr+, route+, vid+, remote+ */
	const char *name; /* of the link; sysctl: the path below /proc/sys */
	const char *what; /* of messages: the address, route, VLAN or remote; sysctl: the value */
	const char *kind; /* add, del */
	struct pve_nl_value value[PVE_NL_NATTRS]; /* add, set, del; nvalues of them */
	size_t nvalues;
	struct pve_nl_addr addr;
	const char *label; /* NULL: none */
	bool has_broadcast;
	struct in_addr broadcast;
	struct pve_nl_route route;
	bool onlink;
	struct pve_nl_vlan vlan;
	bool self; /* of the bridge itself */
	struct pve_nl_remote remote;
	char *text; /* behind the strings; freed by net_op_line_done */
};

/* text: without its newline.  False when it is no such line; *l is to be ended in either case. */
bool net_op_line_parse(struct net_op_line *l, struct pve_span text);
void net_op_line_done(struct net_op_line *l);

#endif
