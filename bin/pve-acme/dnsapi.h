/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_DNSAPI_H
#define PVE_ACME_DNSAPI_H

#include <stdbool.h>

#include "pve-acme/plugins.h"
#include "pvecommon/sys.h"

/*
 * TXT records by programs of others, run as nobody, with an empty environment, the plugin's data
 * on standard input, and for five minutes at most:
 *
 *     exec     EXEC_PATH of the data, with the arguments "add" or "remove", name and text
 *     others   acme.sh's script dns_API.sh, in the shell that it expects (dnsapi_shell.c)
 */
/* What the program writes to standard output is added to said, also on failure. */
int acme_dnsapi(struct pve_sys *sys, const struct acme_plugin *plugin, const char *name,
		const char *text, bool add, struct pve_buf *said, struct pve_err *e);

/* Is the program, or the script, there? */
int acme_dnsapi_ready(struct pve_sys *sys, const struct acme_plugin *plugin, struct pve_err *e);

#endif
