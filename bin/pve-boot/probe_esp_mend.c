/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "esp_source.h"
#include "mend.h"
#include "pvecommon/fs.h"

#define REMOVED 0xe5

bool esp_shares_clusters(const struct esp_tree *t, const struct esp_node *node)
{
	for (size_t i = 0; node->cluster && i < t->n; i++)
		if (&t->v[i] != node && t->v[i].cluster == node->cluster &&
		    !esp_lies_below(t->v[i].path, node->path))
			return true;
	return false;
}

bool esp_is_harmful(const struct esp_tree *t, const struct pve_diag *d)
{
	if (d->severity != PVE_ERROR || !d->file)
		return false;
	/* With a root directory that is not whole the kernel does not mount it. */
	return esp_find(t, d->file) || strcmp(d->file, "/") == 0;
}

int esp_refuse(const struct esp_tree *t, const struct pve_diag *d, struct pve_err *e)
{
	return pve_err_set(e, PVE_DATA,
			   "the file system is damaged (%s %s), so nothing is written to it; "
			   "fsck.vfat -a %s mends it",
			   d->file, d->msg, t->device);
}

int esp_refuse_damage(const struct esp_tree *t, struct pve_err *e)
{
	for (size_t i = 0; i < t->damage.n; i++)
		if (esp_is_harmful(t, &t->damage.v[i]))
			return esp_refuse(t, &t->damage.v[i], e);
	return 0;
}

/* The directory that a node is in; NULL for the root. */
static const struct pve_fat_entry *parent_of(struct esp_tree *t, const struct esp_node *node)
{
	const struct pve_fat_tree *tree = &t->source->tree;
	size_t n = (size_t)(node->name - node->path);

	for (size_t i = 0; i < tree->n; i++)
		if (strlen(tree->v[i].path) + 1 == n && memcmp(tree->v[i].path, node->path, n - 1) == 0)
			return &tree->v[i];
	return NULL;
}

/* A mounted file system keeps its directories in memory and would write them back over this: a
 * device is opened so that this fails. */
static int open_alone(struct pve_sys *sys, struct esp_tree *t, struct pve_err *e)
{
	int flags = O_RDWR | (t->kind == ESP_DEVICE ? O_EXCL : 0);
	int fd = pve_fs_open(sys, t->path, flags, 0, e);

	if (fd < 0 && e->sys == EBUSY)
		pve_err_set(e, PVE_AGAIN,
			    "%s is mounted, and an interrupted run has left names on it that share "
			    "their clusters; unmount it and try again",
			    t->device);
	return fd;
}

static int remove_slots(int fd, const char *device, const uint64_t *slot, size_t n,
			struct pve_err *e)
{
	const unsigned char removed = REMOVED;

	/* The short entry, which is first, makes the name: without it the rest means nothing. */
	for (size_t i = 0; i < n; i++)
		if (pwrite(fd, &removed, 1, (off_t)slot[i]) != 1)
			return pve_err_sys(e, errno, "writing %s at byte %" PRIu64, device, slot[i]);
	return fsync(fd) < 0 ? pve_err_sys(e, errno, "syncing %s", device) : 0;
}

int esp_drop_name(struct esp_tree *t, struct pve_sys *sys, const char *path, struct pve_err *e)
{
	const struct esp_node *node = esp_find(t, path);
	uint64_t slot[PVE_FAT_SLOTS];
	PVE_CLOSE int fd = -1;
	size_t n;

	if (!node || t->kind == ESP_DIR)
		return 0;
	if (pve_fat_slots(&t->source->fat, parent_of(t, node), node->name, slot, &n, e) < 0)
		return -1;
	fd = open_alone(sys, t, e);
	return fd < 0 ? -1 : remove_slots(fd, t->device, slot, n, e);
}
