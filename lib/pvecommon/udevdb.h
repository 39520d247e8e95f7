/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_UDEVDB_H
#define PVECOMMON_UDEVDB_H

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * What udev knows about one device: its properties and the links that it made.
 */
struct pve_udev_pair {
	const char *name, *value;
};

struct pve_udev_record {
	struct pve_udev_pair *prop;
	size_t nprops, props_cap;
	const char **link;       /* with "/dev/" */
	size_t nlinks, links_cap;
	unsigned version;        /* of the file's format; 0 when it does not say */
	struct pve_arena *mem;   /* of all strings; borrowed */
};

#define PVE_UDEV_VERSION 1 /* the format that is read here; that of systemd 247 and later */

/* Reads a file of /run/udev/data (systemd, src/libsystemd/sd-device/device-private.c): lines
 * "E:NAME=value", "S:link below /dev" and "V:version"; all others, and broken ones, are passed
 * over.  *r must be { .mem = ... }. */
void pve_udev_record_parse(struct pve_udev_record *r, struct pve_span bytes);
void pve_udev_record_prop(struct pve_udev_record *r, struct pve_span name, struct pve_span value);
/* link: without "/dev/". */
void pve_udev_record_link(struct pve_udev_record *r, struct pve_span link);
/* The value, "" when there is none. */
const char *pve_udev_get(const struct pve_udev_record *r, const char *name);
void pve_udev_record_done(struct pve_udev_record *r);

#endif
