/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which loader an ESP gets. */
#include "install.h"

#include <stdio.h>
#include <string.h>

/* What the host's firmware starts best. */
static enum esp_mode by_firmware(const struct boot_firmware *f, bool signed_sd, const char **why)
{
	if (!f->known) {
		*why = "the firmware is not known here, and GRUB starts from both kinds";
		return ESP_MODE_GRUB;
	}
	if (!f->efi) {
		*why = "the firmware is a BIOS, from which only GRUB starts";
		return ESP_MODE_GRUB;
	}
	if (f->secure && !signed_sd) {
		*why = "Secure Boot is on, and of the loaders here GRUB is signed";
		return ESP_MODE_GRUB;
	}
	*why = "the firmware is EFI";
	return ESP_MODE_SYSTEMD;
}

int boot_mode_choose(const char *asked, enum esp_mode sibling, const struct boot_firmware *f,
		     bool signed_sd, enum esp_mode *mode, const char **why, struct pve_err *e)
{
	if (asked && strcmp(asked, "grub") == 0) {
		*mode = ESP_MODE_GRUB;
		*why = "it was asked for";
		return 0;
	}
	if (asked && f->known && f->secure && !signed_sd)
		return pve_err_set(e, PVE_FAILED,
				   "Secure Boot is on, and this host's systemd-boot is not signed: the "
				   "firmware would refuse it (use grub)");
	if (asked) {
		*mode = ESP_MODE_SYSTEMD;
		*why = "it was asked for";
		return 0;
	}
	if (sibling == ESP_MODE_SYSTEMD && f->known && f->secure && !signed_sd) {
		*mode = by_firmware(f, signed_sd, why);
		return 0;
	}
	if (sibling != ESP_MODE_NONE) {
		*mode = sibling;
		*why = "the other ESPs have it";
		return 0;
	}
	*mode = by_firmware(f, signed_sd, why);
	return 0;
}

static uint32_t le(struct pve_span s, size_t at, unsigned bytes)
{
	uint32_t v = 0;

	if (at > s.len || s.len - at < bytes)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint32_t)(unsigned char)s.p[at + i] << (8 * i);
	return v;
}

/* Offsets of the PE format: the header's at 60; in it the optional header behind 24 bytes, which
 * begins with its magic; data directories at 96 (PE32) or 112 (PE32+), the fifth of which is that of
 * certificates: address and size. */
bool boot_pe_signed(struct pve_span image)
{
	uint32_t pe = le(image, 60, 4), magic, directory;

	if (le(image, 0, 2) != 0x5a4d || le(image, pe, 4) != 0x4550)
		return false;
	magic = le(image, (size_t)pe + 24, 2);
	directory = magic == 0x20b ? 112 : magic == 0x10b ? 96 : 0;
	if (!directory || le(image, (size_t)pe + 24 + directory - 4, 4) < 5)
		return false;
	return le(image, (size_t)pe + 24 + directory + 4 * 8 + 4, 4) > 0;
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
