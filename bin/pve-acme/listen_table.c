/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "pve-acme/listen.h"

#define LISTENING 0x0a /* TCP_LISTEN, include/net/tcp_states.h */

unsigned long acme_listen_inode(struct pve_span table, unsigned port)
{
	while (table.len) {
		const char *end = memchr(table.p, '\n', table.len);
		size_t n = end ? (size_t)(end - table.p) + 1 : table.len;
		char line[256];
		unsigned at, state;
		unsigned long inode;

		snprintf(line, sizeof(line), "%.*s", (int)n, table.p);
		table.p += n;
		table.len -= n;
		if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*u %*u %lu", &at,
			   &state, &inode) == 3 &&
		    at == port && state == LISTENING)
			return inode;
	}
	return 0;
}
