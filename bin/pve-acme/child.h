/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_CHILD_H
#define PVE_ACME_CHILD_H

#include "pve-acme/msg.h"

/*
 * A process of ours without privileges (confine.h), at the other end of a packet socket.  It ends
 * when we do.  Start all of them before a key is read: then none has a copy of one.
 */
struct acme_child {
	int pid; /* 0: none */
	int fd;
};

/* Starts run(data, fd) in a new process, which has no other descriptor than fd and those in keep.
 * When run returns -1, *e of it is sent as the last message.  *c must be { 0 }. */
int acme_child_start(struct acme_child *c, int (*run)(void *data, int fd, struct pve_err *e),
		     void *data, const int *keep, size_t n, struct pve_err *e);
/* Sends a message and waits for the answer, which is put into out (may be NULL).  PVE_FAILED when
 * a signal comes (stop.h) or the process has ended; else what the answer says. */
int acme_child_ask(struct acme_child *c, const struct acme_msg *m, struct pve_strv *out,
		   struct pve_err *e);
void acme_child_stop(struct acme_child *c);

#endif
