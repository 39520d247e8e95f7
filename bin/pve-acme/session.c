/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session.h"

#include "pve-acme/stop.h"
#include "pvecommon/fs.h"

#define CA_MAX (128u << 10) /* what fits into one message to the other process */

static void tell(void *to, const char *line)
{
	pve_log_line(to, PVE_LOG_INFO, "%s", line);
}

int acme_session_start(struct acme_session *s, struct pve_ctx *ctx)
{
	const struct acme_net_opts *net = ctx->opts;

	s->ctx = ctx;
	acme_stop_hold();
	s->held = true;
	if (acme_keeper_start(&s->keeper, &ctx->sys, &ctx->err) < 0 ||
	    acme_keeper_start(&s->second, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (net->ca_bundle && pve_fs_read_given(net->ca_bundle, CA_MAX, &s->ca, &ctx->err) < 0)
		return -1;
	if (acme_change_begin(ctx, &s->change) < 0 || acme_host_read(&s->h, &ctx->sys, &ctx->err) < 0)
		return -1;
	return acme_host_writable(&s->h, &ctx->sys, &ctx->err);
}

int acme_session_begin(struct acme_session *s, struct acme_keeper *k, const char *directory,
		       const char *location, const struct pve_pkey *key,
		       const struct pve_pkey *next)
{
	const struct acme_net_opts *net = s->ctx->opts;

	k->directory = directory;
	k->ca_pem = s->ca.len ? pve_buf_str(&s->ca) : NULL;
	k->kid = location;
	k->key[ACME_KEY_ACCOUNT] = key;
	k->key[ACME_KEY_NEXT] = next;
	k->timeout_s = net->timeout ? (unsigned)net->timeout : 300;
	k->tell = tell;
	k->tell_to = &s->ctx->log;
	if (acme_keeper_begin(k, &s->ctx->err) < 0)
		return -1;
	if (k == &s->keeper)
		acme_warn_clock(s->ctx, k->skew);
	return 0;
}

int acme_session_job(struct acme_session *s, struct acme_keeper *k, struct pve_strv *out,
		     const char *const *args)
{
	PVE_STRV words = {0};

	for (; *args; args++)
		pve_strv_add(&words, *args);
	return acme_keeper_job(k, &words, out, &s->ctx->err);
}

int acme_session_apply(struct acme_session *s, struct pve_plan *plan)
{
	return pve_ctx_apply(s->ctx, &s->change, plan);
}

void acme_session_done(struct acme_session *s)
{
	acme_keeper_stop(&s->keeper);
	acme_keeper_stop(&s->second);
	pve_buf_done(&s->ca);
	acme_host_done(&s->h);
	pve_change_done(&s->change);
	if (s->held)
		acme_stop_release();
	s->held = false;
}

void acme_session_write(struct acme_session *s, struct pve_plan *plan, const char *path,
			const struct acme_file *was, const struct acme_stored *a, const char *why)
{
	struct pve_span old;
	PVE_BUF text = {0};

	acme_stored_format(a, &text);
	if (!pve_fs_exists(&s->ctx->sys, "/etc/pve/priv"))
		pve_plan_mkdir(plan, "/etc/pve/priv", 0700, "for accounts and plugins");
	if (!pve_fs_exists(&s->ctx->sys, ACME_DIR))
		pve_plan_mkdir(plan, ACME_DIR, 0700, "for accounts and plugins");
	pve_plan_write(plan, path, acme_file_was(was, &old), (struct pve_span){text.data, text.len},
		       0600, "%s", why);
}
