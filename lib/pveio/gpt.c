/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GUID partition tables, over libfdisk. */
#include "pveio/gpt.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pvecommon/mem.h"
#include "pveio/gpt_impl.h"

static struct pve_gpt_calls calls;

/* --- contexts ---------------------------------------------------------------------- */

static void unref(struct fdisk_context **cxt)
{
	if (*cxt)
		calls.fdisk_unref_context(*cxt);
}

#define CONTEXT PVE_CLEANUP(unref) struct fdisk_context

/* An image does not tell its sector size, but its GPT stands in sector 1 (UEFI 5.3.2). */
static unsigned image_sector(int fd)
{
	struct stat st;
	char magic[8];

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	for (unsigned size = 512; size <= 4096; size *= 8)
		if (pread(fd, magic, 8, size) == 8 && memcmp(magic, "EFI PART", 8) == 0)
			return size;
	return 512;
}

/* Nothing is ever asked, so a context never waits for a person. */
static struct fdisk_context *context(int fd, const char *name, bool readonly, struct pve_err *e)
{
	unsigned sector = image_sector(fd);
	struct fdisk_context *cxt;
	int r;

	if (pve_gpt_load(&calls, e) < 0)
		return NULL;
	cxt = calls.fdisk_new_context();
	if (!cxt)
		abort();
	calls.fdisk_disable_dialogs(cxt, 1);
	if (sector)
		calls.fdisk_save_user_sector_size(cxt, sector, sector);
	r = calls.fdisk_assign_device_by_fd(cxt, fd, name, readonly);
	if (r < 0) {
		calls.fdisk_unref_context(cxt);
		pve_err_sys(e, -r, "reading the partition table of %s", name);
		return NULL;
	}
	return cxt;
}

/* A context of a disk that must have a GPT. */
static struct fdisk_context *gpt_context(int fd, const char *name, struct pve_err *e)
{
	struct fdisk_context *cxt = context(fd, name, false, e);

	if (cxt && !calls.fdisk_is_labeltype(cxt, FDISK_DISKLABEL_GPT)) {
		calls.fdisk_unref_context(cxt);
		pve_err_set(e, PVE_DATA, "%s has no GPT", name);
		return NULL;
	}
	return cxt;
}

static int write_label(struct fdisk_context *cxt, int fd, const char *name, struct pve_err *e)
{
	int r = calls.fdisk_write_disklabel(cxt);

	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		return pve_err_sys(e, -r, "writing the partition table of %s", name);
	return 0;
}

/* --- reading ----------------------------------------------------------------------- */

/* GUIDs are compared as text everywhere, so they have one spelling. */
static void copy_guid(char to[PVE_GPT_GUID], const char *from)
{
	snprintf(to, PVE_GPT_GUID, "%s", from ? from : "");
	for (char *p = to; *p; p++)
		if (*p >= 'A' && *p <= 'F')
			*p += 'a' - 'A';
}

static void read_part(struct fdisk_partition *pa, struct pve_gpt_part *part)
{
	struct fdisk_parttype *type = calls.fdisk_partition_get_type(pa);
	const char *name = calls.fdisk_partition_get_name(pa);

	memset(part, 0, sizeof(*part));
	part->no = (unsigned)calls.fdisk_partition_get_partno(pa) + 1;
	part->first = calls.fdisk_partition_get_start(pa);
	part->last = calls.fdisk_partition_get_end(pa);
	copy_guid(part->type, type ? calls.fdisk_parttype_get_string(type) : NULL);
	copy_guid(part->guid, calls.fdisk_partition_get_uuid(pa));
	snprintf(part->name, sizeof(part->name), "%s", name ? name : "");
}

static int read_parts(struct fdisk_context *cxt, struct pve_gpt *gpt)
{
	struct fdisk_table *table = NULL;
	struct fdisk_iter *it = calls.fdisk_new_iter(FDISK_ITER_FORWARD);
	struct fdisk_partition *pa;
	size_t cap = 0;
	int r = calls.fdisk_get_partitions(cxt, &table);

	while (r == 0 && calls.fdisk_table_next_partition(table, it, &pa) == 0) {
		if (!calls.fdisk_partition_has_partno(pa) || !calls.fdisk_partition_has_start(pa) ||
		    !calls.fdisk_partition_has_size(pa) || calls.fdisk_partition_get_size(pa) == 0)
			continue;
		gpt->part = pve_grow(gpt->part, gpt->n, &cap, sizeof(*gpt->part));
		read_part(pa, &gpt->part[gpt->n++]);
	}
	calls.fdisk_free_iter(it);
	calls.fdisk_unref_table(table);
	return r;
}

static enum pve_gpt_label label_of(struct fdisk_context *cxt)
{
	if (!calls.fdisk_has_label(cxt))
		return PVE_GPT_NONE;
	if (calls.fdisk_is_labeltype(cxt, FDISK_DISKLABEL_GPT))
		return PVE_GPT_GPT;
	return calls.fdisk_is_labeltype(cxt, FDISK_DISKLABEL_DOS) ? PVE_GPT_MBR : PVE_GPT_OTHER;
}

/* Where a GPT of the usual 128 entries begins and ends (UEFI 5.3.1: 16 KiB of entries, a header
 * before, and an MBR; the same behind). */
static void usual_bounds(struct pve_gpt *gpt)
{
	uint64_t table = 16384 / gpt->sector + 1;

	gpt->first = table + 1;
	gpt->last = gpt->sectors > 2 * table + 1 ? gpt->sectors - 1 - table : 0;
}

int pve_gpt_read(int fd, const char *name, struct pve_gpt *gpt, struct pve_err *e)
{
	CONTEXT *cxt = context(fd, name, true, e);
	struct pve_gpt found = {0};
	char *id = NULL;
	int r;

	if (!cxt)
		return -1;
	found.label = label_of(cxt);
	found.sector = (unsigned)calls.fdisk_get_sector_size(cxt);
	found.sectors = calls.fdisk_get_nsectors(cxt);
	usual_bounds(&found);
	if (found.label == PVE_GPT_GPT) {
		found.first = calls.fdisk_get_first_lba(cxt);
		found.last = calls.fdisk_get_last_lba(cxt);
		if (calls.fdisk_get_disklabel_id(cxt, &id) == 0)
			copy_guid(found.guid, id);
		free(id);
		r = read_parts(cxt, &found);
		if (r < 0) {
			pve_gpt_done(&found);
			return pve_err_sys(e, -r, "reading the partitions of %s", name);
		}
	}
	*gpt = found;
	return 0;
}

void pve_gpt_done(struct pve_gpt *gpt)
{
	free(gpt->part);
	gpt->part = NULL;
	gpt->n = 0;
}

const struct pve_gpt_part *pve_gpt_find(const struct pve_gpt *gpt, unsigned no)
{
	for (size_t i = 0; i < gpt->n; i++)
		if (gpt->part[i].no == no)
			return &gpt->part[i];
	return NULL;
}

/* --- writing ----------------------------------------------------------------------- */

static void new_guid(char guid[PVE_GPT_GUID])
{
	uuid_t id;

	calls.uuid_generate_random(id);
	calls.uuid_unparse_lower(id, guid);
}

static int set_parttype(struct fdisk_context *cxt, struct fdisk_partition *pa, const char *guid)
{
	struct fdisk_label *gpt = calls.fdisk_get_label(cxt, "gpt");
	struct fdisk_parttype *type = calls.fdisk_label_get_parttype_from_string(gpt, guid);
	int r = type ? 0 : -EINVAL;

	/* libfdisk gives a type of its table, which it keeps, or a new one for an unknown GUID. */
	if (!type && (type = calls.fdisk_new_unknown_parttype(0, guid)))
		r = 0;
	if (r == 0)
		r = calls.fdisk_partition_set_type(pa, type);
	calls.fdisk_unref_parttype(type);
	return r;
}

static int add_part(struct fdisk_context *cxt, const struct pve_gpt_part *part)
{
	struct fdisk_partition *pa = calls.fdisk_new_partition();
	int r;

	if (!pa)
		abort();
	calls.fdisk_partition_partno_follow_default(pa, 0);
	calls.fdisk_partition_end_follow_default(pa, 0);
	calls.fdisk_partition_set_partno(pa, part->no - 1);
	calls.fdisk_partition_set_start(pa, part->first);
	calls.fdisk_partition_size_explicit(pa, 1);
	calls.fdisk_partition_set_size(pa, part->last - part->first + 1);
	if (part->name[0])
		calls.fdisk_partition_set_name(pa, part->name);
	if (part->guid[0])
		calls.fdisk_partition_set_uuid(pa, part->guid);
	r = set_parttype(cxt, pa, part->type);
	if (r == 0)
		r = calls.fdisk_add_partition(cxt, pa, NULL);
	if (r == 0)
		r = calls.fdisk_wipe_partition(cxt, part->no - 1, 1);
	calls.fdisk_unref_partition(pa);
	return r;
}

/* libfdisk would move what does not fit; a plan that was shown must be kept to the sector. */
static int check_wish(const struct pve_gpt *bounds, const char *name,
		      const struct pve_gpt_part *part, size_t n, struct pve_err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (part[i].no == 0 || part[i].first > part[i].last ||
		    part[i].first < bounds->first || part[i].last > bounds->last)
			return pve_err_set(e, PVE_DATA,
					   "%s: partition %u does not fit: sectors %ju to %ju of "
					   "%ju to %ju",
					   name, part[i].no, (uintmax_t)part[i].first,
					   (uintmax_t)part[i].last, (uintmax_t)bounds->first,
					   (uintmax_t)bounds->last);
		for (size_t k = 0; k < i; k++)
			if (part[i].no == part[k].no ||
			    (part[i].first <= part[k].last && part[k].first <= part[i].last))
				return pve_err_set(e, PVE_DATA, "%s: partitions %u and %u overlap",
						   name, part[k].no, part[i].no);
	}
	return 0;
}

/* Without being told so, libfdisk calls nothing below 1 MiB usable; the BIOS boot partition lies
 * there. */
static int create_label(struct fdisk_context *cxt, uint64_t first)
{
	struct fdisk_script *script = calls.fdisk_new_script(cxt);
	char text[24];
	int r = script ? 0 : -ENOMEM;

	snprintf(text, sizeof(text), "%ju", (uintmax_t)first);
	if (r == 0)
		r = calls.fdisk_script_set_header(script, "label", "gpt");
	if (r == 0)
		r = calls.fdisk_script_set_header(script, "first-lba", text);
	if (r == 0)
		r = calls.fdisk_apply_script_headers(cxt, script);
	calls.fdisk_set_script(cxt, NULL);
	calls.fdisk_unref_script(script);
	return r;
}

int pve_gpt_create(int fd, const char *name, const struct pve_gpt_part *part, size_t n,
		   struct pve_err *e)
{
	CONTEXT *cxt = context(fd, name, false, e);
	struct pve_gpt bounds = {0};
	int r;

	if (!cxt)
		return -1;
	calls.fdisk_enable_wipe(cxt, 1);
	bounds.sector = (unsigned)calls.fdisk_get_sector_size(cxt);
	bounds.sectors = calls.fdisk_get_nsectors(cxt);
	usual_bounds(&bounds);
	r = create_label(cxt, bounds.first);
	if (r < 0)
		return pve_err_sys(e, -r, "making a partition table on %s", name);
	if (check_wish(&bounds, name, part, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		r = add_part(cxt, &part[i]);
		if (r < 0)
			return pve_err_sys(e, -r, "making partition %u on %s", part[i].no, name);
	}
	return write_label(cxt, fd, name, e);
}

int pve_gpt_set_type(int fd, const char *name, unsigned no, const char *type, struct pve_err *e)
{
	CONTEXT *cxt = gpt_context(fd, name, e);
	struct fdisk_partition *pa;
	int r;

	if (!cxt)
		return -1;
	if (no == 0 || !calls.fdisk_is_partition_used(cxt, no - 1))
		return pve_err_set(e, PVE_NOTHERE, "%s has no partition %u", name, no);
	pa = calls.fdisk_new_partition();
	r = set_parttype(cxt, pa, type);
	if (r == 0)
		r = calls.fdisk_set_partition(cxt, no - 1, pa);
	calls.fdisk_unref_partition(pa);
	if (r < 0)
		return pve_err_sys(e, -r, "changing the type of partition %u of %s", no, name);
	return write_label(cxt, fd, name, e);
}

static int renew_part(struct fdisk_context *cxt, size_t i)
{
	struct fdisk_partition *pa = calls.fdisk_new_partition();
	char guid[PVE_GPT_GUID];
	int r;

	new_guid(guid);
	r = calls.fdisk_partition_set_uuid(pa, guid);
	if (r == 0)
		r = calls.fdisk_set_partition(cxt, i, pa);
	calls.fdisk_unref_partition(pa);
	return r;
}

int pve_gpt_renew(int fd, const char *name, struct pve_err *e)
{
	CONTEXT *cxt = gpt_context(fd, name, e);
	char guid[PVE_GPT_GUID];
	int r;

	if (!cxt)
		return -1;
	new_guid(guid);
	r = calls.fdisk_set_disklabel_id_from_string(cxt, guid);
	for (size_t i = 0; r == 0 && i < calls.fdisk_get_npartitions(cxt); i++)
		if (calls.fdisk_is_partition_used(cxt, i))
			r = renew_part(cxt, i);
	if (r < 0)
		return pve_err_sys(e, -r, "giving new GUIDs to %s", name);
	return write_label(cxt, fd, name, e);
}

int pve_gpt_reread(int fd, const char *name, struct pve_err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode))
		return 0;
	/* udev, which opens the new disk at the same moment, makes it busy for an instant. */
	for (int tries = 0; ioctl(fd, BLKRRPART) < 0; tries++) {
		if (errno != EBUSY || tries == 50)
			return pve_err_sys(e, errno == EBUSY ? EAGAIN : errno,
					   "making the kernel read the partition table of %s",
					   name);
		usleep(100000);
	}
	return 0;
}
