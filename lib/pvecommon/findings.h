/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_FINDINGS_H
#define PVECOMMON_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/out.h"

/*
 * Findings of a "check" command: the columns severity, code, object, message, fix, and the
 * exit code that belongs to them.  { 0 } is an empty list.
 */
struct pve_ctx;

enum pve_finding_severity { PVE_F_INFO, PVE_F_WARNING, PVE_F_CRITICAL };

struct pve_finding {
	enum pve_finding_severity severity;
	const char *code; /* stable: "NET-GATEWAY-TWICE"; static */
	char *object;     /* what it is about: "vmbr0", "/etc/network/interfaces:12" */
	char *message;    /* one clause */
	char *fix;        /* a command, or NULL */
};

struct pve_findings {
	struct pve_finding *v;
	size_t n, cap;
	bool unknown; /* something could not be found out: exit 3 unless critical */
};

/* For the command table: .cols = pve_finding_cols, .ncols = PVE_FINDING_NCOLS. */
#define PVE_FINDING_NCOLS 5
extern const struct pve_col pve_finding_cols[PVE_FINDING_NCOLS];
extern const size_t pve_finding_ncols;

/* Adds one and returns it, valid until the next is added; object and message are copied
 * from the formats' results.  fix may be set afterwards with pve_finding_fix. */
struct pve_finding *pve_findings_add(struct pve_findings *f, enum pve_finding_severity s,
				     const char *code, const char *object, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void pve_finding_fix(struct pve_finding *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Worst first, then in the order they were added. */
void pve_findings_sort(struct pve_findings *f);
/* The exit code that belongs to them: PVE_OK (nothing above info), PVE_FAILED (warnings),
 * PVE_CRITICAL, or PVE_UNKNOWN. */
int pve_findings_code(const struct pve_findings *f);
/* Sorts and prints them as rows; returns pve_findings_code, or -1 with ctx->err. */
int pve_findings_report(struct pve_ctx *ctx, struct pve_findings *f);
void pve_findings_done(struct pve_findings *f);

#endif
