/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repo.h"

static void check_refused(const struct repo_sources *s, struct pve_findings *found)
{
	for (size_t i = 0; i < s->diags.n; i++) {
		const struct pve_diag *d = &s->diags.v[i];
		PVE_FREE char *place = pve_asprintf("%s:%u", d->file, d->line);
		struct pve_finding *f = pve_findings_add(found, PVE_F_CRITICAL, "REPO-SYNTAX",
							 place, "%s", d->msg);

		pve_finding_fix(f, "editor +%u %s", d->line, d->file);
	}
}

int repo_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings found = {0};
	struct repo_host h;
	struct pve_err e = {0};
	int code;

	if (repo_host_read(&h, &ctx->sys, &e) == 0) {
		check_refused(&h.sources, &found);
		repo_host_done(&h);
	} else {
		pve_log_err(&ctx->log, &e);
		found.unknown = true;
	}
	code = pve_findings_report(ctx, &found);
	pve_findings_done(&found);
	return code;
}
