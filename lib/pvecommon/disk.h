/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_DISK_H
#define PVECOMMON_DISK_H

#include "pvecommon/blkdev.h"
#include "pvecommon/buf.h"
#include "pvecommon/guest_conf.h"
#include "pvecommon/lvm_meta.h"
#include "pvecommon/strv.h"
#include "pvecommon/zpool_cache.h"

/*
 * The inventory: which disks a host has, what each is used for, and what it serves.  This is
 * the pure part; pveio/inventory.h reads the facts.  Nothing here is asked of a program, so no
 * program that hangs or fails can keep a disk out of the list.
 */
struct pve_disk_mount {
	const char *source, *target, *type; /* as /proc/mounts has it; swap: target "swap" */
	const struct pve_blk_dev *dev;      /* the source, once indexed; NULL for a dataset */
};

struct pve_disk_pv {
	const char *id;           /* without dashes, as /run/lvm/pvs_online names it */
	const char *vg;           /* "" when it is not told */
};

struct pve_disk_storage {         /* of storage.cfg */
	const char *id, *type;
	const char *target;       /* vgname, pool, or path */
};

/* A member of a hardware RAID controller, as smartctl addresses it. */
struct pve_disk_member {
	const char *node;         /* "/dev/sda", "/dev/bus/0", "/dev/sg2" */
	const char *type;         /* "megaraid,8" "cciss,0" "areca,1/2" */
};

struct pve_disk_facts {
	struct pve_blk_list blk;
	struct pve_disk_mount *mount;
	size_t nmounts, mounts_cap;
	struct pve_disk_pv *pv;
	size_t npvs, pvs_cap;
	struct pve_lvm_meta *vg;  /* nvgs backups of LVM metadata */
	size_t nvgs, vgs_cap;
	struct pve_zpool_cache pools;
	struct pve_disk_storage *storage;
	size_t nstorages, storages_cap;
	struct pve_guest_volumes guests;
	struct pve_disk_member *member;
	size_t nmembers, members_cap;
	const char *raid_driver;  /* of a controller whose members Linux need not show; or NULL */
	struct pve_map leaf;      /* index: device name -> struct pve_zpool_leaf */
	struct pve_map vg_of;     /* index: id of a PV without dashes -> name of its VG */
	struct pve_map meta_of;   /* index: id of a PV -> struct pve_lvm_meta */
	struct pve_strv notes;    /* which sources failed, and why: a line each */
	struct pve_arena mem;
};

void pve_disk_facts_done(struct pve_disk_facts *f);

/* Makes the indices once all is read; pve_disks_find needs them. */
void pve_disk_facts_index(struct pve_disk_facts *f);

/* Parsers of the smaller sources; each adds to the facts and passes over what it cannot read.
 * Texts: /proc/mounts, /proc/swaps, storage.cfg, a file of /run/lvm/pvs_online,
 * /etc/smartd.conf. */
void pve_disk_read_mounts(struct pve_disk_facts *f, struct pve_span text);
void pve_disk_read_swaps(struct pve_disk_facts *f, struct pve_span text);
void pve_disk_read_storages(struct pve_disk_facts *f, struct pve_span text);
void pve_disk_read_pv(struct pve_disk_facts *f, const char *id, struct pve_span text);
void pve_disk_read_members(struct pve_disk_facts *f, struct pve_span text);
/* What "zpool list -HPLv" prints; once indexed.  It tells what is not in the pool cache: which
 * disks are special, cache or spare, and pools with cachefile=none. */
void pve_disk_read_zpools(struct pve_disk_facts *f, struct pve_span text);
/* One more member, unless it is there already. */
void pve_disk_add_member(struct pve_disk_facts *f, const char *node, const char *type);

enum pve_disk_type {
	PVE_DISK_UNKNOWN,
	PVE_DISK_HDD,
	PVE_DISK_SSD,
	PVE_DISK_NVME,
	PVE_DISK_USB,
	PVE_DISK_MMC,
};

enum pve_disk_use_kind {
	PVE_USE_VG,    /* physical volume of this volume group */
	PVE_USE_POOL,  /* in this ZFS pool; detail: its vdev, or role */
	PVE_USE_MD,    /* in this array: "md0"; detail: level */
	PVE_USE_MOUNT, /* mounted there, also by way of LVM, md or dm-crypt; detail: type */
	PVE_USE_SWAP,
	PVE_USE_OSD,   /* of Ceph: number; detail: "block", "db", "wal", with "encrypted" behind */
	PVE_USE_ESP,   /* EFI system partition that is not mounted; name: "ESP" */
	PVE_USE_MAP,   /* in another map of device mapper: its name */
};

struct pve_disk_use {
	enum pve_disk_use_kind kind;
	const char *name, *detail;
	const char *part;   /* kernel name of the partition, or of the disk itself */
};

struct pve_disk {
	const struct pve_blk_dev *dev; /* NULL for a member of a RAID controller */
	const struct pve_disk_member *member;
	const char *name;              /* "/dev/sda", "/dev/bus/0 megaraid,8" */
	enum pve_disk_type type;
	const char *by_id;             /* the best stable name: "/dev/disk/by-id/..."; "" */
	const char *used;              /* Proxmox VE's word for it; "" when not used */
	const struct pve_blk_dev *const *path; /* npaths further devices that are the same disk */
	size_t npaths;
	struct pve_disk_use *use;
	size_t nuses, uses_cap;
	unsigned *guest;               /* nguests ids, ascending, each once */
	size_t nguests, guests_cap;
};

struct pve_disks {
	struct pve_disk *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Draws the conclusions.  The facts are borrowed for the life of *disks.  Disks come in the
 * order of their kernel names, members of controllers behind them. */
void pve_disks_find(struct pve_disks *disks, const struct pve_disk_facts *f);
/* What they serve, anew, when facts were added since. */
void pve_disks_find_uses(struct pve_disks *disks, const struct pve_disk_facts *f);
void pve_disks_done(struct pve_disks *disks);
/* By any name: kernel name, node, link, path of a multipath disk, serial number, WWN, "NODE
 * TYPE" of a member.  A partition is not found.  NULL when there is none, or when a serial
 * number belongs to several disks. */
const struct pve_disk *pve_disks_get(const struct pve_disks *disks, const char *name);
/* A serial number that many disks have is none: too short, or one character over and over. */
bool pve_disk_serial_tells(const char *serial);

/* "hdd", "ssd", "nvme", "usb", "mmc", "unknown". */
const char *pve_disk_type_name(enum pve_disk_type type);
/* The verdict of Proxmox VE on one disk or partition, without looking at others: "LVM",
 * "ZFS", "BIOS boot", "EFI", "ZFS reserved", "mounted", "Device Mapper", "Ceph ..." by GPT
 * type, or what file system it has; "" for nothing. */
const char *pve_disk_used(const struct pve_disk_facts *f, const struct pve_blk_dev *dev);
/* The partitions of a disk: prev is NULL for the first; NULL when there is no more. */
const struct pve_blk_dev *pve_disk_part(const struct pve_disk_facts *f,
					const struct pve_blk_dev *disk,
					const struct pve_blk_dev *prev);
/* A use in words: "sda3:rpool/mirror-0", "sda2:/boot/efi", "sdb:osd.4 db". */
void pve_disk_use_format(const struct pve_disk_use *use, struct pve_buf *out);

/* Inside the module: what a disk serves (disk_serves.c), once dev and paths are known. */
void pve_disk_find_uses(struct pve_disks *disks, struct pve_disk *disk,
			const struct pve_disk_facts *f);

#endif
