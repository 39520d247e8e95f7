/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_ETHTOOL_H
#define PVEIO_ETHTOOL_H

#include "pvecommon/err.h"

/* Settings of a network device through the kernel's ethtool netlink family (Linux 5.6, see
 * Documentation/networking/ethtool-netlink.rst), over libnl-genl-3.  It sees the network
 * namespace of the process. */
struct pve_ethtool_wol {
	unsigned supported; /* bits WAKE_* of linux/ethtool.h: WAKE_MAGIC is 0x20 */
	unsigned enabled;
};

/* PVE_NOTHERE when there is no such device, when it knows nothing of Wake-on-LAN, and when
 * the kernel has no ethtool netlink; *w is untouched then. */
int pve_ethtool_wol_read(struct pve_ethtool_wol *w, const char *iface, struct pve_err *e);
/* Makes these modes, and no other, the enabled ones.  Needs CAP_NET_ADMIN (PVE_DENIED). */
int pve_ethtool_wol_write(const char *iface, unsigned modes, struct pve_err *e);

#endif
