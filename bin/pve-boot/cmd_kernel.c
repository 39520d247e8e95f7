/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "calls.h"
#include "host.h"
#include "kernels.h"
#include "oneshot.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"

enum { COL_KERNEL, COL_CHOSEN, COL_PIN, COL_RUNNING, COL_STATE };

const struct pve_col boot_kernel_cols[BOOT_KERNEL_NCOLS] = {
	{"kernel", PVE_T_STR, false, "version"},
	{"chosen", PVE_T_STR, false, "manual: by the list of the administrator; automatic"},
	{"pin", PVE_T_STR, false, "always, or next: for the next boot only"},
	{"running", PVE_T_BOOL, false, "is it what runs now"},
	{"state", PVE_T_STR, false, "of its files in /boot: ok, no-initrd, no-image, missing"},
};

const struct pve_opt boot_kernel_options[] = {
	{0, "next-boot", PVE_OPT_FLAG, offsetof(struct boot_kernel_opts, next_boot), NULL,
	 "pin, unpin: for the next boot only", NULL, 0, 0},
	{0},
};

/* --- list ------------------------------------------------------------------------------------- */

static const char *state_of(const struct boot_kernel *k)
{
	if (k->image.there)
		return k->initrd.there ? "ok" : "no-initrd";
	return k->initrd.there ? "no-image" : "missing";
}

static bool is(const char *a, const char *b)
{
	return a && strcmp(a, b) == 0;
}

static int list(struct pve_ctx *ctx)
{
	struct boot_host h = {0};
	struct pve_out *out = NULL;
	int ret = boot_host_read(&h, &ctx->sys, NULL, &ctx->err);

	if (ret == 0)
		out = pve_out_new(boot_kernel_cols, BOOT_KERNEL_NCOLS, &ctx->out, &ctx->err);
	for (size_t i = 0; out && i < h.nkernels; i++) {
		const struct boot_kernel *k = &h.kernel[i];
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_str(row, COL_KERNEL, k->version);
		pve_row_str(row, COL_CHOSEN,
			    pve_strv_has(&h.manual, k->version) ? "manual" : "automatic");
		if (is(h.next_pin, k->version))
			pve_row_str(row, COL_PIN, "next");
		else if (is(h.pin, k->version))
			pve_row_str(row, COL_PIN, "always");
		pve_row_bool(row, COL_RUNNING, is(h.running, k->version));
		pve_row_str(row, COL_STATE, state_of(k));
	}
	ret = out ? pve_ctx_print(ctx, out) : -1;
	pve_out_free(out);
	boot_host_done(&h);
	return ret;
}

/* --- changes ---------------------------------------------------------------------------------- */

/* The versions that /boot has whole, for a message. */
static char *candidates(struct pve_sys *sys)
{
	PVE_STRV names = {0}, found = {0};

	pve_fs_list(sys, "/boot", &names, NULL);
	for (size_t i = 0; i < names.n; i++) {
		const char *v = names.v[i] + strlen("vmlinuz-");
		PVE_FREE char *initrd = NULL;

		if (strncmp(names.v[i], "vmlinuz-", strlen("vmlinuz-")) != 0)
			continue;
		initrd = pve_asprintf("initrd.img-%s", v);
		if (pve_strv_has(&names, initrd))
			pve_strv_add(&found, v);
	}
	return found.n ? pve_strv_join(&found, ", ") : pve_strdup("none");
}

/* B12: without its initrd a kernel finds no root. */
static int check_bootable(struct pve_ctx *ctx, const char *version)
{
	static const char *const names[] = {"vmlinuz", "initrd.img"};

	if (!boot_version_valid(pve_span(version)))
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is no kernel's version", version);
	for (size_t i = 0; i < 2; i++) {
		PVE_FREE char *path = pve_asprintf("/boot/%s-%s", names[i], version);
		PVE_FREE char *others = NULL;

		if (pve_fs_exists(&ctx->sys, path))
			continue;
		others = candidates(&ctx->sys);
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "no kernel %s: there is no %s%s; there are: %s", version,
				   ctx->sys.root, path, others);
	}
	return 0;
}

/* The file as it is; *there says whether it is. */
static int read_old(struct pve_ctx *ctx, const char *file, struct pve_buf *text, bool *there)
{
	struct pve_err e = {0};

	*there = pve_fs_read(&ctx->sys, file, 0, text, NULL, &e) == 0;
	if (*there || e.sys == ENOENT)
		return 0;
	ctx->err = e;
	return -1;
}

static int apply(struct pve_ctx *ctx, struct pve_change *change, struct pve_plan *plan)
{
	if (pve_ctx_apply(ctx, change, plan) < 0)
		return -1;
	if (plan->n && !ctx->dry_run)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "the ESPs have it after the next refresh (pve-boot refresh)");
	return PVE_OK;
}

static int change_manual(struct pve_ctx *ctx, const struct pve_strv *versions, bool remove)
{
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	PVE_BUF was = {0}, now = {0};
	struct pve_span old;
	bool there;

	for (size_t i = 1; !remove && i < versions->n; i++)
		if (check_bootable(ctx, versions->v[i]) < 0)
			return -1;
	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0 ||
	    read_old(ctx, BOOT_MANUAL, &was, &there) < 0)
		return -1;
	pve_buf_add(&now, was.data, was.len);
	for (size_t i = 1; i < versions->n; i++) {
		struct pve_span text = {pve_buf_str(&now), now.len};
		PVE_BUF next = {0};

		if (!(remove ? boot_manual_remove : boot_manual_add)(text, versions->v[i], &next)) {
			pve_log_line(&ctx->log, PVE_LOG_NOTICE, "%s is %s the list",
				     versions->v[i], remove ? "not in" : "already in");
			continue;
		}
		pve_buf_done(&now);
		now = next;
		next = (struct pve_buf){0};
	}
	old = (struct pve_span){was.data, was.len};
	if (there || now.len)
		pve_plan_write(&plan, BOOT_MANUAL, there ? &old : NULL,
			       (struct pve_span){pve_buf_str(&now), now.len}, 0644,
			       remove ? "these kernels are kept no longer" : "these kernels are kept");
	return apply(ctx, &change, &plan);
}

/* What the loaders need to be told of it. */
static int plan_once(struct pve_ctx *ctx, struct pve_plan *plan, const char *version)
{
	PVE_FREE char *pinned = NULL;

	if (boot_pin_read(&ctx->sys, BOOT_PIN, &pinned, &ctx->err) < 0)
		return -1;
	return boot_oneshot_plan(plan, &ctx->sys, version, pinned, &ctx->err);
}

static int pin(struct pve_ctx *ctx, const char *version, bool next)
{
	const char *file = next ? BOOT_NEXT_PIN : BOOT_PIN;
	PVE_FREE char *line = pve_asprintf("%s\n", version);
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	PVE_BUF was = {0};
	struct pve_span old;
	bool there;

	if (check_bootable(ctx, version) < 0 ||
	    pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0 ||
	    read_old(ctx, file, &was, &there) < 0)
		return -1;
	old = (struct pve_span){was.data, was.len};
	pve_plan_write(&plan, file, there ? &old : NULL, pve_span(line), 0644,
		       next ? "boot this kernel once" : "boot this kernel until it is unpinned");
	if (next && plan_once(ctx, &plan, version) < 0)
		return -1;
	return apply(ctx, &change, &plan);
}

static int unpin(struct pve_ctx *ctx, bool next_only)
{
	static const char *const files[] = {BOOT_NEXT_PIN, BOOT_PIN};
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0)
		return -1;
	for (size_t i = 0; i < (next_only ? 1 : 2); i++)
		if (pve_fs_exists(&ctx->sys, files[i]))
			pve_plan_remove(&plan, files[i], NULL, "no kernel is pinned %s",
					i ? "any more" : "for the next boot");
	if (plan_once(ctx, &plan, NULL) < 0)
		return -1;
	return apply(ctx, &change, &plan);
}

int boot_cmd_kernel(struct pve_ctx *ctx)
{
	const struct boot_kernel_opts *opts = ctx->opts;
	const struct pve_strv *o = &ctx->operands;
	const char *verb = o->n ? o->v[0] : "list";
	bool pins = strcmp(verb, "pin") == 0 || strcmp(verb, "unpin") == 0;

	if (opts->next_boot && !pins)
		return pve_err_set(&ctx->err, PVE_USAGE, "--next-boot goes with pin and unpin");
	if (strcmp(verb, "list") == 0 && o->n <= 1)
		return list(ctx);
	if ((strcmp(verb, "add") == 0 || strcmp(verb, "remove") == 0) && o->n > 1)
		return change_manual(ctx, o, *verb == 'r');
	if (strcmp(verb, "pin") == 0 && o->n == 2)
		return pin(ctx, o->v[1], opts->next_boot);
	if (strcmp(verb, "unpin") == 0 && o->n == 1)
		return unpin(ctx, opts->next_boot);
	return pve_err_set(&ctx->err, PVE_USAGE,
			   "kernel takes list, add VERSION..., remove VERSION..., pin VERSION, or unpin");
}
