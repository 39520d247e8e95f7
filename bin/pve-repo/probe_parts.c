/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "parts.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

int repo_parts_list(struct pve_sys *sys, const char *dir, const char *extension,
		    struct pve_strv *paths, struct pve_err *e)
{
	struct pve_err own = {0};
	PVE_STRV names = {0};

	if (pve_fs_list(sys, dir, &names, &own) < 0) {
		if (own.sys == ENOENT || own.sys == ENOTDIR)
			return 0;
		if (e)
			*e = own;
		return -1;
	}
	for (size_t i = 0; i < names.n; i++)
		if (repo_parts_name_ok(names.v[i], extension))
			pve_strv_addf(paths, "%s/%s", dir, names.v[i]);
	return 0;
}
