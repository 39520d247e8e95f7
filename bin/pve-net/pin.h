/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PIN_H
#define PVE_NET_PIN_H

#include "pvecommon/buf.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * A NIC whose name is pinned by its MAC: a systemd.link(5) file where Proxmox VE's own pinning
 * tool looks for them and writes them.  Pure.
 *
 *     # FormerName=eno1         until the next boot the kernel still calls it so
 *     [Match]
 *     MACAddress=02:00:5e:00:53:01
 *     Type=ether
 *
 *     [Link]
 *     Name=nic0
 */
#define NET_PIN_DIR "/usr/local/lib/systemd/network"

struct net_pin {
	const char *name; /* from the next boot on */
	const char *was;  /* before it was pinned; NULL: the same, or not known */
	const char *mac;  /* lower case, with colons */
};

/* Is it the path of such a file, NET_PIN_DIR/50-pmx-NAME.link? */
bool net_pin_is_path(const char *path);
/* The name in such a path; the caller frees it. */
char *net_pin_name_of(const char *path);
/* The path for a name; the caller frees it. */
char *net_pin_path(const char *name);
/* "02:00:5e:00:53:01", in either case. */
bool net_pin_is_mac(struct pve_span s);
void net_pin_format(const struct net_pin *pin, struct pve_buf *out);
/* False when the file has no MAC address or no name; its strings are in the arena. */
bool net_pin_parse(struct pve_span text, struct pve_arena *mem, struct net_pin *pin);

#endif
