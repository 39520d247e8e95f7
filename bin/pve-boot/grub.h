/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_GRUB_H
#define PVE_BOOT_GRUB_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/span.h"

/* GRUB's menu on an ESP whose kernels lie at its top. */
#define BOOT_GRUB_CFG "grub/grub.cfg"

struct boot_grub {
	const char *title;           /* of the product */
	const char *cmdline;         /* one line of words */
	const char *const *versions; /* n of them, the newest first */
	size_t n;
	const char *pin;             /* the default; NULL: the newest */
};

/* The whole file, added to out. */
void boot_grub_cfg(const struct boot_grub *grub, struct pve_buf *out);
/* Does a menu, also one of grub-mkconfig, have this kernel? */
bool boot_grub_has(struct pve_span cfg, const char *version);

#endif
