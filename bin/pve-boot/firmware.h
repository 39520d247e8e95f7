/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_FIRMWARE_H
#define PVE_BOOT_FIRMWARE_H

#include "efivars.h"
#include "esp.h"

/* What the firmware, by its variables, says of how this host boots.  All of it is pure. */

/* A loader, and how it is known. */
struct firmware_loader {
	enum esp_mode mode; /* ESP_MODE_NONE: neither of ours, or not known */
	const char *name;   /* "systemd-boot 252.39-1", "GRUB"; "" */
	const char *source; /* "variable LoaderInfo"; one clause */
};

/* Which loader booted this host: by what the loader left behind, else by the entry that the
 * firmware booted. */
void firmware_loader(const struct efivars *v, struct firmware_loader *l);
/* The loader that a host without ESPs needs: GRUB without EFI and with Secure Boot, for which
 * systemd-boot is not signed; else systemd-boot.  *why is one clause. */
enum esp_mode firmware_needs(const struct efivars *v, const char **why);
/* "on", "off", "off (setup mode)", "unknown"; without EFI "none". */
const char *firmware_secure_boot(const struct efivars *v);
/* Is the entry one that bootctl or grub-install made for us? */
bool firmware_is_ours(const struct efi_entry *entry);

#endif
