/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "esp.h"
#include "firmware.h"
#include "pvecommon/fs.h"

enum { COL_FACT, COL_VALUE, COL_SOURCE };

const struct pve_col boot_loader_cols[BOOT_LOADER_NCOLS] = {
	{"fact", PVE_T_STR, false, "firmware, secure-boot, loader, entry, esp, needs, boot, order"},
	{"value", PVE_T_STR, false, "what it is"},
	{"source", PVE_T_STR, false, "how it is known"},
};

struct loader {
	struct pve_ctx *ctx;
	struct efivars vars;
	struct esp_list esps;
	struct pve_out *out;
};

__attribute__((format(printf, 4, 5))) static void put(struct loader *l, const char *fact,
						      const char *source, const char *fmt, ...)
{
	struct pve_row *row = pve_out_row(l->out, NULL);
	PVE_FREE char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_row_str(row, COL_FACT, fact);
	pve_row_str(row, COL_VALUE, value);
	pve_row_str(row, COL_SOURCE, source);
}

static void put_firmware(struct loader *l)
{
	const struct efivars *v = &l->vars;
	struct firmware_loader loader;

	if (v->efi)
		put(l, "firmware", "/sys/firmware/efi is there", "EFI%s",
		    v->bits == 32 ? ", 32 bits" : "");
	else
		put(l, "firmware", "/sys/firmware/efi is not there", "BIOS");
	put(l, "secure-boot",
	    !v->efi       ? "it is a part of EFI"
	    : v->readable ? "variables SecureBoot and SetupMode"
			  : "there are no variables in " EFIVARS,
	    "%s", firmware_secure_boot(v));
	firmware_loader(v, &loader);
	put(l, "loader", loader.source, "%s", *loader.name ? loader.name : "unknown");
	if (*v->selected)
		put(l, "entry", "variable LoaderEntrySelected", "%s", v->selected);
	if (*v->one_shot)
		put(l, "next-entry", "variable LoaderEntryOneShot", "%s", v->one_shot);
	if (*v->preferred)
		put(l, "default-entry", "variable LoaderEntryDefault, before loader.conf", "%s",
		    v->preferred);
	if (*v->loader_part)
		put(l, "booted-from", "variable LoaderDevicePartUUID", "%s", v->loader_part);
}

static const char *mode_source(const struct esp_tree *t)
{
	if (esp_find(t, "EFI/proxmox/grubx64.efi"))
		return "EFI/proxmox/grubx64.efi is there";
	if (esp_find(t, "loader/loader.conf"))
		return "loader/loader.conf is there";
	return esp_find(t, "grub") ? "grub is there, and loader/loader.conf is not"
				   : "neither loader/loader.conf nor grub is there";
}

static void put_esps(struct loader *l)
{
	for (size_t i = 0; i < l->esps.n; i++) {
		const struct esp *esp = &l->esps.v[i];

		if (esp->err.code)
			put(l, "esp", esp->err.msg, "%s: unknown", esp->uuid);
		else
			put(l, "esp", mode_source(&esp->tree), "%s: %s", esp->uuid,
			    esp_mode_name(esp_mode(&esp->tree)));
	}
}

static void put_needs(struct loader *l)
{
	const char *why;
	enum esp_mode mode = firmware_needs(&l->vars, &why);

	put(l, "needs", why, "%s", esp_mode_name(mode));
}

/* Where the partition of an entry is, to be freed; "is gone" when there is none. */
static char *place_of(struct loader *l, const struct efi_entry *entry)
{
	PVE_FREE char *path = pve_asprintf("/dev/disk/by-partuuid/%s", entry->part);
	PVE_BUF link = {0};

	if (!*entry->part)
		return pve_strdup("names no partition");
	if (!pve_fs_exists(&l->ctx->sys, "/dev/disk/by-partuuid"))
		return pve_asprintf("partition %s", entry->part);
	if (!pve_fs_exists(&l->ctx->sys, path))
		return pve_asprintf("partition %s is gone", entry->part);
	if (pve_fs_readlink(&l->ctx->sys, path, &link, NULL) < 0)
		return pve_strdup(path);
	return pve_asprintf("partition %s", strrchr(pve_buf_str(&link), '/')
						    ? strrchr(link.data, '/') + 1
						    : pve_buf_str(&link));
}

static void put_entry(struct loader *l, const struct efi_entry *entry)
{
	PVE_FREE char *place = place_of(l, entry);
	bool is_current = l->vars.current == (int)entry->number;

	put(l, "boot", place, "Boot%04X%s%s %s%s%s", entry->number, entry->active ? "" : " (off)",
	    is_current ? " (current)" : "", entry->description, *entry->file ? " " : "",
	    entry->file);
}

static void put_nvram(struct loader *l)
{
	PVE_BUF order = {0};

	for (size_t i = 0; i < l->vars.nentries; i++)
		put_entry(l, &l->vars.entry[i]);
	for (size_t i = 0; i < l->vars.norder; i++)
		pve_buf_printf(&order, "%s%04X", i ? "," : "", l->vars.order[i]);
	if (order.len)
		put(l, "order", "variable BootOrder", "%s", pve_buf_str(&order));
	if (l->vars.next >= 0)
		put(l, "next", "variable BootNext", "Boot%04X", (unsigned)l->vars.next);
}

static int loader(struct loader *l)
{
	struct pve_ctx *ctx = l->ctx;
	int rc;

	if (esp_list_read(&l->esps, &ctx->sys, &ctx->err) < 0)
		return -1;
	esp_list_open(&l->esps, &ctx->sys);
	efivars_read(&l->vars, &ctx->sys);
	l->out = pve_out_new(boot_loader_cols, BOOT_LOADER_NCOLS, &ctx->out, &ctx->err);
	if (!l->out)
		return -1;
	put_firmware(l);
	put_esps(l);
	put_needs(l);
	put_nvram(l);
	rc = pve_ctx_print(ctx, l->out);
	for (size_t i = 0; i < l->vars.diags.n; i++)
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s: %s", l->vars.diags.v[i].file,
			     l->vars.diags.v[i].msg);
	pve_out_free(l->out);
	return rc;
}

int boot_cmd_loader(struct pve_ctx *ctx)
{
	struct loader l = {.ctx = ctx};
	int rc = loader(&l);

	efivars_done(&l.vars);
	esp_list_done(&l.esps);
	return rc;
}
