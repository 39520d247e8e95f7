/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to install, and what is installed. */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "efivars.h"
#include "images.h"
#include "install.h"
#include "manifest.h"
#include "pe.h"
#include "pvecommon/fs.h"
#include "pveio/digest.h"

#define SD_DIR "/usr/lib/systemd/boot/efi"
#define GRUB_DIR "/usr/lib/grub"
#define SHIM "/usr/lib/shim/shimx64.efi.signed"
#define SIGNED_GRUB "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"
#define LOADER_MAX (16u << 20) /* bytes of a loader that is believed */

void boot_firmware_read(struct boot_firmware *f, struct pve_sys *sys)
{
	struct efivars v;

	efivars_read(&v, sys);
	*f = (struct boot_firmware){
		.known = pve_fs_exists(sys, "/sys/firmware") || pve_fs_exists(sys, "/sys/class"),
		.efi = v.efi,
		.secure = v.secure_boot == EFI_ON,
		.shim_lax = v.shim_lax,
	};
	pve_buf_span(&f->sbat_level, v.sbat_level);
	efivars_done(&v);
}

void boot_firmware_done(struct boot_firmware *f)
{
	pve_buf_done(&f->sbat_level);
}

struct pve_span boot_sbat_level(const struct boot_firmware *f)
{
	return (struct pve_span){f->sbat_level.data, f->sbat_level.len};
}

bool boot_variables_work(const struct pve_sys *sys)
{
	struct statfs fs;

	return !sys->rooted && statfs(EFIVARS, &fs) == 0 && fs.f_type == EFIVARFS_MAGIC &&
	       !(fs.f_flags & ST_RDONLY);
}

int boot_sd_read(struct pve_sys *sys, struct pve_buf *image, struct pve_err *e)
{
	struct pve_err own = {0};

	if (pve_fs_read(sys, SD_DIR "/systemd-bootx64.efi.signed", LOADER_MAX, image, NULL, &own) ==
		    0 ||
	    pve_fs_read(sys, SD_DIR "/systemd-bootx64.efi", LOADER_MAX, image, NULL, &own) == 0)
		return 0;
	if (own.sys == ENOENT)
		return pve_err_set(e, PVE_NOTHERE,
				   "systemd-boot is not installed (apt install systemd-boot): there is "
				   "no %s%s/systemd-bootx64.efi",
				   sys->root, SD_DIR);
	*e = own;
	return -1;
}

static bool has_modules(struct pve_sys *sys, unsigned target)
{
	return pve_fs_exists(sys, target == BOOT_GRUB_EFI ? GRUB_DIR "/x86_64-efi/normal.mod"
							  : GRUB_DIR "/i386-pc/normal.mod");
}

int boot_grub_targets(struct pve_sys *sys, const struct boot_firmware *f, unsigned *targets,
		      struct pve_err *e)
{
	unsigned want = f->efi ? BOOT_GRUB_EFI : BOOT_GRUB_BIOS;

	if (!f->known)
		want = (has_modules(sys, BOOT_GRUB_EFI) ? BOOT_GRUB_EFI : 0u) |
		       (has_modules(sys, BOOT_GRUB_BIOS) ? BOOT_GRUB_BIOS : 0u);
	else if (!has_modules(sys, want))
		want = 0;
	if (!want)
		return pve_err_set(e, PVE_NOTHERE,
				   "GRUB is not installed for this firmware (apt install %s): there is "
				   "no %s" GRUB_DIR "/%s",
				   f->efi ? "grub-efi-amd64" : "grub-pc", sys->root,
				   f->efi ? "x86_64-efi" : "i386-pc");
	*targets = want;
	return 0;
}

/* --- Secure Boot --------------------------------------------------------------------------------- */

static int check_stage(struct pve_sys *sys, const char *path, const char *package, enum pe_by by,
		       const struct boot_firmware *f, struct pve_err *e)
{
	PVE_FREE char *why = NULL;
	PVE_BUF image = {0};

	if (pve_fs_read(sys, path, LOADER_MAX, &image, NULL, e) < 0)
		return e->sys != ENOENT
			       ? -1
			       : pve_err_set(e, PVE_NOTHERE,
					     "Secure Boot is on, and there is no %s, without which the "
					     "firmware does not start GRUB (apt install %s); where the "
					     "firmware has only keys of this host, sign systemd-boot "
					     "with one of them (sbsign(1)), and use that",
					     path, package);
	why = pe_refusal((struct pve_span){image.data, image.len}, by, boot_sbat_level(f));
	if (!why)
		return 0;
	return pve_err_set(e, PVE_DATA,
			   "Secure Boot is on, and would not start %s, which %s (apt update; apt "
			   "install --reinstall %s)",
			   path, why, package);
}

int boot_grub_secure(struct pve_sys *sys, const struct boot_firmware *f, struct pve_err *e)
{
	if (!f->known || !f->secure)
		return 0;
	if (check_stage(sys, SHIM, "shim-signed", PE_BY_FIRMWARE, f, e) < 0)
		return -1;
	return f->shim_lax ? 0
			   : check_stage(sys, SIGNED_GRUB, "grub-efi-amd64-signed", PE_BY_SHIM, f, e);
}

/* What the administrator does about it, in brackets: kernels of Proxmox VE have a signed package. */
static char *advice(const char *path)
{
	size_t n = strlen(path);
	const char *version = strstr(path, "vmlinuz-");

	if (!version || strcmp(path + n - 4, "-pve") != 0)
		return pve_strdup("install its package anew, or sign it: sbsign(1)");
	return pve_asprintf("apt install --reinstall proxmox-kernel-%s-signed, or sign it: sbsign(1)",
			    version + strlen("vmlinuz-"));
}

char *boot_kernel_refusal(struct pve_sys *sys, const struct boot_firmware *f, const char *path)
{
	PVE_FREE char *why = NULL, *next = NULL;
	PVE_BUF image = {0};

	if (!f->secure || f->shim_lax || pve_fs_read(sys, path, PE_MAX, &image, NULL, NULL) < 0)
		return NULL;
	why = pe_refusal((struct pve_span){image.data, image.len}, PE_BY_LOADER,
			 boot_sbat_level(f));
	if (!why)
		return NULL;
	next = advice(path);
	return pve_asprintf("%s%s: Secure Boot is on, and would not start this kernel, which %s (%s)",
			    sys->root, path, why, next);
}

/* --- is it what the packages have? ------------------------------------------------------------- */

struct look {
	struct esp_tree *t;
	struct pve_sys *sys;
	struct pve_err *e;
	char **why;
};

/* Compares a file of the ESP with bytes; 0 also when they differ, which *why tells then. */
static int compare(struct look *l, const char *path, const struct pve_buf *want)
{
	const struct esp_node *node = esp_find(l->t, path);
	PVE_BUF is = {0};

	if (!node) {
		*l->why = pve_asprintf("there is no %s yet", path);
		return 0;
	}
	if (node->size == want->len) {
		if (esp_read(l->t, node, LOADER_MAX, &is, l->e) < 0)
			return -1;
		if (memcmp(is.data, want->data, is.len) == 0)
			return 0;
	}
	*l->why = pve_asprintf("%s is not that of the package", path);
	return 0;
}

static int compare_file(struct look *l, const char *path, const char *source)
{
	PVE_BUF want = {0};

	if (pve_fs_read(l->sys, source, LOADER_MAX, &want, NULL, l->e) < 0)
		return -1;
	return compare(l, path, &want);
}

static int look_at_sd(struct look *l)
{
	static const char *const paths[] = {ESP_SD_IMAGE,
					    "EFI/BOOT/BOOTX64.EFI"};
	PVE_BUF image = {0};

	if (boot_sd_read(l->sys, &image, l->e) < 0)
		return -1;
	for (size_t i = 0; i < 2 && !*l->why; i++)
		if (compare(l, paths[i], &image) < 0)
			return -1;
	if (!*l->why && !esp_find(l->t, "loader/loader.conf"))
		*l->why = pve_strdup("there is no loader/loader.conf yet");
	return 0;
}

static int look_at_modules(struct look *l, const char *target)
{
	PVE_FREE char *dir = pve_asprintf(GRUB_DIR "/%s", target);
	PVE_STRV names = {0};

	if (pve_fs_list(l->sys, dir, &names, l->e) < 0)
		return -1;
	for (size_t i = 0; i < names.n && !*l->why; i++) {
		size_t n = strlen(names.v[i]);
		PVE_FREE char *path = pve_asprintf("grub/%s/%s", target, names.v[i]);
		PVE_FREE char *source = pve_asprintf("%s/%s", dir, names.v[i]);

		if (n > 4 && strcmp(names.v[i] + n - 4, ".mod") == 0 &&
		    compare_file(l, path, source) < 0)
			return -1;
	}
	return 0;
}

static int compare_digest(struct look *l, const struct manifest_file *m)
{
	const struct esp_node *node = esp_find(l->t, m->path);
	char digest[PVE_DIGEST_TEXT];
	PVE_BUF is = {0};

	if (node && node->size == m->size) {
		if (esp_read(l->t, node, LOADER_MAX, &is, l->e) < 0 ||
		    pve_digest(PVE_DIGEST_SHA256, (struct pve_span){pve_buf_str(&is), is.len}, digest,
			       l->e) < 0)
			return -1;
		if (strcmp(digest, m->sha256) == 0)
			return 0;
	}
	*l->why = pve_asprintf("%s is not what was written", m->path);
	return 0;
}

/* Images that are in the manifest are what it says; with systemd-boot, none of GRUB's is in it. */
static int look_at_images(struct look *l, enum esp_mode mode)
{
	const struct esp_node *node = esp_find(l->t, MANIFEST_PATH);
	struct manifest m = {0};
	struct pve_diags d = {0};
	PVE_BUF text = {0};
	int ret = 0;

	if (!node || node->dir)
		return 0;
	if (esp_read(l->t, node, MANIFEST_MAX, &text, l->e) < 0)
		return -1;
	/* With lines that are none the others are good nevertheless. */
	(void)manifest_parse(&m, (struct pve_span){text.data, text.len}, MANIFEST_PATH, &d);
	pve_diags_done(&d);
	for (size_t i = 0; i < m.n && ret == 0 && !*l->why; i++)
		if (boot_is_grub_image(m.v[i].path)) {
			if (mode == ESP_MODE_GRUB)
				ret = compare_digest(l, &m.v[i]);
			else
				*l->why = pve_asprintf("the manifest has %s of GRUB still",
						       m.v[i].path);
		}
	manifest_done(&m);
	return ret;
}

/* Where the packages have a shim and a signed GRUB, grub-install puts these on the ESP. */
static int look_at_chain(struct look *l)
{
	static const struct {
		const char *path, *source;
	} files[] = {
		{"EFI/proxmox/shimx64.efi", SHIM},
		{"EFI/proxmox/grubx64.efi", SIGNED_GRUB},
		{"EFI/BOOT/BOOTX64.EFI", SHIM},
		{"EFI/BOOT/grubx64.efi", SIGNED_GRUB},
	};

	if (!pve_fs_exists(l->sys, SHIM) || !pve_fs_exists(l->sys, SIGNED_GRUB))
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !*l->why; i++)
		if (compare_file(l, files[i].path, files[i].source) < 0)
			return -1;
	return 0;
}

/* Images that grub-install makes are there; those of others are as the packages have them. */
static int look_at_grub_efi(struct look *l)
{
	static const char *const made[] = {ESP_GRUB_IMAGE, "EFI/BOOT/BOOTX64.EFI"};

	for (size_t i = 0; i < 2 && !*l->why; i++)
		if (!esp_find(l->t, made[i]))
			*l->why = pve_asprintf("there is no %s yet", made[i]);
	if (!*l->why && esp_find(l->t, ESP_SD_IMAGE))
		*l->why = pve_asprintf("there is %s still", ESP_SD_IMAGE);
	if (!*l->why && look_at_chain(l) < 0)
		return -1;
	return *l->why ? 0 : look_at_modules(l, "x86_64-efi");
}

static int look_at_grub_bios(struct look *l)
{
	if (!esp_find(l->t, "grub/i386-pc/core.img"))
		*l->why = pve_strdup("there is no grub/i386-pc/core.img yet");
	return *l->why ? 0 : look_at_modules(l, "i386-pc");
}

int boot_loader_stale(struct esp_tree *t, struct pve_sys *sys, enum esp_mode mode,
		      unsigned targets, char **why, struct pve_err *e)
{
	char *reason = NULL;
	struct look l = {t, sys, e, &reason};
	int ret = 0;

	if (mode == ESP_MODE_SYSTEMD)
		ret = look_at_sd(&l);
	if (mode == ESP_MODE_GRUB && (targets & BOOT_GRUB_EFI))
		ret = look_at_grub_efi(&l);
	if (mode == ESP_MODE_GRUB && (targets & BOOT_GRUB_BIOS) && ret == 0 && !reason)
		ret = look_at_grub_bios(&l);
	if (ret == 0 && !reason)
		ret = look_at_images(&l, mode);
	if (ret < 0) {
		free(reason);
		return -1;
	}
	*why = reason;
	return 0;
}
