/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_CALLS_H
#define PVE_BOOT_CALLS_H

#include "pvecommon/exec.h"

/*
 * What the plans of pve-boot do that is neither a file nor a program.  All commands have the same
 * table, because whichever runs next brings to its end what an interrupted one had begun.  Each
 * call is harmless to repeat (plan.h, rule 3).
 */
extern const struct pve_call boot_calls[];

/* sync UUID: refresh.h */
int boot_call_sync(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* mend UUID PATH: removes a name that shares its clusters with another (mend.h). */
int boot_call_mend(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* partition DISK NO:FIRST:LAST:TYPE:NAME...  A new GPT, unless just these partitions are there
 * already; a disk that has others by now is refused. */
int boot_call_partition(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e);
/* type DISK NO GUID */
int boot_call_type(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* new-guids DISK */
int boot_call_new_guids(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e);
/* install DEVICE MODE TARGETS DISK: install.h */
int boot_call_install(struct pve_sys *sys, const char *const *args, void *data,
		      struct pve_err *e);
/* reinstall DEVICE MODE TARGETS DISK: the same on one ESP of several.  A failure is said and counted
 * (refresh.h), and is none of the step: the ESPs behind it get theirs. */
int boot_call_reinstall(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e);
/* one-shot ENTRY: EFI variable; grubenv UUID ENTRY: next_entry; try-once UUID VERSION PIN: an entry
 * with a counter.  "" takes it back (oneshot.h). */
int boot_call_one_shot(struct pve_sys *sys, const char *const *args, void *data,
		       struct pve_err *e);
int boot_call_grubenv(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
int boot_call_try_once(struct pve_sys *sys, const char *const *args, void *data,
		       struct pve_err *e);
/* forget NUMBER: removes an entry of the firmware (install.h). */
int boot_call_forget(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* found NODE LINK: udev looks at the node once more, until there is the link. */
int boot_call_found(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);
/* appear NODE...  Waits until each node is there and udev, where it runs, is done with it. */
int boot_call_appear(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e);

#endif
