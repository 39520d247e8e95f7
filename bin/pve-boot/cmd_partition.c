/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>

#include "boot.h"
#include "calls.h"
#include "layout.h"
#include "part.h"
#include "pvecommon/apply.h"
#include "pvecommon/num.h"

const struct pve_opt boot_partition_options[] = {
	{0, "esp-size", PVE_OPT_SIZE, offsetof(struct boot_partition_opts, esp_size), "SIZE",
	 "of the EFI system partition (512M)", NULL, BOOT_ESP_SIZE_MIN, 64ull << 30},
	{0, "hdsize", PVE_OPT_SIZE, offsetof(struct boot_partition_opts, hdsize), "SIZE",
	 "leave what lies behind that much of the disk alone", NULL, 1, 0},
	{0, "like", PVE_OPT_STR, offsetof(struct boot_partition_opts, like), "DISK",
	 "the partitions of that disk, with GUIDs of their own", NULL, 0, 0},
	{0, "new-guids", PVE_OPT_FLAG, offsetof(struct boot_partition_opts, new_guids), NULL,
	 "only give new GUIDs to a table that was copied from another disk", NULL, 0, 0},
	{0},
};

struct work {
	struct pve_ctx *ctx;
	const struct boot_partition_opts *opts;
	struct boot_part disk;
	struct pve_gpt gpt;
	struct pve_gpt_part *part; /* n wanted ones */
	size_t n;
};

static int read_table(struct pve_ctx *ctx, const char *device, struct pve_gpt *gpt)
{
	PVE_CLOSE int fd = boot_open_quietly(&ctx->sys, device, &ctx->err);

	return fd < 0 ? -1 : pve_gpt_read(fd, device, gpt, &ctx->err);
}

static int want_like(struct work *w)
{
	struct boot_part other = {0};
	struct pve_gpt like = {0};
	int rc = -1;

	if (boot_part_read(&other, &w->ctx->sys, w->opts->like, &w->ctx->err) == 0 &&
	    read_table(w->ctx, other.device, &like) == 0)
		rc = boot_layout_like(&w->gpt, &like, &w->part, &w->n, &w->ctx->err);
	if (rc < 0)
		pve_err_prefix(&w->ctx->err, "--like %s", w->opts->like);
	pve_gpt_done(&like);
	boot_part_done(&other);
	return rc;
}

static int want_parts(struct work *w)
{
	const struct boot_layout layout = {
		.esp_size = (w->opts->esp_size ? w->opts->esp_size : BOOT_ESP_SIZE) >> 20 << 20,
		.hdsize = w->opts->hdsize,
	};

	if (w->opts->like)
		return want_like(w);
	w->n = BOOT_LAYOUT_PARTS;
	w->part = pve_calloc(w->n, sizeof(*w->part));
	if (boot_layout_plan(&w->gpt, &layout, w->part, &w->ctx->err) < 0)
		return pve_err_prefix(&w->ctx->err, "%s", w->disk.name);
	return 0;
}

/* /dev/sda1, /dev/nvme0n1p1 */
static void add_node(struct pve_strv *argv, const char *disk, unsigned no)
{
	bool digit = isdigit((unsigned char)disk[strlen(disk) - 1]);

	pve_strv_addf(argv, "%s%s%u", disk, digit ? "p" : "", no);
}

static void plan_table(const struct work *w, struct pve_plan *plan)
{
	PVE_FREE char *what = pve_asprintf("partition %s", w->disk.device);
	PVE_FREE char *wait = pve_asprintf("wait for the partitions of %s", w->disk.device);
	PVE_STRV argv = {0}, nodes = {0};
	PVE_BUF why = {0};

	pve_strv_add(&argv, "partition");
	pve_strv_add(&argv, w->disk.device);
	pve_strv_add(&nodes, "appear");
	for (size_t i = 0; i < w->n; i++) {
		const struct pve_gpt_part *p = &w->part[i];
		char size[PVE_SIZE_TEXT];

		pve_strv_addf(&argv, "%u:%ju:%ju:%s:%s", p->no, (uintmax_t)p->first,
			      (uintmax_t)p->last, p->type, p->name);
		add_node(&nodes, w->disk.device, p->no);
		pve_buf_printf(&why, "%s %u %s %s", i ? "," : "", p->no, boot_type_name(p->type),
			       pve_num_size_text((p->last - p->first + 1) * w->gpt.sector, size));
	}
	pve_plan_call(plan, what, (const char *const *)argv.v, NULL, "a GPT with%s",
		      pve_buf_str(&why));
	if (w->disk.kind == ESP_DEVICE)
		pve_plan_call(plan, wait, (const char *const *)nodes.v, NULL,
			      "the kernel and udev must have seen the partitions");
}

static int plan_new(struct work *w, struct pve_plan *plan)
{
	if (boot_disk_check(&w->disk, &w->ctx->err) < 0 ||
	    read_table(w->ctx, w->disk.device, &w->gpt) < 0 || want_parts(w) < 0)
		return -1;
	plan_table(w, plan);
	return 0;
}

/* GUIDs may change while partitions are in use: the kernel keeps only where they lie. */
static int plan_guids(struct work *w, struct pve_plan *plan)
{
	const char *const argv[] = {"new-guids", w->disk.device, NULL};
	PVE_FREE char *what = pve_asprintf("renumber %s", w->disk.device);

	if (read_table(w->ctx, w->disk.device, &w->gpt) < 0)
		return -1;
	if (w->gpt.label != PVE_GPT_GPT)
		return pve_err_set(&w->ctx->err, PVE_FAILED, "%s: there is no GPT on it",
				   w->disk.name);
	if (w->disk.dev && w->disk.dev->partition)
		return pve_err_set(&w->ctx->err, PVE_FAILED, "%s: is a partition: name the disk, %s",
				   w->disk.name, w->disk.disk ? w->disk.disk->node : "");
	pve_plan_call(plan, what, argv, NULL,
		      "new GUIDs for the disk and its %zu partitions", w->gpt.n);
	return 0;
}

static int check_options(struct pve_ctx *ctx)
{
	const struct boot_partition_opts *o = ctx->opts;

	if (o->new_guids && (o->like || o->esp_size || o->hdsize))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "--new-guids makes no partitions, so it stands alone");
	if (o->like && (o->esp_size || o->hdsize))
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "--like takes all sizes from the other disk");
	return 0;
}

int boot_cmd_partition(struct pve_ctx *ctx)
{
	struct work w = {.ctx = ctx, .opts = ctx->opts};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	int rc = -1;

	if (check_options(ctx) < 0 || pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0)
		return -1;
	if (boot_part_read(&w.disk, &ctx->sys, ctx->operands.v[0], &ctx->err) == 0 &&
	    (w.opts->new_guids ? plan_guids(&w, &plan) : plan_new(&w, &plan)) == 0)
		rc = pve_ctx_apply(ctx, &change, &plan);
	boot_part_done(&w.disk);
	pve_gpt_done(&w.gpt);
	free(w.part);
	return rc;
}
