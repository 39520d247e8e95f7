/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hook.h"
#include "kernels.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

#define FRONTEND_LOCK "/var/lib/dpkg/lock-frontend"

/* Who holds dpkg's frontend lock; 0: nobody. */
static pid_t frontend(struct pve_sys *sys)
{
	PVE_CLOSE int fd = pve_fs_open(sys, FRONTEND_LOCK, O_RDONLY, 0, NULL);
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

static void read_note(struct pve_sys *sys, const char *path, struct pve_buf *text)
{
	pve_fs_read(sys, path, 65536, text, NULL, NULL);
}

/* Will APT's hook come at the end of what runs now? */
static bool is_announced(struct pve_sys *sys)
{
	PVE_BUF text = {0};
	struct pve_span line;
	uint64_t pid;

	read_note(sys, BOOT_ANNOUNCED, &text);
	line = pve_span_trim((struct pve_span){text.data, text.len});
	return line.len && pve_num_span(line, INT32_MAX, &pid) == 0 && pid &&
	       (pid_t)pid == frontend(sys);
}

static void plan_note(struct pve_sys *sys, struct pve_plan *plan, const char *path,
		      struct pve_span text, const char *why)
{
	PVE_BUF was = {0};
	bool there = pve_fs_exists(sys, path);
	struct pve_span old;

	read_note(sys, path, &was);
	old = (struct pve_span){pve_buf_str(&was), was.len};
	if (!pve_fs_exists(sys, BOOT_RUN_DIR))
		pve_plan_mkdir(plan, BOOT_RUN_DIR, 0700, "for notes of this boot");
	pve_plan_write(plan, path, there ? &old : NULL, text, 0600, "%s", why);
}

static int apply_note(struct pve_ctx *ctx, const char *path, struct pve_span text, const char *why)
{
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0)
		return -1;
	plan_note(&ctx->sys, &plan, path, text, why);
	return pve_ctx_apply(ctx, &change, &plan);
}

static int announce(struct pve_ctx *ctx)
{
	PVE_FREE char *pid = pve_asprintf("%d\n", (int)frontend(&ctx->sys));

	/* Nobody could tell whether it still holds. */
	if (strcmp(pid, "0\n") == 0)
		return 0;
	return apply_note(ctx, BOOT_ANNOUNCED, pve_span(pid),
			  "hooks leave the refresh to the end of this run of apt");
}

/* The notes so far, and those versions. */
static int defer(struct pve_ctx *ctx, const struct pve_strv *versions)
{
	PVE_BUF notes = {0};
	PVE_STRV known = {0};

	read_note(&ctx->sys, BOOT_PENDING, &notes);
	boot_manual_parse(&known, (struct pve_span){notes.data, notes.len}, BOOT_PENDING, NULL);
	for (size_t i = 0; i < versions->n; i++)
		if (!pve_strv_has(&known, versions->v[i]))
			pve_buf_printf(&notes, "%s\n", versions->v[i]);
	return apply_note(ctx, BOOT_PENDING, (struct pve_span){pve_buf_str(&notes), notes.len},
			  "for the refresh at the end of this run of apt");
}

static void take_pending(struct pve_sys *sys, struct pve_strv *versions)
{
	PVE_BUF notes = {0};

	read_note(sys, BOOT_PENDING, &notes);
	boot_manual_parse(versions, (struct pve_span){notes.data, notes.len}, BOOT_PENDING, NULL);
}

void hook_plan_end(struct pve_ctx *ctx, struct pve_plan *plan)
{
	if (pve_fs_exists(&ctx->sys, BOOT_PENDING))
		pve_plan_remove(plan, BOOT_PENDING, NULL, "these were taken in");
	if (pve_fs_exists(&ctx->sys, BOOT_ANNOUNCED) && !is_announced(&ctx->sys))
		pve_plan_remove(plan, BOOT_ANNOUNCED, NULL, "that run of apt is over");
}

int hook_begin(struct pve_ctx *ctx, const char *name, struct pve_strv *versions, bool *done)
{
	enum hook_kind kind = name ? hook_kind(name) : HOOK_ESPS;

	*done = true;
	if (kind == HOOK_UNKNOWN)
		return pve_err_set(&ctx->err, PVE_USAGE, "'%s' is no hook that pve-boot knows", name);
	/* Nothing to keep in sync: a container, or a host that boots otherwise. */
	if (name && kind != HOOK_APT_FILE &&
	    (!pve_fs_exists(&ctx->sys, ESP_LIST) ||
	     pve_fs_exists(&ctx->sys, "/run/systemd/container")))
		return 0;
	if (kind == HOOK_APT_PRE)
		return announce(ctx);
	if (kind == HOOK_KERNEL && !hook_counts(getenv("DEB_MAINT_PARAMS")))
		return 0;
	if (kind == HOOK_KERNEL && is_announced(&ctx->sys))
		return defer(ctx, versions);
	*done = false;
	take_pending(&ctx->sys, versions);
	return 0;
}
