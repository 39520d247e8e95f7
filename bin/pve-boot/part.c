/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What speaks against making an ESP of a device. */
#include "part.h"

#include <string.h>

#include "layout.h"
#include "pvecommon/num.h"

void boot_part_done(struct boot_part *p)
{
	pve_disk_facts_done(&p->facts);
	free(p->name);
	free(p->device);
	*p = (struct boot_part){0};
}

static const struct pve_disk_mount *mount_of(const struct boot_part *p,
					     const struct pve_blk_dev *dev)
{
	for (size_t i = 0; i < p->facts.nmounts; i++)
		if (p->facts.mount[i].dev == dev)
			return &p->facts.mount[i];
	return NULL;
}

/* "is the physical volume below dm-0 (pve-root)" in the words of whoever holds it. */
static int refuse_stacked(const struct boot_part *p, const struct pve_blk_dev *dev,
			  struct pve_err *e)
{
	const char *holder = dev->holder[0];
	const struct pve_blk_dev *above = pve_blk_find(&p->facts.blk, holder);
	const char *name = above && *above->dm_name ? above->dm_name : holder;

	return pve_err_set(e, PVE_FAILED,
			   "%s: %s is built upon %s: an ESP must be a plain partition, which the "
			   "firmware can read",
			   p->name, name, dev->node);
}

/* What makes any use of it wrong, be it a partition or a disk. */
static int check_free(const struct boot_part *p, const struct pve_blk_dev *dev, struct pve_err *e)
{
	const struct pve_disk_mount *m = mount_of(p, dev);

	if (m && strcmp(m->target, "swap") == 0)
		return pve_err_set(e, PVE_FAILED, "%s: %s is in use as swap space (swapoff %s)",
				   p->name, dev->node, dev->node);
	if (m)
		return pve_err_set(e, PVE_FAILED, "%s: %s is mounted on %s (umount %s)", p->name,
				   dev->node, m->target, m->target);
	if (dev->nholders)
		return refuse_stacked(p, dev, e);
	if (dev->read_only)
		return pve_err_set(e, PVE_FAILED, "%s: %s can only be read", p->name, dev->node);
	return 0;
}

static bool virtual(const struct pve_blk_dev *dev)
{
	return *dev->dm_name || *dev->md_level || strncmp(dev->name, "zd", 2) == 0;
}

static int check_device(const struct boot_part *p, struct pve_err *e)
{
	const struct pve_blk_dev *dev = p->dev;

	if (check_free(p, dev, e) < 0)
		return -1;
	if (virtual(dev) || (p->disk && virtual(p->disk)))
		return pve_err_set(e, PVE_FAILED,
				   "%s: %s is no partition of a disk but built upon others: the "
				   "firmware cannot read it",
				   p->name, dev->node);
	if (!dev->partition)
		return pve_err_set(e, PVE_FAILED,
				   "%s: is a whole disk: name its ESP, usually the second partition "
				   "(an empty disk gets one by: pve-boot partition %s)",
				   p->name, dev->node);
	if (p->label_err.code && p->disk)
		return pve_err_set(e, p->label_err.code,
				   "%s: an ESP needs a GPT, and which table %s has cannot be told: %s",
				   p->name, p->disk->node, p->label_err.msg);
	if (p->label == PVE_GPT_MBR && p->disk)
		return pve_err_set(e, PVE_FAILED,
				   "%s: the partition table of %s is an MBR, an ESP needs a GPT "
				   "(sgdisk -g %s converts it, if nothing boots from it)",
				   p->name, p->disk->node, p->disk->node);
	return 0;
}

int boot_part_check(const struct boot_part *p, struct pve_err *e)
{
	char is[PVE_SIZE_TEXT], least[PVE_SIZE_TEXT];

	if (p->kind == ESP_DIR)
		return 0;
	if (p->dev && check_device(p, e) < 0)
		return -1;
	if (p->size < BOOT_ESP_SIZE_MIN)
		return pve_err_set(e, PVE_FAILED,
				   "%s: has %s, which is too small: %s at least, for two kernels and "
				   "their successors",
				   p->name, pve_num_size_text(p->size, is),
				   pve_num_size_text(BOOT_ESP_SIZE_MIN, least));
	if (p->busy)
		return pve_err_set(e, PVE_FAILED,
				   "%s: is in use by the kernel (a pool or an array?): lsblk -f %s",
				   p->name, p->device);
	return 0;
}

int boot_part_check_format(const struct boot_part *p, bool force, struct pve_err *e)
{
	if (p->kind == ESP_DIR)
		return pve_err_set(e, PVE_FAILED, "%s: is a directory: name the partition",
				   p->name);
	if (boot_part_check(p, e) < 0)
		return -1;
	if (force)
		return 0;
	if (p->probe.ambiguous)
		return pve_err_set(e, PVE_FAILED,
				   "%s: has the signatures of several file systems (wipefs %s shows "
				   "them; --force formats it nevertheless)",
				   p->name, p->device);
	if (*p->probe.type)
		return pve_err_set(e, PVE_FAILED,
				   "%s: there is a %s on it already%s%s, which formatting would lose "
				   "(--force does it nevertheless)",
				   p->name, p->probe.type, *p->probe.uuid ? ", UUID " : "",
				   p->probe.uuid);
	if (*p->probe.table)
		return pve_err_set(e, PVE_FAILED,
				   "%s: there is a partition table (%s) on it: is it the right one? "
				   "(--force formats it nevertheless)",
				   p->name, p->probe.table);
	return 0;
}

int boot_part_check_vfat(const struct boot_part *p, struct pve_err *e)
{
	if (p->kind == ESP_DIR)
		return 0;
	if (strcmp(p->probe.type, "vfat") != 0)
		return pve_err_set(e, PVE_FAILED,
				   "%s: there is %s%s on it, an ESP has vfat (pve-boot format%s %s)",
				   p->name, *p->probe.type ? "a " : "no file system",
				   p->probe.type, *p->probe.type ? " --force" : "", p->name);
	if (!esp_is_uuid(pve_span(p->probe.uuid)))
		return pve_err_set(e, PVE_FAILED,
				   "%s: its vfat has no serial number, by which it could be found "
				   "again (pve-boot format --force %s)",
				   p->name, p->name);
	return 0;
}

/* --- whole disks --------------------------------------------------------------------- */

static int check_partitions(const struct boot_part *p, struct pve_err *e)
{
	const struct pve_blk_dev *part = NULL;
	unsigned n = 0;

	while ((part = pve_disk_part(&p->facts, p->dev, part))) {
		if (check_free(p, part, e) < 0)
			return -1;
		n++;
	}
	if (n)
		return pve_err_set(e, PVE_FAILED,
				   "%s: has %u partition%s already: if they may go, wipefs -a %s "
				   "empties it",
				   p->name, n, n == 1 ? "" : "s", p->dev->node);
	return 0;
}

int boot_disk_check(const struct boot_part *p, struct pve_err *e)
{
	if (p->kind == ESP_DIR)
		return pve_err_set(e, PVE_USAGE, "%s: is a directory, not a disk", p->name);
	if (p->dev) {
		if (p->dev->partition)
			return pve_err_set(e, PVE_FAILED,
					   "%s: is a partition: name the whole disk, %s", p->name,
					   p->disk ? p->disk->node : "");
		if (check_free(p, p->dev, e) < 0)
			return -1;
		if (virtual(p->dev))
			return pve_err_set(e, PVE_FAILED,
					   "%s: is no disk but built upon others: the firmware "
					   "cannot boot from it",
					   p->name);
		if (check_partitions(p, e) < 0)
			return -1;
	}
	if (p->probe.ambiguous || *p->probe.type || *p->probe.table)
		return pve_err_set(e, PVE_FAILED,
				   "%s: is not empty, there is a %s on it: if that may go, wipefs -a "
				   "%s empties it",
				   p->name,
				   p->probe.ambiguous ? "mix of signatures"
				   : *p->probe.type   ? p->probe.type
						      : "partition table",
				   p->device);
	if (p->busy)
		return pve_err_set(e, PVE_FAILED, "%s: is in use by the kernel (lsblk %s)", p->name,
				   p->device);
	return 0;
}
