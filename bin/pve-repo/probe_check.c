/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pve-repo/check.h"
#include "pve-repo/parts.h"

/* The version of an installed package, from dpkg's status. */
static const char *installed_version(struct pve_span status, const char *name,
				     struct pve_arena *mem)
{
	PVE_FREE char *head = pve_asprintf("\nPackage: %s\n", name);
	const char *hit = memmem(status.p, status.len, head, strlen(head)), *end, *v;

	if (!hit)
		return NULL;
	hit++;
	end = memmem(hit, status.len - (size_t)(hit - status.p), "\n\n", 2);
	if (!end)
		end = status.p + status.len;
	if (!memmem(hit, (size_t)(end - hit), " ok installed\n", 14))
		return NULL;
	v = memmem(hit, (size_t)(end - hit), "\nVersion: ", 10);
	if (!v)
		return NULL;
	v += 10;
	return pve_arena_memdup(mem, v, strcspn(v, "\n"));
}

static int read_packages(struct repo_facts *f, struct pve_sys *sys, struct pve_arena *mem,
			 struct pve_err *e)
{
	PVE_BUF text = {0};
	struct pve_span status;

	pve_buf_putc(&text, '\n');
	if (repo_probe_file(sys, "/var/lib/dpkg/status", &text, NULL, e) < 0)
		return -1;
	status = (struct pve_span){text.data, text.len};
	f->ceph_version = installed_version(status, "ceph-common", mem);
	f->pve_version = installed_version(status, "pve-manager", mem);
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
