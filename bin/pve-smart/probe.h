/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_PROBE_H
#define PVE_SMART_PROBE_H

#include "pvecommon/cmd.h"
#include "pvecommon/disk.h"
#include "verdict.h"

/*
 * The host as the commands see it: its disks, what they say, and what they said before.
 */
#define SMART_TIMEOUT_S 10  /* for one disk */
#define SMART_SCAN_MS 10000 /* for "smartctl --scan" */
#define SMART_AT_ONCE 256   /* disks asked side by side: more would need more descriptors */

struct smart_host {
	struct pve_disk_facts facts;
	struct pve_disks disks;
	struct smart_samples samples;
	struct pve_smart *smart;       /* of each disk, disks.n; NULL when nobody was asked */
	struct smart_verdict *verdict; /* likewise */
	char **key;                    /* of each disk: its name in the samples */
	const struct pve_disk **chosen; /* nchosen disks that the operands name, else all */
	size_t nchosen;
	bool roles;                    /* ask zpool, too, for what is not in the pool cache */
};

/* Disks, and the operands of the command: an operand that is none is an error (PVE_DATA).
 * Notes of sources that failed are logged as warnings.  members: where there is a RAID
 * controller, ask smartctl for those behind it; else nothing is started. */
int smart_host_read(struct smart_host *h, struct pve_ctx *ctx, bool members);
/* The disks alone; *h must be { 0 } but for its samples. */
int smart_inventory_read(struct smart_host *h, struct pve_ctx *ctx, bool members);
/* The samples that are kept; broken lines are logged.  smart_host_ask does this, too. */
void smart_host_samples(struct smart_host *h, struct pve_ctx *ctx);
/* Asks the chosen disks, all at once, each with timeout_s seconds, and judges.  full: for
 * "show", with every log.  On the host itself smartctl is started, or, where it is missing,
 * NVMe controllers are asked directly; with --root the answers are DIR/smartctl/NAME.json,
 * which scripts/capture-host makes.  One that cannot be asked has a verdict that says why.  Members
 * of RAID controllers that turn out to be disks that are chosen anyhow are chosen no longer, unless
 * an operand names them. */
void smart_host_ask(struct smart_host *h, struct pve_ctx *ctx, uint64_t timeout_s, bool full);
void smart_host_done(struct smart_host *h);

/* Of a command on one disk: that. */
const struct pve_disk *smart_chosen(const struct smart_host *h);
/* Its report and verdict. */
const struct pve_smart *smart_of(const struct smart_host *h, const struct pve_disk *d);
struct smart_verdict *smart_verdict_of(const struct smart_host *h, const struct pve_disk *d);
const char *smart_key_of(const struct smart_host *h, const struct pve_disk *d);

/* How a disk is called in the samples: by its serial number when it is one, so that it is the
 * same in another bay.  s may be NULL; to be freed. */
char *smart_key(const struct pve_disk *d, const struct pve_smart *s);
/* The arguments of smartctl that address a disk: node and, with -d, type. */
void smart_address(const struct pve_disk *d, struct pve_strv *argv);

#endif
