/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readers of the inventory: the first byte says which source the rest is. */
#include "pvecommon/disk.h"
#include "pvecommon/udevdb.h"

#include "edits.h"

static void find(const struct pve_disk_facts *f)
{
	struct pve_disks disks;

	pve_disks_find(&disks, f);
	if (disks.n != 1 || !pve_disks_get(&disks, "/dev/sda"))
		abort();
	pve_disks_done(&disks);
}

/* A disk of which udev's record is the input, so that any property reaches the conclusions. */
static void as_record(struct pve_disk_facts *f, struct pve_span text)
{
	struct pve_udev_record r = {.mem = &f->mem};
	struct pve_blk_dev dev = {.name = "sda", .node = "/dev/sda", .sys_path = "", .size = 512,
				  .model = "", .wwn = "", .bus = "", .dm_name = "", .dm_uuid = "",
				  .md_level = "", .table = "", .known = true};

	pve_udev_record_parse(&r, text);
	dev.serial = pve_udev_get(&r, "ID_SERIAL_SHORT");
	dev.fstype = pve_udev_get(&r, "ID_FS_TYPE");
	dev.label = pve_udev_get(&r, "ID_FS_LABEL");
	dev.uuid = pve_udev_get(&r, "ID_FS_UUID");
	dev.uuid_sub = pve_udev_get(&r, "ID_FS_UUID_SUB");
	dev.part_type = pve_udev_get(&r, "ID_PART_ENTRY_TYPE");
	dev.link = r.link;
	dev.nlinks = r.nlinks;
	f->blk.dev = pve_calloc(1, sizeof(dev));
	f->blk.dev[0] = dev;
	f->blk.n = 1;
	pve_blk_list_index(&f->blk);
	pve_disk_facts_index(f);
	find(f);
	pve_udev_record_done(&r);
}

static void as_vg(struct pve_disk_facts *f, struct pve_span text)
{
	f->vg = pve_grow(f->vg, f->nvgs, &f->vgs_cap, sizeof(*f->vg));
	f->vg[f->nvgs] = (struct pve_lvm_meta){0};
	pve_lvm_meta_parse(&f->vg[f->nvgs++], text);
	pve_disk_facts_index(f);
}

/* The pools are on a disk that udev knows. */
static void as_zpools(struct pve_disk_facts *f, struct pve_span text)
{
	struct pve_span record = pve_span("E:ID_FS_TYPE=zfs_member\nE:ID_SERIAL_SHORT=S1\n");

	as_record(f, record);
	pve_disk_read_zpools(f, text);
	find(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_disk_facts f = {0};
	struct pve_span text;

	if (!size)
		return 0;
	text = (struct pve_span){(const char *)data + 1, size - 1};
	switch (data[0] % 9) {
	case 0: pve_disk_read_mounts(&f, text); break;
	case 1: pve_disk_read_swaps(&f, text); break;
	case 2: pve_disk_read_storages(&f, text); break;
	case 3: pve_disk_read_pv(&f, "id", text); break;
	case 4: pve_disk_read_members(&f, text); break;
	case 5: pve_guest_conf_parse(&f.guests, 100, text); break;
	case 6: as_vg(&f, text); break;
	case 8: as_zpools(&f, text); break;
	default: as_record(&f, text); break;
	}
	pve_disk_facts_done(&f);
	return 0;
}
