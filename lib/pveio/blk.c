/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/blk.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/num.h"
#include "pvecommon/strv.h"

/* --- the list ---------------------------------------------------------------------- */

static const char *keep(struct pve_arena *mem, const char *s)
{
	return s ? pve_arena_strdup(mem, s) : "";
}

static uint64_t number(const char *s)
{
	uint64_t v = 0;

	if (s)
		pve_num_span(pve_span_trim(pve_span(s)), UINT64_MAX, &v);
	return v;
}

/* An attribute that only the whole disk has. */
static uint64_t disk_number(struct udev_device *disk, const char *attribute)
{
	return disk ? number(udev_device_get_sysattr_value(disk, attribute)) : 0;
}

static const char *first_property(struct udev_device *d, const char *const *names)
{
	for (; *names; names++) {
		const char *v = udev_device_get_property_value(d, *names);

		if (v && *v)
			return v;
	}
	return NULL;
}

/* Moves a list of strings into the arena as an array. */
static const char *const *settle(struct pve_arena *mem, struct pve_strv *l, size_t *n)
{
	const char **array = pve_arena_alloc(mem, (l->n + 1) * sizeof(*array));

	pve_strv_sort(l);
	for (size_t i = 0; i < l->n; i++)
		array[i] = pve_arena_strdup(mem, l->v[i]);
	*n = l->n;
	pve_strv_done(l);
	return array;
}

static void read_links(struct pve_arena *mem, struct udev_device *d, struct pve_blk_dev *dev)
{
	struct udev_list_entry *entry;
	struct pve_strv links = {0};

	udev_list_entry_foreach(entry, udev_device_get_devlinks_list_entry(d))
		pve_strv_add(&links, udev_list_entry_get_name(entry));
	dev->link = settle(mem, &links, &dev->nlinks);
}

static void read_holders(struct pve_arena *mem, struct udev_device *d, struct pve_blk_dev *dev)
{
	PVE_FREE char *path = pve_asprintf("%s/holders", udev_device_get_syspath(d));
	struct pve_strv names = {0};
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			pve_strv_add(&names, entry->d_name);
	if (dir)
		closedir(dir);
	dev->holder = settle(mem, &names, &dev->nholders);
}

static void read_identity(struct pve_arena *mem, struct udev_device *d, struct udev_device *disk,
			  struct pve_blk_dev *dev)
{
	static const char *const serial[] = {"ID_SERIAL_SHORT", "SCSI_IDENT_SERIAL", "ID_SERIAL",
					     NULL};
	static const char *const wwn[] = {"ID_WWN_WITH_EXTENSION", "ID_WWN", NULL};
	static const char *const model[] = {"ID_MODEL", NULL};
	const char *of_sysfs = disk ? udev_device_get_sysattr_value(disk, "device/serial") : NULL;
	const char *text;

	dev->bus = keep(mem, udev_device_get_property_value(d, "ID_BUS"));
	text = first_property(d, serial);
	/* virtio and NVMe disks tell it in sysfs when no udevd has. */
	if (!text && of_sysfs)
		text = of_sysfs;
	if (!text && disk)
		text = udev_device_get_sysattr_value(disk, "serial");
	dev->serial = keep(mem, text);
	text = first_property(d, model);
	if (!text && disk)
		text = udev_device_get_sysattr_value(disk, "device/model");
	dev->model = keep(mem, text);
	dev->wwn = keep(mem, first_property(d, wwn));
	dev->fstype = keep(mem, udev_device_get_property_value(d, "ID_FS_TYPE"));
	dev->uuid = keep(mem, udev_device_get_property_value(d, "ID_FS_UUID"));
	dev->label = keep(mem, udev_device_get_property_value(d, "ID_FS_LABEL"));
	dev->part_type = keep(mem, udev_device_get_property_value(d, "ID_PART_ENTRY_TYPE"));
	dev->part_uuid = keep(mem, udev_device_get_property_value(d, "ID_PART_ENTRY_UUID"));
}

static void read_one(struct pve_arena *mem, struct udev_device *d, struct pve_blk_dev *dev)
{
	const char *type = udev_device_get_devtype(d);
	struct udev_device *disk = d;

	*dev = (struct pve_blk_dev){.partition = type && strcmp(type, "partition") == 0};
	if (dev->partition)
		disk = udev_device_get_parent_with_subsystem_devtype(d, "block", "disk");
	dev->name = keep(mem, udev_device_get_sysname(d));
	dev->node = keep(mem, udev_device_get_devnode(d));
	dev->devno = udev_device_get_devnum(d);
	dev->partno = (unsigned)number(udev_device_get_sysattr_value(d, "partition"));
	dev->parent = keep(mem, dev->partition && disk ? udev_device_get_sysname(disk) : NULL);
	/* The kernel counts in sectors of 512 bytes, whatever the disk's own are. */
	dev->size = number(udev_device_get_sysattr_value(d, "size")) * 512;
	dev->logical_sector = (unsigned)disk_number(disk, "queue/logical_block_size");
	dev->physical_sector = (unsigned)disk_number(disk, "queue/physical_block_size");
	dev->rotational = disk_number(disk, "queue/rotational");
	dev->removable = disk_number(disk, "removable");
	dev->read_only = number(udev_device_get_sysattr_value(d, "ro"));
	read_identity(mem, d, disk, dev);
	read_links(mem, d, dev);
	read_holders(mem, d, dev);
}

static bool is_nothing(struct udev_device *d)
{
	const char *name = udev_device_get_sysname(d);
	const char *size = udev_device_get_sysattr_value(d, "size");

	if (strncmp(name, "ram", 3) == 0 || strncmp(name, "fd", 2) == 0)
		return true;
	return strncmp(name, "loop", 4) == 0 && number(size) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct pve_blk_dev *)a)->name,
			  ((const struct pve_blk_dev *)b)->name);
}

static int collect(struct udev *udev, struct udev_enumerate *all, struct pve_blk_list *list)
{
	struct udev_list_entry *entry;
	size_t cap = 0;

	if (udev_enumerate_add_match_subsystem(all, "block") < 0 ||
	    udev_enumerate_scan_devices(all) < 0)
		return -1;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(all))
	{
		const char *path = udev_list_entry_get_name(entry);
		struct udev_device *d = udev_device_new_from_syspath(udev, path);

		/* One that vanished between the two calls is no device any more. */
		if (!d)
			continue;
		if (!is_nothing(d)) {
			list->dev = pve_grow(list->dev, list->n, &cap, sizeof(*list->dev));
			read_one(&list->mem, d, &list->dev[list->n++]);
		}
		udev_device_unref(d);
	}
	if (list->n)
		qsort(list->dev, list->n, sizeof(*list->dev), by_name);
	return 0;
}

int pve_blk_list_read(struct pve_blk_list *list, struct pve_err *e)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *all = udev ? udev_enumerate_new(udev) : NULL;
	int ret;

	*list = (struct pve_blk_list){0};
	ret = all ? collect(udev, all, list) : -1;
	if (all)
		udev_enumerate_unref(all);
	if (udev)
		udev_unref(udev);
	if (ret < 0) {
		pve_blk_list_free(list);
		return pve_err_set(e, PVE_NOTHERE, "block devices cannot be listed: is /sys mounted?");
	}
	return 0;
}

void pve_blk_list_free(struct pve_blk_list *list)
{
	free(list->dev);
	pve_arena_done(&list->mem);
	*list = (struct pve_blk_list){0};
}

const struct pve_blk_dev *pve_blk_find(const struct pve_blk_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->dev[i].name, name) == 0 || strcmp(list->dev[i].node, name) == 0)
			return &list->dev[i];
	return NULL;
}

/* --- probing ----------------------------------------------------------------------- */

static void value(blkid_probe pr, const char *name, char *to, size_t size)
{
	const char *text;

	if (blkid_probe_lookup_value(pr, name, &text, NULL) == 0)
		snprintf(to, size, "%s", text);
}

int pve_blk_probe_read(int fd, struct pve_blk_probe *probe, struct pve_err *e)
{
	blkid_probe pr = blkid_new_probe();
	struct pve_blk_probe p = {0};
	int ret;

	if (!pr)
		abort();
	errno = 0;
	ret = blkid_probe_set_device(pr, fd, 0, 0);
	if (ret == 0) {
		blkid_probe_enable_superblocks(pr, 1);
		blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
							      BLKID_SUBLKS_LABEL |
							      BLKID_SUBLKS_USAGE);
		blkid_probe_enable_partitions(pr, 1);
		/* 0 found, 1 nothing there, -2 contradictory signatures (libblkid manual). */
		ret = blkid_do_safeprobe(pr);
	}
	if (ret == -1) {
		int saved = errno ? errno : EIO;

		blkid_free_probe(pr);
		return pve_err_sys(e, saved, "probing for signatures");
	}
	p.ambiguous = ret == -2;
	if (ret == 0) {
		value(pr, "TYPE", p.type, sizeof(p.type));
		value(pr, "USAGE", p.usage, sizeof(p.usage));
		value(pr, "UUID", p.uuid, sizeof(p.uuid));
		value(pr, "LABEL", p.label, sizeof(p.label));
		value(pr, "PTTYPE", p.table, sizeof(p.table));
		value(pr, "PTUUID", p.table_uuid, sizeof(p.table_uuid));
	}
	blkid_free_probe(pr);
	*probe = p;
	return 0;
}
