/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define ROWS 16

struct status {
	struct pve_ctx *ctx;
	struct acme_host h;
	struct pve_chain chain;
	bool there;
	struct acme_renewal memory;
	struct acme_file file;
	struct acme_due due;
	struct pve_arena mem;
	struct acme_box_row rows[ROWS];
	size_t n;
};

static void done(struct status *s)
{
	acme_file_done(&s->file);
	acme_renewal_done(&s->memory);
	pve_chain_done(&s->chain);
	acme_host_done(&s->h);
	pve_arena_done(&s->mem);
}

static void add(struct status *s, const char *key, const char *value)
{
	if (value && *value && s->n < ROWS)
		s->rows[s->n++] = (struct acme_box_row){key, value};
}

static void add_time(struct status *s, const char *key, time_t t)
{
	if (t)
		add(s, key, acme_show_time(&s->mem, t));
}

/* One word for scripts. */
static const char *state_of(struct status *s, time_t now)
{
	if (!s->there)
		return "none";
	if (s->chain.v[0].not_after <= now)
		return "expired";
	if (s->memory.failures)
		return "failing";
	if (s->due.reason == ACME_RENEW_FOREIGN)
		return "uploaded";
	return s->due.now ? "due" : "good";
}

static const char *names_of(struct status *s)
{
	const struct pve_cert *c = &s->chain.v[0];
	PVE_BUF text = {0};

	for (size_t i = 0; i < c->nsan; i++)
		pve_buf_printf(&text, "%s%s", i ? "\n" : "", c->san[i].text);
	return pve_arena_strdup(&s->mem, pve_buf_str(&text));
}

static const char *wanted_of(struct status *s)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < s->h.domains.n; i++)
		pve_buf_printf(&text, "%s%s", i ? "\n" : "", s->h.domains.v[i].name);
	return pve_arena_strdup(&s->mem, pve_buf_str(&text));
}

static void collect(struct status *s, time_t now)
{
	add(s, "state", state_of(s, now));
	if (s->there) {
		add(s, "names", names_of(s));
		add(s, "issuer", s->chain.v[0].issuer);
		add(s, "fingerprint", s->chain.v[0].fingerprint);
		add_time(s, "notbefore", s->chain.v[0].not_before);
		add_time(s, "notafter", s->chain.v[0].not_after);
	}
	if (!s->there || s->due.reason == ACME_RENEW_NAMES)
		add(s, "configured", wanted_of(s));
	add_time(s, "renewal", s->due.next);
	add(s, "reason", s->there ? acme_reason_text(s->due.reason) : NULL);
	if (s->memory.failures) {
		add(s, "failures", pve_arena_printf(&s->mem, "%u", s->memory.failures));
		add_time(s, "tried", s->memory.tried);
		add_time(s, "next-try", s->memory.not_before);
		add(s, "error", s->memory.error);
	}
}

static int status(struct status *s)
{
	const struct acme_cert_opts *opts = s->ctx->opts;
	struct pve_ctx *ctx = s->ctx;
	time_t now = pve_sys_time(&ctx->sys);
	int there;

	if (acme_host_read(&s->h, &ctx->sys, &ctx->err) < 0 ||
	    acme_renewal_read(&s->memory, &s->file, &ctx->sys, &ctx->err) < 0)
		return -1;
	there = acme_chain_read(&s->chain, &s->h, &ctx->sys, &ctx->err);
	if (there < 0)
		return -1;
	s->there = there;
	acme_renewal_due(&s->memory, s->there ? &s->chain : NULL, &s->h.domains,
			 (unsigned)opts->days, now, &s->due);
	collect(s, now);
	return acme_show_box(ctx, s->rows, s->n);
}

int acme_cert_status(struct pve_ctx *ctx)
{
	struct status s = {.ctx = ctx};
	int rc = status(&s);

	done(&s);
	return rc;
}
