/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme.h"

#include <strings.h>

#include "pve-acme/retry.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"

#define GRACE (2 * 86400) /* for a renewal that is due, before it is missed */

struct checks {
	struct pve_ctx *ctx;
	struct pve_findings f;
	struct acme_host h;
	struct pve_chain chain;
	bool there;
	struct acme_renewal memory;
	struct acme_file file;
	time_t now;
};

static void done(struct checks *c)
{
	acme_file_done(&c->file);
	acme_renewal_done(&c->memory);
	pve_chain_done(&c->chain);
	acme_host_done(&c->h);
	pve_findings_done(&c->f);
}

static void unknown(struct checks *c, const struct pve_err *why)
{
	c->f.unknown = true;
	pve_log_err(&c->ctx->log, why);
}

/* --- what is configured ------------------------------------------------------------------- */

static void check_syntax(struct checks *c)
{
	for (size_t i = 0; i < c->h.diags.n; i++) {
		const struct pve_diag *d = &c->h.diags.v[i];
		PVE_FREE char *object = pve_asprintf("%s:%u", d->file, d->line);

		pve_findings_add(&c->f, d->severity == PVE_ERROR ? PVE_F_CRITICAL : PVE_F_WARNING,
				 "ACME-SYNTAX", object, "%s", d->msg);
	}
}

static void check_plugins(struct checks *c)
{
	for (size_t i = 0; i < c->h.domains.n; i++) {
		struct pve_err why = {0};

		if (!acme_host_plugin(&c->h, &c->h.domains.v[i], &why))
			pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-PLUGIN", c->h.domains.v[i].key,
					 "%s", why.msg);
	}
}

static void check_account(struct checks *c)
{
	const char *name = c->h.domains.account;
	PVE_CLEANUP(acme_stored_done) struct acme_stored a = {0};
	struct pve_err why = {0};
	struct pve_finding *one;

	if (!c->h.domains.n)
		return;
	if (acme_account_read(&a, NULL, &c->ctx->sys, name, &why) < 0) {
		/* A mode is told below. */
		if (why.code != PVE_DENIED)
			pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-ACCOUNT", name, "%s", why.msg);
	} else if (!a.location) {
		one = pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-ACCOUNT", name,
				       "the server has not answered its registration yet");
		pve_finding_fix(one, "pve-acme account register %s", name);
	} else if (strcasestr(a.directory, "staging")) {
		pve_findings_add(&c->f, PVE_F_WARNING, "ACME-STAGING", name,
				 "the account is at a staging server (%s), whose certificates nobody trusts",
				 a.directory);
	}
}

static void check_mode(struct checks *c, const char *path)
{
	struct pve_err why = {0};
	struct pve_finding *one;

	if (acme_file_private(&c->ctx->sys, path, &why) == 0 || why.code != PVE_DENIED)
		return;
	one = pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-MODE", path,
			       "others than its owner can read it, and it holds secrets");
	pve_finding_fix(one, "chmod 600 %s%s", c->ctx->sys.root, path);
}

static void check_modes(struct checks *c)
{
	struct pve_strv names = {0};
	struct pve_err why = {0};

	if (acme_accounts_list(&c->ctx->sys, &names, &why) < 0)
		unknown(c, &why);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = acme_account_path(names.v[i]);

		check_mode(c, path);
	}
	pve_strv_done(&names);
	check_mode(c, ACME_PLUGINS);
}

/* --- what is shown ------------------------------------------------------------------------ */

/* pveproxy takes the pair only when both are there and fit. */
static void check_pair(struct checks *c)
{
	ACME_FILE cert = {0}, file = {0};
	struct pve_err why = {0};
	struct pve_pkey *key;

	if (acme_file_read(&cert, &c->ctx->sys, c->h.node.cert, &why) < 0 ||
	    acme_file_read(&file, &c->ctx->sys, c->h.node.key, &why) < 0) {
		unknown(c, &why);
	} else if (cert.there != file.there) {
		pve_findings_add(&c->f, PVE_F_WARNING, "ACME-PAIR",
				 cert.there ? c->h.node.cert : c->h.node.key,
				 "its %s is missing, so pveproxy shows pve-ssl.pem instead",
				 cert.there ? "key" : "certificate");
	} else if (c->there) {
		key = pve_pkey_parse(acme_file_span(&file), &why);
		if (!key)
			pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-PAIR", c->h.node.key, "%s", why.msg);
		else if (!pve_chain_has_key(&c->chain, key))
			pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-PAIR", c->h.node.key,
					 "it does not belong to the certificate beside it: pveproxy cannot "
					 "serve anybody");
		pve_pkey_free(key);
	}
}

static void check_expiry(struct checks *c, const struct acme_due *due)
{
	const struct pve_cert *x = &c->chain.v[0];
	char end[PVE_TIME_TEXT], at[PVE_TIME_TEXT];
	struct pve_finding *one = NULL;

	pve_num_time_text(x->not_after, end);
	if (x->not_after <= c->now)
		one = pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-EXPIRED", c->h.node.cert,
				       "it expired at %s", end);
	else if (x->not_before > c->now)
		pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-CLOCK", c->h.node.cert,
				 "it is not good before %s; is the clock right?",
				 pve_num_time_text(x->not_before, at));
	else if (due->reason == ACME_RENEW_FOREIGN &&
		 x->not_after - c->now < (x->not_after - x->not_before) / 7)
		pve_findings_add(&c->f, PVE_F_WARNING, "ACME-EXPIRES", c->h.node.cert,
				 "it expires at %s, and was not ordered here: it must be replaced by hand",
				 end);
	else if (due->at && due->at + GRACE <= c->now && due->reason != ACME_RENEW_NAMES)
		one = pve_findings_add(&c->f, PVE_F_WARNING, "ACME-EXPIRES", c->h.node.cert,
				       "it expires at %s; its renewal was due at %s", end,
				       pve_num_time_text(due->at, at));
	if (one && due->reason != ACME_RENEW_FOREIGN)
		pve_finding_fix(one, "pve-acme cert renew");
}

static void check_renewal(struct checks *c, const struct acme_due *due)
{
	const struct pve_cert *x = c->there ? &c->chain.v[0] : NULL;
	bool late = !x || x->not_after - c->now < (x->not_after - x->not_before) / 7;
	char next[PVE_TIME_TEXT];
	struct pve_finding *one;

	if (c->memory.failures) {
		one = pve_findings_add(&c->f, late ? PVE_F_CRITICAL : PVE_F_WARNING, "ACME-FAILED",
				       "renewal", "it has failed %u time%s, the next try is not before %s: %s",
				       c->memory.failures, c->memory.failures > 1 ? "s" : "",
				       pve_num_time_text(c->memory.not_before, next),
				       c->memory.error ? c->memory.error : "");
		pve_finding_fix(one, "pve-acme cert renew");
	}
	if (due->reason == ACME_RENEW_NAMES) {
		one = pve_findings_add(&c->f, PVE_F_WARNING, "ACME-NAMES", c->h.node.config,
				       "the names that are configured are not those of the certificate");
		pve_finding_fix(one, "pve-acme cert renew");
	}
	if (due->reason == ACME_RENEW_FOREIGN && c->h.domains.n) {
		one = pve_findings_add(&c->f, PVE_F_INFO, "ACME-UPLOADED", c->h.node.cert,
				       "it was not ordered here, so it is not renewed, though domains are "
				       "configured");
		pve_finding_fix(one, "pve-acme cert renew --force");
	}
	if (!c->there && c->h.domains.n) {
		one = pve_findings_add(&c->f, PVE_F_INFO, "ACME-NONE", c->h.node.config,
				       "domains are configured, but no certificate was ordered yet");
		pve_finding_fix(one, "pve-acme cert order");
	}
}

static void check_issuer(struct checks *c)
{
	const struct pve_cert *x = &c->chain.v[0];

	if (strstr(x->issuer, "STAGING") || strstr(x->issuer, "Fake LE"))
		pve_findings_add(&c->f, PVE_F_WARNING, "ACME-STAGING", c->h.node.cert,
				 "a staging server issued it (%s): no browser trusts it", x->issuer);
}

static void check_clock(struct checks *c)
{
	char text[ACME_SKEW_TEXT];
	struct pve_finding *one;

	if (!c->memory.skew)
		return;
	one = pve_findings_add(&c->f, PVE_F_WARNING, "ACME-CLOCK", ACME_RENEWAL,
			       "the clock of this host was %s that of the CA when that was asked last",
			       acme_skew_text(c->memory.skew, text));
	pve_finding_fix(one, "chronyc makestep");
}

static void check_timer(struct checks *c)
{
	static const char *const dirs[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
					   "/usr/lib/systemd/system", "/lib/systemd/system", NULL};
	struct pve_finding *one;

	for (size_t i = 0; dirs[i]; i++) {
		PVE_FREE char *path =
			pve_asprintf("%s/timers.target.wants/pve-acme-renew.timer", dirs[i]);

		if (pve_fs_exists(&c->ctx->sys, path))
			return;
	}
	one = pve_findings_add(&c->f, PVE_F_WARNING, "ACME-TIMER", "pve-acme-renew.timer",
			       "no timer renews the certificate");
	pve_finding_fix(one, "systemctl enable --now pve-acme-renew.timer");
}

static void check_certificate(struct checks *c)
{
	struct pve_err why = {0};
	struct acme_due due;
	int there;

	if (acme_renewal_read(&c->memory, &c->file, &c->ctx->sys, &why) < 0)
		unknown(c, &why);
	there = acme_chain_read(&c->chain, &c->h, &c->ctx->sys, &why);
	c->there = there > 0;
	if (there < 0 && why.code == PVE_DATA)
		pve_findings_add(&c->f, PVE_F_CRITICAL, "ACME-PAIR", c->h.node.cert, "%s", why.msg);
	else if (there < 0)
		unknown(c, &why);
	acme_renewal_due(&c->memory, c->there ? &c->chain : NULL, &c->h.domains, 0, c->now, &due);
	if (there >= 0)
		check_pair(c);
	if (c->there) {
		check_expiry(c, &due);
		check_issuer(c);
	}
	check_clock(c);
	if (there >= 0)
		check_renewal(c, &due);
	if (c->there && due.reason != ACME_RENEW_FOREIGN)
		check_timer(c);
}

int acme_cmd_check(struct pve_ctx *ctx)
{
	struct checks c = {.ctx = ctx, .now = pve_sys_time(&ctx->sys)};
	int rc;

	if (acme_host_read(&c.h, &ctx->sys, &ctx->err) < 0) {
		unknown(&c, &ctx->err);
	} else {
		check_syntax(&c);
		check_plugins(&c);
		check_account(&c);
		check_modes(&c);
		check_certificate(&c);
	}
	rc = pve_findings_report(ctx, &c.f);
	done(&c);
	return rc;
}
