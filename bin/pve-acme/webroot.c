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

/* A file beside which one can be written is staged and removed again; folders that are missing would be
 * made. */
int acme_webroot_ready(struct pve_sys *sys, const struct acme_plugin *plugin, struct pve_err *e)
{
	static const char *const places[] = {"/" WELL_KNOWN "/look", "/.well-known/look", "/look"};
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	const char *root = acme_plugin_data(plugin, "ROOT", &mem);

	if (!root)
		return pve_err_set(e, PVE_DATA, "its data has no ROOT=DIR");
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *path = pve_arena_printf(&mem, "%s%s", root, places[i]);
		const char *dir = pve_arena_memdup(&mem, path, strlen(path) - strlen("/look"));

		if (!pve_fs_exists(sys, dir))
			continue;
		if (pve_fs_stage(sys, path, "pve-acme", pve_span("\n"), 0644, e) < 0)
			return -1;
		return pve_fs_unstage(sys, path, "pve-acme", e);
	}
	return pve_err_set(e, PVE_NOTHERE, "%s: there is no such directory", root);
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
