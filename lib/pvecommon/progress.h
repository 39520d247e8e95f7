/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_PROGRESS_H
#define PVECOMMON_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "pvecommon/sys.h"

/*
 * A progress bar for whatever may last over a second.  It appears one second after
 * pve_progress_init, is redrawn at most ten times a second, and removes itself:
 *
 *   copying /dev/sdb [########............]  40%  1.2G of 3.0G  118M/s  0:15
 */
enum pve_progress_unit {
	PVE_PROGRESS_STEPS, /* total and done count steps: "3 of 8" */
	PVE_PROGRESS_BYTES, /* bytes: with rate and the time that is left */
};

struct pve_progress {
	struct pve_sys *sys; /* borrowed: its clock */
	FILE *to;            /* borrowed; NULL: draw nothing */
	const char *label;   /* borrowed; may be changed between calls */
	enum pve_progress_unit unit;
	uint64_t total;      /* 0: not known; then neither bar nor time left */
	uint64_t at;         /* done so far, as last set */
	unsigned width;      /* terminal columns that a line may take; 0: 80 */
	int64_t start;       /* CLOCK_MONOTONIC, ns */
	int64_t drawn;       /* the same, of the last drawing; 0: none yet */
};

/* Commands call pve_ctx_progress (cmd.h) instead, which knows terminal and --quiet. */
void pve_progress_init(struct pve_progress *p, struct pve_sys *sys, FILE *to, const char *label,
		       enum pve_progress_unit unit, uint64_t total);
/* So many of total are done; cheap enough for every block of a copy. */
void pve_progress_set(struct pve_progress *p, uint64_t at);
/* Clears the line.  Call it before any other talk on the same terminal; a later
 * pve_progress_set draws again.  Fine on { 0 }. */
void pve_progress_done(struct pve_progress *p);

#endif
