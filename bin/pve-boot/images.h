/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_IMAGES_H
#define PVE_BOOT_IMAGES_H

#include <stdbool.h>
#include <stddef.h>

/* The images that grub-install makes or copies, by their paths on the ESP; NULL at the end.  Nobody
 * but it knows their bytes, so the manifest has what it wrote. */
extern const char *const boot_grub_images[];
bool boot_is_grub_image(const char *path);

#endif
