/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "hook.h"
#include "kernels.h"
#include "mend.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "refresh.h"

const struct pve_opt boot_refresh_options[] = {
	{0, "hook", PVE_OPT_STR, offsetof(struct boot_refresh_opts, hook), "NAME",
	 "called by a hook of that name: see pve-boot(8)", NULL, 0, 0},
	{0, "kernel", PVE_OPT_LIST, offsetof(struct boot_refresh_opts, kernels), "VERSION",
	 "bring this kernel this time, too", NULL, 0, 0},
	{0, "evict", PVE_OPT_FLAG, offsetof(struct boot_refresh_opts, evict), NULL,
	 "when space is short leave out the oldest kernels that nobody asked for", NULL, 0, 0},
	{0, "verify", PVE_OPT_FLAG, offsetof(struct boot_refresh_opts, verify), NULL,
	 "read kernels back, and replace what is not as it was written", NULL, 0, 0},
	{0},
};

/* --- reading and planning --------------------------------------------------------------------- */

void refresh_warn(struct refresh *r, const char *object, const char *message)
{
	r->failed++;
	pve_log_line(&r->ctx->log, PVE_LOG_ERROR, "%s: %s", object, message);
}

static void report_passing(struct refresh *r)
{
	const struct pve_strv *passing = &r->host.selection.passing;

	for (size_t i = 0; i < passing->n; i++) {
		const struct boot_kernel *k = boot_kernel_find(&r->host, passing->v[i]);

		if (k && !k->bad)
			pve_log_line(&r->ctx->log, PVE_LOG_WARNING,
				     "%s: the next refresh removes it again, unless it runs then or is "
				     "listed (pve-boot kernel add %s)",
				     k->version, k->version);
	}
}

/* What keeps a kernel or an ESP from being as it should, said once for each. */
static void report(struct refresh *r)
{
	report_passing(r);
	for (size_t i = 0; i < r->host.nkernels; i++)
		if (r->host.kernel[i].bad)
			refresh_warn(r, r->host.kernel[i].version, r->host.kernel[i].bad);
	for (size_t i = 0; i < r->host.esps.diags.n; i++) {
		PVE_FREE char *text = pve_diag_format(&r->host.esps.diags.v[i]);

		pve_log_line(&r->ctx->log, PVE_LOG_WARNING, "%s", text);
	}
	for (size_t i = 0; i < r->njobs; i++) {
		struct boot_job *j = &r->job[i];

		if (j->err.code)
			refresh_warn(r, j->esp->uuid, j->err.msg);
		else if (j->warning)
			refresh_warn(r, j->esp->uuid, j->warning);
		for (size_t k = 0; k < j->plan.nleft_out; k++)
			pve_log_line(&r->ctx->log, PVE_LOG_WARNING, "%s: no room for %s, left out",
				     j->esp->uuid, j->plan.left_out[k]);
	}
}

int refresh_read(struct refresh *r, struct pve_ctx *ctx, const struct refresh_wish *wish)
{
	struct boot_host *h = &r->host;

	r->ctx = ctx;
	if (boot_host_read(h, &ctx->sys, wish->callers, &ctx->err) < 0)
		return -1;
	if (wish->apt_only)
		return 0;
	if (wish->leaving)
		esp_list_drop(&h->esps, wish->leaving);
	esp_list_open(&h->esps, &ctx->sys);
	for (size_t i = 0; wish->coming && i < h->nkernels; i++)
		boot_kernel_check(h, &h->kernel[i]);
	r->njobs = h->esps.n;
	r->job = pve_calloc(r->njobs + 1, sizeof(*r->job));
	for (size_t i = 0; i < r->njobs; i++)
		boot_job_plan(&r->job[i], h, &h->esps.v[i], wish->evict, wish->verify);
	report(r);
	return 0;
}

int refresh_read_beside(struct refresh *r, struct pve_ctx *ctx, struct esp *esp, enum esp_mode mode)
{
	r->ctx = ctx;
	if (boot_host_read(&r->host, &ctx->sys, NULL, &ctx->err) < 0)
		return -1;
	r->job = pve_calloc(1, sizeof(*r->job));
	r->njobs = 1;
	boot_job_plan_beside(r->job, &r->host, esp, mode);
	if (!r->job->err.code)
		return 0;
	ctx->err = r->job->err;
	return pve_err_prefix(&ctx->err, "%s", esp->uuid);
}

static int plan_apt(struct refresh *r, struct pve_plan *plan)
{
	struct pve_ctx *ctx = r->ctx;
	PVE_BUF was = {0}, text = {0};
	struct pve_err e = {0};
	struct pve_span old;
	bool there = pve_fs_read(&ctx->sys, BOOT_APT_FILE, 0, &was, NULL, &e) == 0;

	if (!there && e.sys != ENOENT) {
		ctx->err = e;
		return -1;
	}
	if (!pve_fs_exists(&ctx->sys, "/etc/apt/apt.conf.d"))
		return 0;
	boot_apt_format(&r->host.selection, &text);
	old = (struct pve_span){was.data, was.len};
	pve_plan_write(plan, BOOT_APT_FILE, there ? &old : NULL,
		       (struct pve_span){text.data, text.len}, 0444,
		       "so that autoremove keeps what is booted from");
	return 0;
}

/* bytes: of kernels; without any the rest says what else is done. */
static void plan_sync(struct pve_plan *plan, const char *uuid, const char *device, uint64_t bytes,
		      const char *rest)
{
	const char *args[] = {"sync", uuid, NULL};
	PVE_FREE char *target = pve_asprintf("sync ESP %s (%s)", uuid, device);
	char size[PVE_SIZE_TEXT];

	if (bytes)
		pve_plan_call(plan, target, args, NULL, "%llu bytes (%s) of kernels are written",
			      (unsigned long long)bytes, pve_num_size_text(bytes, size));
	else
		pve_plan_call(plan, target, args, NULL, "no kernel is written, but %s", rest);
}

static void plan_esp(const struct boot_job *j, struct pve_plan *plan)
{
	plan_sync(plan, j->esp->uuid, j->esp->tree.device, boot_job_bytes(j),
		  j->plan.n ? "some leave" : "small files change");
}

/* It cannot be looked at yet, and gets all that is good. */
static void plan_coming(const struct refresh *r, const struct refresh_wish *wish,
			struct pve_plan *plan)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < r->host.nkernels; i++) {
		const struct boot_kernel *k = &r->host.kernel[i];

		if (!k->bad)
			bytes += k->image.size + k->initrd.size;
	}
	plan_sync(plan, wish->coming, wish->device, bytes, "small files come");
}

int refresh_plan(struct refresh *r, const struct refresh_wish *wish, struct pve_plan *plan)
{
	if (!wish->esps_only && plan_apt(r, plan) < 0)
		return -1;
	for (size_t i = 0; i < r->njobs; i++)
		if (boot_job_any(&r->job[i]) && !r->job[i].names.n)
			plan_esp(&r->job[i], plan);
	if (wish->coming)
		plan_coming(r, wish, plan);
	return 0;
}

static void show_text(const struct job_text *t)
{
	if (t->changes)
		printf("    write %s, %zu bytes\n", t->path, t->text.len);
}

void refresh_show(const struct refresh *r)
{
	for (size_t i = 0; i < r->njobs; i++) {
		const struct boot_job *j = &r->job[i];

		if (!boot_job_any(j))
			continue;
		printf("%s, %s:\n", j->esp->uuid, esp_mode_name(j->mode));
		for (size_t k = 0; k < j->asides.n; k++)
			printf("    remove %s, left by an interrupted run\n", j->asides.v[k]);
		for (size_t k = 0; k < j->plan.n; k++) {
			PVE_BUF line = {0};

			/* What is written for it stands below. */
			if (j->plan.v[k].kind == SYNC_DEFAULT)
				continue;
			sync_op_format(&j->plan.v[k], &line);
			printf("    %s\n", pve_buf_str(&line));
		}
		for (size_t k = 0; k < j->nentries; k++)
			show_text(&j->entry[k]);
		show_text(&j->loader);
	}
}

/* --- carrying out ------------------------------------------------------------------------------ */

static void tell(struct refresh *r, const struct boot_job *j)
{
	struct pve_sys *sys = &r->ctx->sys;

	for (size_t k = 0; k < j->plan.n; k++) {
		PVE_BUF line = {0};

		if (j->plan.v[k].kind == SYNC_DEFAULT)
			continue;
		sync_op_format(&j->plan.v[k], &line);
		pve_log_line(&r->ctx->log, PVE_LOG_INFO, "%s: %s", j->esp->uuid, pve_buf_str(&line));
		boot_log(sys, "%s %s%s", j->esp->uuid, pve_buf_str(&line),
			 j->err.code ? " (planned; see below)" : "");
	}
	if (j->err.code)
		boot_log(sys, "%s failed: %s", j->esp->uuid, j->err.msg);
	else
		boot_log(sys, "%s done, %llu bytes of kernels written", j->esp->uuid,
			 (unsigned long long)boot_job_bytes(j));
}

/* The first of these calls starts all of the processes, and each waits for its own.  That an ESP
 * failed is no failure of the step: those behind it would not be reached. */
int boot_call_sync(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct refresh *r = data;

	(void)sys;
	if (!r || !r->njobs)
		return 0;
	if (!r->worker && refresh_start(r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->njobs; i++) {
		if (strcmp(r->job[i].esp->uuid, args[1]) != 0)
			continue;
		refresh_wait(r, i);
		if (r->job[i].err.code)
			refresh_warn(r, args[1], r->job[i].err.msg);
		tell(r, &r->job[i]);
	}
	return 0;
}

int refresh_end(struct refresh *r)
{
	if (!r->failed || r->ctx->dry_run)
		return PVE_OK;
	return pve_err_set(&r->ctx->err, PVE_FAILED,
			   "not everything is in step (%u, said above); what could be done is done",
			   r->failed);
}

/* A kernel's package must not stay half configured because one disk of a mirror is dead; a kernel
 * that is no good is another matter. */
static bool any_in_step(const struct refresh *r)
{
	for (size_t i = 0; i < r->host.nkernels; i++)
		if (r->host.kernel[i].bad)
			return false;
	for (size_t i = 0; i < r->njobs; i++)
		if (!r->job[i].err.code)
			return true;
	return false;
}

void refresh_done(struct refresh *r)
{
	for (size_t i = 0; i < r->njobs; i++) {
		if (r->worker)
			refresh_wait(r, i);
		boot_job_done(&r->job[i]);
	}
	refresh_end_progress(r);
	free(r->worker);
	free(r->job);
	boot_host_done(&r->host);
}

static int check_kernels(struct pve_ctx *ctx, const struct pve_strv *versions)
{
	for (size_t i = 0; i < versions->n; i++) {
		PVE_FREE char *image = pve_asprintf("/boot/vmlinuz-%s", versions->v[i]);

		if (!boot_version_valid(pve_span(versions->v[i])))
			return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is no kernel's version",
					   versions->v[i]);
		if (!pve_fs_exists(&ctx->sys, image))
			return pve_err_set(&ctx->err, PVE_NOTHERE, "no kernel %s: there is no %s%s",
					   versions->v[i], ctx->sys.root, image);
	}
	return 0;
}

/* --- what a power cut left ------------------------------------------------------------------------ */

int boot_call_mend(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%s", args[1]);
	struct esp_tree t = {0};
	struct refresh *r = data;
	uint64_t free_bytes;
	int ret = esp_open(&t, sys, path, e);

	if (ret == 0)
		ret = esp_free(&t, &free_bytes, e);
	/* When this is repeated a good file may have that name by now. */
	if (ret == 0 && boot_must_go(&t, args[2]))
		ret = esp_drop_name(&t, sys, args[2], e);
	if (ret == 0)
		boot_log(sys, "%s removed the name %s, left by an interrupted run", args[1], args[2]);
	/* Other ESPs have a right to theirs; this one is left as it is. */
	else if (r && r->ctx)
		refresh_warn(r, args[1], e->msg);
	esp_close(&t);
	return 0;
}

static void plan_mend(const struct refresh *r, struct pve_plan *plan)
{
	for (size_t i = 0; i < r->njobs; i++)
		for (size_t k = 0; k < r->job[i].names.n; k++) {
			const char *path = r->job[i].names.v[k], *uuid = r->job[i].esp->uuid;
			const char *args[] = {"mend", uuid, path, NULL};
			PVE_FREE char *target = pve_asprintf("remove the name %s on ESP %s", path, uuid);

			pve_plan_call(plan, target, args, NULL,
				      "left by an interrupted run; its clusters are damaged, or belong "
				      "to another name, and are not touched");
		}
}

/* Names that share clusters go first, by themselves: only then is it seen what lies there. */
static int mend(struct refresh *r, struct pve_change *change, const struct refresh_wish *wish)
{
	struct pve_ctx *ctx = r->ctx;
	PVE_PLAN plan = {0};

	plan_mend(r, &plan);
	if (!plan.n)
		return 0;
	if (pve_ctx_apply(ctx, change, &plan) < 0)
		return -1;
	if (ctx->dry_run)
		return 0;
	refresh_done(r);
	*r = (struct refresh){.failed = r->failed};
	return refresh_read(r, ctx, wish);
}

int refresh_all(struct refresh *r, struct pve_ctx *ctx, struct pve_change *change,
		const struct refresh_wish *wish)
{
	PVE_PLAN plan = {0};

	if (refresh_read(r, ctx, wish) < 0 || mend(r, change, wish) < 0 ||
	    refresh_plan(r, wish, &plan) < 0)
		return -1;
	hook_plan_end(ctx, &plan);
	if (pve_ctx_apply(ctx, change, &plan) < 0)
		return -1;
	if (ctx->dry_run && !ctx->out.no_header && !ctx->out.json)
		refresh_show(r);
	return refresh_end(r);
}

int boot_cmd_refresh(struct pve_ctx *ctx)
{
	struct boot_refresh_opts *opts = ctx->opts;
	struct refresh_wish wish = {.callers = &opts->kernels, .evict = opts->evict,
				    .verify = opts->verify};
	PVE_CHANGE change = {0};
	struct refresh r = {0};
	bool done;
	int ret = -1;

	if (check_kernels(ctx, &opts->kernels) < 0 ||
	    hook_begin(ctx, opts->hook, &opts->kernels, &done) < 0)
		return -1;
	if (done)
		return PVE_OK;
	wish.apt_only = opts->hook && hook_kind(opts->hook) == HOOK_APT_FILE;
	wish.esps_only = opts->hook && hook_kind(opts->hook) == HOOK_ESPS;
	if (pve_ctx_begin(ctx, boot_calls, &r, &change) == 0)
		ret = refresh_all(&r, ctx, &change, &wish);
	if (ret < 0 && opts->hook && r.failed && ctx->err.code == PVE_FAILED && any_in_step(&r)) {
		pve_log_err(&ctx->log, &ctx->err);
		ret = PVE_OK;
	}
	refresh_done(&r);
	return ret;
}
