/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/disk.h"

#include "pvecommon/map.h"

const char *pve_disk_type_name(enum pve_disk_type type)
{
	static const char *const names[] = {"unknown", "hdd", "ssd", "nvme", "usb", "mmc"};

	return names[type];
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* --- which devices are disks ------------------------------------------------------- */

/* The hidden parts of an eMMC: mmcblk0boot0, mmcblk0rpmb. */
static bool is_mmc_part(const char *name)
{
	return starts(name, "mmcblk") && (strstr(name, "boot") || strstr(name, "rpmb"));
}

static bool is_disk(const struct pve_blk_dev *dev)
{
	static const char *const kinds[] = {"sd", "hd", "vd", "xvd", "nvme", "mmcblk",
					    "pmem", "cciss!", NULL};

	if (dev->partition || dev->hidden || dev->cdrom || !dev->size || is_mmc_part(dev->name))
		return false;
	/* A disk of another computer, over iSCSI: its health is not told here. */
	if (strstr(dev->sys_path, "/session"))
		return false;
	for (size_t i = 0; kinds[i]; i++)
		if (starts(dev->name, kinds[i]))
			return true;
	return false;
}

static enum pve_disk_type type_of(const struct pve_blk_dev *dev)
{
	if (starts(dev->name, "nvme"))
		return PVE_DISK_NVME;
	if (starts(dev->name, "mmcblk"))
		return PVE_DISK_MMC;
	if (!dev->rotational)
		return PVE_DISK_SSD;
	if (dev->rpm > 0)
		return PVE_DISK_HDD;
	if (strcmp(dev->bus, "usb") == 0)
		return PVE_DISK_USB;
	/* A SAS disk tells its speed only to those who ask it; a volume of a RAID controller and
	 * a virtual disk say that they rotate, and have no name in a network of disks. */
	if (starts(dev->name, "sd") && strcmp(dev->bus, "scsi") == 0 && *dev->wwn)
		return PVE_DISK_HDD;
	return PVE_DISK_UNKNOWN;
}

bool pve_disk_serial_tells(const char *serial)
{
	return strlen(serial) >= 4 && strspn(serial, (char[]){serial[0], 0}) < strlen(serial);
}

/* Are these two ways to one disk?  A WWN alone does not tell, some makers give all their
 * disks the same; nor does a serial number with another WWN, as namespaces of NVMe have. */
static bool same_disk(const struct pve_blk_dev *a, const struct pve_blk_dev *b)
{
	if (strcmp(a->wwn, b->wwn) != 0 || a->size != b->size || !pve_disk_serial_tells(a->serial))
		return false;
	if (!*a->wwn && (strcmp(a->bus, "usb") == 0 || strcmp(a->bus, b->bus) != 0))
		return false;
	return strcmp(a->serial, b->serial) == 0 && strcmp(a->model, b->model) == 0;
}

/* How good a link is as a stable name: the lower the better; 99: no stable name. */
static unsigned link_rank(const char *link)
{
	static const char *const kinds[] = {"ata-",  "nvme-", "scsi-", "usb-",      "virtio-",
					    "mmc-", "cciss-", "wwn-",  "nvme-eui.", NULL};
	static const char dir[] = "/dev/disk/by-id/";
	unsigned rank = 99;

	if (!starts(link, dir))
		return 99;
	link += sizeof(dir) - 1;
	for (unsigned i = 0; kinds[i]; i++)
		if (starts(link, kinds[i]))
			rank = i;
	/* scsi-3... and nvme-uuid... name a number, scsi-S... and nvme-Maker... the disk itself. */
	if (starts(link, "scsi-3") || starts(link, "nvme-uuid."))
		rank = 7;
	return rank;
}

static const char *best_link(const struct pve_blk_dev *dev)
{
	const char *best = "";
	unsigned rank = 99;

	for (size_t i = 0; i < dev->nlinks; i++) {
		unsigned its = link_rank(dev->link[i]);

		/* Links are sorted: of two of a kind the first counts. */
		if (its < rank) {
			rank = its;
			best = dev->link[i];
		}
	}
	return best;
}

/* --- used -------------------------------------------------------------------------- */

/* GPT types of which Proxmox VE makes a word (PVE::Diskmanage); lower case. */
static const struct {
	const char *type, *word;
} part_types[] = {
	{"e6d6d379-f507-44c2-a23c-238f2a3df928", "LVM"},
	{"6a898cc3-1dd2-11b2-99a6-080020736631", "ZFS"},
	{"516e7cba-6ecf-11d6-8ff8-00022d09712b", "ZFS"},
	{"21686148-6449-6e6f-744e-656564454649", "BIOS boot"},
	{"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI"},
	{"6a945a3b-1dd2-11b2-99a6-080020736631", "ZFS reserved"},
	{"45b0969e-9b03-4f30-b4c6-b4b80ceff106", "Ceph (Journal)"},
	{"5ce17fce-4087-4169-b7ff-056cc58473f9", "Ceph (WAL)"},
	{"30cd0809-c2b2-499c-8879-2d6b78529876", "Ceph (DB)"},
	{"4fbd7e29-9d25-41b8-afd0-062c0ceff05d", "Ceph (OSD)"},
	{"cafecafe-9b03-4f30-b4c6-b4b80ceff106", "Ceph (OSD)"},
};

static bool is_mounted(const struct pve_disk_facts *f, const struct pve_blk_dev *dev)
{
	for (size_t i = 0; i < f->nmounts; i++)
		if (f->mount[i].dev == dev)
			return true;
	return false;
}

static const char *word_of_type(const char *type)
{
	for (size_t i = 0; i < sizeof(part_types) / sizeof(*part_types); i++)
		if (strcasecmp(part_types[i].type, type) == 0)
			return part_types[i].word;
	return NULL;
}

const char *pve_disk_used(const struct pve_disk_facts *f, const struct pve_blk_dev *dev)
{
	const char *word = word_of_type(dev->part_type);

	if (strcmp(dev->fstype, "LVM2_member") == 0)
		return "LVM";
	if (strcmp(dev->fstype, "zfs_member") == 0)
		return "ZFS";
	if (word)
		return word;
	if (!*dev->fstype && pve_map_get(&f->leaf, pve_span(dev->name)))
		return "ZFS";
	if (*dev->fstype)
		return dev->fstype;
	if (is_mounted(f, dev))
		return "mounted";
	return dev->partition && dev->nholders ? "Device Mapper" : "";
}

const struct pve_blk_dev *pve_disk_part(const struct pve_disk_facts *f,
					const struct pve_blk_dev *disk,
					const struct pve_blk_dev *prev)
{
	const struct pve_blk_dev *dev = prev ? prev + 1 : disk + 1;
	const struct pve_blk_dev *end = f->blk.dev + f->blk.n;

	/* By name, its partitions come behind a disk, though not always at once. */
	for (; dev < end && starts(dev->name, disk->name); dev++)
		if (dev->partition && strcmp(dev->parent, disk->name) == 0)
			return dev;
	return NULL;
}

/* Of the whole disk: its own, else that of the first partition that has one. */
static const char *used(const struct pve_disk_facts *f, const struct pve_blk_dev *disk)
{
	const char *word = pve_disk_used(f, disk);
	bool partitions = false;

	if (*word)
		return word;
	for (const struct pve_blk_dev *dev = pve_disk_part(f, disk, NULL); dev;
	     dev = pve_disk_part(f, disk, dev)) {
		partitions = true;
		word = pve_disk_used(f, dev);
		if (*word)
			return word;
	}
	if (partitions)
		return "partitions";
	return disk->nholders ? "Device Mapper" : "";
}

/* --- all of them ------------------------------------------------------------------- */

static void join(struct pve_disks *disks, struct pve_disk *disk, const struct pve_blk_dev *dev)
{
	const struct pve_blk_dev **path =
		pve_arena_alloc(&disks->mem, (disk->npaths + 1) * sizeof(const void *));

	for (size_t i = 0; i < disk->npaths; i++)
		path[i] = disk->path[i];
	path[disk->npaths++] = dev;
	disk->path = path;
}

static void add_dev(struct pve_disks *disks, const struct pve_disk_facts *f,
		    const struct pve_blk_dev *dev, struct pve_map *seen)
{
	struct pve_disk *disk = NULL;

	/* Only a disk that was seen with this serial number can be the same. */
	if (*dev->serial) {
		size_t at = (size_t)pve_map_get(seen, pve_span(dev->serial));

		if (at && same_disk(disks->v[at - 1].dev, dev)) {
			join(disks, &disks->v[at - 1], dev);
			return;
		}
		pve_map_set(seen, pve_span(dev->serial), (void *)(disks->n + 1));
	}
	disks->v = pve_grow(disks->v, disks->n, &disks->cap, sizeof(*disks->v));
	disk = &disks->v[disks->n++];
	*disk = (struct pve_disk){.dev = dev, .name = dev->node, .type = type_of(dev)};
	disk->by_id = best_link(dev);
	disk->used = used(f, dev);
}

void pve_disks_find(struct pve_disks *disks, const struct pve_disk_facts *f)
{
	struct pve_map seen = {0};

	*disks = (struct pve_disks){0};
	for (size_t i = 0; i < f->blk.n; i++)
		if (is_disk(&f->blk.dev[i]))
			add_dev(disks, f, &f->blk.dev[i], &seen);
	pve_map_done(&seen);
	pve_disks_find_uses(disks, f);
	for (size_t i = 0; i < f->nmembers; i++) {
		struct pve_disk *disk;

		disks->v = pve_grow(disks->v, disks->n, &disks->cap, sizeof(*disks->v));
		disk = &disks->v[disks->n++];
		*disk = (struct pve_disk){.member = &f->member[i], .by_id = "", .used = ""};
		disk->name = pve_arena_printf(&disks->mem, "%s %s", f->member[i].node,
					      f->member[i].type);
	}
}

void pve_disks_find_uses(struct pve_disks *disks, const struct pve_disk_facts *f)
{
	for (size_t i = 0; i < disks->n; i++) {
		disks->v[i].nuses = disks->v[i].nguests = 0;
		if (disks->v[i].dev)
			pve_disk_find_uses(disks, &disks->v[i], f);
	}
}

void pve_disks_done(struct pve_disks *disks)
{
	for (size_t i = 0; i < disks->n; i++) {
		free(disks->v[i].use);
		free(disks->v[i].guest);
	}
	free(disks->v);
	pve_arena_done(&disks->mem);
	*disks = (struct pve_disks){0};
}

static bool has_name(const struct pve_blk_dev *dev, const char *name)
{
	if (strcmp(dev->name, name) == 0 || strcmp(dev->node, name) == 0)
		return true;
	for (size_t i = 0; *name == '/' && i < dev->nlinks; i++)
		if (strcmp(dev->link[i], name) == 0)
			return true;
	return false;
}

static bool is_called(const struct pve_disk *disk, const char *name)
{
	if (strcmp(disk->name, name) == 0)
		return true;
	for (size_t i = 0; i < disk->npaths; i++)
		if (has_name(disk->path[i], name))
			return true;
	return disk->dev && has_name(disk->dev, name);
}

const struct pve_disk *pve_disks_get(const struct pve_disks *disks, const char *name)
{
	const struct pve_disk *found = NULL;

	for (size_t i = 0; i < disks->n; i++)
		if (is_called(&disks->v[i], name))
			return &disks->v[i];
	for (size_t i = 0; *name && i < disks->n; i++) {
		const struct pve_blk_dev *dev = disks->v[i].dev;

		if (!dev || (strcmp(dev->serial, name) != 0 && strcmp(dev->wwn, name) != 0))
			continue;
		if (found)
			return NULL;
		found = &disks->v[i];
	}
	return found;
}
