/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about the firmware's boot entries, Secure Boot, and loaders that nobody updates. */
#include "check.h"
#include "firmware.h"

static const char *device_of(const struct check_esp *e)
{
	return e->esp->tree.device;
}

static void check_entries(const struct check_facts *f, struct pve_findings *found)
{
	bool ours = false;

	for (size_t i = 0; i < f->vars.nentries; i++) {
		const struct efi_entry *entry = &f->vars.entry[i];
		PVE_FREE char *name = pve_asprintf("Boot%04X", entry->number);

		if (!pve_strv_has(&f->gone, entry->part))
			ours |= entry->active && firmware_is_ours(entry);
		else
			pve_finding_fix(
				pve_findings_add(found, PVE_F_WARNING, "BOOT-NVRAM-STALE", name,
						 "'%s' leads to the partition %s, which is gone",
						 entry->description, entry->part),
				"efibootmgr -B -b %04X", entry->number);
	}
	if (f->vars.readable && f->list.n && !ours)
		pve_finding_fix(
			pve_findings_add(found, PVE_F_INFO, "BOOT-NVRAM-NONE", "BootOrder",
					 "no entry of the firmware leads to a loader of ours: it "
					 "boots by the removable path only"),
			"pve-boot reinit");
}

/* Would the firmware start what is there? */
static void check_modes(const struct check_facts *f, struct pve_findings *found)
{
	for (size_t i = 0; i < f->list.n; i++) {
		const struct check_esp *e = &f->esp[i];

		if (e->esp->err.code || esp_mode(&e->esp->tree) != ESP_MODE_SYSTEMD)
			continue;
		if (!f->vars.efi && f->booted)
			pve_finding_fix(pve_findings_add(found, PVE_F_CRITICAL,
							 "BOOT-FIRMWARE-BIOS", e->esp->uuid,
							 "the host boots without EFI, and "
							 "systemd-boot needs it"),
					"pve-boot init %s grub", device_of(e));
		else if (f->vars.secure_boot == EFI_ON)
			pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "BOOT-SECURE-BOOT",
							 e->esp->uuid,
							 "Secure Boot is on, and systemd-boot is "
							 "not signed for it"),
					"pve-boot init %s grub", device_of(e));
	}
}

/* grub-efi updates the removable path only where debconf says so. */
static bool updates_removable(const struct check_text *debconf)
{
	static const char name[] = "\nName: grub2/force_efi_extra_removable\n";
	const char *p = debconf->text.data ? strstr(debconf->text.data, name) : NULL;
	const char *end = p ? strstr(p, "\n\n") : NULL,
		   *value = p ? strstr(p, "\nValue: true") : NULL;

	return value && (!end || value < end);
}

static void check_removable(const struct check_facts *f, struct pve_findings *found)
{
	if (f->list.exists || !f->removable || updates_removable(&f->debconf))
		return;
	pve_finding_fix(
		pve_findings_add(found, PVE_F_WARNING, "BOOT-REMOVABLE-UNMANAGED",
				 "/boot/efi/EFI/BOOT/BOOTX64.EFI",
				 "a loader that no update of GRUB renews: one day it does not fit "
				 "its modules, or is revoked"),
		"debconf-set-selections <<< 'grub-efi-amd64 grub2/force_efi_extra_removable "
		"boolean "
		"true'; apt install --reinstall grub-efi-amd64");
}

void check_firmware(const struct check_facts *f, struct pve_findings *found)
{
	check_entries(f, found);
	check_modes(f, found);
	check_removable(f, found);
}
