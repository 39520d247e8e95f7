/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "pve-acme/listen.h"
#include "pvecommon/mem.h"

#define LISTENING "0A" /* TCP_LISTEN, include/net/tcp_states.h */

/* The words of a line of the table, from 0. */
enum { LOCAL = 1, STATE = 3, INODE = 9 };

static unsigned long inode_of(struct pve_span line, unsigned port)
{
	PVE_FREE char *want = pve_asprintf(":%04X", port);
	struct pve_span word[INODE + 1];

	for (size_t i = 0; i <= INODE; i++)
		word[i] = pve_span_word(&line);
	if (!word[INODE].len || !pve_span_eq(word[STATE], LISTENING) || word[LOCAL].len < 5 ||
	    memcmp(word[LOCAL].p + word[LOCAL].len - 5, want, 5) != 0)
		return 0;
	return strtoul(word[INODE].p, NULL, 10); /* a blank or the end of the line is behind it */
}

unsigned long acme_listen_inode(struct pve_span table, unsigned port)
{
	unsigned long inode = 0;

	while (table.len && !inode) {
		const char *end = memchr(table.p, '\n', table.len);
		size_t n = end ? (size_t)(end - table.p) + 1 : table.len;

		/* Without a line end behind it a line is cut off, and no number of it sure. */
		if (end)
			inode = inode_of((struct pve_span){table.p, n - 1}, port);
		table.p += n;
		table.len -= n;
	}
	return inode;
}
