/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_WEBROOT_H
#define PVE_ACME_WEBROOT_H

#include "pve-acme/plugins.h"
#include "pvecommon/sys.h"

/* Files of http-01 below the directory of another web server. */

/* ROOT/.well-known/acme-challenge/TOKEN, to be freed. */
char *acme_webroot_path(const char *root, const char *token);
/* Writes it, readable by all; directories that are missing below the root are made. */
int acme_webroot_write(struct pve_sys *sys, const char *path, const char *text, struct pve_err *e);
/* Removes it; missing is fine.  The directories stay. */
int acme_webroot_remove(struct pve_sys *sys, const char *path, struct pve_err *e);

/* Is the plugin's ROOT there, and can a file be written where the token goes? */
int acme_webroot_ready(struct pve_sys *sys, const struct acme_plugin *plugin, struct pve_err *e);

#endif
