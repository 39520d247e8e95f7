/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "plot.h"
#include "probe.h"
#include "smart.h"

enum { COL_TIME, COL_HEALTH, COL_COUNTERS };

/* Behind the first two the counters, in the order of their enum. */
const struct pve_col smart_history_cols[SMART_HISTORY_NCOLS] = {
	{"time", PVE_T_TIME, false, "of the sample"},
	{"health", PVE_T_STR, false, "ok, warning, critical, unknown"},
	{"temperature", PVE_T_INT, false, "in degrees Celsius"},
	{"hours", PVE_T_INT, false, "powered on"},
	{"wearout", PVE_T_INT, false, "percent of the rated life that remain"},
	{"written", PVE_T_SIZE, false, "by the host"},
	{"reallocated", PVE_T_INT, false, "sectors that were replaced; grown defects"},
	{"pending", PVE_T_INT, false, "sectors that cannot be read"},
	{"uncorrectable", PVE_T_INT, false, "sectors that the disk's own scan could not read"},
	{"reported", PVE_T_INT, true, "errors that it could not correct"},
	{"end-to-end", PVE_T_INT, true, "errors between cache and host"},
	{"timeouts", PVE_T_INT, true, "commands that timed out"},
	{"crc", PVE_T_INT, false, "transfer errors"},
	{"spin-retry", PVE_T_INT, true, "failed attempts to spin up"},
	{"media", PVE_T_INT, false, "errors that cost data"},
	{"spare", PVE_T_INT, false, "percent of spare blocks that remain"},
};

_Static_assert(SMART_HISTORY_NCOLS == COL_COUNTERS + SMART_NCOUNTERS, "a column for each counter");

const struct pve_opt smart_history_options[] = {
	{'p', "plot", PVE_OPT_FLAG, offsetof(struct smart_history_opts, plot),
	 .help = "draw it, not rows"},
	{0},
};

/* The operands behind the disk are columns. */
static int columns(struct pve_ctx *ctx, struct pve_buf *list)
{
	for (size_t i = 1; i < ctx->operands.n; i++) {
		const char *name = ctx->operands.v[i];

		if (smart_counter_find(name) < 0 && strcmp(name, "health") != 0)
			return pve_err_set(
				&ctx->err, PVE_USAGE,
				"history: %s is no column (pve-smart help history has all)", name);
		pve_buf_printf(list, "%s%s", list->len ? "," : "time,", name);
	}
	if (list->len && !ctx->out.columns)
		ctx->out.columns = pve_buf_str(list);
	return 0;
}

static int rows(struct pve_ctx *ctx, const struct smart_samples *s, const char *disk)
{
	struct pve_out *out =
		pve_out_new(smart_history_cols, SMART_HISTORY_NCOLS, &ctx->out, &ctx->err);
	const struct smart_sample *one = NULL;
	int rc;

	if (!out)
		return -1;
	while ((one = smart_samples_next(s, disk, one))) {
		struct pve_row *row = pve_out_row(out, NULL);

		pve_row_time(row, COL_TIME, one->time);
		pve_row_str(row, COL_HEALTH, smart_health_name(one->health));
		for (int i = 0; i < SMART_NCOUNTERS; i++) {
			if (one->c[i] < 0)
				continue;
			if (i == SMART_WRITTEN)
				pve_row_size(row, COL_COUNTERS + i, (uint64_t)one->c[i]);
			else
				pve_row_int(row, COL_COUNTERS + i, one->c[i]);
		}
	}
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

static int plot(struct pve_ctx *ctx, const struct smart_samples *s, const char *disk)
{
	PVE_BUF text = {0};

	for (size_t i = 1; i < ctx->operands.n; i++)
		if (smart_counter_find(ctx->operands.v[i]) >= 0)
			smart_plot(s, disk,
				   (enum smart_counter)smart_counter_find(ctx->operands.v[i]),
				   &text);
	for (int i = 0; ctx->operands.n == 1 && i < SMART_NCOUNTERS; i++)
		if (i == SMART_TEMPERATURE || i == SMART_WEAROUT)
			smart_plot(s, disk, (enum smart_counter)i, &text);
	fputs(pve_buf_str(&text), stdout);
	return 0;
}

/* A disk that is gone still has a history: by its name in the samples. */
static char *key(struct pve_ctx *ctx, struct smart_host *h)
{
	const char *name = ctx->operands.v[0];
	const struct pve_disk *d;

	if (smart_samples_last(&h->samples, name))
		return pve_strdup(name);
	if (smart_inventory_read(h, ctx, true) < 0)
		return NULL;
	d = pve_disks_get(&h->disks, name);
	if (!d) {
		pve_err_set(&ctx->err, PVE_DATA, "%s: no such disk, and no samples of one", name);
		return NULL;
	}
	return smart_key(d, NULL);
}

int smart_cmd_history(struct pve_ctx *ctx)
{
	const struct smart_history_opts *opts = ctx->opts;
	struct smart_host h = {0};
	PVE_FREE char *disk = NULL;
	PVE_BUF list = {0};
	int rc = -1;

	smart_host_samples(&h, ctx);
	if (columns(ctx, &list) == 0 && (disk = key(ctx, &h)))
		rc = opts->plot ? plot(ctx, &h.samples, disk) : rows(ctx, &h.samples, disk);
	if (rc == 0 && !smart_samples_last(&h.samples, disk))
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "no sample of %s is kept yet: pve-smart watch takes them",
			     ctx->operands.v[0]);
	smart_host_done(&h);
	return rc;
}
