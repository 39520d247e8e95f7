/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_ONESHOT_H
#define PVE_BOOT_ONESHOT_H

#include "esp.h"
#include "pvecommon/plan.h"

/*
 * Booting a kernel once.  Whatever becomes of that start, the one after it takes the default
 * again, because it is the loader that strikes the choice before it starts the kernel:
 *
 * - systemd-boot: the EFI variable LoaderEntryOneShot, which it deletes;
 * - GRUB: next_entry in the environment block of the ESP, which it clears; it boots the default when
 *   it could not write that (grub.h);
 * - systemd-boot where no EFI variable can be written (--root, firmware that refuses): an entry with
 *   one attempt (Boot Loader Specification, boot counting), which sorts before all others until
 *   systemd-boot has renamed it.
 */

/* The steps that make the next start take this version, or with NULL the default; none for what is
 * so already.  A version that is not on an ESP yet is believed to come with the next refresh.
 * pin: the pinned version, or NULL. */
int boot_oneshot_plan(struct pve_plan *plan, struct pve_sys *sys, const char *version,
		      const char *pin, struct pve_err *e);

/* Has the ESP an entry for one attempt, still to be made or made? */
bool boot_oneshot_has_entry(const struct esp_tree *t);
/* Is this the name of such an entry?  Pure. */
bool boot_oneshot_is_entry(const char *name);
/* Its text, from that of the version's own entry, added to out.  Pure. */
void boot_oneshot_entry(struct pve_span entry, struct pve_buf *out);

#endif
