/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the partitions of a bootable disk lie. */
#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define MIB (1ull << 20)

static void set(struct pve_gpt_part *part, unsigned no, uint64_t first, uint64_t last,
		const char *type)
{
	memset(part, 0, sizeof(*part));
	part->no = no;
	part->first = first;
	part->last = last;
	snprintf(part->type, sizeof(part->type), "%s", type);
}

int boot_layout_plan(const struct pve_gpt *disk, const struct boot_layout *want,
		     struct pve_gpt_part part[BOOT_LAYOUT_PARTS], struct pve_err *e)
{
	uint64_t mib = MIB / disk->sector, size = disk->sectors * disk->sector;
	uint64_t esp_end = mib + want->esp_size / disk->sector, last = disk->last;
	char is[PVE_SIZE_TEXT], asked[PVE_SIZE_TEXT];

	if (want->hdsize > size)
		return pve_err_set(e, PVE_USAGE, "--hdsize %s: the disk has only %s",
				   pve_num_size_text(want->hdsize, asked),
				   pve_num_size_text(size, is));
	if (want->hdsize && want->hdsize / disk->sector - 1 < last)
		last = want->hdsize / disk->sector - 1;
	/* Less than a MiB behind the ESP is of no use to anybody. */
	if (want->esp_size > size || esp_end + mib > last + 1)
		return pve_err_set(e, PVE_USAGE,
				   "no room for a third partition behind an ESP of %s: %s in all",
				   pve_num_size_text(want->esp_size, asked),
				   pve_num_size_text(want->hdsize ? want->hdsize : size, is));
	set(&part[0], 1, disk->first, mib - 1, PVE_GPT_BIOS_BOOT);
	set(&part[1], 2, mib, esp_end - 1, PVE_GPT_ESP);
	set(&part[2], 3, esp_end, last, PVE_GPT_ZFS);
	return 0;
}

int boot_layout_like(const struct pve_gpt *disk, const struct pve_gpt *like,
		     struct pve_gpt_part **part, size_t *n, struct pve_err *e)
{
	struct pve_gpt_part *v;
	size_t last = 0;

	if (like->label != PVE_GPT_GPT || like->n == 0)
		return pve_err_set(e, PVE_DATA, "the other disk has no GPT with partitions");
	if (like->sector != disk->sector)
		return pve_err_set(e, PVE_DATA,
				   "sectors of %u bytes, and of %u on the other disk: partition it "
				   "without --like",
				   disk->sector, like->sector);
	v = pve_calloc(like->n, sizeof(*v));
	for (size_t i = 0; i < like->n; i++) {
		v[i] = like->part[i];
		v[i].guid[0] = 0;
		if (v[i].last > v[last].last)
			last = i;
	}
	/* The rest of a disk stays its rest; within a MiB of the end is at the end. */
	if (v[last].last + MIB / like->sector > like->last && v[last].first < disk->last)
		v[last].last = disk->last;
	if (v[last].last > disk->last) {
		pve_err_set(e, PVE_DATA,
			    "too small: partition %u would end in sector %ju, the last one is %ju",
			    v[last].no, (uintmax_t)v[last].last, (uintmax_t)disk->last);
		free(v);
		return -1;
	}
	*part = v;
	*n = like->n;
	return 0;
}

const char *boot_type_name(const char *type)
{
	static const struct {
		const char *type, *name;
	} names[] = {
		{PVE_GPT_BIOS_BOOT, "BIOS boot"},
		{PVE_GPT_ESP, "ESP"},
		{PVE_GPT_ZFS, "ZFS"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(type, names[i].type) == 0)
			return names[i].name;
	return type;
}
