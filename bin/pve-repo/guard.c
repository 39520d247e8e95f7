/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard.h"

#include <string.h>

/* Packages of a kernel image, by Proxmox and Debian: "pve-kernel-5.4.34-1-pve",
 * "proxmox-kernel-6.8.12-1-pve-signed", "linux-image-6.1.0-18-amd64". */
static const char *const images[] = {"pve-kernel-", "proxmox-kernel-", "linux-image-",
				     "linux-modules-"};

/* What is behind the beginning, NULL when it is no image. */
static const char *release_of(const char *package)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(*images); i++) {
		size_t n = strlen(images[i]);

		if (strncmp(package, images[i], n) == 0)
			return package + n;
	}
	return NULL;
}

/* Is it the image of this release, signed or not? */
static bool is_image_of(const char *package, const char *kernel)
{
	const char *release = release_of(package);
	size_t n = strlen(kernel);

	if (release && strncmp(release, "unsigned-", 9) == 0)
		release += 9;
	if (!n || !release || strncmp(release, kernel, n) != 0)
		return false;
	return !release[n] || release[n] == ':' || strcmp(release + n, "-signed") == 0;
}

/* Signed and unsigned images of a release replace one another. */
static bool stays(const struct repo_sim *sim, const char *kernel)
{
	for (size_t i = 0; i < sim->n; i++)
		if (sim->v[i].action < REPO_SIM_REMOVE && is_image_of(sim->v[i].package, kernel))
			return true;
	return false;
}

int repo_guard(const struct repo_sim *sim, const char *kernel, struct pve_err *e)
{
	for (size_t i = 0; i < sim->n; i++) {
		const char *package = sim->v[i].package;

		if (sim->v[i].action < REPO_SIM_REMOVE)
			continue;
		if (strcmp(package, "proxmox-ve") == 0)
			return pve_err_set(e, PVE_DENIED,
					   "refused: this would remove proxmox-ve, for the package "
					   "sources do not fit one another: pve-repo check");
		if (is_image_of(package, kernel) && !stays(sim, kernel))
			return pve_err_set(
				e, PVE_DENIED,
				"refused: this would remove %s, the kernel that runs now: "
				"boot another one first",
				package);
	}
	return 0;
}

bool repo_brings_kernel(const struct repo_sim *sim)
{
	for (size_t i = 0; i < sim->n; i++)
		if (sim->v[i].action < REPO_SIM_REMOVE && release_of(sim->v[i].package))
			return true;
	return false;
}
