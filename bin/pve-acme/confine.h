/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_CONFINE_H
#define PVE_ACME_CONFINE_H

#include <stddef.h>

#include "pvecommon/err.h"

/*
 * Giving up what a process does not need, for good.
 */

/* Neither a core dump nor a debugger of another user shows the memory of this process. */
void acme_confine_memory(void);

/* Closes every descriptor but standard input, output, error and these n (at most 8), becomes nobody
 * (when root), gains nothing by programs, writes no file and opens only those that
 * resolving names, trusting certificates and loading libraries take (landlock(7), where the kernel
 * has it), and starts, traces and mounts nothing (seccomp(2), likewise).  PVE_FAILED when the
 * user cannot be changed. */
int acme_confine(const int *keep, size_t n, struct pve_err *e);

/* The user that such a process runs as: nobody. */
#define ACME_NOBODY 65534

#endif
