/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_PROBE_SMARTD_H
#define PVE_SMART_PROBE_SMARTD_H

#include "pvecommon/sys.h"
#include "smartd.h"

/* The files behind the facts, which borrow from them. */
struct smartd_files {
	struct pve_buf conf, aliases, forward, users;
};

void smartd_facts_read(struct smartd_facts *facts, struct smartd_files *files, struct pve_sys *sys);
void smartd_files_done(struct smartd_files *files);

#endif
