/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_SMARTD_H
#define PVE_SMART_SMARTD_H

#include "pvecommon/disk.h"
#include "pvecommon/findings.h"

/*
 * Would anybody hear of it?  smartd watches the disks of a Debian host and mails root.
 */
struct smartd_facts {
	bool installed;        /* smartmontools is */
	bool enabled;          /* smartd starts at boot */
	int running;           /* 1, 0; -1: not known, as with --root */
	bool have_conf;
	struct pve_span conf;  /* /etc/smartd.conf */
	bool mailer;           /* there is a sendmail */
	struct pve_span aliases, forward, users; /* /etc/aliases, /root/.forward, user.cfg of
						  * Proxmox VE; empty when not there */
};

/* Finds: no smartmontools; smartd off; a configuration that mails nobody, watches nothing, or
 * leaves out one of the disks; no mailer; mail to root that leaves the host nowhere. */
void smartd_check(const struct smartd_facts *facts, const struct pve_disks *disks,
		  struct pve_findings *found);

/* Where mail to root goes, from the first of: /root/.forward, an alias.  Of Proxmox VE's
 * forwarder the address of root@pam in user.cfg.  NULL when it stays on the host; else to be
 * freed. */
char *smartd_root_mail(const struct smartd_facts *facts);

#endif
