/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_LOG_H
#define PVECOMMON_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "pvecommon/err.h"

/*
 * Talk: one line each on stderr, "pve-net: error: ...".  Only commands talk; the library's
 * other modules return errors.  When stderr is no terminal and the tool acts on the real
 * host, warnings, errors and what was changed go to syslog as well, so that a cron job or
 * an APT hook leaves a trace.
 */
enum pve_level { PVE_LOG_ERROR, PVE_LOG_WARNING, PVE_LOG_NOTICE, PVE_LOG_INFO, PVE_LOG_DEBUG };

struct pve_log {
	const char *tool;     /* borrowed; the name before each line */
	enum pve_level level; /* lines above this are left out: -q ERROR, default NOTICE, -v INFO */
	bool syslog;
	FILE *to;             /* stderr */
};

/* Sets *log up for a tool: level from quiet and verbose, syslog as said above. */
void pve_log_init(struct pve_log *log, const char *tool, int quiet, int verbose, bool rooted);
void pve_log_line(struct pve_log *log, enum pve_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Each line of an error's message. */
void pve_log_err(struct pve_log *log, const struct pve_err *e);

#endif
