/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about the EFI system partitions themselves. */
#include "check.h"

#include <inttypes.h>
#include <strings.h>

#include "pvecommon/num.h"

/* The node or image by which commands know it. */
static const char *part_of(const struct check_esp *e)
{
	return e->esp->tree.device ? e->esp->tree.device : e->esp->uuid;
}

static size_t count_readable(const struct check_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->list.n; i++)
		n += !f->list.v[i].err.code;
	return n;
}

static void check_open(const struct check_facts *f, const struct check_esp *e,
		       struct pve_findings *found)
{
	const struct esp *esp = e->esp;
	enum pve_finding_severity severity = count_readable(f) ? PVE_F_WARNING : PVE_F_CRITICAL;
	struct pve_finding *one;

	if (esp->err.code == PVE_DENIED) /* who may not look finds nothing out */
		return;
	if (esp->err.code == PVE_NOTHERE) {
		one = pve_findings_add(found, severity, "BOOT-ESP-ABSENT", esp->uuid,
				       "%s: it gets no kernels any more", esp->err.msg);
		pve_finding_fix(one, "pve-boot clean");
		return;
	}
	one = pve_findings_add(found, PVE_F_CRITICAL, "BOOT-ESP-UNREADABLE", esp->uuid, "%s",
			       esp->err.msg);
	if (esp->tree.device)
		pve_finding_fix(one, "pve-boot replace --force %s %s", esp->uuid, esp->tree.device);
}

static void check_damage(const struct check_esp *e, struct pve_findings *found)
{
	const struct pve_diags *d = &e->esp->tree.damage;

	for (size_t i = 0; i < d->n; i++) {
		PVE_FREE char *text = pve_diag_format(&d->v[i]);
		struct pve_finding *one = pve_findings_add(
			found, d->v[i].severity == PVE_ERROR ? PVE_F_CRITICAL : PVE_F_WARNING,
			"BOOT-ESP-DAMAGED", e->esp->uuid, "%s", text);

		pve_finding_fix(one, "pve-boot replace --force %s %s", e->esp->uuid, part_of(e));
	}
	if (e->esp->tree.dirty)
		pve_findings_add(found, PVE_F_INFO, "BOOT-ESP-DIRTY", e->esp->uuid,
				 "it was not unmounted, or is mounted for writing now");
}

/* Room for one more pair as large as the largest that /boot has, which is what the next update
 * of a kernel asks for. */
static void check_room(const struct check_facts *f, const struct check_esp *e,
		       struct pve_findings *found)
{
	char free[PVE_SIZE_TEXT], want[PVE_SIZE_TEXT];
	uint64_t largest = 0;
	struct pve_finding *one;

	for (size_t i = 0; i < f->nkernels; i++) {
		uint64_t pair = f->kernel[i].image_size + f->kernel[i].initrd_size;

		largest = pair > largest ? pair : largest;
	}
	if (!e->has_free || e->free >= largest)
		return;
	one = pve_findings_add(found, PVE_F_WARNING, "BOOT-ESP-FULL", e->esp->uuid,
			       "%s are free, the next kernel needs about %s",
			       pve_num_size_text(e->free, free), pve_num_size_text(largest, want));
	pve_finding_fix(one, "pve-boot refresh");
}

static void check_loader(const struct check_esp *e, struct pve_findings *found)
{
	struct pve_finding *one;

	if (esp_mode(&e->esp->tree) != ESP_MODE_NONE)
		return;
	one = pve_findings_add(found, PVE_F_WARNING, "BOOT-ESP-NO-LOADER", e->esp->uuid,
			       "no loader is set up on it: nothing boots from it");
	pve_finding_fix(one, "pve-boot init %s", part_of(e));
}

/* On software RAID each half is an ESP to the firmware, which writes to one of them. */
static void check_raid(const struct check_facts *f, const struct check_esp *e,
		       struct pve_findings *found)
{
	const struct pve_blk_dev *dev =
		e->esp->tree.device ? pve_blk_find(&f->blk, e->esp->tree.device) : NULL;
	struct pve_finding *one;

	if (!dev || !*dev->md_level)
		return;
	one = pve_findings_add(
		found, PVE_F_WARNING, "BOOT-ESP-RAID", dev->node,
		"the ESP %s is on %s: what the firmware writes reaches one half only", e->esp->uuid,
		dev->md_level);
	pve_finding_fix(one, "pve-boot replace %s PART", e->esp->uuid);
}

/* A disk with a file system on it and a table of partitions before that, as mkfs.vfat makes it,
 * shows the same file system twice. */
static bool is_one_disk(const struct pve_blk_dev *a, const struct pve_blk_dev *b)
{
	return strcmp(a->parent, b->name) == 0 || strcmp(b->parent, a->name) == 0;
}

/* Of devices with the same serial number only one can be meant. */
static void check_serial(const struct check_facts *f, const struct check_esp *e,
			 struct pve_findings *found)
{
	const struct pve_blk_dev *first = NULL;

	for (size_t i = 0; i < f->blk.n; i++) {
		const struct pve_blk_dev *dev = &f->blk.dev[i];
		struct pve_finding *one;

		if (strcmp(dev->fstype, "vfat") != 0 || strcasecmp(dev->uuid, e->esp->uuid) != 0)
			continue;
		if (!first) {
			first = dev;
			continue;
		}
		if (is_one_disk(first, dev))
			continue;
		one = pve_findings_add(
			found, PVE_F_WARNING, "BOOT-ESP-SERIAL", dev->node,
			"has the serial number %s of %s: only one of them is kept in "
			"sync",
			e->esp->uuid, first->node);
		pve_finding_fix(one, "pve-boot format --force %s", dev->node);
	}
}

void check_esps(const struct check_facts *f, struct pve_findings *found)
{
	for (size_t i = 0; i < f->list.diags.n; i++) {
		const struct pve_diag *d = &f->list.diags.v[i];
		PVE_FREE char *place = pve_asprintf("%s:%u", d->file, d->line);

		pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "BOOT-LIST-LINE", place,
						 "%s", d->msg),
				"pve-boot clean");
	}
	if (f->list.exists && !f->list.n)
		pve_findings_add(found, PVE_F_CRITICAL, "BOOT-LIST-EMPTY", ESP_LIST,
				 "no ESP gets kernels, though this file says that they do");
	for (size_t i = 0; i < f->list.n; i++) {
		const struct check_esp *e = &f->esp[i];

		check_serial(f, e, found);
		check_raid(f, e, found);
		if (e->esp->err.code) {
			check_open(f, e, found);
			continue;
		}
		check_damage(e, found);
		check_loader(e, found);
		check_room(f, e, found);
	}
}
