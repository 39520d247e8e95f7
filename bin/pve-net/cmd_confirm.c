/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "apply.h"
#include "hold.h"
#include "pvecommon/exec_hold.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "stage.h"

/* Who comes too late finds what was undone staged again. */
static int nothing_held(struct pve_ctx *ctx)
{
	return pve_err_set(&ctx->err, PVE_NOTHERE, "there is no change that awaits confirmation%s",
			   pve_fs_exists(&ctx->sys, NET_STAGED)
				   ? "; what " NET_STAGED " says is not in effect: it was not applied, "
				     "or not confirmed in time and undone; 'pve-net diff' shows it"
				   : "");
}

/* With --dry-run: what would become final. */
static int preview(struct pve_ctx *ctx)
{
	char since[PVE_TIME_TEXT], until[PVE_TIME_TEXT];
	PVE_HELD held = {0};

	if (pve_exec_held(&ctx->sys, NET_APPLY_TOOL, &held, &ctx->err) < 0)
		return -1;
	if (held.state != PVE_HELD_WAITING)
		return nothing_held(ctx);
	printf("keep the change of %s, which would be undone at %s\n",
	       pve_num_time_text(held.since, since), pve_num_time_text(held.until, until));
	return 0;
}

int net_cmd_confirm(struct pve_ctx *ctx)
{
	struct pve_exec_opts opts;

	if (ctx->dry_run)
		return preview(ctx);
	net_hold_opts(ctx, &opts);
	if (pve_exec_confirm(&ctx->sys, &opts, &ctx->err) < 0)
		return ctx->err.code == PVE_NOTHERE ? nothing_held(ctx) : -1;
	pve_log_line(&ctx->log, PVE_LOG_INFO, "confirmed");
	return 0;
}
