/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "part.h"
#include "pvecommon/fs.h"
#include "pveio/inventory.h"

/* Names of the command line mean the root; without --root the working directory counts, too. */
static char *absolute(struct pve_sys *sys, const char *name)
{
	PVE_FREE char *cwd = NULL;

	if (*name == '/' || sys->rooted || !(cwd = getcwd(NULL, 0)))
		return pve_strdup(name);
	return pve_asprintf("%s/%s", cwd, name);
}

static int find_kind(struct boot_part *p, int fd, struct pve_err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return pve_err_sys(e, errno, "%s", p->name);
	if (S_ISDIR(st.st_mode)) {
		p->kind = ESP_DIR;
	} else if (S_ISREG(st.st_mode)) {
		p->kind = ESP_IMAGE;
		p->size = (uint64_t)st.st_size;
	} else if (S_ISBLK(st.st_mode)) {
		p->kind = ESP_DEVICE;
		if (ioctl(fd, BLKGETSIZE64, &p->size) < 0)
			return pve_err_sys(e, errno, "%s", p->name);
	} else {
		return pve_err_set(e, PVE_USAGE,
				   "%s: is neither a block device, nor an image, nor a directory",
				   p->name);
	}
	return 0;
}

/* Does the kernel hold it for somebody (open(2), O_EXCL on block devices)? */
static bool held(struct pve_sys *sys, const char *device)
{
	struct pve_err e = {0};
	PVE_CLOSE int fd = pve_fs_open(sys, device, O_RDONLY | O_EXCL | O_NONBLOCK, 0, &e);

	return fd < 0 && e.sys == EBUSY;
}

/* The table of the disk that the partition is of: from the disk itself, or from what udev knows. */
static void read_table(struct boot_part *p, struct pve_sys *sys)
{
	PVE_CLOSE int fd = -1;
	struct pve_gpt gpt = {0};
	struct pve_err e = {0};
	const struct pve_gpt_part *part;

	snprintf(p->type, sizeof(p->type), "%s", p->dev->part_type);
	if (strcmp(p->disk->table, "dos") == 0)
		p->label = PVE_GPT_MBR;
	else if (strcmp(p->disk->table, "gpt") == 0)
		p->label = PVE_GPT_GPT;
	fd = boot_open_quietly(sys, p->disk->node, &e);
	if (fd < 0 || pve_gpt_read(fd, p->disk->node, &gpt, &e) < 0) {
		if (p->label == PVE_GPT_NONE)
			p->label_err = e;
		return;
	}
	p->label = gpt.label;
	part = pve_gpt_find(&gpt, p->dev->partno);
	if (part)
		snprintf(p->type, sizeof(p->type), "%s", part->type);
	pve_gpt_done(&gpt);
}

static void find_device(struct boot_part *p, struct pve_sys *sys)
{
	p->dev = pve_blk_find(&p->facts.blk, p->device);
	if (!p->dev)
		return;
	p->size = p->dev->size;
	p->disk = p->dev->partition ? pve_blk_find(&p->facts.blk, p->dev->parent) : p->dev;
	if (p->disk && p->dev->partition)
		read_table(p, sys);
}

/* "FAT32   " stands at 82 of such a file system, where smaller FATs have code (Microsoft's FAT
 * specification 1.03, BS_FilSysType). */
static bool is_fat32(int fd)
{
	char text[5];

	return pread(fd, text, 5, 82) == 5 && memcmp(text, "FAT32", 5) == 0;
}

int boot_part_read(struct boot_part *p, struct pve_sys *sys, const char *name, struct pve_err *e)
{
	PVE_FREE char *path = absolute(sys, name);
	PVE_CLOSE int fd = -1;
	struct pve_err inventory = {0};

	p->name = pve_strdup(name);
	if (*path != '/')
		return pve_err_set(e, PVE_USAGE, "%s: with --root, say where it is below that: /%s",
				   name, name);
	fd = boot_open_quietly(sys, path, e);
	if (fd < 0)
		return -1;
	p->device = pve_fs_name(sys, fd);
	if (!p->device)
		p->device = pve_strdup(path);
	if (find_kind(p, fd, e) < 0)
		return -1;
	if (p->kind == ESP_DIR)
		return 0;
	/* It is waited for when something was changed, which is too late for this failure. */
	if (p->kind == ESP_DEVICE && pve_blk_udev_check(sys, e) < 0)
		return -1;
	if (pve_inventory_read(&p->facts, sys, &inventory) == 0)
		find_device(p, sys);
	else if (p->kind == ESP_DEVICE) {
		*e = inventory;
		return -1;
	}
	p->busy = p->kind == ESP_DEVICE && held(sys, p->device);
	p->fat32 = is_fat32(fd);
	return pve_blk_probe_read(fd, &p->probe, e);
}
