/* SPDX-License-Identifier: GPL-3.0-or-later */
/* init and replace: an ESP gets a loader and joins the list.  reinit: all get theirs once more. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "boot.h"
#include "calls.h"
#include "format.h"
#include "install.h"
#include "part.h"
#include "pe.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "refresh.h"
#include "uuids.h"

const struct pve_opt boot_replace_options[] = {
	{0, "force", PVE_OPT_FLAG, offsetof(struct boot_replace_opts, force), NULL,
	 "although there is a file system on the partition", NULL, 0, 0},
	{0},
};

struct work {
	struct pve_ctx *ctx;
	struct refresh refresh;     /* what comes after */
	struct boot_part part;
	struct esp_list list;
	struct pve_buf text;        /* of the list */
	bool there;                 /* the list is */
	struct boot_firmware firmware;
	char *sd_refusal;           /* why Secure Boot would not start systemd-boot */
	char uuid[64];              /* of the part; may be chosen only now */
	const char *install;        /* the call that puts the loader there */
	struct esp now;             /* the part as it is; only when another loader comes */
	enum esp_mode coming;       /* that loader; ESP_MODE_NONE: the same as before, or the first */
	const char *leaving;        /* the ESP that goes from the list, in which it is */
	bool bare;                  /* the part has no loader yet, and so no kernels */
};

/* --- reading ---------------------------------------------------------------------------------- */

static int read_list(struct work *w)
{
	struct pve_err e = {0};

	w->there = pve_fs_read(&w->ctx->sys, ESP_LIST, 0, &w->text, NULL, &e) == 0;
	if (!w->there && e.sys != ENOENT) {
		w->ctx->err = e;
		return -1;
	}
	esp_list_parse(&w->list, (struct pve_span){pve_buf_str(&w->text), w->text.len});
	esp_list_open(&w->list, &w->ctx->sys);
	return 0;
}

static int begin(struct work *w, struct pve_change *change, struct refresh *r)
{
	PVE_BUF image = {0};

	if (pve_ctx_begin(w->ctx, boot_calls, r, change) < 0 || read_list(w) < 0)
		return -1;
	boot_firmware_read(&w->firmware, &w->ctx->sys);
	if (w->firmware.secure && boot_sd_read(&w->ctx->sys, &image, NULL) == 0)
		w->sd_refusal = pe_refusal((struct pve_span){image.data, image.len}, PE_BY_FIRMWARE,
					   boot_sbat_level(&w->firmware));
	return 0;
}

static void done(struct work *w)
{
	free(w->now.uuid);
	esp_close(&w->now.tree);
	boot_part_done(&w->part);
	esp_list_done(&w->list);
	pve_buf_done(&w->text);
	boot_firmware_done(&w->firmware);
	free(w->sd_refusal);
}

static const struct esp *find_listed(const struct work *w, const char *uuid)
{
	for (size_t i = 0; i < w->list.n; i++)
		if (strcasecmp(w->list.v[i].uuid, uuid) == 0)
			return &w->list.v[i];
	return NULL;
}

/* That of all other ESPs that have a loader; none when they differ. */
static enum esp_mode sibling_mode(const struct work *w)
{
	enum esp_mode mode = ESP_MODE_NONE;

	for (size_t i = 0; i < w->list.n; i++) {
		const struct esp *esp = &w->list.v[i];
		enum esp_mode one = esp->err.code ? ESP_MODE_NONE : esp_mode(&esp->tree);

		if (one == ESP_MODE_NONE || strcasecmp(esp->uuid, w->uuid) == 0)
			continue;
		if (mode != ESP_MODE_NONE && one != mode)
			return ESP_MODE_NONE;
		mode = one;
	}
	return mode;
}

/* A directory has no serial number: it has the name by which it is found. */
static int find_uuid(struct work *w)
{
	struct pve_sys *sys = &w->ctx->sys;
	PVE_STRV names = {0};

	if (w->part.kind != ESP_DIR) {
		snprintf(w->uuid, sizeof(w->uuid), "%s", w->part.probe.uuid);
		return 0;
	}
	if (pve_fs_list(sys, ESP_BY_UUID, &names, &w->ctx->err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%s", names.v[i]);
		PVE_CLOSE int fd = boot_open_quietly(sys, path, NULL);
		PVE_FREE char *name = fd < 0 ? NULL : pve_fs_name(sys, fd);

		if (!name || strcmp(name, w->part.device) != 0 || !esp_is_uuid(pve_span(names.v[i])))
			continue;
		snprintf(w->uuid, sizeof(w->uuid), "%s", names.v[i]);
		return 0;
	}
	return pve_err_set(&w->ctx->err, PVE_FAILED,
			   "%s: nothing in " ESP_BY_UUID " leads to this directory, so it has no UUID",
			   w->part.name);
}

/* Two file systems with one serial number, as after a disk was cloned: which one would be written
 * to is a matter of chance. */
static int check_unique(struct work *w)
{
	const struct pve_blk_list *blk = &w->part.facts.blk;

	for (size_t i = 0; i < blk->n; i++)
		if (&blk->dev[i] != w->part.dev && strcasecmp(blk->dev[i].uuid, w->uuid) == 0)
			return pve_err_set(&w->ctx->err, PVE_FAILED,
					   "%s: %s has the same serial number, %s: format one of them "
					   "anew",
					   w->part.name, blk->dev[i].node, w->uuid);
	return 0;
}

/* By its link every refresh finds it. */
static int check_link(struct work *w)
{
	PVE_FREE char *link = pve_asprintf(ESP_BY_UUID "/%s", w->uuid);
	PVE_BUF why = {0};

	if (pve_fs_exists(&w->ctx->sys, link) || !esp_links_missing(&w->ctx->sys, &why))
		return 0;
	return pve_err_set(&w->ctx->err, PVE_NOTHERE, "%s: nothing would find it by its UUID: %s",
			   w->part.name, pve_buf_str(&why));
}

/* --- planning --------------------------------------------------------------------------------- */

/* Does an ESP from which a kernel can be started get another loader?  Then kernels have to be there
 * for it before it comes. */
static bool is_change(struct esp_tree *t, enum esp_mode mode)
{
	enum esp_mode was = esp_mode(t);
	struct esp_kernels kernels = {0};
	bool any = false;

	if (was == ESP_MODE_NONE || was == mode)
		return false;
	esp_kernels_find(&kernels, t);
	for (size_t i = 0; i < kernels.n; i++)
		any |= kernels.v[i].layout == was && kernels.v[i].image && kernels.v[i].initrd;
	esp_kernels_done(&kernels);
	return any;
}

static void forget_now(struct work *w)
{
	free(w->now.uuid);
	esp_close(&w->now.tree);
	w->now = (struct esp){0};
}

/* Looks at what is there; *stale: why it has to be installed, NULL when it is as it should be. */
static int look_at_loader(struct work *w, enum esp_mode mode, unsigned targets, char **stale)
{
	struct esp_tree *t = &w->now.tree;
	struct pve_err *e = &w->ctx->err;
	enum esp_mode was;
	int ret = esp_open(t, &w->ctx->sys, w->part.device, e);

	if (ret == 0)
		ret = boot_loader_stale(t, &w->ctx->sys, mode, targets, stale, e);
	was = ret == 0 ? esp_mode(t) : ESP_MODE_NONE;
	w->bare = was == ESP_MODE_NONE;
	if (was != ESP_MODE_NONE && was != mode && !*stale)
		*stale = pve_asprintf("%s is there", esp_mode_name(was));
	if (ret == 0 && is_change(t, mode)) {
		w->coming = mode;
		w->now.uuid = pve_strdup(w->uuid);
	} else {
		forget_now(w);
	}
	return ret;
}

/* GRUB's core image is written to the disk, at which udev looks at all its partitions once more; for
 * an instant their links are gone. */
static void plan_wait(struct work *w, struct pve_plan *plan)
{
	PVE_FREE char *link = pve_asprintf(ESP_BY_UUID "/%s", w->uuid);
	PVE_FREE char *what = pve_asprintf("wait for %s", link);
	const char *args[] = {"found", w->part.device, link, NULL};

	pve_plan_call(plan, what, args, NULL, "udev must have seen the disk");
}

/* Of a file system that was made a moment ago udev may not know yet; the refresh finds it by the
 * link. */
static void plan_wait_if_new(struct work *w, struct pve_plan *plan)
{
	PVE_FREE char *link = pve_asprintf(ESP_BY_UUID "/%s", w->uuid);

	if (w->part.kind == ESP_DEVICE && !w->ctx->sys.rooted &&
	    !pve_fs_exists(&w->ctx->sys, link))
		plan_wait(w, plan);
}

static int plan_loader(struct work *w, struct pve_plan *plan, const char *asked,
		       enum esp_mode like, bool fresh)
{
	const struct boot_part *p = &w->part;
	struct pve_err *e = &w->ctx->err;
	PVE_FREE char *stale = NULL;
	unsigned targets = 0;
	enum esp_mode mode;
	const char *why;
	int ret = 0;

	if (boot_mode_choose(asked, like, &w->firmware, w->sd_refusal, &mode, &why, e) < 0)
		return pve_err_prefix(e, "%s", p->name);
	if (mode == ESP_MODE_GRUB &&
	    (boot_grub_targets(&w->ctx->sys, &w->firmware, &targets, e) < 0 ||
	     boot_grub_secure(&w->ctx->sys, &w->firmware, e) < 0))
		return -1;
	if (mode == ESP_MODE_SYSTEMD && fresh) {
		PVE_BUF image = {0};

		if (boot_sd_read(&w->ctx->sys, &image, e) < 0)
			return -1;
	}
	if (!fresh)
		ret = look_at_loader(w, mode, targets, &stale);
	if (ret == 0 && (fresh || stale))
		boot_install_plan(plan, w->install, p->device, p->disk ? p->disk->node : NULL, mode,
				  targets, "%s%s%s", why, stale ? "; " : "", stale ? stale : "");
	if (ret == 0 && (fresh || stale) && mode == ESP_MODE_GRUB &&
	    (targets & BOOT_GRUB_BIOS) && p->kind == ESP_DEVICE && !w->ctx->sys.rooted)
		plan_wait(w, plan);
	return ret;
}

static void plan_list(struct work *w, struct pve_plan *plan, const char *old)
{
	struct pve_span was = {pve_buf_str(&w->text), w->text.len};
	PVE_BUF without = {0}, text = {0};

	if (old)
		boot_uuids_remove(was, old, &without);
	else
		pve_buf_span(&without, was);
	boot_uuids_add((struct pve_span){pve_buf_str(&without), without.len}, w->uuid, &text);
	if (!w->there && !pve_fs_exists(&w->ctx->sys, "/etc/kernel"))
		pve_plan_mkdir(plan, "/etc/kernel", 0755, "for the list in it");
	pve_plan_write(plan, ESP_LIST, w->there ? &was : NULL,
		       (struct pve_span){text.data, text.len}, 0644, "%s is kept in sync%s%s",
		       w->uuid, old ? " in place of " : "", old ? old : "");
}

/* --- init --------------------------------------------------------------------------------------- */

static int plan_init(struct work *w, struct pve_plan *plan)
{
	struct pve_ctx *ctx = w->ctx;
	const char *asked = ctx->operands.n > 1 ? ctx->operands.v[1] : NULL;

	if (asked && strcmp(asked, "grub") != 0 && strcmp(asked, "systemd-boot") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "'%s' is no loader: grub or systemd-boot", asked);
	if (boot_part_read(&w->part, &ctx->sys, ctx->operands.v[0], &ctx->err) < 0 ||
	    boot_part_check(&w->part, &ctx->err) < 0 ||
	    boot_part_check_vfat(&w->part, &ctx->err) < 0 || find_uuid(w) < 0 ||
	    check_unique(w) < 0 || check_link(w) < 0)
		return -1;
	boot_type_plan(plan, &w->part);
	plan_wait_if_new(w, plan);
	if (plan_loader(w, plan, asked, sibling_mode(w), false) < 0)
		return -1;
	plan_list(w, plan, NULL);
	return 0;
}

/* Another loader looks for kernels elsewhere.  They come there first, while the old one and all that
 * it starts from stay: so whichever of the two a power cut leaves finds a kernel. */
static int bring_kernels(struct work *w, struct pve_change *change)
{
	const struct refresh_wish wish = {.esps_only = true};
	struct refresh *r = &w->refresh;
	PVE_PLAN plan = {0};
	unsigned failed;

	if (w->coming == ESP_MODE_NONE)
		return 0;
	if (refresh_read_beside(r, w->ctx, &w->now, w->coming) < 0 ||
	    refresh_plan(r, &wish, &plan) < 0 || pve_ctx_apply(w->ctx, change, &plan) < 0)
		return -1;
	if (w->ctx->dry_run && !w->ctx->out.no_header && !w->ctx->out.json)
		refresh_show(r);
	failed = r->failed;
	refresh_done(r);
	*r = (struct refresh){.ctx = w->ctx};
	return failed ? pve_err_set(&w->ctx->err, PVE_FAILED,
				    "%s: there are no kernels for %s yet, so the loader stays as it is",
				    w->part.name, esp_mode_name(w->coming))
		      : 0;
}

/* The refresh of a dry run sees the list as it is, and has to know what becomes of it. */
static void foresee(const struct work *w, struct refresh_wish *wish)
{
	wish->leaving = w->leaving;
	if (!w->bare || find_listed(w, w->uuid))
		return;
	wish->coming = w->uuid;
	wish->device = w->part.device;
}

static int run(struct work *w, int (*make)(struct work *w, struct pve_plan *plan), bool refresh)
{
	PVE_CHANGE change = {0};
	struct refresh_wish wish = {0};
	PVE_PLAN plan = {0};
	int ret = -1;

	w->refresh = (struct refresh){.ctx = w->ctx};
	if (begin(w, &change, &w->refresh) == 0 && make(w, &plan) == 0 &&
	    bring_kernels(w, &change) == 0)
		ret = pve_ctx_apply(w->ctx, &change, &plan);
	if (ret == 0 && refresh && w->ctx->dry_run)
		foresee(w, &wish);
	if (ret == 0 && refresh)
		ret = refresh_all(&w->refresh, w->ctx, &change, &wish);
	else if (ret == 0)
		ret = refresh_end(&w->refresh);
	refresh_done(&w->refresh);
	done(w);
	return ret;
}

int boot_cmd_init(struct pve_ctx *ctx)
{
	struct work w = {.ctx = ctx, .install = "install"};

	return run(&w, plan_init, true);
}

/* --- replace ------------------------------------------------------------------------------------ */

static int check_old(struct work *w, const struct esp *old, bool force)
{
	PVE_BUF known = {0};

	if (!old) {
		for (size_t i = 0; i < w->list.n; i++)
			pve_buf_printf(&known, " %s", w->list.v[i].uuid);
		return pve_err_set(&w->ctx->err, PVE_NOTHERE, "%s is not in the list of ESPs, which has%s",
				   w->ctx->operands.v[0], known.len ? known.data : " none");
	}
	/* With force it is made anew where it is: it may be damaged. */
	if (!old->err.code && !force && strcmp(old->tree.device, w->part.device) == 0)
		return pve_err_set(&w->ctx->err, PVE_FAILED,
				   "%s is %s itself: name the partition on the new disk, or --force to "
				   "make it anew",
				   w->part.name, old->uuid);
	return 0;
}

static int plan_replace(struct work *w, struct pve_plan *plan)
{
	const struct boot_replace_opts *opts = w->ctx->opts;
	struct pve_ctx *ctx = w->ctx;
	const struct esp *old = find_listed(w, ctx->operands.v[0]);
	enum esp_mode mode;

	if (boot_part_read(&w->part, &ctx->sys, ctx->operands.v[1], &ctx->err) < 0 ||
	    check_old(w, old, opts->force) < 0 || !old ||
	    boot_part_check_format(&w->part, opts->force, &ctx->err) < 0 ||
	    boot_serial_new(&ctx->sys, &w->part.facts, w->uuid, &ctx->err) < 0 ||
	    check_link(w) < 0)
		return -1;
	if (*w->part.probe.type &&
	    pve_ctx_confirm(ctx, "%s: lose the %s that is there?", w->part.name,
			    w->part.probe.type) < 0)
		return -1;
	boot_format_plan(plan, &ctx->sys, &w->part, w->uuid);
	mode = old->err.code ? ESP_MODE_NONE : esp_mode(&old->tree);
	if (plan_loader(w, plan, NULL, mode != ESP_MODE_NONE ? mode : sibling_mode(w), true) < 0)
		return -1;
	plan_list(w, plan, old->uuid);
	w->leaving = old->uuid;
	w->bare = true;
	boot_stale_plan(plan, &ctx->sys, &w->part.facts.blk);
	return 0;
}

int boot_cmd_replace(struct pve_ctx *ctx)
{
	struct work w = {.ctx = ctx, .install = "install"};

	return run(&w, plan_replace, true);
}

/* --- reinit ------------------------------------------------------------------------------------- */

/* What is wrong with one ESP keeps no other from its loader: neither here, nor when it comes to
 * writing. */
int boot_call_reinstall(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct refresh *r = data;

	if (boot_call_install(sys, args, data, e) == 0)
		return 0;
	boot_log(sys, "%s failed: %s", args[1], e->msg);
	if (r && r->ctx)
		refresh_warn(r, args[1], e->msg);
	*e = (struct pve_err){0};
	return 0;
}

static int plan_one(struct work *w, struct pve_plan *plan, struct esp *esp)
{
	int ret = -1;

	if (esp->err.code) {
		w->ctx->err = esp->err;
		return -1;
	}
	snprintf(w->uuid, sizeof(w->uuid), "%s", esp->uuid);
	if (boot_part_read(&w->part, &w->ctx->sys, esp->tree.device, &w->ctx->err) == 0 &&
	    boot_part_check(&w->part, &w->ctx->err) == 0) {
		enum esp_mode mode = esp_mode(&esp->tree);

		ret = plan_loader(w, plan, NULL, mode != ESP_MODE_NONE ? mode : sibling_mode(w), false);
	}
	boot_part_done(&w->part);
	return ret;
}

static int plan_reinit(struct work *w, struct pve_plan *plan)
{
	struct pve_ctx *ctx = w->ctx;

	if (!w->there)
		return pve_err_set(&ctx->err, PVE_CRITICAL,
				   "%s%s is not there: no ESP is kept in sync here", ctx->sys.root,
				   ESP_LIST);
	for (size_t i = 0; i < w->list.n; i++) {
		if (plan_one(w, plan, &w->list.v[i]) == 0)
			continue;
		refresh_warn(&w->refresh, w->list.v[i].uuid, ctx->err.msg);
		ctx->err = (struct pve_err){0};
	}
	return 0;
}

int boot_cmd_reinit(struct pve_ctx *ctx)
{
	struct work w = {.ctx = ctx, .install = "reinstall"};

	return run(&w, plan_reinit, false);
}
