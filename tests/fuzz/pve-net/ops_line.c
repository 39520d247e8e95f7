/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the line of an operation, as out of a damaged journal: what is taken is within the
 * bounds of the kernel, and values, once written, are the same again. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>

#include "pve-net/ops_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_family(int family, unsigned prefix)
{
	if ((family != AF_INET || prefix > 32) && (family != AF_INET6 || prefix > 128))
		abort();
}

/* Its values as a line of their own. */
static void check_values(const struct net_op_line *l)
{
	struct net_op_line back;
	PVE_BUF text = {0};

	pve_buf_puts(&text, "set\tx");
	for (size_t i = 0; i < l->nvalues; i++) {
		pve_buf_putc(&text, '\t');
		net_value_format(&l->value[i], &text);
	}
	if (!net_op_line_parse(&back, (struct pve_span){text.data, text.len}) ||
	    back.nvalues != l->nvalues)
		abort();
	for (size_t i = 0; i < l->nvalues; i++)
		if (!pve_nl_value_same(&l->value[i], &back.value[i]))
			abort();
	net_op_line_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct net_op_line l;

	if (net_op_line_parse(&l, (struct pve_span){(const char *)data, size})) {
		if (l.verb == NET_OP_ADDR)
			check_family(l.addr.family, l.addr.prefix);
		else if (l.verb == NET_OP_ROUTE)
			check_family(l.route.family, l.route.prefix);
		else if (l.verb == NET_OP_REMOTE)
			check_family(l.remote.family, 0);
		else if (l.verb == NET_OP_VID && (l.vlan.from > l.vlan.to || l.vlan.to > 4094))
			abort();
		if (l.nvalues)
			check_values(&l);
	}
	net_op_line_done(&l);
	return 0;
}
