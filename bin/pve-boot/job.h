/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_JOB_H
#define PVE_BOOT_JOB_H

#include "host.h"
#include "syncplan.h"

/*
 * What a refresh has to do on one ESP: read from it without mounting it (probe_job*.c), planned
 * (syncplan.h), and carried out by a process of its own (cmd_refresh_work.c), so that ESPs are
 * written side by side and a dead disk stops nobody else.
 *
 * How this fits into the executor (exec.h).  The plan of a refresh has a call step for each ESP, and
 * the executor gives it what it gives every plan: the lock, the journal, the order, --dry-run.  The
 * operations within an ESP are not steps of it, for three reasons.  They have to go on while those
 * of other ESPs fail.  Steps that were done would be undone after a failure, while here each
 * operation leaves an ESP that boots, better than before.  And a journal on the host's own disk is
 * the wrong memory: a disk may come back in another machine.  What an interrupted operation has left
 * is seen on the ESP itself: the leftovers have names of their own, the manifest says what is whole,
 * and the next refresh plans from there.  So the call may be repeated, and a run that recovers the
 * journal of another has nothing to do for an ESP.
 */

/* A small file of an ESP that should have other bytes. */
struct job_text {
	const char *version; /* NULL: of no kernel */
	char *path;          /* on the ESP */
	struct pve_buf text;
	bool changes;        /* it is not there, or has other bytes */
};

struct boot_job {
	struct esp *esp;               /* borrowed */
	enum esp_mode mode;
	struct esp_kernels kernels;
	struct manifest manifest;      /* as it is on the ESP, and as it becomes */
	bool manifest_changes;         /* also without a copy */
	bool verify;                   /* trust no size */
	bool beside;                   /* see boot_job_plan_beside */
	struct pve_strv changed;       /* files that were read, and are not what was written */
	struct sync_in in;
	struct sync_have *have;
	struct sync_want *want;
	struct sync_plan plan;
	struct job_text *entry;        /* of each kernel that is wanted, then of twins; systemd-boot */
	size_t nentries;
	struct job_text loader;        /* loader/loader.conf; systemd-boot */
	struct pve_strv asides;        /* what an interrupted run left */
	struct pve_strv names;         /* that go first, as names: what they lead to is another's, or
					* damaged (mend.h).  When there are any nothing else is planned */
	bool checked;                  /* all chains were followed, and in.free is known */
	uint64_t *copied;              /* bytes of kernels that were copied so far, for the progress
					* bar, in memory that the processes share; NULL: nobody asks */
	char *warning;                 /* about the pin or the loader; NULL: none */
	struct pve_arena mem;
	struct pve_err err;            /* why nothing is done on this ESP; code 0: nothing */
};

/* Reads an ESP that was opened and makes the plan; j->err says why there is none.  verify: what the
 * manifest lists is read back.  {0} before, and boot_job_done after it in each case. */
void boot_job_plan(struct boot_job *j, struct boot_host *h, struct esp *esp, bool evict, bool verify);
/* The same for a loader that is about to come to the ESP in place of another one: as many kernels as
 * have room, at least one, come to where the new loader looks, while all that the old one needs stays
 * as it is. */
void boot_job_plan_beside(struct boot_job *j, struct boot_host *h, struct esp *esp,
			  enum esp_mode mode);
/* Will the version be where the loader looks when the plan is done? */
bool boot_job_will_have(const struct boot_job *j, const char *version);
/* Inside probe_job*.c: fill asides and names; and, when always is set or there is a reason, follow
 * all chains.  -1 with j->err when the ESP must be left alone. */
int boot_job_look_at_leftovers(struct boot_job *j);
int boot_job_look_at_damage(struct boot_job *j, bool always);
/* The text of a small file; an empty one when there is none. */
#define BOOT_TEXT_MAX (1u << 20) /* bytes of a menu or entry that is believed */
int boot_job_read_small(struct boot_job *j, const char *path, struct pve_buf *text, bool *there);
/* The manifest loses what it has of a file that is there, by whatever name. */
void boot_job_unlist(struct boot_job *j, const char *path);
/* The manifest gets a small file, as that text. */
int boot_job_list_text(struct boot_job *j, const char *path, struct pve_span text, struct pve_err *e);
/* With the plan made: entry and loader of systemd-boot; or loader of GRUB, whose menu was that
 * text. */
int boot_job_make_entries(struct boot_job *j, const struct boot_host *h);
int boot_job_make_menu(struct boot_job *j, const struct boot_host *h, struct pve_span was);
/* Does a name share its clusters, or is what it leads to damaged, in a tree whose chains were
 * followed? */
bool boot_must_go(const struct esp_tree *t, const char *path);
/* Is there anything to be done? */
bool boot_job_any(const struct boot_job *j);
/* Bytes of kernels that will be written. */
uint64_t boot_job_bytes(const struct boot_job *j);
void boot_job_done(struct boot_job *j);

/* The paths of a kernel on an ESP of that mode.  Each lives in the arena. */
struct job_paths {
	const char *dir;            /* NULL: the files lie at the top (GRUB) */
	const char *image, *initrd;
};
struct job_paths boot_job_paths(struct pve_arena *mem, enum esp_mode layout, const char *version);
/* The menu of GRUB as it must be behind operation i of the plan. */
int boot_job_menu(struct boot_job *j, const struct boot_host *h, size_t i, struct pve_buf *out,
		  struct pve_err *e);

/* Carries the plan out, on what is mounted at the descriptor top.  The manifest is brought up to
 * date.  0, or -1 with e: what was not done is seen by the next plan. */
int boot_job_apply(struct boot_job *j, struct boot_host *h, int top, struct pve_err *e);

#endif
