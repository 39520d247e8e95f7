/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_LISTEN_H
#define PVE_ACME_LISTEN_H

#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"

/* The sockets on which a CA will ask. */

#define ACME_LISTEN_MAX 2

/* Listens at the port of that address, or with NULL of all addresses of both families (of one,
 * on a host that has only one).  fds get *n sockets, not blocking and closed on exec.  PVE_AGAIN
 * when somebody else has the port; the message names the process, as far as it can be seen. */
int acme_listen(const char *address, unsigned port, int fds[ACME_LISTEN_MAX], size_t *n,
		struct pve_err *e);

/* Pure: the inode of the socket that listens at this port, in the text of /proc/net/tcp or tcp6
 * (proc(5)); 0: none. */
unsigned long acme_listen_inode(struct pve_span table, unsigned port);

#endif
