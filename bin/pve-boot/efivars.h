/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_EFIVARS_H
#define PVE_BOOT_EFIVARS_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/span.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/*
 * EFI variables, as the kernel shows them in efivarfs: a file NAME-GUID with four bytes of
 * attributes before the value.  Read directly; nothing is written.
 *
 * Sources: UEFI 2.10, 3.1 (boot manager), 3.3 (globally defined variables), 10.3 (device paths);
 * systemd, docs/BOOT_LOADER_INTERFACE.md; shim, MokVars.txt and SBAT.md.
 */
#define EFIVARS "/sys/firmware/efi/efivars"
#define EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define EFI_LOADER "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define EFI_SHIM "605dab50-e046-4300-abb6-3dd810dd8b23"

#define EFI_GUID_TEXT 37

/* An entry of the firmware's boot menu: Boot####. */
struct efi_entry {
	unsigned number;          /* 0x0001 of Boot0001 */
	bool active;              /* the firmware may boot it by itself */
	bool in_order;            /* BootOrder has it */
	const char *description;  /* UTF-8 */
	char part[EFI_GUID_TEXT]; /* unique GUID of the partition, lower case; "": it names none */
	unsigned partno;          /* 0 likewise */
	const char *file;         /* "\\EFI\\proxmox\\shimx64.efi"; "": none */
};

enum efi_switch { EFI_UNKNOWN, EFI_OFF, EFI_ON };

struct efivars {
	bool efi;      /* the host was booted by EFI */
	bool readable; /* the variables are there */
	unsigned bits; /* of the firmware: 64, 32; 0: not told */
	enum efi_switch secure_boot, setup_mode;
	bool shim_lax;           /* MokSBStateRT: shim was told to start what is not signed */
	struct pve_span sbat_level; /* SbatLevelRT: what shim holds for revoked; empty: not told */
	int current, next;       /* BootCurrent, BootNext; -1: not set */
	const char *loader;      /* LoaderInfo: "systemd-boot 252.39-1"; "": not told */
	const char *loader_part; /* LoaderDevicePartUUID, lower case; "" */
	const char *selected;    /* LoaderEntrySelected: "proxmox-6.8.12-4-pve.conf"; "" */
	const char *one_shot;    /* LoaderEntryOneShot; "" */
	const char *preferred;   /* LoaderEntryDefault: goes before loader.conf; "" */
	unsigned *order;         /* norder numbers: BootOrder */
	size_t norder;
	struct efi_entry *entry; /* nentries of them, by number */
	size_t nentries, entries_cap;
	struct pve_diags diags; /* variables that are broken */
	struct pve_arena mem;
};

/* Pure: takes one variable; file is the name of its file, bytes with the attributes.  Those that are
 * not looked at are passed over, broken ones are in v->diags.  *v starts with efivars_init. */
void efivars_take(struct efivars *v, const char *file, struct pve_span bytes);
void efivars_init(struct efivars *v);
/* Once all are taken: sorts the entries, and marks those in the order. */
void efivars_finish(struct efivars *v);
/* By number; NULL when there is none. */
const struct efi_entry *efivars_entry(const struct efivars *v, int number);
void efivars_done(struct efivars *v);

/* Reads those of the host.  What cannot be read is in v->diags; a host without EFI is none. */
void efivars_read(struct efivars *v, struct pve_sys *sys);

#endif
