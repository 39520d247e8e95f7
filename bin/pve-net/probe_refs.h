/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_REFS_H
#define PVE_NET_PROBE_REFS_H

#include "pvecommon/sys.h"
#include "source.h"

/* Adds a line (refs.h) for each place where a file of the host that is none of the
 * configuration c names the interface: SDN, firewall of cluster and guests, the guests themselves,
 * this node's settings, scripts and unsourced files below /etc/network, sysctl, udev,
 * systemd-networkd, dnsmasq, dhcpd.  What cannot be read is added as a line that says so. */
void net_refs_read(struct pve_sys *sys, const struct net_conf *c, const char *name,
		   struct pve_buf *out);
/* The same of one file, which need not be there. */
void net_refs_read_file(struct pve_sys *sys, const char *path, const char *name,
			struct pve_buf *out);

#define NET_HOST_FW "/etc/pve/local/host.fw" /* rename edits it, so net_refs_read leaves it out */

#endif
