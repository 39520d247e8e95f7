/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "aptconf.h"
#include "parts.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

/* A file that need not be there. */
static int add_file(struct repo_aptconf *c, struct pve_sys *sys, const char *path,
		    struct pve_diags *d, struct pve_err *e)
{
	struct pve_err own = {0};
	PVE_BUF text = {0};

	if (pve_fs_read(sys, path, 0, &text, NULL, &own) < 0) {
		if (own.sys == ENOENT)
			return 0;
		if (e)
			*e = own;
		return -1;
	}
	repo_aptconf_parse(c, path, (struct pve_span){pve_buf_str(&text), text.len}, d);
	return 0;
}

static int add_all(struct repo_aptconf *c, struct pve_sys *sys, struct pve_diags *d,
		   struct pve_err *e)
{
	const char *named = sys->rooted ? NULL : getenv("APT_CONFIG");
	PVE_STRV parts = {0};

	if (named && *named == '/' && add_file(c, sys, named, d, e) < 0)
		return -1;
	if (repo_parts_list(sys, repo_aptconf_path(c, "Dir::Etc::parts"), ".conf", &parts, e) < 0)
		return -1;
	for (size_t i = 0; i < parts.n; i++)
		if (add_file(c, sys, parts.v[i], d, e) < 0)
			return -1;
	return add_file(c, sys, repo_aptconf_path(c, "Dir::Etc::main"), d, e);
}

int repo_aptconf_read(struct repo_aptconf *c, struct pve_sys *sys, struct pve_err *e)
{
	struct pve_diags d = {0};
	int rc;

	repo_aptconf_init(c);
	rc = add_all(c, sys, &d, e);
	if (rc == 0)
		rc = pve_diags_err(&d, e);
	pve_diags_done(&d);
	if (rc < 0)
		repo_aptconf_done(c);
	return rc;
}
