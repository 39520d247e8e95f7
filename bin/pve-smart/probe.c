/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe.h"

#include <errno.h>

#include "pveio/inventory.h"
#include "pveio/nvme.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"

#define REPORT_MAX (4u << 20)

/* --- disks ------------------------------------------------------------------------- */

static size_t number_of(const struct smart_host *h, const struct pve_disk *d)
{
	return (size_t)(d - h->disks.v);
}

const struct pve_disk *smart_chosen(const struct smart_host *h)
{
	return h->chosen[0];
}

const struct pve_smart *smart_of(const struct smart_host *h, const struct pve_disk *d)
{
	return &h->smart[number_of(h, d)];
}

struct smart_verdict *smart_verdict_of(const struct smart_host *h, const struct pve_disk *d)
{
	return &h->verdict[number_of(h, d)];
}

const char *smart_key_of(const struct smart_host *h, const struct pve_disk *d)
{
	return h->key[number_of(h, d)];
}

void smart_address(const struct pve_disk *d, struct pve_strv *argv)
{
	if (d->member) {
		pve_strv_add(argv, "-d");
		pve_strv_add(argv, d->member->type);
	}
	pve_strv_add(argv, d->member ? d->member->node : d->dev->node);
}

static int choose(struct smart_host *h, struct pve_ctx *ctx)
{
	size_t n = ctx->operands.n ? ctx->operands.n : h->disks.n;

	h->chosen = pve_calloc(n + 1, sizeof(*h->chosen));
	for (size_t i = 0; i < n; i++) {
		const char *name = ctx->operands.n ? ctx->operands.v[i] : NULL;

		h->chosen[i] = name ? pve_disks_get(&h->disks, name) : &h->disks.v[i];
		if (!h->chosen[i])
			return pve_err_set(&ctx->err, PVE_DATA, "%s: no such disk (pve-smart list -H "
					   "-o device has all)", name);
	}
	h->nchosen = n;
	return 0;
}

static void add_member(void *to, const char *node, const char *type)
{
	pve_disk_add_member(to, node, type);
}

static void note_scan(struct smart_host *h, const char *why)
{
	pve_strv_addf(&h->facts.notes,
		      "smartctl --scan: %s (disks behind a RAID controller may be missing)", why);
}

static void read_scan(struct smart_host *h, const struct pve_buf *said)
{
	if (!pve_smart_parse_scan((struct pve_span){said->data, said->len}, add_member, &h->facts))
		note_scan(h, "its answer cannot be read");
}

static void read_captured_scan(struct smart_host *h, struct pve_ctx *ctx)
{
	struct pve_err e = {0};
	PVE_BUF bytes = {0};

	if (pve_fs_read(&ctx->sys, "/smartctl/scan.json", REPORT_MAX, &bytes, NULL, &e) == 0)
		read_scan(h, &bytes);
	else if (e.sys != ENOENT)
		note_scan(h, e.msg);
}

/* The members of RAID controllers, of which only smartctl knows.  Where it is missing each disk
 * says so. */
static void scan_members(struct smart_host *h, struct pve_ctx *ctx)
{
	PVE_FREE char *smartctl = h->facts.raid_driver ? pve_run_find("smartctl") : NULL;
	const char *const argv[] = {smartctl, "--json=c", "--scan", NULL};
	struct pve_run cmd = {.argv = argv, .timeout_ms = SMART_SCAN_MS};
	struct pve_run_result res;
	struct pve_err e = {0};

	if (!smartctl)
		return;
	if (pve_run(&ctx->sys, &cmd, &res, &e) < 0) {
		note_scan(h, e.msg);
		return;
	}
	if (res.timed_out)
		note_scan(h, "did not answer");
	else
		read_scan(h, &res.out);
	pve_run_done(&res);
}

int smart_inventory_read(struct smart_host *h, struct pve_ctx *ctx, bool members)
{
	if (pve_inventory_read(&h->facts, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (members && ctx->sys.rooted)
		read_captured_scan(h, ctx);
	else if (members)
		scan_members(h, ctx);
	for (size_t i = 0; i < h->facts.notes.n; i++)
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", h->facts.notes.v[i]);
	pve_disks_find(&h->disks, &h->facts);
	return 0;
}

int smart_host_read(struct smart_host *h, struct pve_ctx *ctx, bool members)
{
	*h = (struct smart_host){0};
	return smart_inventory_read(h, ctx, members) < 0 ? -1 : choose(h, ctx);
}

/* --- samples ----------------------------------------------------------------------- */

static void read_samples(struct smart_host *h, struct pve_ctx *ctx, const char *path)
{
	struct pve_diags diags = {0};
	struct pve_err e = {0};
	PVE_BUF bytes = {0};

	if (pve_fs_read(&ctx->sys, path, 0, &bytes, NULL, &e) < 0) {
		if (e.sys != ENOENT)
			pve_log_err(&ctx->log, &e);
		return;
	}
	smart_samples_parse(&h->samples, (struct pve_span){bytes.data, bytes.len}, path, &diags);
	for (size_t i = 0; i < diags.n; i++) {
		PVE_FREE char *line = pve_diag_format(&diags.v[i]);

		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
	pve_diags_done(&diags);
}

void smart_host_samples(struct smart_host *h, struct pve_ctx *ctx)
{
	read_samples(h, ctx, SMART_DAILY);
	read_samples(h, ctx, SMART_RECENT);
	smart_samples_sort(&h->samples);
}

/* --- asking ------------------------------------------------------------------------ */

/* Virtual disks, memory cards and memory have none: not worth a program. */
static bool has_smart(const struct pve_disk *d)
{
	static const char *const without[] = {"vd", "xvd", "mmcblk", "pmem", NULL};

	for (size_t i = 0; d->dev && without[i]; i++)
		if (strncmp(d->dev->name, without[i], strlen(without[i])) == 0)
			return false;
	return true;
}

/* smartctl/sda.json, smartctl/bus_0_megaraid_8.json */
static char *capture_path(const struct pve_disk *d)
{
	const char *node = d->member ? d->member->node : d->dev->node;
	char *path;

	if (strncmp(node, "/dev/", 5) == 0)
		node += 5;
	path = pve_asprintf("/smartctl/%s%s%s.json", node, d->member ? "_" : "",
			    d->member ? d->member->type : "");
	for (char *c = path + 10; *c; c++)
		if (*c == '/' || *c == ',' || *c == '+' || *c == '!')
			*c = '_';
	return path;
}

static void read_capture(struct pve_ctx *ctx, const struct pve_disk *d, struct pve_smart *s)
{
	PVE_FREE char *path = capture_path(d);
	PVE_BUF bytes = {0};
	struct pve_err e = {0};

	if (pve_fs_read(&ctx->sys, path, REPORT_MAX, &bytes, NULL, &e) == 0)
		pve_smart_parse(s, (struct pve_span){bytes.data, bytes.len});
	else if (e.sys == ENOENT)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "no report of it was captured (%s%s)",
				ctx->sys.root, path);
	else
		pve_smart_state(s, PVE_SMART_UNKNOWN, "%s", e.msg);
}

static const char no_smartctl[] = "smartctl is not installed";

static void read_answer(const struct pve_run_result *res, uint64_t timeout_s, struct pve_smart *s)
{
	if (res->timed_out)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "did not answer within %llu s",
				(unsigned long long)timeout_s);
	else if (res->cut)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "the report of smartctl is too long");
	else
		pve_smart_parse(s, (struct pve_span){res->out.data, res->out.len});
}

static void read_health_log(const struct pve_run_result *res, uint64_t timeout_s,
			    struct pve_smart *s)
{
	if (res->timed_out)
		pve_smart_state(s, PVE_SMART_UNKNOWN, "%s; did not answer within %llu s",
				no_smartctl, (unsigned long long)timeout_s);
	else if (res->out.len == PVE_NVME_HEALTH_LEN)
		pve_nvme_health_parse(s, (const unsigned char *)res->out.data);
	else
		pve_smart_state(s, PVE_SMART_UNKNOWN, "%s; %s", no_smartctl,
				pve_buf_str(&res->err));
}

static const char *const *arguments(const char *smartctl, const struct pve_disk *d, bool full,
				    struct pve_strv *argv)
{
	static const char *const usual[] = {"--json=c", "-n",       "standby", "-i",    "-H",
					    "-A",       "-l",       "devstat", "-l",    "error",
					    "-l",       "selftest", NULL};
	static const char *const all[] = {"--json=c", "-n", "standby", "-x", NULL};

	pve_strv_add(argv, smartctl);
	for (const char *const *a = full ? all : usual; *a; a++)
		pve_strv_add(argv, *a);
	smart_address(d, argv);
	return (const char *const *)argv->v;
}

/* Without smartctl NVMe still tells the essential, by a command of its own, which may hang as well
 * as smartctl does.  false for a disk that nobody can ask. */
static bool prepare(struct pve_run *cmd, const char *smartctl, const struct pve_disk *d, bool full,
		    struct pve_strv *argv)
{
	if (smartctl)
		*cmd = (struct pve_run){.argv = arguments(smartctl, d, full, argv),
					.limit = REPORT_MAX,
					.mute = true};
	else if (d->type == PVE_DISK_NVME)
		*cmd = (struct pve_run){.argv = &d->dev->node,
					.call = pve_nvme_health_call,
					.arg = d->dev->node};
	return smartctl || d->type == PVE_DISK_NVME;
}

static bool has_pools(const struct smart_host *h)
{
	for (size_t i = 0; i < h->facts.blk.n; i++)
		if (strcmp(h->facts.blk.dev[i].fstype, "zfs_member") == 0)
			return true;
	return false;
}

static void read_zpools(struct smart_host *h, struct pve_ctx *ctx, const struct pve_run_result *res,
			const struct pve_err *err)
{
	struct pve_span why = {res->err.data, res->err.len};

	if (!err->code && !res->timed_out && !res->status) {
		pve_disk_read_zpools(&h->facts, (struct pve_span){res->out.data, res->out.len});
		pve_disks_find_uses(&h->disks, &h->facts);
		return;
	}
	if (err->code || res->timed_out)
		why = pve_span(err->code ? err->msg : "did not answer: a pool may be suspended");
	why = pve_span_trim(why);
	pve_log_line(&ctx->log, PVE_LOG_WARNING,
		     "zpool list: %.*s (which disks are special, cache or spare is not known)",
		     PVE_SPAN_ARG(why));
}

/* All at once, and zpool beside them, so that it adds nothing to the time it takes. */
static void ask_disks(struct smart_host *h, struct pve_ctx *ctx, uint64_t timeout_s, bool full)
{
	PVE_FREE struct pve_run *cmd = pve_calloc(h->nchosen + 1, sizeof(*cmd));
	PVE_FREE struct pve_run_result *res = pve_calloc(h->nchosen + 1, sizeof(*res));
	PVE_FREE struct pve_err *err = pve_calloc(h->nchosen + 1, sizeof(*err));
	PVE_FREE struct pve_strv *argv = pve_calloc(h->nchosen + 1, sizeof(*argv));
	PVE_FREE size_t *of = pve_calloc(h->nchosen + 1, sizeof(*of));
	PVE_FREE char *smartctl = pve_run_find("smartctl");
	PVE_FREE char *zpool = h->roles && has_pools(h) ? pve_run_find("zpool") : NULL;
	const char *const list[] = {zpool ? zpool : "", "list", "-HPLv", NULL};
	size_t n = 0;

	for (size_t i = 0; i < h->nchosen; i++) {
		of[n] = number_of(h, h->chosen[i]);
		if (!has_smart(h->chosen[i]))
			continue;
		if (!prepare(&cmd[n], smartctl, h->chosen[i], full, &argv[n])) {
			pve_smart_state(&h->smart[of[n]], PVE_SMART_UNKNOWN, "%s", no_smartctl);
			continue;
		}
		cmd[n++].timeout_ms = (unsigned)timeout_s * 1000;
	}
	cmd[n] = (struct pve_run){.argv = list, .timeout_ms = (unsigned)timeout_s * 1000};
	pve_run_many(&ctx->sys, cmd, n + !!zpool, SMART_AT_ONCE, res, err);
	for (size_t i = 0; i < n; i++) {
		if (err[i].code)
			pve_smart_state(&h->smart[of[i]], PVE_SMART_UNKNOWN, "%s", err[i].msg);
		else if (smartctl)
			read_answer(&res[i], timeout_s, &h->smart[of[i]]);
		else
			read_health_log(&res[i], timeout_s, &h->smart[of[i]]);
		pve_run_done(&res[i]);
		pve_strv_done(&argv[i]);
	}
	if (zpool)
		read_zpools(h, ctx, &res[n], &err[n]);
	pve_run_done(&res[n]);
}

/* What zpool said on a host that was captured. */
static void read_captured_zpools(struct smart_host *h, struct pve_ctx *ctx)
{
	PVE_BUF bytes = {0};

	if (!h->roles || pve_fs_read(&ctx->sys, "/zpool/list", REPORT_MAX, &bytes, NULL, NULL) < 0)
		return;
	pve_disk_read_zpools(&h->facts, (struct pve_span){bytes.data, bytes.len});
	pve_disks_find_uses(&h->disks, &h->facts);
}

char *smart_key(const struct pve_disk *d, const struct pve_smart *s)
{
	const char *serial = d->dev ? d->dev->serial : "";

	if (!*serial && s)
		serial = s->serial;
	return pve_strdup(strlen(serial) >= 4 ? serial : d->dev ? d->dev->name : d->name);
}

static void judge(struct smart_host *h, struct pve_ctx *ctx, const struct pve_disk *d)
{
	size_t i = number_of(h, d);
	const struct pve_smart *s = &h->smart[i];

	if (h->verdict[i].reason)
		return; /* named twice */
	h->key[i] = smart_key(d, s);
	smart_judge(&h->verdict[i],
		    &(struct smart_case){.smart = s,
					 .samples = &h->samples,
					 .disk = h->key[i],
					 .device = d->name,
					 .rotates = s->rpm > 0 || d->type == PVE_DISK_HDD,
					 .now = pve_sys_time(&ctx->sys)});
}

/* Is the member of a controller a disk that has a row already: one that the kernel shows, as in
 * pass-through mode, or the same member by another name?  Its serial number says so, be it the
 * kernel's or smartctl's; a WWN would not, for controllers give their members one of their own. */
static bool is_listed(const struct smart_host *h, size_t n, const struct pve_disk *d)
{
	const char *serial = smart_of(h, d)->serial;

	if (!d->member || !pve_disk_serial_tells(serial))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct pve_blk_dev *dev = h->chosen[i]->dev;

		if ((dev && strcasecmp(dev->serial, serial) == 0) ||
		    strcasecmp(smart_of(h, h->chosen[i])->serial, serial) == 0)
			return true;
	}
	return false;
}

/* One row, one finding and one mail for one disk.  Members come last. */
static void leave_out_twins(struct smart_host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->nchosen; i++)
		if (!is_listed(h, n, h->chosen[i]))
			h->chosen[n++] = h->chosen[i];
	h->nchosen = n;
}

void smart_host_ask(struct smart_host *h, struct pve_ctx *ctx, uint64_t timeout_s, bool full)
{
	h->smart = pve_calloc(h->disks.n + 1, sizeof(*h->smart));
	h->verdict = pve_calloc(h->disks.n + 1, sizeof(*h->verdict));
	h->key = pve_calloc(h->disks.n + 1, sizeof(*h->key));
	for (size_t i = 0; i < h->disks.n; i++)
		pve_smart_init(&h->smart[i]);
	smart_host_samples(h, ctx);
	if (!ctx->sys.rooted)
		ask_disks(h, ctx, timeout_s ? timeout_s : SMART_TIMEOUT_S, full);
	else
		read_captured_zpools(h, ctx);
	for (size_t i = 0; i < h->nchosen; i++) {
		struct pve_smart *s = &h->smart[number_of(h, h->chosen[i])];

		if (!has_smart(h->chosen[i]))
			pve_smart_state(s, PVE_SMART_NONE, "a disk of this kind has no SMART");
		else if (ctx->sys.rooted && s->exit_status < 0)
			read_capture(ctx, h->chosen[i], s);
		judge(h, ctx, h->chosen[i]);
	}
	if (!ctx->operands.n)
		leave_out_twins(h);
}

void smart_host_done(struct smart_host *h)
{
	for (size_t i = 0; h->smart && i < h->disks.n; i++) {
		pve_smart_done(&h->smart[i]);
		smart_verdict_done(&h->verdict[i]);
		free(h->key[i]);
	}
	free(h->smart);
	free(h->verdict);
	free(h->key);
	free(h->chosen);
	smart_samples_done(&h->samples);
	pve_disks_done(&h->disks);
	pve_disk_facts_done(&h->facts);
	*h = (struct smart_host){0};
}
