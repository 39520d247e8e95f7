/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "host.h"
#include "initrd.h"
#include "kernels.h"
#include "install.h"
#include "kimage.h"
#include "pe.h"
#include "probe_check.h"
#include "pvecommon/fs.h"
#include "pveio/blk.h"
#include "select.h"

static void note(struct pve_ctx *ctx, bool *unknown, const struct pve_err *e)
{
	pve_log_err(&ctx->log, e);
	*unknown = true;
}

static void read_esp(struct check_esp *e, struct pve_ctx *ctx, bool *unknown)
{
	const struct esp_node *node;
	struct pve_diags diags = {0};
	PVE_BUF text = {0};
	struct pve_err err = {0};

	if (e->esp->err.code == PVE_DENIED)
		note(ctx, unknown, &e->esp->err);
	if (e->esp->err.code)
		return;
	esp_kernels_find(&e->kernels, &e->esp->tree);
	e->has_free = esp_free(&e->esp->tree, &e->free, &err) == 0;
	if (!e->has_free)
		note(ctx, unknown, &err);
	node = esp_find(&e->esp->tree, MANIFEST_PATH);
	if (!node || node->dir)
		return;
	if (esp_read(&e->esp->tree, node, MANIFEST_MAX, &text, &err) < 0)
		pve_diags_add(&e->esp->tree.damage, PVE_ERROR, node->path, 0, "%s", err.msg);
	else if (manifest_parse(&e->manifest, (struct pve_span){text.data, text.len}, node->path,
				&diags) < 0)
		pve_diags_add(&e->esp->tree.damage, PVE_ERROR, node->path, 0,
			      "the manifest is damaged");
	pve_diags_done(&diags);
}

/* --- /boot ------------------------------------------------------------------------- */

static uint64_t size_of(struct pve_ctx *ctx, const char *path, bool *there)
{
	struct stat st;

	*there = pve_fs_stat(&ctx->sys, path, &st, NULL) == 0 && S_ISREG(st.st_mode);
	return *there ? (uint64_t)st.st_size : 0;
}

static void add_kernel(struct check_facts *f, struct pve_ctx *ctx, const char *version)
{
	PVE_FREE char *image = pve_asprintf("/boot/vmlinuz-%s", version);
	PVE_FREE char *initrd = pve_asprintf("/boot/initrd.img-%s", version);
	struct check_kernel k = {.version = pve_arena_strdup(&f->mem, version)};

	k.image_size = size_of(ctx, image, &k.has_image);
	k.initrd_size = size_of(ctx, initrd, &k.has_initrd);
	if (!k.has_image)
		return;
	f->kernel = pve_grow(f->kernel, f->nkernels, &f->kernels_cap, sizeof(*f->kernel));
	f->kernel[f->nkernels++] = k;
}

static int newest_first(const void *a, const void *b)
{
	const struct check_kernel *x = a, *y = b;

	return boot_version_cmp(x->version, y->version);
}

static void read_boot(struct check_facts *f, struct pve_ctx *ctx, bool *unknown)
{
	PVE_STRV names = {0};
	struct pve_err e = {0};

	if (pve_fs_list(&ctx->sys, "/boot", &names, &e) < 0 && e.sys != ENOENT)
		note(ctx, unknown, &e);
	for (size_t i = 0; i < names.n; i++) {
		const char *version = names.v[i] + strlen("vmlinuz-");

		if (pve_span_starts(pve_span(names.v[i]), "vmlinuz-") &&
		    boot_version_valid(pve_span(version)))
			add_kernel(f, ctx, version);
	}
	if (f->nkernels)
		qsort(f->kernel, f->nkernels, sizeof(*f->kernel), newest_first);
}

/* What a refresh would bring.  When that cannot be told, the newest kernel at least. */
static void read_selection(struct check_facts *f, struct pve_ctx *ctx, bool *unknown)
{
	struct boot_host h = {0};
	struct pve_err e = {0};
	bool any = false;

	for (size_t i = 0; i < f->list.n; i++)
		any |= !f->list.v[i].err.code;
	if (!any)
		return;
	if (boot_host_read_selection(&h, &ctx->sys, NULL, &e) == 0) {
		for (size_t i = 0; i < h.selection.boot.n; i++)
			pve_strv_add(&f->want, h.selection.boot.v[i]);
	} else {
		note(ctx, unknown, &e);
		if (f->nkernels)
			pve_strv_add(&f->want, f->kernel->version);
	}
	boot_host_done(&h);
}

/* Is it on an ESP, or would be?  To read an initial RAM disk takes a second. */
static bool is_booted_from(const struct check_facts *f, const struct check_kernel *k)
{
	if (pve_strv_has(&f->want, k->version))
		return true;
	for (size_t i = 0; i < f->list.n; i++)
		if (!f->list.v[i].err.code && check_find_pair(&f->esp[i], k->version))
			return true;
	return false;
}

static const char *refusal(struct check_facts *f, struct pve_ctx *ctx,
			   const struct boot_firmware *firmware, const char *image)
{
	PVE_FREE char *why = boot_kernel_refusal(&ctx->sys, firmware, image);

	return why ? pve_arena_strdup(&f->mem, why) : NULL;
}

static void read_sanity(struct check_facts *f, struct pve_ctx *ctx)
{
	struct boot_firmware firmware;

	boot_firmware_read(&firmware, &ctx->sys);
	for (size_t i = 0; i < f->nkernels; i++) {
		struct check_kernel *k = &f->kernel[i];
		PVE_FREE char *image = pve_asprintf("/boot/vmlinuz-%s", k->version);
		PVE_FREE char *initrd = pve_asprintf("/boot/initrd.img-%s", k->version);
		struct pve_err e = {0};

		if (!is_booted_from(f, k))
			continue;
		if (kimage_check(&ctx->sys, image, k->version, NULL, &e) < 0)
			k->broken_image = pve_arena_strdup(&f->mem, e.msg);
		else
			k->refused = refusal(f, ctx, &firmware, image);
		if (k->has_initrd && initrd_check(&ctx->sys, initrd, NULL, &e) < 0)
			k->broken_initrd = pve_arena_strdup(&f->mem, e.msg);
	}
	boot_firmware_done(&firmware);
}

/* --- loaders ----------------------------------------------------------------------- */

static void read_loader(struct check_facts *f, struct check_esp *e, const char *path, enum pe_by by)
{
	const struct esp_node *node = esp_find(&e->esp->tree, path);
	PVE_FREE char *why = NULL;
	PVE_BUF image = {0};

	/* What cannot be read is damaged, and reported as that. */
	if (e->refused || !node || node->dir || node->size > PE_MAX ||
	    esp_read(&e->esp->tree, node, PE_MAX, &image, NULL) < 0)
		return;
	why = pe_refusal((struct pve_span){image.data, image.len}, by, f->vars.sbat_level);
	if (!why)
		return;
	e->refused = path;
	e->refused_why = pve_arena_strdup(&f->mem, why);
}

/* Shim starts the GRUB beside it; without a shim the firmware has to. */
static void read_grub_pair(struct check_facts *f, struct check_esp *e, const char *shim,
			   const char *grub)
{
	read_loader(f, e, shim, PE_BY_FIRMWARE);
	if (!esp_find(&e->esp->tree, shim))
		read_loader(f, e, grub, PE_BY_FIRMWARE);
	else if (!f->vars.shim_lax)
		read_loader(f, e, grub, PE_BY_SHIM);
}

static void read_loaders(struct check_facts *f)
{
	for (size_t i = 0; i < f->list.n && f->vars.secure_boot == EFI_ON; i++) {
		struct check_esp *e = &f->esp[i];
		enum esp_mode mode = e->esp->err.code ? ESP_MODE_NONE : esp_mode(&e->esp->tree);

		if (mode == ESP_MODE_SYSTEMD) {
			read_loader(f, e, "EFI/systemd/systemd-bootx64.efi", PE_BY_FIRMWARE);
			read_loader(f, e, "EFI/BOOT/BOOTX64.EFI", PE_BY_FIRMWARE);
		} else if (mode == ESP_MODE_GRUB) {
			read_grub_pair(f, e, "EFI/proxmox/shimx64.efi", "EFI/proxmox/grubx64.efi");
			read_grub_pair(f, e, "EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grubx64.efi");
		}
	}
}

/* --- the rest ------------------------------------------------------------------------ */

static void read_text(struct check_text *t, struct pve_ctx *ctx, const char *path, bool *unknown)
{
	struct pve_err e = {0};
	struct stat st;

	if (pve_fs_read(&ctx->sys, path, 0, &t->text, &st, &e) == 0) {
		pve_buf_puts(&t->text, ""); /* an empty file is one, too */
		t->mtime = st.st_mtime;
	} else if (e.sys != ENOENT && e.sys != ENOTDIR) {
		note(ctx, unknown, &e);
	}
}

static void read_texts(struct check_facts *f, struct pve_ctx *ctx, bool *unknown)
{
	const struct {
		struct check_text *to;
		const char *path;
	} files[] = {
		{&f->pin, BOOT_PIN},
		{&f->next_pin, BOOT_NEXT_PIN},
		{&f->cmdline, "/etc/kernel/cmdline"},
		{&f->grub, "/etc/default/grub"},
		{&f->fstab, "/etc/fstab"},
		{&f->postinst, "/etc/kernel/postinst.d/zz-systemd-boot"},
		{&f->initramfs, "/etc/initramfs/post-update.d/systemd-boot"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		read_text(files[i].to, ctx, files[i].path, unknown);
	/* With --root the running kernel is another host's. */
	if (!ctx->sys.rooted)
		read_text(&f->running, ctx, "/proc/cmdline", unknown);
	f->removable = pve_fs_exists(&ctx->sys, "/boot/efi/EFI/BOOT/BOOTX64.EFI") &&
		       pve_fs_exists(&ctx->sys, "/boot/grub/grub.cfg");
	if (f->removable)
		read_text(&f->debconf, ctx, "/var/cache/debconf/config.dat", unknown);
}

static void read_firmware(struct check_facts *f, struct pve_ctx *ctx)
{
	efivars_read(&f->vars, &ctx->sys);
	if (!pve_fs_exists(&ctx->sys, "/dev/disk/by-partuuid"))
		return;
	for (size_t i = 0; i < f->vars.nentries; i++) {
		const char *guid = f->vars.entry[i].part;
		PVE_FREE char *path = pve_asprintf("/dev/disk/by-partuuid/%s", guid);

		if (*guid && !pve_fs_exists(&ctx->sys, path))
			pve_strv_add(&f->gone, guid);
	}
}

static void read_clock(struct check_facts *f, struct pve_ctx *ctx)
{
	f->now = pve_sys_time(&ctx->sys);
	if (!ctx->sys.rooted)
		f->booted = f->now - ctx->sys.now(&ctx->sys, CLOCK_BOOTTIME) / 1000000000;
}

int check_facts_read(struct check_facts *f, struct pve_ctx *ctx, bool *unknown)
{
	struct pve_err e = {0};

	*unknown = false;
	if (esp_list_read(&f->list, &ctx->sys, &ctx->err) < 0)
		return -1;
	esp_list_open(&f->list, &ctx->sys);
	f->esp = pve_calloc(f->list.n + 1, sizeof(*f->esp));
	for (size_t i = 0; i < f->list.n; i++) {
		f->esp[i].esp = &f->list.v[i];
		read_esp(&f->esp[i], ctx, unknown);
	}
	read_boot(f, ctx, unknown);
	read_selection(f, ctx, unknown);
	read_sanity(f, ctx);
	read_texts(f, ctx, unknown);
	read_firmware(f, ctx);
	read_loaders(f);
	read_clock(f, ctx);
	/* A tree without /sys tells nothing of devices, and that is no failure. */
	if (pve_blk_list_read(&f->blk, &ctx->sys, &e) < 0 && e.code != PVE_NOTHERE)
		note(ctx, unknown, &e);
	return 0;
}

void check_facts_done(struct check_facts *f)
{
	struct check_text *const texts[] = {&f->pin,      &f->next_pin,  &f->cmdline,
					    &f->running,  &f->grub,      &f->fstab,
					    &f->postinst, &f->initramfs, &f->debconf};

	for (size_t i = 0; f->esp && i < f->list.n; i++) {
		esp_kernels_done(&f->esp[i].kernels);
		manifest_done(&f->esp[i].manifest);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		pve_buf_done(&texts[i]->text);
	free(f->esp);
	free(f->kernel);
	pve_strv_done(&f->want);
	efivars_done(&f->vars);
	pve_strv_done(&f->gone);
	pve_blk_list_free(&f->blk);
	pve_arena_done(&f->mem);
	esp_list_done(&f->list);
}
