/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_SYNCPLAN_H
#define PVE_BOOT_SYNCPLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"

/*
 * What has to happen on one ESP, in which order, from what is on it and what should be.  Pure: it
 * knows kernels, bytes and trust, but no file.
 *
 * A pair is a kernel image with its initrd.  It is offered when the loader's menu has it.  The
 * plan keeps, before and behind each operation and in the middle of each:
 *
 *  1. When a pair that is known to be good is offered at the start, one is offered all the time;
 *     else, when a complete one is offered at the start, a complete one is.
 *  2. Nothing that the menu offers goes away: it is withdrawn first.
 *  3. No more is written than is free, with reserve to spare.
 *  4. A pair of which both files change is replaced as a pair.  Where that takes two steps (split),
 *     it is withdrawn meanwhile.  When nothing else is offered, a second copy of what comes is,
 *     its twin, which has a version of its own and goes at the end.
 *
 * Space.  What should be there is copied before what should not goes away, as long as both have
 * room.  Else the superfluous goes first, the other loader's and damaged pairs before all, then the
 * oldest; then the old pair of the version that comes, if rule 1 lets it.  When that is not enough
 * the ESP is refused as it is, unless evict is set: then pairs that are spare are left out, the last
 * of the list first.
 */
enum sync_trust {
	SYNC_BROKEN,   /* a file is missing, or has other bytes than were written */
	SYNC_COMPLETE, /* both files are there; nobody knows what should be in them */
	SYNC_VERIFIED, /* they have the bytes that were once written, by manifest or digest */
};

enum { SYNC_IMAGE = 1, SYNC_INITRD = 2, SYNC_BOTH = 3 };

/* A pair on the ESP.  version is borrowed by the plan. */
struct sync_have {
	const char *version;
	bool other_layout;    /* it lies where the loader that is not in use looks */
	bool offered;
	enum sync_trust trust;
	unsigned same;        /* which of its files are as they should be; only of wanted versions */
	uint64_t image, initrd, dir; /* bytes that each takes, in whole clusters; 0: not there */
	bool split;           /* its files cannot be exchanged in one step */
};

#define SYNC_TWIN ".twin" /* behind the version, that of the copy */

/* A pair that should be there, the most important one first. */
struct sync_want {
	const char *version;
	uint64_t image, initrd, dir; /* bytes that each will take, in whole clusters */
	bool spare;                  /* may be left out when space is short and in->evict is set */
	bool unusable;               /* its files in /boot are bad: what is on the ESP stays as it is */
};

struct sync_in {
	const struct sync_have *have;
	size_t nhave;
	const struct sync_want *want;
	size_t nwant;
	uint64_t free;    /* bytes */
	uint64_t reserve; /* bytes for menu, entries and manifest while they are replaced */
	bool menu;        /* one file offers all pairs (GRUB), not one for each */
	bool split;       /* those of no pair can be exchanged in one step */
	bool evict;
	bool keep_other;  /* what lies in the other layout is what boots: it stays as it is */
};

enum sync_op_kind {
	SYNC_COPY,     /* the files are written beside those that are in use */
	SYNC_PLACE,    /* and take the place of nothing, */
	SYNC_SWAP,     /* or of the old ones, which lie aside then */
	SYNC_DROP_OLD, /* and go */
	SYNC_OFFER,    /* the menu gets the pair */
	SYNC_WITHDRAW, /* it loses it */
	SYNC_DROP,     /* both files go */
	SYNC_DEFAULT,  /* the default of the menu, once all that is to come is there */
};

struct sync_op {
	enum sync_op_kind kind;
	const char *version; /* NULL: SYNC_DEFAULT */
	const char *of;      /* it is a twin of that version; NULL: it is none */
	bool other_layout;   /* drop */
	unsigned files;      /* copy, place, swap, drop old: SYNC_IMAGE, SYNC_INITRD */
	uint64_t bytes;      /* that it takes (copy) or gives back (drops) */
	uint64_t free;       /* bytes free behind it */
};

struct sync_plan {
	struct sync_op *v;
	size_t n, cap;
	const char **left_out; /* versions that had no room, with evict */
	size_t nleft_out;
	struct pve_strv twins; /* their versions */
};

/* 0; or -1 with PVE_FAILED, no operation, and bytes needed and free in the message.  Nothing to be
 * done is a plan of no operations.  SYNC_DEFAULT is there only when anything else is: the caller
 * knows by itself when the default alone changes. */
int sync_plan(struct sync_plan *plan, const struct sync_in *in, struct pve_err *e);
void sync_plan_done(struct sync_plan *plan);

/* Inside syncplan*.c.  What is there of a version where the loader looks; NULL: nothing. */
const struct sync_have *sync_have_of(const struct sync_in *in, const char *version);
/* With in->menu: a pair may wait for the next time that the file is written, and
 * pairs that leave in a row leave at once. */
void sync_menu_merge(struct sync_plan *plan);
/* Is the version in the menu behind operation i, which is SYNC_OFFER or SYNC_WITHDRAW?  With
 * in->menu one such operation speaks for all that came before it. */
bool sync_menu_has(const struct sync_plan *plan, const struct sync_in *in, size_t i,
		   const char *version);
/* "copy 6.8.12-4-pve (80.2M), 310M free", for people. */
void sync_op_format(const struct sync_op *op, struct pve_buf *out);

#endif
