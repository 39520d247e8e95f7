/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"
#include "smart.h"

enum {
	COL_DEVICE,
	COL_TYPE,
	COL_MODEL,
	COL_SERIAL,
	COL_WWN,
	COL_SIZE,
	COL_RPM,
	COL_HEALTH,
	COL_WEAROUT,
	COL_TEMPERATURE,
	COL_HOURS,
	COL_USED,
	COL_BY_ID,
	COL_REASON,
	COL_AS_OF,
	COL_SERVES,
	COL_GUESTS,
	COL_OSD,
	COL_VENDOR,
	COL_FIRMWARE,
	COL_BUS,
	COL_GPT,
	COL_SLOT,
	COL_PATHS,
	COL_WEAR_SOURCE,
	COL_WEAR_END,
	COL_WRITTEN,
	COL_CYCLES,
};

const struct pve_col smart_list_cols[SMART_LIST_NCOLS] = {
	{"device", PVE_T_STR, false, "node, or node and smartctl's type behind a RAID controller"},
	{"type", PVE_T_STR, false, "hdd, ssd, nvme, usb, mmc, unknown"},
	{"model", PVE_T_STR, false, "as the disk says"},
	{"serial", PVE_T_STR, false, "number"},
	{"wwn", PVE_T_STR, false, "world wide name"},
	{"size", PVE_T_SIZE, false, "of the whole disk"},
	{"rpm", PVE_T_INT, false, "revolutions a minute; 0: solid state"},
	{"health", PVE_T_STR, false, "ok, warning, critical, unknown"},
	{"wearout", PVE_T_INT, false, "percent of the rated life that remain"},
	{"temperature", PVE_T_INT, false, "in degrees Celsius"},
	{"hours", PVE_T_INT, false, "that it was powered on"},
	{"used", PVE_T_STR, false, "as Proxmox VE says it: LVM, ZFS, partitions, mounted"},
	{"by-id", PVE_T_STR, false, "name that stays"},
	{"reason", PVE_T_STR, true, "why it is not ok"},
	{"as-of", PVE_T_TIME, true, "of a sleeping disk: when it last told"},
	{"serves", PVE_T_STR, true,
	 "volume group, pool and vdev, array, file systems, by partition"},
	{"guests", PVE_T_STR, true, "that have volumes on what it serves"},
	{"osd", PVE_T_STR, true, "Ceph OSDs and what they keep here: block, db, wal"},
	{"vendor", PVE_T_STR, true, "of a SCSI disk"},
	{"firmware", PVE_T_STR, true, "version"},
	{"bus", PVE_T_STR, true, "ata, scsi, usb, nvme"},
	{"gpt", PVE_T_BOOL, true, "does it have a GUID partition table?"},
	{"slot", PVE_T_STR, true, "bay in the enclosure"},
	{"paths", PVE_T_STR, true, "further devices that lead to the same disk"},
	{"wear-source", PVE_T_STR, true, "where wearout is from"},
	{"wear-end", PVE_T_TIME, true, "when the rated life ends at this rate"},
	{"written", PVE_T_SIZE, true, "by the host, over its life"},
	{"cycles", PVE_T_INT, true, "how often it was powered on"},
};

const struct pve_opt smart_list_options[] = {
	{0, "no-smart", PVE_OPT_FLAG, offsetof(struct smart_list_opts, no_smart),
	 .help = "ask no disk and start no program: health and its kin stay empty"},
	{'t', "timeout", PVE_OPT_DURATION, offsetof(struct smart_list_opts, ask.timeout),
	 .arg = "SECONDS", .help = "how long to wait for a disk (10)", .min = 1, .max = 600},
	{0},
};

struct list {
	struct pve_ctx *ctx;
	struct smart_host host;
	struct pve_out *out;
	struct pve_buf buf; /* for the cell being made */
};

/* Adds a separator between two words of a cell. */
static void next_word(struct list *l, const char *separator)
{
	if (l->buf.len)
		pve_buf_puts(&l->buf, separator);
}

static void row_uses(struct list *l, struct pve_row *row, const struct pve_disk *d)
{
	for (size_t i = 0; i < d->nuses; i++) {
		next_word(l, ", ");
		pve_disk_use_format(&d->use[i], &l->buf);
	}
	pve_row_buf(row, COL_SERVES, &l->buf);
	for (size_t i = 0; i < d->nguests; i++) {
		next_word(l, ",");
		pve_buf_printf(&l->buf, "%u", d->guest[i]);
	}
	pve_row_buf(row, COL_GUESTS, &l->buf);
	for (size_t i = 0; i < d->nuses; i++) {
		if (d->use[i].kind != PVE_USE_OSD)
			continue;
		next_word(l, ", ");
		pve_buf_printf(&l->buf, "%s%s%s", d->use[i].name, *d->use[i].detail ? " " : "",
			       d->use[i].detail);
	}
	pve_row_buf(row, COL_OSD, &l->buf);
	for (size_t i = 0; i < d->npaths; i++) {
		next_word(l, ",");
		pve_buf_puts(&l->buf, d->path[i]->name);
	}
	pve_row_buf(row, COL_PATHS, &l->buf);
}

static void row_device(struct list *l, struct pve_row *row, const struct pve_disk *d)
{
	const struct pve_blk_dev *dev = d->dev;

	pve_row_text(row, COL_MODEL, dev->model);
	pve_row_text(row, COL_SERIAL, dev->serial);
	pve_row_text(row, COL_WWN, dev->wwn);
	pve_row_size(row, COL_SIZE, dev->size);
	pve_row_count(row, COL_RPM, dev->rpm);
	pve_row_text(row, COL_USED, d->used);
	pve_row_text(row, COL_BY_ID, d->by_id);
	pve_row_text(row, COL_VENDOR, dev->vendor);
	pve_row_text(row, COL_FIRMWARE, dev->firmware);
	pve_row_text(row, COL_BUS, dev->bus);
	pve_row_bool(row, COL_GPT, strcmp(dev->table, "gpt") == 0);
	pve_row_text(row, COL_SLOT, dev->slot);
	row_uses(l, row, d);
}

/* What a disk behind a controller is, only itself can tell. */
static void row_member(struct pve_row *row, const struct pve_smart *s)
{
	pve_row_str(row, COL_TYPE, s->rpm > 0 ? "hdd" : s->rpm == 0 ? "ssd" : "unknown");
	pve_row_text(row, COL_MODEL, s->model);
	pve_row_text(row, COL_SERIAL, s->serial);
	pve_row_text(row, COL_WWN, s->wwn);
	pve_row_text(row, COL_FIRMWARE, s->firmware);
	if (s->size)
		pve_row_size(row, COL_SIZE, s->size);
	pve_row_count(row, COL_RPM, s->rpm);
}

static void row_health(struct pve_row *row, const struct pve_disk *d, const struct pve_smart *s,
		       const struct smart_verdict *v)
{
	static const char *const colors[] = {NULL, "yellow", "red", NULL};

	pve_row_str(row, COL_HEALTH, smart_health_name(v->health));
	pve_row_text(row, COL_REASON, v->reason);
	if (v->as_of)
		pve_row_time(row, COL_AS_OF, v->as_of);
	pve_row_count(row, COL_WEAROUT, v->c[SMART_WEAROUT]);
	pve_row_count(row, COL_TEMPERATURE, v->c[SMART_TEMPERATURE]);
	pve_row_count(row, COL_HOURS, v->c[SMART_HOURS]);
	if (v->c[SMART_WRITTEN] >= 0)
		pve_row_size(row, COL_WRITTEN, (uint64_t)v->c[SMART_WRITTEN]);
	pve_row_text(row, COL_WEAR_SOURCE, v->wear_source);
	if (v->wear_end)
		pve_row_time(row, COL_WEAR_END, v->wear_end);
	/* SAS disks tell their speed only to those who ask. */
	if (d->dev && d->dev->rpm < 0)
		pve_row_count(row, COL_RPM, s->rpm);
	pve_row_count(row, COL_CYCLES, s->cycles);
	pve_row_color(row, colors[v->health]);
}

static void add_row(struct list *l, const struct pve_disk *d, bool asked)
{
	const struct smart_host *h = &l->host;
	struct pve_row *row = pve_out_row(l->out, NULL);

	pve_row_str(row, COL_DEVICE, d->name);
	pve_row_str(row, COL_TYPE, pve_disk_type_name(d->type));
	if (d->dev)
		row_device(l, row, d);
	if (asked && d->member)
		row_member(row, smart_of(h, d));
	if (asked)
		row_health(row, d, smart_of(h, d), smart_verdict_of(h, d));
}

static int run(struct list *l)
{
	const struct smart_list_opts *opts = l->ctx->opts;

	if (smart_host_read(&l->host, l->ctx, !opts->no_smart) < 0)
		return -1;
	l->out = pve_out_new(smart_list_cols, SMART_LIST_NCOLS, &l->ctx->out, &l->ctx->err);
	if (!l->out)
		return -1;
	l->host.roles = pve_out_wants(l->out, COL_SERVES) || pve_out_wants(l->out, COL_GUESTS);
	if (!opts->no_smart)
		smart_host_ask(&l->host, l->ctx, opts->ask.timeout, false);
	for (size_t i = 0; i < l->host.nchosen; i++)
		add_row(l, l->host.chosen[i], !opts->no_smart);
	return pve_ctx_print(l->ctx, l->out);
}

int smart_cmd_list(struct pve_ctx *ctx)
{
	struct list l = {.ctx = ctx};
	int rc = run(&l);

	pve_out_free(l.out);
	smart_host_done(&l.host);
	pve_buf_done(&l.buf);
	return rc;
}
