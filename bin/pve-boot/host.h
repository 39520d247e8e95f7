/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_HOST_H
#define PVE_BOOT_HOST_H

#include "esp.h"
#include "grub.h"
#include "manifest.h"
#include "pvecommon/cmd.h"
#include "select.h"

/* What the host wants on its ESPs: the kernels of /boot that are selected, and the words that the
 * loader gives them. */

/* A file of /boot. */
struct boot_file {
	char *path;                   /* "/boot/vmlinuz-6.8.12-4-pve" */
	bool there;
	uint64_t size;                /* bytes */
	int64_t mtime, ctime;         /* nanoseconds since the epoch */
	uint64_t inode;
	char sha256[MANIFEST_SHA256]; /* "" until boot_file_digest */
};

struct boot_kernel {
	const char *version;           /* borrowed from the selection */
	struct boot_file image, initrd;
	bool spare;                    /* nobody asked for it by name, and it is not the newest */
	bool checked;                  /* by boot_kernel_check */
	char *bad;                     /* why it must not be copied; NULL: nothing found yet */
};

struct boot_host {
	struct pve_sys *sys;           /* borrowed */
	struct esp_list esps;          /* read, and opened only when a command asks for it */
	struct pve_strv manual;
	char *pin, *next_pin;          /* NULL: none */
	char *running;                 /* NULL: its vmlinuz is not there */
	struct boot_packages packages;
	struct boot_selection selection;
	struct boot_kernel *kernel;    /* as selection.boot */
	size_t nkernels;
	struct pve_buf cmdline;        /* one line */
	struct pve_err cmdline_err;    /* why there is none; code 0: there is one */
	struct boot_grub_settings grub;
	struct pve_buf grub_cmdline;   /* the same for GRUB, which has it from elsewhere */
	struct pve_err grub_err;       /* why there is none, or no settings */
	struct boot_firmware *firmware; /* that starts the kernels; NULL until one is checked */
	const char *title;             /* of the menu: the product's name */
};

/* Reads the list, the choices of the administrator, dpkg's status and /boot.  callers: versions that
 * a hook was called with; may be NULL.  Nothing is ever taken from /proc/cmdline.  A missing or bad
 * command line is in cmdline_err.  Ends with boot_host_done. */
int boot_host_read(struct boot_host *h, struct pve_sys *sys, const struct pve_strv *callers,
		   struct pve_err *e);
/* The same without /boot and what the loader needs: which kernels, and why. */
int boot_host_read_selection(struct boot_host *h, struct pve_sys *sys,
			     const struct pve_strv *callers, struct pve_err *e);
/* Only what "kernel" needs: list, pins. */
int boot_host_read_choices(struct boot_host *h, struct pve_sys *sys, struct pve_err *e);
void boot_host_done(struct boot_host *h);

/* A pin file: its version to be freed, NULL for none or a bad one. */
int boot_pin_read(struct pve_sys *sys, const char *file, char **version, struct pve_err *e);
/* Fills sha256, once. */
int boot_file_digest(struct boot_host *h, struct boot_file *f, struct pve_err *e);
/* Is this what the manifest says it was when it was copied: size, times and inode? */
bool boot_file_unchanged(const struct boot_file *f, const struct manifest_file *m);
/* Looks at the kernel image and the initrd before they are copied, once; what is wrong is in
 * k->bad. */
void boot_kernel_check(struct boot_host *h, struct boot_kernel *k);
/* NULL: not selected. */
struct boot_kernel *boot_kernel_find(struct boot_host *h, const char *version);

#endif
