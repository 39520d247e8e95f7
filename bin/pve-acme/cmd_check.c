/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "acme.h"

#include "pvecommon/mem.h"

/* --- what is configured ------------------------------------------------------------------- */

static void check_files(struct pve_findings *f, const struct acme_host *h)
{
	for (size_t i = 0; i < h->diags.n; i++) {
		const struct pve_diag *d = &h->diags.v[i];
		PVE_FREE char *object = pve_asprintf("%s:%u", d->file, d->line);

		pve_findings_add(f, d->severity == PVE_ERROR ? PVE_F_CRITICAL : PVE_F_WARNING,
				 "ACME-SYNTAX", object, "%s", d->msg);
	}
}

static void check_plugins(struct pve_findings *f, const struct acme_host *h)
{
	for (size_t i = 0; i < h->domains.n; i++) {
		struct pve_err why = {0};

		if (!acme_host_plugin(h, &h->domains.v[i], &why))
			pve_findings_add(f, PVE_F_CRITICAL, "ACME-PLUGIN", h->domains.v[i].key, "%s",
					 why.msg);
	}
}

static void check_account(struct pve_findings *f, const struct acme_host *h, struct pve_sys *sys)
{
	const char *name = h->domains.account;
	struct acme_stored a = {0};
	struct pve_err why = {0};
	struct pve_finding *one;

	if (!h->domains.n)
		return;
	if (acme_account_read(&a, NULL, sys, name, &why) < 0) {
		pve_findings_add(f, PVE_F_CRITICAL, "ACME-ACCOUNT", name, "%s", why.msg);
	} else if (!a.location) {
		one = pve_findings_add(f, PVE_F_CRITICAL, "ACME-ACCOUNT", name,
				       "the server has not answered its registration yet");
		pve_finding_fix(one, "pve-acme account register %s", name);
	}
	acme_stored_done(&a);
}

int acme_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings f = {0};
	ACME_HOST h = {0};
	int rc;

	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0) {
		f.unknown = true;
		pve_log_err(&ctx->log, &ctx->err);
	} else {
		check_files(&f, &h);
		check_plugins(&f, &h);
		check_account(&f, &h, &ctx->sys);
	}
	rc = pve_findings_report(ctx, &f);
	pve_findings_done(&f);
	return rc;
}
