/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_VERDICT_H
#define PVE_SMART_VERDICT_H

#include "pvecommon/findings.h"
#include "sample.h"

/*
 * From what a disk says of itself, and what it said before, to a verdict.
 */
struct smart_problem {
	enum pve_finding_severity severity;
	const char *code;       /* "SMART-PENDING" */
	int64_t value;          /* of a counter that may grow; else -1 */
	const char *message;    /* one clause */
	const char *fix;        /* a command, or NULL */
};

struct smart_verdict {
	enum smart_health health;
	const char *reason;     /* one clause: the worst problem, or why it is not known; "" */
	struct smart_problem *problem;
	size_t n, cap;          /* worst first */
	int64_t c[SMART_NCOUNTERS];
	const char *wear_source;
	time_t wear_end;        /* 0: not known */
	time_t as_of;           /* of a sleeping disk: when it was last awake; else 0 */
	struct pve_arena mem;
};

struct smart_case {
	const struct pve_smart *smart;
	const struct smart_samples *samples;
	const char *disk;       /* as in the samples */
	const char *device;     /* for messages and fixes: "/dev/sda" */
	bool rotates;           /* allowed to be less warm */
	time_t now;
};

/* Judges.  The rules:
 *  - the disk's own verdict, prefail attributes at their threshold, critical warnings of NVMe
 *    (but heat), a newest self-test that failed: critical;
 *  - counters of faults by how many there are, and by how many came in the last seven days;
 *  - wear, with a forecast; heat;
 *  - entries in an error log alone are no alarm, and neither is what lay in the past. */
void smart_judge(struct smart_verdict *v, const struct smart_case *c);
void smart_verdict_done(struct smart_verdict *v);

/* What root has to be told: "CODE CODE=number ..." of all above info, added to out. */
void smart_told(const struct smart_verdict *v, struct pve_buf *out);
/* Is the problem worse than what was told: not in it, or grown since? */
bool smart_is_news(const struct smart_problem *p, const char *told);

#endif
