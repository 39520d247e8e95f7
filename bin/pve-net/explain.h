/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_EXPLAIN_H
#define PVE_NET_EXPLAIN_H

#include <stdbool.h>

#include "pvecommon/buf.h"

/*
 * What the name of an interface says by itself.  Three sources of names are known: the
 * predictable ones of udev (systemd.net-naming-scheme(7)), those of Proxmox VE ("Naming
 * Conventions" in its guide, and what it makes for guests), and those of common programs.
 */
struct explain {
	const char *type;    /* "ethernet", "bridge", "vlan", ...; "unknown", "invalid"; static */
	struct pve_buf text; /* one clause without a full stop */
	bool has_pci;
	unsigned domain, bus, slot, function; /* with has_pci; udev writes them in decimal, and
					       * lspci in hexadecimal */
	char mac[18];                         /* "" when the name holds none */
	long guest;                           /* VMID of a guest's interface; -1: none */
	int vlan;                             /* id as written, may be out of range; -1: none */
	size_t parent; /* length of the leading part that is another interface's name;
			* 0: none */
};

/* Fills *x, which must be { 0 }; end it with explain_done.  Any string is a name. */
void explain_name(struct explain *x, const char *name);
void explain_done(struct explain *x);

/* One of the forms of udev: prefix en, ib, sl, wl or ww and what follows.  False, and *x is
 * untouched, when the name has no such form.  Part of explain_name. */
bool explain_udev(struct explain *x, const char *name);

#endif
