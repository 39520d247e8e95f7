/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "news.h"
#include "probe.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/mail.h"
#include "smart.h"

const struct pve_opt smart_watch_options[] = {
	{'t', "timeout", PVE_OPT_DURATION, offsetof(struct smart_watch_opts, ask.timeout),
	 .arg = "SECONDS", .help = "how long to wait for a disk (10)", .min = 1, .max = 600},
	{'m', "mail", PVE_OPT_STR, offsetof(struct smart_watch_opts, mail), .arg = "ADDRESS",
	 .help = "whom to tell (root)"},
	{0, "no-mail", PVE_OPT_FLAG, offsetof(struct smart_watch_opts, no_mail),
	 .help = "print what is new, and mail nobody"},
	{0},
};

static const struct pve_call calls[] = {{"mail", pve_mail_call}, {NULL, NULL}};

/* --- files ------------------------------------------------------------------------- */

struct store {
	struct pve_buf recent, daily; /* as they are */
	bool have_recent, have_daily;
	struct smart_samples of_recent, of_daily;
};

static int read_one(struct pve_sys *sys, const char *path, struct pve_buf *bytes, bool *there,
		    struct smart_samples *s, struct pve_err *e)
{
	struct pve_err own = {0};

	*there = pve_fs_read(sys, path, 0, bytes, NULL, &own) == 0;
	if (!*there && own.sys != ENOENT) {
		*e = own;
		return -1;
	}
	smart_samples_parse(s, (struct pve_span){bytes->data, bytes->len}, path, NULL);
	return 0;
}

static int store_read(struct store *st, struct pve_sys *sys, struct pve_err *e)
{
	*st = (struct store){0};
	if (read_one(sys, SMART_RECENT, &st->recent, &st->have_recent, &st->of_recent, e) < 0)
		return -1;
	if (read_one(sys, SMART_DAILY, &st->daily, &st->have_daily, &st->of_daily, e) < 0)
		return -1;
	smart_samples_sort(&st->of_recent);
	smart_samples_sort(&st->of_daily);
	return 0;
}

static void store_done(struct store *st)
{
	pve_buf_done(&st->recent);
	pve_buf_done(&st->daily);
	smart_samples_done(&st->of_recent);
	smart_samples_done(&st->of_daily);
}

/* Into the recent samples always, into the daily ones once a day. */
static void store_add(struct store *st, const struct smart_sample *one)
{
	const struct smart_sample *day = smart_samples_last(&st->of_daily, one->disk);

	smart_samples_add(&st->of_recent, one);
	if (!day || day->time / 86400 != one->time / 86400)
		smart_samples_add(&st->of_daily, one);
}

static void plan_file(struct pve_plan *plan, const char *path, const struct pve_buf *was,
		      bool there, const struct smart_samples *s, time_t now, int64_t age)
{
	struct pve_span old = {was->data, was->len};
	PVE_BUF text = {0};

	smart_samples_format(s, now, age, &text);
	pve_plan_write(plan, path, there ? &old : NULL, (struct pve_span){text.data, text.len},
		       0644, "the samples of this watch");
}

/* --- the watch --------------------------------------------------------------------- */

struct watch {
	struct pve_ctx *ctx;
	struct smart_host host;
	struct store store;
	struct pve_findings news;
	time_t now;
};

static void sample_disk(struct watch *w, const struct pve_disk *d)
{
	const struct pve_smart *s = smart_of(&w->host, d);
	struct smart_case c = {.smart = s,
			       .samples = &w->host.samples,
			       .disk = smart_key_of(&w->host, d),
			       .device = d->name,
			       .now = w->now};
	struct smart_sample one;
	PVE_BUF told = {0};

	if (smart_news_disk(&c, smart_verdict_of(&w->host, d), d, &one, &told, &w->news))
		store_add(&w->store, &one);
}

/* Disks that have samples and are not there.  A name that is no serial number is none's. */
static void sample_gone(struct watch *w)
{
	const struct smart_samples *s = &w->host.samples;
	struct pve_map here = {0};

	for (size_t i = 0; i < w->host.nchosen; i++)
		pve_map_set(&here, pve_span(smart_key_of(&w->host, w->host.chosen[i])), w);
	for (size_t i = 0; i < s->n; i++) {
		const struct smart_sample *last = &s->v[i];
		struct smart_sample one;

		if (smart_samples_last(s, last->disk) == last &&
		    !pve_map_get(&here, pve_span(last->disk)) &&
		    smart_news_gone(last, w->now, &one, &w->news))
			store_add(&w->store, &one);
	}
	pve_map_done(&here);
}

static void host_name(struct pve_sys *sys, struct pve_buf *b)
{
	if (pve_fs_read(sys, "/etc/hostname", 4096, b, NULL, NULL) < 0)
		pve_buf_puts(b, "this host");
	while (b->len && (b->data[b->len - 1] == '\n' || b->data[b->len - 1] == ' '))
		b->data[--b->len] = 0;
}

static void plan_mail(struct watch *w, struct pve_plan *plan, const char *to)
{
	PVE_BUF host = {0}, subject = {0}, body = {0};

	host_name(&w->ctx->sys, &host);
	smart_news_mail(&w->news, pve_buf_str(&host), &subject, &body);
	pve_mail_plan(plan, to, pve_buf_str(&subject), pve_buf_str(&body));
}

static bool can_mail(struct watch *w)
{
	if (pve_mail_can(&w->ctx->sys))
		return true;
	pve_log_line(&w->ctx->log, PVE_LOG_WARNING, "%s, so what is new is printed, not mailed",
		     w->ctx->sys.rooted ? "no mail is sent with --root"
					: "there is no sendmail (pve-smart check)");
	return false;
}

static int plan_and_apply(struct watch *w, struct pve_change *change, bool *printed)
{
	const struct smart_watch_opts *opts = w->ctx->opts;
	struct store *st = &w->store;
	PVE_PLAN plan = {0};

	pve_findings_sort(&w->news);
	*printed = w->news.n && (opts->no_mail || !can_mail(w));
	if (!pve_fs_exists(&w->ctx->sys, "/var/lib/pve-smart"))
		pve_plan_mkdir(&plan, "/var/lib/pve-smart", 0755, "for the samples");
	plan_file(&plan, SMART_RECENT, &st->recent, st->have_recent, &st->of_recent, w->now,
		  SMART_RECENT_S);
	plan_file(&plan, SMART_DAILY, &st->daily, st->have_daily, &st->of_daily, w->now,
		  SMART_DAILY_S);
	if (w->news.n && !*printed)
		plan_mail(w, &plan, opts->mail ? opts->mail : "root");
	return pve_ctx_apply(w->ctx, change, &plan);
}

static int watch(struct watch *w, struct pve_change *change)
{
	const struct smart_watch_opts *opts = w->ctx->opts;
	bool printed;

	if (opts->mail && strpbrk(opts->mail, "\r\n"))
		return pve_err_set(&w->ctx->err, PVE_USAGE, "--mail: an address is one line");
	if (pve_ctx_begin(w->ctx, calls, NULL, change) < 0 ||
	    smart_host_read(&w->host, w->ctx, true) < 0 ||
	    store_read(&w->store, &w->ctx->sys, &w->ctx->err) < 0)
		return -1;
	smart_host_ask(&w->host, w->ctx, opts->ask.timeout, false);
	w->now = pve_sys_time(&w->ctx->sys);
	for (size_t i = 0; i < w->host.nchosen; i++)
		sample_disk(w, w->host.chosen[i]);
	if (!w->ctx->operands.n)
		sample_gone(w);
	if (plan_and_apply(w, change, &printed) < 0)
		return -1;
	return printed && !w->ctx->dry_run ? pve_findings_report(w->ctx, &w->news) : 0;
}

int smart_cmd_watch(struct pve_ctx *ctx)
{
	struct watch w = {.ctx = ctx};
	PVE_CHANGE change = {0};
	int rc = watch(&w, &change);

	store_done(&w.store);
	pve_findings_done(&w.news);
	smart_host_done(&w.host);
	/* That something is new is no failure of the watch. */
	return rc < 0 ? -1 : 0;
}
