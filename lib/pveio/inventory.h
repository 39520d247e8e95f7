/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_INVENTORY_H
#define PVEIO_INVENTORY_H

#include "pvecommon/disk.h"
#include "pvecommon/sys.h"

/*
 * Reads what pvecommon/disk.h draws its conclusions from: sysfs, the udev database, /proc/mounts
 * and /proc/swaps, what LVM noted in /run/lvm and /etc/lvm/backup, /etc/zfs/zpool.cache,
 * storage.cfg and the configurations of this node's guests, and /etc/smartd.conf for members of
 * RAID controllers.  Starts no program and opens no disk, but for one case: where udev has no
 * record of a device, libblkid looks at it, if this process may.
 *
 * Only a missing /sys/block is an error.  Any other source may fail alone: the facts have a
 * note then, and what it would have told is missing.  A source that is simply not there
 * (no ZFS, no Proxmox VE) is no failure.
 */
int pve_inventory_read(struct pve_disk_facts *f, struct pve_sys *sys, struct pve_err *e);

#endif
