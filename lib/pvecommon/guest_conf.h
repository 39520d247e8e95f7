/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_GUEST_CONF_H
#define PVECOMMON_GUEST_CONF_H

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * Which volumes a guest has: /etc/pve/qemu-server/ID.conf and /etc/pve/lxc/ID.conf
 * (qm.conf(5), pct.conf(5)).
 */
struct pve_guest_volume {
	unsigned guest;
	const char *key;     /* "scsi0", "rootfs", "mp1", "efidisk0" */
	const char *storage; /* "local-lvm"; "" when the volume is a path */
	const char *volume;  /* "vm-100-disk-0", or a path: a device or directory of the host */
};

struct pve_guest_volumes {
	struct pve_guest_volume *v;
	size_t n, cap;
	struct pve_arena mem;
};

/* Adds the volumes of one configuration; CD-ROMs, snapshots and what
 * is no "key: value" line are passed over. */
void pve_guest_conf_parse(struct pve_guest_volumes *g, unsigned guest, struct pve_span bytes);
void pve_guest_volumes_done(struct pve_guest_volumes *g);

#endif
