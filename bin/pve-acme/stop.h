/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_STOP_H
#define PVE_ACME_STOP_H

#include "pvecommon/err.h"

/*
 * SIGINT, SIGTERM and SIGHUP while something must be cleaned up first: they wait until the process
 * waits for something, end that wait, and have their usual effect when all is done.
 */

/* From here on the signals are held back. */
void acme_stop_hold(void);
/* Waits until fd (-1: none) can be read, for at most timeout_ms (-1: for ever).  1 when it can, 0
 * when the time is over; -1 with PVE_FAILED when a signal has come, also one before. */
int acme_stop_wait(int fd, int timeout_ms, struct pve_err *e);
/* From here on a signal ends no wait any more, so that what must be cleaned up can be; each wait
 * lasts ten seconds at most then. */
void acme_stop_clean(void);
/* Undoes acme_stop_hold; a signal that has come ends the process now. */
void acme_stop_release(void);

#endif
