/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_GUARD_H
#define PVE_REPO_GUARD_H

#include "pve-repo/simulate.h"

/* What an upgrade must not do: take proxmox-ve away, whose removal means that the sources do not
 * fit one another, or the kernel that runs now, whose modules go with it.  Fails with PVE_DENIED
 * and says which.  kernel: its release, "6.8.12-1-pve". */
int repo_guard(const struct repo_sim *sim, const char *kernel, struct pve_err *e);
/* Does it bring a kernel image? */
bool repo_brings_kernel(const struct repo_sim *sim);

#endif
