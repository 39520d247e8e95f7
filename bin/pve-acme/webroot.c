/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/webroot.h"

#include <string.h>

#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define WELL_KNOWN ".well-known/acme-challenge"

char *acme_webroot_path(const char *root, const char *token)
{
	return pve_asprintf("%s/" WELL_KNOWN "/%s", root, token);
}

int acme_webroot_write(struct pve_sys *sys, const char *path, const char *text, struct pve_err *e)
{
	PVE_FREE char *dir = pve_strndup(path, (size_t)(strrchr(path, '/') - path));
	PVE_FREE char *root = pve_strndup(dir, strlen(dir) - strlen("/" WELL_KNOWN));

	/* The root itself is the other server's: one that is missing is a mistake. */
	if (!pve_fs_exists(sys, root))
		return pve_err_set(e, PVE_NOTHERE, "%s: there is no such directory", root);
	if (pve_fs_mkdir_parents(sys, dir, e) < 0)
		return -1;
	return pve_fs_write(sys, path, "pve-acme", pve_span(text), 0644, e);
}

int acme_webroot_remove(struct pve_sys *sys, const char *path, struct pve_err *e)
{
	return pve_fs_exists(sys, path) ? pve_fs_unlink(sys, path, e) : 0;
}
