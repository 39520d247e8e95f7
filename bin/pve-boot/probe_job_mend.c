/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a power cut left on an ESP that must not be removed through the kernel. */
#include <string.h>

#include "job.h"
#include "mend.h"
#include "pveio/vfat.h"

static void add_name(struct boot_job *j, const char *path)
{
	for (size_t i = 0; i < j->names.n; i++)
		if (strcmp(j->names.v[i], path) == 0 || esp_lies_below(path, j->names.v[i]))
			return;
	pve_strv_add(&j->names, path);
}

/* The directory or file that is left over and that a path lies in; NULL when there is none. */
static const char *aside_of(const struct boot_job *j, const char *path)
{
	for (size_t i = 0; i < j->asides.n; i++)
		if (strcmp(path, j->asides.v[i]) == 0 || esp_lies_below(path, j->asides.v[i]))
			return j->asides.v[i];
	return NULL;
}

/* What lies in a directory that is left over goes with it. */
static void find_asides(struct boot_job *j)
{
	const struct esp_tree *t = &j->esp->tree;

	for (size_t i = 0; i < t->n; i++) {
		const struct esp_node *node = &t->v[i];

		if (aside_of(j, node->path)) {
			j->in.free += node->allocated;
		} else if (pve_vfat_is_aside(node->name)) {
			pve_strv_add(&j->asides, node->path);
			j->in.free += node->allocated;
			if (esp_shares_clusters(t, node))
				add_name(j, node->path);
		}
	}
}

/* --- damage ---------------------------------------------------------------------------------- */

static bool starts(const char *path, const char *with)
{
	return strncasecmp(path, with, strlen(with)) == 0;
}

/* Is it a file of ours, which the next refresh makes again if it is wanted? */
static bool is_ours(const struct esp_node *node)
{
	if (starts(node->path, "EFI/pve-boot/") || starts(node->path, "loader/entries/proxmox-"))
		return true;
	if (node->dir)
		return starts(node->path, "EFI/proxmox/") && node->depth == 2;
	return (starts(node->path, "EFI/proxmox/") || node->depth == 0) &&
	       (starts(node->name, "vmlinuz-") || starts(node->name, "initrd.img-"));
}

static bool is_damaged(const struct esp_tree *t, const struct esp_node *node)
{
	for (size_t i = 0; node && i < t->damage.n; i++) {
		const struct pve_diag *d = &t->damage.v[i];

		if (d->severity == PVE_ERROR && d->file &&
		    (strcmp(d->file, node->path) == 0 || esp_lies_below(node->path, d->file)))
			return true;
	}
	return false;
}

/* Is there a kernel to boot from without a file that is damaged? */
static bool any_whole(const struct boot_job *j)
{
	struct esp_kernels kernels = {0};
	struct esp_tree *t = &j->esp->tree;
	bool whole = false, any = false;

	esp_kernels_find(&kernels, t);
	for (size_t i = 0; i < kernels.n; i++) {
		const struct esp_kernel *k = &kernels.v[i];

		if (k->layout != j->mode || !k->image || !k->initrd)
			continue;
		any = true;
		whole |= !is_damaged(t, k->image) && !is_damaged(t, k->initrd) &&
			 !is_damaged(t, k->entry);
	}
	esp_kernels_done(&kernels);
	return whole || !any;
}

static int take_damage(struct boot_job *j)
{
	struct esp_tree *t = &j->esp->tree;
	bool whole = any_whole(j);

	for (size_t i = 0; i < t->damage.n; i++) {
		const struct pve_diag *d = &t->damage.v[i];
		const char *aside = d->file ? aside_of(j, d->file) : NULL;

		if (!esp_is_harmful(t, d))
			continue;
		if (aside)
			add_name(j, aside);
		else if (whole && esp_find(t, d->file) && is_ours(esp_find(t, d->file)))
			add_name(j, esp_find(t, d->file)->path);
		else
			return esp_refuse(t, d, &j->err);
	}
	return 0;
}

bool boot_must_go(const struct esp_tree *t, const char *path)
{
	const struct esp_node *node = esp_find(t, path);

	if (!node)
		return false;
	for (size_t i = 0; i < t->damage.n; i++) {
		const struct pve_diag *d = &t->damage.v[i];

		if (d->severity == PVE_ERROR && d->file && esp_lies_below(d->file, path))
			return true;
	}
	return esp_shares_clusters(t, node) || is_damaged(t, node);
}

int boot_job_look_at_damage(struct boot_job *j, bool always)
{
	uint64_t free_bytes;

	if (j->checked || (!always && !j->asides.n && !j->esp->tree.damage.errors))
		return 0;
	if (esp_free(&j->esp->tree, &free_bytes, &j->err) < 0)
		return -1;
	j->checked = true;
	j->in.free += free_bytes;
	return take_damage(j);
}

int boot_job_look_at_leftovers(struct boot_job *j)
{
	find_asides(j);
	/* Of two names of one directory the tree has the content below one only: first it goes. */
	return j->names.n ? 0 : boot_job_look_at_damage(j, false);
}
