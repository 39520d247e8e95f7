/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware.h"

#include <string.h>
#include <strings.h>

static bool has_prefix(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

bool firmware_is_ours(const struct efi_entry *entry)
{
	return has_prefix(entry->file, "\\EFI\\proxmox\\") ||
	       has_prefix(entry->file, "\\EFI\\systemd\\systemd-boot");
}

/* By the file that the firmware started.  The removable path may be either of them. */
static void by_entry(const struct efi_entry *entry, struct firmware_loader *l)
{
	if (!entry)
		return;
	if (has_prefix(entry->file, "\\EFI\\systemd\\systemd-boot")) {
		l->mode = ESP_MODE_SYSTEMD;
		l->name = "systemd-boot";
	} else if (has_prefix(entry->file, "\\EFI\\proxmox\\")) {
		l->mode = ESP_MODE_GRUB;
		l->name = "GRUB";
	} else {
		return;
	}
	l->source = "the firmware booted its file: variables BootCurrent and Boot####";
}

void firmware_loader(const struct efivars *v, struct firmware_loader *l)
{
	*l = (struct firmware_loader){ESP_MODE_NONE, "", "nothing tells"};
	if (!v->efi) {
		l->mode = ESP_MODE_GRUB;
		l->name = "GRUB";
		l->source = "there is no EFI, and no other loader of ours does without";
	} else if (*v->loader) {
		l->mode = has_prefix(v->loader, "systemd-boot") ? ESP_MODE_SYSTEMD
			  : has_prefix(v->loader, "GRUB")       ? ESP_MODE_GRUB
								: ESP_MODE_NONE;
		l->name = v->loader;
		l->source = "it says so itself: variable LoaderInfo";
	} else {
		by_entry(efivars_entry(v, v->current), l);
	}
}

enum esp_mode firmware_needs(const struct efivars *v, const char **why)
{
	if (!v->efi)
		*why = "the host was not booted by EFI";
	else if (v->secure_boot == EFI_ON)
		*why = "Secure Boot is on, and systemd-boot is not signed for it";
	else
		*why = v->secure_boot == EFI_OFF ? "EFI without Secure Boot"
						 : "EFI, and nothing tells of Secure Boot";
	return v->efi && v->secure_boot != EFI_ON ? ESP_MODE_SYSTEMD : ESP_MODE_GRUB;
}

const char *firmware_secure_boot(const struct efivars *v)
{
	if (!v->efi)
		return "none";
	if (v->secure_boot == EFI_ON)
		return "on";
	if (v->secure_boot == EFI_OFF)
		return v->setup_mode == EFI_ON ? "off (setup mode)" : "off";
	return "unknown";
}
