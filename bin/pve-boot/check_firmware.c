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

/* With one ESP that it would start the host still boots. */
static enum pve_finding_severity severity_of_refusal(const struct check_facts *f)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (!f->list.v[i].err.code && !f->esp[i].refused)
			return PVE_F_WARNING;
	return PVE_F_CRITICAL;
}

static void check_secure(const struct check_facts *f, const struct check_esp *e,
			 struct pve_findings *found)
{
	struct pve_finding *one;

	if (!e->refused)
		return;
	one = pve_findings_add(found, severity_of_refusal(f), "BOOT-SECURE-BOOT", e->esp->uuid,
			       "Secure Boot is on, and would not start %s, which %s", e->refused,
			       e->refused_why);
	if (esp_mode(&e->esp->tree) == ESP_MODE_SYSTEMD)
		pve_finding_fix(one, "pve-boot init %s grub", device_of(e));
	else
		pve_finding_fix(one, "apt install shim-signed grub-efi-amd64-signed; pve-boot reinit");
}

/* Would the firmware start what is there? */
static void check_modes(const struct check_facts *f, struct pve_findings *found)
{
	for (size_t i = 0; i < f->list.n; i++) {
		const struct check_esp *e = &f->esp[i];

		if (e->esp->err.code)
			continue;
		check_secure(f, e, found);
		if (esp_is_between(&e->esp->tree, &e->kernels))
			pve_finding_fix(pve_findings_add(found, PVE_F_WARNING,
							 "BOOT-LOADER-UNFINISHED", e->esp->uuid,
							 "a change of its loader was interrupted, and "
							 "the images of both are there"),
					"pve-boot reinit; pve-boot refresh");
		if (esp_mode(&e->esp->tree) == ESP_MODE_SYSTEMD && !f->vars.efi && f->booted)
			pve_finding_fix(pve_findings_add(found, PVE_F_CRITICAL,
							 "BOOT-FIRMWARE-BIOS", e->esp->uuid,
							 "the host boots without EFI, and "
							 "systemd-boot needs it"),
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
