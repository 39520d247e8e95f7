/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"
#include "pvecommon/num.h"
#include "smart.h"

enum {
	COL_SECTION,
	COL_ID,
	COL_NAME,
	COL_VALUE,
	COL_RAW,
	COL_NORMALISED,
	COL_WORST,
	COL_LIMIT,
	COL_STATE,
};

const struct pve_col smart_show_cols[SMART_SHOW_NCOLS] = {
	{"section", PVE_T_STR, false,
	 "disk, serves, health, attribute, statistic, log, error, test"},
	{"id", PVE_T_INT, false, "of an attribute; number of an error"},
	{"name", PVE_T_STR, false, "what it is"},
	{"value", PVE_T_STR, false, "in words"},
	{"raw", PVE_T_INT, false, "as the disk stores it"},
	{"normalised", PVE_T_INT, false,
	 "of an attribute, as its maker rates it: the more the better"},
	{"worst", PVE_T_INT, false, "it has been"},
	{"limit", PVE_T_INT, false, "at which the attribute fails"},
	{"state", PVE_T_STR, false,
	 "failing, failed once; of a test: passed, failed; of a problem: "
	 "its severity"},
};

struct show {
	struct pve_ctx *ctx;
	struct smart_host host;
	struct pve_out *out;
	const struct pve_disk *disk;
	const struct pve_smart *smart;
};

static struct pve_row *add(struct show *s, const char *section, const char *name)
{
	struct pve_row *row = pve_out_row(s->out, NULL);

	pve_row_str(row, COL_SECTION, section);
	pve_row_text(row, COL_NAME, name);
	return row;
}

static void add_text(struct show *s, const char *section, const char *name, const char *value)
{
	if (*value)
		pve_row_str(add(s, section, name), COL_VALUE, value);
}

/* A number with its unit behind it; what is not told is left out. */
static void add_count(struct show *s, const char *section, const char *name, int64_t n,
		      const char *unit)
{
	struct pve_row *row;

	if (n < 0)
		return;
	row = add(s, section, name);
	pve_row_fmt(row, COL_VALUE, "%lld%s%s", (long long)n, *unit ? " " : "", unit);
	pve_row_int(row, COL_RAW, n);
}

static void add_bytes(struct show *s, const char *name, int64_t units, int64_t unit)
{
	char text[PVE_SIZE_TEXT];
	struct pve_row *row;

	if (units < 0 || units > INT64_MAX / unit)
		return;
	row = add(s, "log", name);
	pve_row_str(row, COL_VALUE, pve_num_size_text((uint64_t)(units * unit), text));
	pve_row_int(row, COL_RAW, units);
}

/* --- sections ---------------------------------------------------------------------- */

static void show_disk(struct show *s)
{
	const struct pve_blk_dev *dev = s->disk->dev;
	const struct pve_smart *m = s->smart;
	uint64_t size = dev ? dev->size : m->size;
	char text[PVE_SIZE_TEXT];

	add_text(s, "disk", "device", s->disk->name);
	add_text(s, "disk", "model", *m->model ? m->model : dev ? dev->model : "");
	add_text(s, "disk", "family", m->family);
	add_text(s, "disk", "serial", *m->serial ? m->serial : dev ? dev->serial : "");
	add_text(s, "disk", "wwn", dev && *dev->wwn ? dev->wwn : m->wwn);
	add_text(s, "disk", "firmware", *m->firmware ? m->firmware : dev ? dev->firmware : "");
	if (size) {
		struct pve_row *row = add(s, "disk", "size");

		pve_row_str(row, COL_VALUE, pve_num_size_text(size, text));
		pve_row_int(row, COL_RAW, (int64_t)size);
	}
	add_text(s, "disk", "used", s->disk->used);
	add_text(s, "disk", "by-id", s->disk->by_id);
	for (size_t i = 0; i < s->disk->nuses; i++) {
		PVE_BUF use = {0};

		pve_disk_use_format(&s->disk->use[i], &use);
		add_text(s, "serves", "", pve_buf_str(&use));
	}
	for (size_t i = 0; i < s->disk->nguests; i++)
		pve_row_fmt(add(s, "serves", "guest"), COL_VALUE, "%u", s->disk->guest[i]);
}

static void show_health(struct show *s)
{
	static const char *const words[] = {"info", "warning", "critical"};
	const struct smart_verdict *v = smart_verdict_of(&s->host, s->disk);
	char text[PVE_TIME_TEXT];

	add_text(s, "health", "verdict", smart_health_name(v->health));
	if (!v->n)
		add_text(s, "health", "reason", v->reason);
	for (size_t i = 0; i < v->n; i++) {
		struct pve_row *row = add(s, "health", v->problem[i].code);

		pve_row_str(row, COL_VALUE, v->problem[i].message);
		pve_row_str(row, COL_STATE, words[v->problem[i].severity]);
	}
	if (s->smart->passed >= 0)
		add_text(s, "health", "own verdict", s->smart->passed ? "passed" : "failed");
	add_count(s, "health", "temperature", v->c[SMART_TEMPERATURE], "C");
	add_count(s, "health", "powered on", v->c[SMART_HOURS], "h");
	add_count(s, "health", "power cycles", s->smart->cycles, "");
	if (v->c[SMART_WEAROUT] >= 0)
		pve_row_fmt(add(s, "health", "wearout"), COL_VALUE, "%lld %% left (%s)",
			    (long long)v->c[SMART_WEAROUT], v->wear_source);
	if (v->wear_end)
		add_text(s, "health", "rated life ends", pve_num_time_text(v->wear_end, text));
}

static void show_attrs(struct show *s)
{
	for (size_t i = 0; i < s->smart->nattrs; i++) {
		const struct pve_smart_attr *a = &s->smart->attr[i];
		struct pve_row *row = add(s, "attribute", a->name);
		PVE_BUF words = {0};

		smart_attr_words(s->smart, a, &words);
		pve_row_int(row, COL_ID, a->id);
		pve_row_str(row, COL_VALUE, pve_buf_str(&words));
		pve_row_int(row, COL_RAW, (int64_t)a->raw);
		pve_row_count(row, COL_NORMALISED, a->value);
		pve_row_count(row, COL_WORST, a->worst);
		if (a->thresh)
			pve_row_int(row, COL_LIMIT, a->thresh);
		if (a->failed)
			pve_row_str(row, COL_STATE, a->failed == 'n' ? "failing" : "failed once");
	}
	for (size_t i = 0; i < s->smart->nstats; i++) {
		const struct pve_smart_stat *stat = &s->smart->stat[i];
		struct pve_row *row = add(s, "statistic", stat->name);

		pve_row_fmt(row, COL_VALUE, "%lld", (long long)stat->value);
		pve_row_int(row, COL_RAW, stat->value);
	}
}

static void show_nvme(struct show *s)
{
	static const char *const bits[] = {"spare",     "temperature", "reliability",
					   "read-only", "backup",      "persistent memory"};
	const struct pve_smart_nvme *n = &s->smart->nvme;
	PVE_BUF words = {0};

	if (n->critical < 0)
		return;
	for (int i = 0; i < 6; i++)
		if (n->critical & 1 << i)
			pve_buf_printf(&words, "%s%s", words.len ? ", " : "", bits[i]);
	pve_row_int(add(s, "log", "critical warning"), COL_RAW, n->critical);
	add_text(s, "log", "warnings", words.len ? pve_buf_str(&words) : "none");
	add_count(s, "log", "available spare", n->spare, "%");
	add_count(s, "log", "spare threshold", n->spare_threshold, "%");
	add_count(s, "log", "percentage used", n->used, "%");
	add_bytes(s, "data read", n->read, 512000);
	add_bytes(s, "data written", n->written, 512000);
	add_count(s, "log", "read commands", n->host_reads, "");
	add_count(s, "log", "write commands", n->host_writes, "");
	add_count(s, "log", "busy", n->busy_minutes, "min");
	add_count(s, "log", "unsafe shutdowns", n->unsafe_shutdowns, "");
	add_count(s, "log", "media errors", n->media_errors, "");
	add_count(s, "log", "error log entries", n->error_entries, "");
	add_count(s, "log", "time too warm", n->warning_minutes, "min");
	add_count(s, "log", "time far too warm", n->critical_minutes, "min");
}

static void show_scsi(struct show *s)
{
	const struct pve_smart_scsi *c = &s->smart->scsi;

	add_text(s, "log", "informational exception", c->trip);
	add_count(s, "log", "grown defects", c->grown_defects, "");
	add_count(s, "log", "uncorrected read errors", c->read_uncorrected, "");
	add_count(s, "log", "uncorrected write errors", c->write_uncorrected, "");
	add_count(s, "log", "uncorrected verify errors", c->verify_uncorrected, "");
	add_count(s, "log", "percentage used", c->used, "%");
}

static void show_logs(struct show *s)
{
	for (size_t i = 0; i < s->smart->nerrors; i++) {
		const struct pve_smart_error *e = &s->smart->error[i];
		struct pve_row *row = add(s, "error", "");

		if (e->hours >= 0)
			pve_row_fmt(row, COL_NAME, "at hour %lld", (long long)e->hours);
		pve_row_count(row, COL_ID, e->number);
		pve_row_text(row, COL_VALUE, e->text);
	}
	for (size_t i = 0; i < s->smart->ntests; i++) {
		const struct pve_smart_test *t = &s->smart->test[i];
		struct pve_row *row = add(s, "test", t->type);

		pve_row_fmt(row, COL_VALUE, "%s, at hour %lld", t->result, (long long)t->hours);
		pve_row_count(row, COL_RAW, t->lba);
		pve_row_str(row, COL_STATE, t->passed < 0 ? NULL : t->passed ? "passed" : "failed");
	}
}

static int run(struct show *s)
{
	const struct smart_ask_opts *opts = s->ctx->opts;

	if (smart_host_read(&s->host, s->ctx, true) < 0)
		return -1;
	smart_host_ask(&s->host, s->ctx, opts->timeout, true);
	s->out = pve_out_new(smart_show_cols, SMART_SHOW_NCOLS, &s->ctx->out, &s->ctx->err);
	if (!s->out)
		return -1;
	s->disk = smart_chosen(&s->host);
	s->smart = smart_of(&s->host, s->disk);
	show_disk(s);
	show_health(s);
	show_attrs(s);
	show_nvme(s);
	show_scsi(s);
	show_logs(s);
	return pve_ctx_print(s->ctx, s->out);
}

int smart_cmd_show(struct pve_ctx *ctx)
{
	struct show s = {.ctx = ctx};
	int rc = run(&s);

	pve_out_free(s.out);
	smart_host_done(&s.host);
	return rc;
}
