/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_HOOK_H
#define PVE_NET_PROBE_HOOK_H

#include "hook.h"
#include "pvecommon/sys.h"

/* The scripts in /etc/network/if-*.d that run-parts(8) would run (names of letters, digits, _
 * and -; regular files that may be executed), without those that net_hook_script_is_ours names.
 * A directory that is not there is empty.  Ends with net_hook_scripts_done. */
int net_hook_scripts_read(struct pve_sys *sys, struct net_hook_scripts *s, struct pve_err *e);

/* The function behind NET_HOOK_CALL, for a table of struct pve_call: it is live.  Runs the
 * commands one after the other by /bin/sh -c, which write to where this process writes.  One
 * that fails ends it when it "must" not; else that goes to syslog only. */
int net_hook_call(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);

#endif
