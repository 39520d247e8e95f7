/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_MEND_H
#define PVE_BOOT_MEND_H

#include "esp.h"

/* Does anything that does not lie below it lead to its first cluster?  Pure. */
bool esp_shares_clusters(const struct esp_tree *t, const struct esp_node *node);

/* Fails with PVE_DATA for the first damage of a file or directory, if there is any: then nothing may
 * be written.  That copies of the table differ, and clusters that no file has, do no harm: Linux reads
 * the first copy, and writes both. */
int esp_refuse_damage(const struct esp_tree *t, struct pve_err *e);
/* Has the damage to do with a file or directory? */
bool esp_is_harmful(const struct esp_tree *t, const struct pve_diag *d);
/* That very failure. */
int esp_refuse(const struct esp_tree *t, const struct pve_diag *d, struct pve_err *e);

/* Removes a name, and only that.  Its clusters stay as they are: they belong to another name too,
 * for which the kernel's own unlink would free them; or their chain is damaged, at which the kernel
 * would stop and make the file system read-only.  (Clusters that nobody has then are lost until
 * fsck.vfat frees them.)  Written to the device or image itself, which must not be mounted:
 * PVE_AGAIN when a device is.  No such name is no error. */
int esp_drop_name(struct esp_tree *t, struct pve_sys *sys, const char *path, struct pve_err *e);

#endif
