/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_PROBE_NTP_CONF_H
#define PVE_NET_PROBE_NTP_CONF_H

#include "ntp.h"
#include "pvecommon/sys.h"

/* Which program sets the clock, and what it is told. */
enum ntp_daemon { NTP_NONE, NTP_TIMESYNCD, NTP_CHRONY };

struct ntp_setup {
	enum ntp_daemon daemon;
	bool both;             /* the other one is enabled too */
	struct ntp_conf conf;  /* of that daemon */
	bool sources;          /* chrony: it reads NTP_SOURCES_DIR */
	struct pve_strv files; /* that were read, in order */
};

/* A daemon is there when its unit is enabled; when none is, when it has a configuration and is
 * not masked.  chrony goes before timesyncd: Debian's package of the one removes the other. */
int ntp_setup_read(struct ntp_setup *s, struct pve_sys *sys, struct pve_err *e);
void ntp_setup_done(struct ntp_setup *s);

/* "none", "timesyncd", "chrony". */
const char *ntp_daemon_name(enum ntp_daemon d);

#endif
