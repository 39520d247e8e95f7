/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pve-repo/check.h"
#include "pve-repo/parts.h"
#include "pvecommon/deb822.h"

/* Is it the stanza of that package?  dpkg writes the name first. */
static bool is_of(struct pve_span stanza, const char *package)
{
	static const char field[] = "Package: ";
	struct pve_span line = {0};

	if (!pve_span_starts(stanza, field) || !pve_deb822_line(&stanza, &line))
		return false;
	line.p += sizeof(field) - 1;
	line.len -= sizeof(field) - 1;
	return pve_span_eq(line, package);
}

/* The version, if the package is installed; else NULL. */
static const char *installed_version(struct pve_span stanza, struct pve_arena *mem)
{
	struct pve_span status = pve_deb822_get(stanza, "Status"), version;

	if (!status.p || !memmem(status.p, status.len, " ok installed", 13))
		return NULL;
	version = pve_deb822_get(stanza, "Version");
	return version.p ? pve_arena_memdup(mem, version.p, version.len) : NULL;
}

/* From dpkg's status, of which two stanzas of hundreds matter: so it is not read as a whole. */
static int read_packages(struct repo_facts *f, struct pve_sys *sys, struct pve_arena *mem,
			 struct pve_err *e)
{
	PVE_BUF text = {0};
	struct pve_span rest, stanza;

	if (repo_probe_file(sys, "/var/lib/dpkg/status", &text, NULL, e) < 0)
		return -1;
	rest = (struct pve_span){pve_buf_str(&text), text.len};
	while (pve_deb822_next(&rest, &stanza)) {
		if (is_of(stanza, "ceph-common"))
			f->ceph_version = installed_version(stanza, mem);
		else if (is_of(stanza, "pve-manager"))
			f->pve_version = installed_version(stanza, mem);
	}
	return 0;
}

int repo_auth_read(struct repo_auth *a, const char *host_path, struct pve_sys *sys,
		   struct pve_arena *mem, struct pve_err *e)
{
	PVE_STRV paths = {0};

	pve_strv_add(&paths, "/etc/apt/auth.conf");
	if (repo_parts_list(sys, "/etc/apt/auth.conf.d", ".conf", &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n && !a->found; i++) {
		PVE_BUF text = {0};

		if (repo_probe_file(sys, paths.v[i], &text, NULL, e) < 0)
			return -1;
		repo_auth_find(a, (struct pve_span){pve_buf_str(&text), text.len},
			       pve_arena_strdup(mem, paths.v[i]), host_path);
		if (text.len)
			explicit_bzero(text.data, text.len);
	}
	return 0;
}

int repo_facts_read(struct repo_facts *f, struct pve_sys *sys, struct pve_arena *mem,
		    struct pve_err *e)
{
	PVE_BUF text = {0};

	f->now = pve_sys_time(sys);
	if (repo_probe_file(sys, REPO_SUBSCRIPTION, &text, NULL, e) < 0)
		return -1;
	repo_subscription_parse(&f->sub, (struct pve_span){pve_buf_str(&text), text.len}, f->now);
	if (read_packages(f, sys, mem, e) < 0 ||
	    repo_auth_read(&f->auth, "enterprise.proxmox.com/debian/pve", sys, mem, e) < 0)
		return -1;
	return repo_auth_read(&f->auth_ceph, "enterprise.proxmox.com/debian/ceph", sys, mem, e);
}
