/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/inventory.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pveio/blk.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

#define FILE_MAX (16u << 20)

/* true when there is something to read; a note when there is but cannot be read. */
static bool read_source(struct pve_disk_facts *f, struct pve_sys *sys, const char *path,
			struct pve_buf *bytes)
{
	struct pve_err e = {0};

	if (pve_fs_read(sys, path, FILE_MAX, bytes, NULL, &e) == 0)
		return true;
	if (e.sys != ENOENT && e.sys != ENOTDIR)
		pve_strv_add(&f->notes, e.msg);
	return false;
}

static void list_source(struct pve_disk_facts *f, struct pve_sys *sys, const char *path,
			struct pve_strv *names)
{
	struct pve_err e = {0};

	if (pve_fs_list(sys, path, names, &e) < 0 && e.sys != ENOENT && e.sys != ENOTDIR)
		pve_strv_add(&f->notes, e.msg);
}

static void read_text(struct pve_disk_facts *f, struct pve_sys *sys, const char *path,
		      void (*read)(struct pve_disk_facts *f, struct pve_span text))
{
	PVE_BUF bytes = {0};

	if (read_source(f, sys, path, &bytes))
		read(f, (struct pve_span){bytes.data, bytes.len});
}

static void read_pvs(struct pve_disk_facts *f, struct pve_sys *sys)
{
	static const char dir[] = "/run/lvm/pvs_online";
	PVE_STRV names = {0};

	list_source(f, sys, dir, &names);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, names.v[i]);
		PVE_BUF bytes = {0};

		if (read_source(f, sys, path, &bytes))
			pve_disk_read_pv(f, names.v[i], (struct pve_span){bytes.data, bytes.len});
	}
}

static void read_vgs(struct pve_disk_facts *f, struct pve_sys *sys)
{
	static const char dir[] = "/etc/lvm/backup";
	PVE_STRV names = {0};

	list_source(f, sys, dir, &names);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, names.v[i]);
		PVE_BUF bytes = {0};

		if (!read_source(f, sys, path, &bytes))
			continue;
		f->vg = pve_grow(f->vg, f->nvgs, &f->vgs_cap, sizeof(*f->vg));
		f->vg[f->nvgs] = (struct pve_lvm_meta){0};
		pve_lvm_meta_parse(&f->vg[f->nvgs++], (struct pve_span){bytes.data, bytes.len});
	}
}

static void read_pools(struct pve_disk_facts *f, struct pve_sys *sys)
{
	static const char path[] = "/etc/zfs/zpool.cache";
	PVE_BUF bytes = {0};

	if (!read_source(f, sys, path, &bytes) || !bytes.len)
		return;
	if (pve_zpool_cache_parse(&f->pools, (struct pve_span){bytes.data, bytes.len}) < 0)
		pve_strv_addf(&f->notes, "%s%s: is no pool cache, or a damaged one", sys->root,
			      path);
}

/* One directory of guests; its name in /etc/pve is a link to that of this node. */
static void read_guests(struct pve_disk_facts *f, struct pve_sys *sys, const char *dir)
{
	PVE_STRV names = {0};

	list_source(f, sys, dir, &names);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, names.v[i]);
		struct pve_span name = pve_span(names.v[i]);
		PVE_BUF bytes = {0};
		uint64_t id;

		if (name.len < 6 || strcmp(name.p + name.len - 5, ".conf") != 0 ||
		    pve_num_span((struct pve_span){name.p, name.len - 5}, 999999999, &id) < 0)
			continue;
		if (read_source(f, sys, path, &bytes))
			pve_guest_conf_parse(&f->guests, (unsigned)id,
					     (struct pve_span){bytes.data, bytes.len});
	}
}

/* Drivers of controllers that keep their disks to themselves. */
static bool is_raid_driver(struct pve_span name)
{
	static const char *const drivers[] = {"megaraid_sas", "hpsa",    "smartpqi", "aacraid",
					      "arcmsr",       "3w-9xxx", "3w-sas",   NULL};

	for (size_t i = 0; drivers[i]; i++)
		if (pve_span_eq(name, drivers[i]))
			return true;
	return false;
}

static void find_controllers(struct pve_disk_facts *f, struct pve_sys *sys)
{
	static const char dir[] = "/sys/class/scsi_host";
	PVE_STRV names = {0};

	list_source(f, sys, dir, &names);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s/proc_name", dir, names.v[i]);
		PVE_BUF bytes = {0};

		struct pve_span name;

		if (pve_fs_read(sys, path, 4096, &bytes, NULL, NULL) < 0)
			continue;
		name = pve_span_trim((struct pve_span){bytes.data, bytes.len});
		if (is_raid_driver(name))
			f->raid_driver = pve_arena_memdup(&f->mem, name.p, name.len);
	}
}

/* Asks the device itself, where no udevd has: in a rescue system, say. */
static void probe_unknown(struct pve_disk_facts *f)
{
	for (size_t i = 0; i < f->blk.n; i++) {
		struct pve_blk_dev *dev = &f->blk.dev[i];
		PVE_CLOSE int fd = -1;
		struct pve_blk_probe p;
		struct pve_err e = {0};

		if (dev->known || !dev->size || dev->cdrom)
			continue;
		fd = open(dev->node, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (pve_blk_probe_read(fd, &p, &e) < 0) {
			pve_strv_addf(&f->notes, "%s: %s (what is on it is not known)", dev->node,
				      e.msg);
			continue;
		}
		dev->fstype = pve_arena_strdup(&f->blk.mem, p.type);
		dev->uuid = pve_arena_strdup(&f->blk.mem, p.uuid);
		dev->label = pve_arena_strdup(&f->blk.mem, p.label);
		dev->table = pve_arena_strdup(&f->blk.mem, p.table);
	}
}

int pve_inventory_read(struct pve_disk_facts *f, struct pve_sys *sys, struct pve_err *e)
{
	*f = (struct pve_disk_facts){0};
	if (pve_blk_list_read(&f->blk, sys, e) < 0)
		return -1;
	if (!sys->rooted)
		probe_unknown(f);
	read_text(f, sys, "/proc/mounts", pve_disk_read_mounts);
	read_text(f, sys, "/proc/swaps", pve_disk_read_swaps);
	read_text(f, sys, "/etc/pve/storage.cfg", pve_disk_read_storages);
	read_text(f, sys, "/etc/smartd.conf", pve_disk_read_members);
	read_pvs(f, sys);
	read_vgs(f, sys);
	read_pools(f, sys);
	read_guests(f, sys, "/etc/pve/qemu-server");
	read_guests(f, sys, "/etc/pve/lxc");
	find_controllers(f, sys);
	pve_disk_facts_index(f);
	return 0;
}
