/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "esp.h"

enum {
	COL_ESP,
	COL_DEVICE,
	COL_MODE,
	COL_KERNEL,
	COL_STATE,
	COL_BYTES,
	COL_IMAGE,
	COL_INITRD,
	COL_ENTRY,
	COL_MTIME,
};

const struct pve_col boot_list_cols[BOOT_LIST_NCOLS] = {
	{"esp", PVE_T_STR, false, "its vfat serial number, as in the list"},
	{"device", PVE_T_STR, false, "block device, image or directory"},
	{"mode", PVE_T_STR, false, "systemd-boot, grub: whose layout the kernel is in"},
	{"kernel", PVE_T_STR, false, "version; empty: none is there"},
	{"state", PVE_T_STR, false,
	 "ok, incomplete, no-entry, inactive; absent, unreadable, empty"},
	{"bytes", PVE_T_SIZE, false, "that kernel and initrd take, in whole clusters"},
	{"image", PVE_T_STR, true, "path of the kernel on the ESP"},
	{"initrd", PVE_T_STR, true, "path of the initrd"},
	{"entry", PVE_T_STR, true, "path of the loader's entry"},
	{"mtime", PVE_T_TIME, true, "of the kernel"},
};

static struct pve_row *new_row(struct pve_out *out, const struct esp *esp, const char *state)
{
	struct pve_row *row = pve_out_row(out, NULL);

	pve_row_str(row, COL_ESP, esp->uuid);
	pve_row_str(row, COL_DEVICE, esp->tree.device);
	pve_row_str(row, COL_STATE, state);
	if (strcmp(state, "ok") != 0)
		pve_row_color(row, "yellow");
	return row;
}

static const char *state_of(const struct esp_kernel *k, enum esp_mode mode)
{
	if (!k->image || !k->initrd)
		return "incomplete";
	if (k->layout != mode)
		return "inactive";
	return k->layout == ESP_MODE_SYSTEMD && !k->entry ? "no-entry" : "ok";
}

static void put_path(struct pve_row *row, size_t col, const struct esp_node *node)
{
	pve_row_str(row, col, node ? node->path : NULL);
}

static void add_kernel(struct pve_out *out, const struct esp *esp, const struct esp_kernel *k)
{
	struct pve_row *row = new_row(out, esp, state_of(k, esp_mode(&esp->tree)));

	pve_row_str(row, COL_MODE, esp_mode_name(k->layout));
	pve_row_str(row, COL_KERNEL, k->version);
	pve_row_size(row, COL_BYTES,
		     (k->image ? k->image->allocated : 0) + (k->initrd ? k->initrd->allocated : 0));
	put_path(row, COL_IMAGE, k->image);
	put_path(row, COL_INITRD, k->initrd);
	put_path(row, COL_ENTRY, k->entry);
	if (k->image)
		pve_row_time(row, COL_MTIME, (time_t)k->image->mtime);
}

static void add_esp(struct pve_out *out, struct esp *esp)
{
	struct esp_kernels kernels = {0};

	if (esp->err.code) {
		new_row(out, esp, esp->err.code == PVE_NOTHERE ? "absent" : "unreadable");
		return;
	}
	esp_kernels_find(&kernels, &esp->tree);
	for (size_t i = 0; i < kernels.n; i++)
		add_kernel(out, esp, &kernels.v[i]);
	if (!kernels.n)
		pve_row_str(new_row(out, esp, "empty"), COL_MODE,
			    esp_mode_name(esp_mode(&esp->tree)));
	esp_kernels_done(&kernels);
}

static int list(struct pve_ctx *ctx, struct esp_list *l)
{
	struct pve_out *out;
	int rc;

	if (esp_list_read(l, &ctx->sys, &ctx->err) < 0)
		return -1;
	esp_list_open(l, &ctx->sys);
	out = pve_out_new(boot_list_cols, BOOT_LIST_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		add_esp(out, &l->v[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

int boot_cmd_list(struct pve_ctx *ctx)
{
	struct esp_list l = {0};
	int rc = list(ctx, &l);

	esp_list_done(&l);
	return rc;
}
