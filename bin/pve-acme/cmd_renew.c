/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "acme.h"

#include "pve-acme/install.h"
#include "pve-acme/keeper.h"
#include "pve-acme/stop.h"
#include "pvecommon/fs.h"
#include "pvecommon/mail.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define ASK_S 30          /* for renewal information: without it there is the rule */
#define CA_MAX (128u << 10)
#define ASK_AGAIN (6 * 3600)

struct renew {
	struct pve_ctx *ctx;
	const struct acme_cert_opts *opts;
	struct acme_host h;
	struct pve_chain chain;
	bool there;
	struct acme_renewal memory;
	struct acme_file file;   /* that it is kept in */
	struct acme_due due;
	struct pve_buf replaces; /* the certificate's name in renewal information */
	/* To ask for that and to order, both started before anything secret is read. */
	struct acme_keeper asks, orders;
};

static void done(struct renew *r)
{
	acme_file_done(&r->file);
	acme_renewal_done(&r->memory);
	pve_buf_done(&r->replaces);
	pve_chain_done(&r->chain);
	acme_host_done(&r->h);
	acme_keeper_stop(&r->asks);
	acme_keeper_stop(&r->orders);
}

static int load(struct renew *r)
{
	struct pve_ctx *ctx = r->ctx;
	int there;

	if (acme_host_read(&r->h, &ctx->sys, &ctx->err) < 0 ||
	    acme_renewal_read(&r->memory, &r->file, &ctx->sys, &ctx->err) < 0)
		return -1;
	there = acme_chain_read(&r->chain, &r->h, &ctx->sys, &ctx->err);
	r->there = there > 0;
	return there < 0 ? -1 : 0;
}

static void find_due(struct renew *r)
{
	acme_renewal_due(&r->memory, r->there ? &r->chain : NULL, &r->h.domains,
			 (unsigned)r->opts->days, pve_sys_time(&r->ctx->sys), &r->due);
}

/* Writes what is remembered, with a mail when subject is not NULL. */
static int remember(struct renew *r, const char *subject, const char *body)
{
	struct pve_ctx *ctx = r->ctx;
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (acme_change_begin(ctx, &change) < 0)
		return -1;
	acme_renewal_plan(&r->memory, &r->file, &ctx->sys, &plan);
	if (subject)
		pve_mail_plan(&plan, r->opts->mail ? r->opts->mail : "root", subject, body);
	if (pve_ctx_apply(ctx, &change, &plan) < 0)
		return -1;
	acme_file_done(&r->file);
	return acme_file_read(&r->file, &ctx->sys, ACME_RENEWAL, &ctx->err);
}

/* --- what the CA suggests ----------------------------------------------------------------- */

static int ask_window(struct renew *r, const char *directory, struct pve_strv *out,
		      struct pve_err *e)
{
	const struct acme_net_opts *net = &r->opts->net;
	struct acme_keeper *k = &r->asks;
	PVE_STRV args = {0};
	PVE_BUF ca = {0};
	int rc = 0;

	pve_strv_add(&args, "renewal");
	pve_strv_add(&args, pve_buf_str(&r->replaces));
	acme_stop_hold();
	if (net->ca_bundle)
		rc = pve_fs_read_given(net->ca_bundle, CA_MAX, &ca, e);
	if (rc == 0) {
		k->directory = directory;
		k->ca_pem = ca.len ? pve_buf_str(&ca) : NULL;
		k->timeout_s = ASK_S;
		rc = acme_keeper_begin(k, e);
	}
	if (rc == 0) {
		acme_renewal_clock(&r->memory, k->skew);
		rc = acme_keeper_job(k, &args, out, e);
	}
	acme_keeper_stop(k);
	acme_stop_release();
	return rc;
}

/* An answer that does not come, or makes no sense, is no reason to renew or not to: the rule of the
 * lifetime holds then. */
static int look_at_window(struct renew *r)
{
	PVE_CLEANUP(acme_stored_done) struct acme_stored a = {0};
	time_t now = pve_sys_time(&r->ctx->sys);
	PVE_STRV out = {0};
	struct pve_err why = {0};
	uint64_t start = 0, end = 0, random = 0;
	int64_t after = -1;

	if (!acme_renewal_id(&r->chain.v[0], &r->replaces) || r->memory.ask > now)
		return 0;
	if (acme_account_read(&a, NULL, &r->ctx->sys, r->h.domains.account, &why) < 0 ||
	    ask_window(r, a.directory, &out, &why) < 0 || out.n < 4 ||
	    pve_num_u64(out.v[0], 0, INT64_MAX, &start, &why) < 0 ||
	    pve_num_u64(out.v[1], 0, INT64_MAX, &end, &why) < 0 ||
	    pve_num_i64(out.v[3], -1, INT64_MAX, &after, &why) < 0) {
		pve_log_line(&r->ctx->log, PVE_LOG_INFO, "no renewal information: %s", why.msg);
		r->memory.ask = now + ASK_AGAIN;
		r->memory.start = r->memory.end = r->memory.point = 0;
	} else {
		if (getrandom(&random, sizeof(random), 0) < 0)
			random = (uint64_t)now;
		acme_renewal_window(&r->memory, (time_t)start, (time_t)end, after, random, now);
	}
	return remember(r, NULL, NULL);
}

/* --- deciding ----------------------------------------------------------------------------- */

static const char *when(time_t t, char text[PVE_TIME_TEXT])
{
	return t ? pve_num_time_text(t, text) : "never";
}

/* 1: renew; 0: nothing to do; -1: it may not be. */
static int decide(struct renew *r)
{
	struct pve_ctx *ctx = r->ctx;
	char text[PVE_TIME_TEXT];

	if (!r->there && !r->opts->if_due)
		return pve_err_set(&ctx->err, PVE_FAILED,
				   "there is no certificate to renew; 'pve-acme cert order' gets one");
	if (r->opts->force)
		return 1;
	find_due(r);
	if (r->there && r->due.reason != ACME_RENEW_FOREIGN && !ctx->dry_run) {
		if (look_at_window(r) < 0)
			return -1;
		find_due(r);
	}
	if (r->due.now)
		return 1;
	/* The unit shall stay failed as long as the renewal is. */
	if (r->opts->if_due && r->memory.failures && r->due.at &&
	    r->due.at <= pve_sys_time(&ctx->sys) && r->h.domains.n)
		return pve_err_set(&ctx->err, PVE_AGAIN, "no try before %s, for the last one failed: %s",
				   when(r->due.next, text), r->memory.error ? r->memory.error : "");
	if (r->opts->if_due) {
		pve_log_line(&ctx->log, PVE_LOG_INFO, "not due before %s: %s",
			     when(r->due.next, text), acme_reason_text(r->due.reason));
		return 0;
	}
	if (r->due.reason == ACME_RENEW_FOREIGN)
		return pve_err_set(&ctx->err, PVE_FAILED,
				   "the certificate was not ordered here but uploaded, or by another program; "
				   "--force orders one in its place, which is then renewed by itself");
	if (r->due.at && r->due.at <= pve_sys_time(&ctx->sys))
		return 1; /* an administrator need not wait until the pause is over */
	return pve_err_set(&ctx->err, PVE_FAILED, "not due before %s (%s); --force renews it now",
			   when(r->due.at, text), acme_reason_text(r->due.reason));
}

/* --- failing ------------------------------------------------------------------------------ */

/* Only for a run that nobody watches. */
static bool wants_mail(struct renew *r, time_t now)
{
	if (!r->opts->if_due || !acme_renewal_tells(&r->memory, r->there ? &r->chain : NULL, now))
		return false;
	if (pve_mail_can(&r->ctx->sys))
		return true;
	pve_log_line(&r->ctx->log, PVE_LOG_WARNING, "there is no sendmail, so nobody is mailed");
	return false;
}

static int failed(struct renew *r, time_t not_before)
{
	struct pve_ctx *ctx = r->ctx;
	struct pve_err why = ctx->err;
	time_t now = pve_sys_time(&ctx->sys);
	char next[PVE_TIME_TEXT], end[PVE_TIME_TEXT];
	PVE_BUF subject = {0};
	PVE_BUF body = {0};
	bool mail;

	acme_renewal_failed(&r->memory, why.msg, not_before, now);
	mail = wants_mail(r, now);
	if (mail)
		r->memory.mailed = now;
	pve_buf_printf(&subject, "%s: the certificate could not be renewed", r->h.node.name);
	pve_buf_printf(&body,
		       "%s\n\nThe certificate of %s is good until %s.  The next try is not before %s.\n\n"
		       "    pve-acme cert status      how it stands\n"
		       "    pve-acme check            what is wrong\n"
		       "    pve-acme cert renew       try again now\n",
		       why.msg, r->h.node.name, r->there ? when(r->chain.v[0].not_after, end) : "never",
		       when(r->memory.not_before, next));
	if (remember(r, mail ? pve_buf_str(&subject) : NULL, pve_buf_str(&body)) < 0)
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "the failure could not be recorded: %s",
			     ctx->err.msg);
	ctx->err = why;
	return -1;
}

static int renew(struct renew *r)
{
	struct pve_ctx *ctx = r->ctx;
	struct acme_order_end end;
	int rc;

	if (!ctx->dry_run && (acme_keeper_start(&r->asks, &ctx->sys, &ctx->err) < 0 ||
			      acme_keeper_start(&r->orders, &ctx->sys, &ctx->err) < 0))
		return -1;
	rc = load(r) < 0 ? -1 : decide(r);
	if (rc <= 0)
		return rc;
	/* Only a server that gave a window has use for the name of the old one. */
	rc = acme_order(ctx, &r->orders, true,
			r->memory.point && r->replaces.len ? pve_buf_str(&r->replaces) : NULL, &end);
	return rc < 0 && !ctx->dry_run && !end.kept_out ? failed(r, end.not_before) : rc;
}

int acme_cert_renew(struct pve_ctx *ctx)
{
	struct renew r = {.ctx = ctx, .opts = ctx->opts};
	int rc = renew(&r);

	done(&r);
	return rc;
}
