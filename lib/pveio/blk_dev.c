/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One block device: its attributes in sysfs and its record of udev. */
#include "pveio/blk_impl.h"

#include <fcntl.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/num.h"

#define ATTR_MAX 512
#define RECORD_STEP 8192 /* of udev about one device; real ones have two or three KiB */
#define RECORD_MAX (1 << 20)

/* The first line of an attribute without blanks around it; "" when there is none.  No link is
 * followed: what lies behind one has a directory of its own in struct pve_blk_dirs. */
static const char *attr(int dir, const char *name, char text[ATTR_MAX])
{
	PVE_CLOSE int fd = -1;
	struct pve_span s;
	ssize_t n = -1;

	if (dir >= 0)
		fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0)
		n = read(fd, text, ATTR_MAX - 1);
	if (n <= 0)
		return "";
	text[n] = 0;
	s = pve_span_trim((struct pve_span){text, strcspn(text, "\n")});
	memmove(text, s.p, s.len);
	text[s.len] = 0;
	return text;
}

static uint64_t number(const char *s)
{
	uint64_t v = 0;

	pve_num_span(pve_span(s), UINT64_MAX, &v);
	return v;
}

static uint64_t attr_number(int dir, const char *name)
{
	char text[ATTR_MAX];

	return number(attr(dir, name, text));
}

static const char *keep(struct pve_arena *mem, const char *s)
{
	return s && *s ? pve_arena_strdup(mem, s) : "";
}

/* The first of the properties that is set. */
static const char *first(const struct pve_udev_record *r, const char *const *names)
{
	const char *v = "";

	while (*names && !*v)
		v = pve_udev_get(r, *names++);
	return v;
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

void pve_blk_names(int dir, const char *prefix, struct pve_strv *names)
{
	alignas(struct dirent64) char block[8192];
	ssize_t n;

	while ((n = getdents64(dir, block, sizeof(block))) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(block + at);

			if (entry->d_name[0] != '.' &&
			    strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
				pve_strv_add(names, entry->d_name);
			at += entry->d_reclen;
		}
	}
}

int pve_blk_open_dir(struct pve_sys *sys, const char *base, const char *sub)
{
	PVE_FREE char *path = pve_asprintf("%s/%s", base, sub);

	return pve_fs_open(sys, path, O_RDONLY | O_DIRECTORY, 0, NULL);
}

/* The file of udev's database about a device; false when there is none. */
static bool read_file(struct pve_blk_reader *r, dev_t devno, struct pve_udev_record *rec)
{
	PVE_CLOSE int fd = -1;
	char name[48];
	PVE_BUF bytes = {0};
	ssize_t n;

	snprintf(name, sizeof(name), "b%u:%u", major(devno), minor(devno));
	if (r->records >= 0)
		fd = openat(r->records, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	while ((n = read(fd, pve_buf_reserve(&bytes, RECORD_STEP), RECORD_STEP)) > 0) {
		bytes.len += (size_t)n;
		if (n < RECORD_STEP || bytes.len > RECORD_MAX)
			break;
	}
	pve_udev_record_parse(rec, (struct pve_span){bytes.data, bytes.len});
	return true;
}

/* libudev walks down to the device from the root of sysfs, thirty system calls and more for a
 * file of which we know the format.  So it is asked only when udev writes another one. */
static void read_record(struct pve_blk_reader *r, struct pve_blk_dev *dev,
			struct pve_udev_record *rec)
{
	dev->known = read_file(r, dev->devno, rec);
	if (!dev->known || r->sys->rooted || rec->version == PVE_UDEV_VERSION)
		return;
	if (!r->udev)
		r->udev = pve_blk_udev_open(NULL);
	pve_udev_record_done(rec);
	*rec = (struct pve_udev_record){.mem = &r->list->mem};
	dev->known = pve_blk_udev_read(r->udev, dev->devno, rec);
}

static void read_holders(struct pve_arena *mem, int base, struct pve_blk_dev *dev)
{
	PVE_CLOSE int dir =
		openat(base, "holders", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct pve_strv names = {0};

	if (dir >= 0)
		pve_blk_names(dir, "", &names);
	dev->holder = settle(mem, &names, &dev->nholders);
}

/* What the file system or partition table on it is called, as udev's blkid saw it. */
static void read_content(struct pve_arena *mem, const struct pve_udev_record *r,
			 struct pve_blk_dev *dev)
{
	struct pve_strv links = {0};

	dev->fstype = keep(mem, pve_udev_get(r, "ID_FS_TYPE"));
	dev->uuid = keep(mem, pve_udev_get(r, "ID_FS_UUID"));
	dev->uuid_sub = keep(mem, pve_udev_get(r, "ID_FS_UUID_SUB"));
	dev->label = keep(mem, pve_udev_get(r, "ID_FS_LABEL"));
	dev->table = keep(mem, pve_udev_get(r, "ID_PART_TABLE_TYPE"));
	dev->part_type = keep(mem, pve_udev_get(r, "ID_PART_ENTRY_TYPE"));
	dev->part_uuid = keep(mem, pve_udev_get(r, "ID_PART_ENTRY_UUID"));
	dev->cdrom = *pve_udev_get(r, "ID_CDROM");
	for (size_t i = 0; i < r->nlinks; i++)
		pve_strv_add(&links, r->link[i]);
	dev->link = settle(mem, &links, &dev->nlinks);
}

/* Revolutions from page B1 of the vital product data (SBC-4, 6.6.2: bytes 4 and 5). */
static int vpd_rpm(int device)
{
	PVE_CLOSE int fd = openat(device, "vpd_pgb1", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char page[64];
	int rpm = -1;

	if (fd >= 0 && read(fd, page, sizeof(page)) >= 6)
		rpm = page[4] << 8 | page[5];
	if (rpm == 1)
		return 0; /* non-rotating medium */
	return rpm > 0x400 && rpm < 0xffff ? rpm : -1;
}

static void read_rpm(const struct pve_blk_dirs *d, const struct pve_udev_record *r,
		     struct pve_blk_dev *dev)
{
	const char *text = pve_udev_get(r, "ID_ATA_ROTATION_RATE_RPM");
	uint64_t rpm;

	dev->rpm = -1;
	if (pve_num_span(pve_span(text), 100000, &rpm) == 0)
		dev->rpm = (int)rpm;
	else if (d->device >= 0 && dev->rotational)
		dev->rpm = vpd_rpm(d->device);
	if (!dev->rotational)
		dev->rpm = 0;
}

/* The serial number in page 80 (SPC-5, 7.7.20: it begins at byte 4), when no udevd has read it. */
static const char *vpd_serial(int device, char text[ATTR_MAX])
{
	PVE_CLOSE int fd = -1;
	ssize_t n = -1;
	struct pve_span s = {text, 0};

	memset(text, 0, ATTR_MAX);
	if (device >= 0)
		fd = openat(device, "vpd_pg80", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		n = read(fd, text, ATTR_MAX - 1);
	if (n > 4)
		s = pve_span_trim((struct pve_span){text + 4, strnlen(text + 4, (size_t)n - 4)});
	memmove(text, s.p, s.len);
	text[s.len] = 0;
	return text;
}

/* What udev told, else the first of these attributes that is there.  Each costs a system call
 * or three, so none is read that is not needed. */
static const char *or_attr(const char *told, int dir, const char *const *names, char text[ATTR_MAX])
{
	while (!*told && *names)
		told = attr(dir, *names++, text);
	return told;
}

static void read_identity(struct pve_arena *mem, const struct pve_blk_dirs *d,
			  const struct pve_udev_record *r, struct pve_blk_dev *dev)
{
	/* Of SCSI, udev's short serial number is the WWN; its own goes by other names. */
	static const char *const serial[] = {"ID_SCSI_SERIAL", "SCSI_IDENT_SERIAL",
					     "ID_SERIAL_SHORT", "ID_SERIAL", NULL};
	static const char *const wwn[] = {"ID_WWN_WITH_EXTENSION", "ID_WWN", NULL};
	static const char *const serial_attr[] = {"serial", NULL}, *const wwid_attr[] = {"wwid",
											 NULL};
	static const char *const model_attr[] = {"model", "name", NULL};
	static const char *const firmware_attr[] = {"firmware_rev", "rev", NULL};
	char a[ATTR_MAX];
	const char *text;

	dev->bus = keep(mem, pve_udev_get(r, "ID_BUS"));
	/* virtio and NVMe disks tell it in sysfs when no udevd has. */
	text = or_attr(first(r, serial), d->device, serial_attr, a);
	text = or_attr(text, d->base, serial_attr, a);
	dev->serial = keep(mem, *text ? text : vpd_serial(d->device, a));
	dev->model = keep(mem, or_attr(pve_udev_get(r, "ID_MODEL"), d->device, model_attr, a));
	text = attr(d->device, "vendor", a);
	/* Of virtio and NVMe it is the number of the PCI vendor. */
	dev->vendor = keep(mem, strncmp(text, "0x", 2) == 0 ? "" : text);
	dev->firmware =
		keep(mem, or_attr(pve_udev_get(r, "ID_REVISION"), d->device, firmware_attr, a));
	dev->wwn = keep(mem, or_attr(first(r, wwn), d->base, wwid_attr, a));
	read_rpm(d, r, dev);
}

static void read_stacked(struct pve_arena *mem, const char *path, struct pve_blk_reader *r,
			 struct pve_blk_dev *dev)
{
	char text[ATTR_MAX];

	if (strncmp(dev->name, "dm-", 3) == 0) {
		PVE_CLOSE int dm = pve_blk_open_dir(r->sys, path, "dm");

		dev->dm_name = keep(mem, attr(dm, "name", text));
		dev->dm_uuid = keep(mem, attr(dm, "uuid", text));
	} else if (strncmp(dev->name, "md", 2) == 0) {
		PVE_CLOSE int md = pve_blk_open_dir(r->sys, path, "md");

		dev->md_level = keep(mem, attr(md, "level", text));
	}
}

/* The bay, from the link that the kernel's ses driver makes: "enclosure_device:Slot 03". */
static void read_slot(struct pve_blk_reader *r, const char *path, const struct pve_blk_dirs *d,
		      struct pve_blk_dev *dev)
{
	static const char prefix[] = "enclosure_device:";
	PVE_STRV names = {0};

	if (d->device >= 0)
		pve_blk_names(d->device, prefix, &names);
	if (!names.n)
		return;
	dev->slot = keep(&r->list->mem, names.v[0] + sizeof(prefix) - 1);
	dev->enclosure = pve_arena_printf(&r->list->mem, "%s/device/%s", path, names.v[0]);
}

static dev_t parse_devno(const char *text)
{
	size_t colon = strcspn(text, ":");
	uint64_t ma, mi;

	if (!text[colon] || pve_num_span((struct pve_span){text, colon}, 0xffffffff, &ma) < 0 ||
	    pve_num_span(pve_span(text + colon + 1), 0xffffffff, &mi) < 0)
		return 0;
	return makedev((unsigned)ma, (unsigned)mi);
}

static const char *node_of(struct pve_arena *mem, const char *name)
{
	char *node = pve_arena_printf(mem, "/dev/%s", name);

	for (char *c = node; *c; c++)
		if (*c == '!')
			*c = '/';
	return node;
}

static struct pve_blk_dev *new_dev(struct pve_blk_reader *r, const char *name,
				   const struct pve_blk_dirs *d)
{
	struct pve_blk_list *list = r->list;
	struct pve_blk_dev *dev;
	char text[ATTR_MAX];

	list->dev = pve_grow(list->dev, list->n, &r->cap, sizeof(*list->dev));
	dev = &list->dev[list->n++];
	*dev = (struct pve_blk_dev){.name = keep(&list->mem, name),
				    .parent = "",
				    .dm_name = "",
				    .dm_uuid = "",
				    .md_level = "",
				    .slot = "",
				    .enclosure = ""};
	dev->node = node_of(&list->mem, name);
	dev->devno = parse_devno(attr(d->base, "dev", text));
	/* The kernel counts in sectors of 512 bytes, whatever the disk's own are. */
	dev->size = attr_number(d->base, "size") * 512;
	dev->read_only = attr_number(d->base, "ro");
	read_holders(&list->mem, d->base, dev);
	return dev;
}

bool pve_blk_is_nothing(const char *name, int base)
{
	if (strncmp(name, "ram", 3) == 0 || strncmp(name, "fd", 2) == 0)
		return true;
	return strncmp(name, "loop", 4) == 0 && attr_number(base, "size") == 0;
}

void pve_blk_add_disk(struct pve_blk_reader *r, const char *name, const char *path,
		      const struct pve_blk_dirs *d)
{
	struct pve_udev_record rec = {.mem = &r->list->mem};
	struct pve_blk_dev *dev = new_dev(r, name, d);
	char link[PATH_MAX];
	ssize_t n = readlinkat(r->block, name, link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = 0;
	dev->sys_path = keep(&r->list->mem, strstr(link, "/devices/"));
	dev->logical_sector = (unsigned)attr_number(d->queue, "logical_block_size");
	dev->physical_sector = (unsigned)attr_number(d->queue, "physical_block_size");
	dev->rotational = attr_number(d->queue, "rotational");
	dev->removable = attr_number(d->base, "removable");
	dev->hidden = attr_number(d->base, "hidden");
	read_record(r, dev, &rec);
	read_identity(&r->list->mem, d, &rec, dev);
	read_content(&r->list->mem, &rec, dev);
	read_stacked(&r->list->mem, path, r, dev);
	/* Ports of a SATA controller belong to no enclosure. */
	if (r->bays && name[0] == 's' && !strstr(dev->sys_path, "/ata"))
		read_slot(r, path, d, dev);
	pve_udev_record_done(&rec);
}

/* A partition has from its disk what only the whole can have. */
void pve_blk_add_partition(struct pve_blk_reader *r, size_t disk, const char *name, unsigned partno,
			   const struct pve_blk_dirs *d)
{
	struct pve_udev_record rec = {.mem = &r->list->mem};
	struct pve_blk_dev *dev = new_dev(r, name, d);
	const struct pve_blk_dev *whole = &r->list->dev[disk];

	dev->partition = true;
	dev->partno = partno;
	dev->parent = whole->name;
	dev->sys_path = whole->sys_path;
	dev->logical_sector = whole->logical_sector;
	dev->physical_sector = whole->physical_sector;
	dev->rotational = whole->rotational;
	dev->removable = whole->removable;
	dev->bus = whole->bus;
	dev->vendor = whole->vendor;
	dev->model = whole->model;
	dev->serial = whole->serial;
	dev->wwn = whole->wwn;
	dev->firmware = whole->firmware;
	dev->rpm = whole->rpm;
	read_record(r, dev, &rec);
	read_content(&r->list->mem, &rec, dev);
	pve_udev_record_done(&rec);
}
