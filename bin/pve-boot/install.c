/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which loader an ESP gets. */
#include "install.h"

#include <stdio.h>
#include <string.h>

/* What the host's firmware starts best. */
static enum esp_mode by_firmware(const struct boot_firmware *f, const char *sd_refusal,
				 const char **why)
{
	if (!f->known) {
		*why = "the firmware is not known here, and GRUB starts from both kinds";
		return ESP_MODE_GRUB;
	}
	if (!f->efi) {
		*why = "the firmware is a BIOS, from which only GRUB starts";
		return ESP_MODE_GRUB;
	}
	if (f->secure && sd_refusal) {
		*why = "Secure Boot is on, and of the loaders here GRUB is signed";
		return ESP_MODE_GRUB;
	}
	*why = "the firmware is EFI";
	return ESP_MODE_SYSTEMD;
}

int boot_mode_choose(const char *asked, enum esp_mode sibling, const struct boot_firmware *f,
		     const char *sd_refusal, enum esp_mode *mode, const char **why, struct pve_err *e)
{
	if (asked && strcmp(asked, "grub") == 0) {
		*mode = ESP_MODE_GRUB;
		*why = "it was asked for";
		return 0;
	}
	if (asked && f->known && f->secure && sd_refusal)
		return pve_err_set(e, PVE_FAILED,
				   "Secure Boot is on, and would not start this host's systemd-boot, "
				   "which %s (use grub)",
				   sd_refusal);
	if (asked) {
		*mode = ESP_MODE_SYSTEMD;
		*why = "it was asked for";
		return 0;
	}
	if (sibling == ESP_MODE_SYSTEMD && f->known && f->secure && sd_refusal) {
		*mode = by_firmware(f, sd_refusal, why);
		return 0;
	}
	if (sibling != ESP_MODE_NONE) {
		*mode = sibling;
		*why = "the other ESPs have it";
		return 0;
	}
	*mode = by_firmware(f, sd_refusal, why);
	return 0;
}

void boot_install_plan(struct pve_plan *plan, const char *call, const char *device,
		       const char *disk, enum esp_mode mode, unsigned targets, const char *why, ...)
{
	PVE_FREE char *what = pve_asprintf("install %s on %s", esp_mode_name(mode), device);
	char builds[16];
	const char *argv[] = {call, device, esp_mode_name(mode), builds, disk ? disk : "", NULL};
	PVE_BUF text = {0};
	va_list ap;

	snprintf(builds, sizeof(builds), "%u", targets);
	va_start(ap, why);
	pve_buf_vprintf(&text, why, ap);
	va_end(ap);
	pve_plan_call(plan, what, argv, NULL, "%s", pve_buf_str(&text));
}
