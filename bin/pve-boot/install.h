/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_INSTALL_H
#define PVE_BOOT_INSTALL_H

#include "esp.h"
#include "pvecommon/blkdev.h"
#include "pvecommon/plan.h"

/*
 * Putting a loader on an ESP: systemd-boot with bootctl(1), GRUB with grub-install(8), as the stock
 * tool does, but so that a power cut finds the old loader or the new one.
 */

/* What the firmware is, as far as the choice of a loader goes. */
struct boot_firmware {
	bool known;       /* there is a /sys to ask; not below most roots */
	bool efi;         /* it started the host by EFI */
	bool secure;      /* Secure Boot is on */
	bool shim_lax;    /* but shim was told to start what is not signed */
	struct pve_buf sbat_level; /* SbatLevelRT, as pe_refusal takes it */
};
/* Ends with boot_firmware_done. */
void boot_firmware_read(struct boot_firmware *f, struct pve_sys *sys);
void boot_firmware_done(struct boot_firmware *f);
struct pve_span boot_sbat_level(const struct boot_firmware *f);
/* Can EFI variables be written?  Not below a root, and not where efivarfs is read-only. */
bool boot_variables_work(const struct pve_sys *sys);

/* Which loader an ESP gets.  asked: "grub", "systemd-boot" or NULL.  sibling: that of the other ESPs,
 * ESP_MODE_NONE when there are none or they differ.  sd_refusal: why Secure Boot would not
 * start the systemd-boot of the package, as pe_refusal says; NULL: it would.  why gets a clause.
 * Fails with PVE_FAILED when what was asked for could not be started.  Pure. */
int boot_mode_choose(const char *asked, enum esp_mode sibling, const struct boot_firmware *f,
		     const char *sd_refusal, enum esp_mode *mode, const char **why, struct pve_err *e);
/* Where Secure Boot is on: are there a shim and a GRUB that it would start?  Else PVE_NOTHERE or
 * PVE_DATA, with the package to install. */
int boot_grub_secure(struct pve_sys *sys, const struct boot_firmware *f, struct pve_err *e);
/* Why Secure Boot would not start a kernel of the host, with its path, to be freed; NULL: it would,
 * or is off, or the kernel cannot be read, which others report. */
char *boot_kernel_refusal(struct pve_sys *sys, const struct boot_firmware *f, const char *path);

/* The package's systemd-boot: the signed one where there is one.  PVE_NOTHERE when there is none,
 * with the package to install. */
int boot_sd_read(struct pve_sys *sys, struct pve_buf *image, struct pve_err *e);

/* Which builds of GRUB an ESP gets. */
enum { BOOT_GRUB_EFI = 1, BOOT_GRUB_BIOS = 2 };
/* By the firmware; where that is not known, each for which there are modules.  PVE_NOTHERE when the
 * modules are missing, with the package to install. */
int boot_grub_targets(struct pve_sys *sys, const struct boot_firmware *f, unsigned *targets,
		      struct pve_err *e);

/* Is the loader on an ESP as the packages have it?  NULL when it is, else a clause, to be freed.
 * Fails when the package or the ESP cannot be read. */
int boot_loader_stale(struct esp_tree *t, struct pve_sys *sys, enum esp_mode mode,
		      unsigned targets, char **why, struct pve_err *e);

/* Adds the step that installs it: call is "install" or "reinstall" (calls.h).  device: of the ESP,
 * below the root; disk: the whole disk, for GRUB where the firmware is a BIOS; may be NULL. */
void boot_install_plan(struct pve_plan *plan, const char *call, const char *device,
		       const char *disk, enum esp_mode mode, unsigned targets, const char *why, ...)
	__attribute__((format(printf, 7, 8)));

/* Adds the steps that remove those entries of the firmware that bootctl or grub-install once made
 * for partitions which no disk of the host has any more. */
void boot_stale_plan(struct pve_plan *plan, struct pve_sys *sys, const struct pve_blk_list *blk);

#endif
