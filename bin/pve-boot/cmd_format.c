/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "boot.h"
#include "calls.h"
#include "format.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"

const struct pve_opt boot_format_options[] = {
	{0, "force", PVE_OPT_FLAG, offsetof(struct boot_format_opts, force), NULL,
	 "although there is a file system on it", NULL, 0, 0},
	{0},
};

#define MKFS_MS 120000

/* --- planning, also for replace --------------------------------------------------------- */

static bool taken(struct pve_sys *sys, const struct pve_disk_facts *facts, const char *serial)
{
	PVE_FREE char *link = pve_asprintf(ESP_BY_UUID "/%s", serial);

	for (size_t i = 0; i < facts->blk.n; i++)
		if (strcasecmp(facts->blk.dev[i].uuid, serial) == 0)
			return true;
	return pve_fs_exists(sys, link);
}

int boot_serial_new(struct pve_sys *sys, const struct pve_disk_facts *facts,
		    char serial[BOOT_SERIAL_TEXT], struct pve_err *e)
{
	struct esp_list list = {0};
	bool again;
	uint32_t v;

	if (esp_list_read(&list, sys, e) < 0)
		return -1;
	do {
		if (getrandom(&v, sizeof(v), 0) != sizeof(v)) {
			esp_list_done(&list);
			return pve_err_sys(e, errno, "asking the kernel for random bytes");
		}
		snprintf(serial, BOOT_SERIAL_TEXT, "%04X-%04X", v >> 16, v & 0xffff);
		again = v == 0 || taken(sys, facts, serial);
		for (size_t i = 0; i < list.n; i++)
			again = again || strcasecmp(list.v[i].uuid, serial) == 0;
	} while (again);
	esp_list_done(&list);
	return 0;
}

void boot_type_plan(struct pve_plan *plan, const struct boot_part *p)
{
	PVE_FREE char *no = p->dev ? pve_asprintf("%u", p->dev->partno) : NULL;
	PVE_FREE char *what = pve_asprintf("set the type of %s", p->device);

	if (p->kind == ESP_DIR || !p->dev || !*p->type || strcmp(p->type, PVE_GPT_ESP) == 0)
		return;
	pve_plan_call(plan, what,
		      (const char *const[]){"type", p->disk->node, no, PVE_GPT_ESP, NULL},
		      (const char *const[]){"type", p->disk->node, no, p->type, NULL},
		      "the firmware looks for an EFI system partition by its type");
}

void boot_format_plan(struct pve_plan *plan, const struct pve_sys *sys, const struct boot_part *p,
		      const char *serial)
{
	PVE_FREE char *mkfs = pve_run_find("mkfs.vfat");
	PVE_FREE char *id = pve_asprintf("%.4s%.4s", serial, serial + 5);
	PVE_FREE char *target = pve_asprintf("%s%s", sys->root, p->device);
	PVE_FREE char *link = pve_asprintf(ESP_BY_UUID "/%s", serial);
	PVE_FREE char *wait = pve_asprintf("wait for %s", link);
	const char *const make[] = {mkfs ? mkfs : "mkfs.vfat", "-F", "32", "-i", id, target, NULL};
	const char *const found[] = {"found", p->device, link, NULL};
	struct pve_step *step;

	boot_type_plan(plan, p);
	step = pve_plan_run(plan, p->device, make,
			    NULL, "an empty file system, UUID %s%s%s", serial,
			    *p->probe.type ? ", in place of " : "", p->probe.type);
	step->timeout_ms = MKFS_MS;
	if (p->kind == ESP_DEVICE && !sys->rooted)
		pve_plan_call(plan, wait, found, NULL,
			      "udev must have seen the file system");
}

/* --- the command ------------------------------------------------------------------------- */

static int format(struct pve_ctx *ctx, struct boot_part *p, struct pve_change *change)
{
	const struct boot_format_opts *opts = ctx->opts;
	char serial[BOOT_SERIAL_TEXT];
	PVE_PLAN plan = {0};

	if (boot_part_read(p, &ctx->sys, ctx->operands.v[0], &ctx->err) < 0 ||
	    boot_part_check_format(p, opts->force, &ctx->err) < 0 ||
	    boot_serial_new(&ctx->sys, &p->facts, serial, &ctx->err) < 0)
		return -1;
	if (*p->probe.type &&
	    pve_ctx_confirm(ctx, "%s: lose the %s that is there%s%s?", p->name, p->probe.type,
			    *p->probe.label ? ", label " : "", p->probe.label) < 0)
		return -1;
	boot_format_plan(&plan, &ctx->sys, p, serial);
	return pve_ctx_apply(ctx, change, &plan);
}

int boot_cmd_format(struct pve_ctx *ctx)
{
	struct boot_part p = {0};
	PVE_CHANGE change = {0};
	int rc;

	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0)
		return -1;
	rc = format(ctx, &p, &change);
	boot_part_done(&p);
	return rc;
}
