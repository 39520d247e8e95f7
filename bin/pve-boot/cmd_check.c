/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "esp.h"

static void check_esp(const struct esp *esp, struct pve_findings *found)
{
	struct pve_finding *f;

	if (!esp->err.code)
		return;
	if (esp->err.code == PVE_NOTHERE) {
		f = pve_findings_add(found, PVE_F_WARNING, "BOOT-ESP-ABSENT", esp->uuid,
				     "%s: it gets no kernels any more", esp->err.msg);
		pve_finding_fix(f, "pve-boot clean");
		return;
	}
	pve_findings_add(found, PVE_F_CRITICAL, "BOOT-ESP-UNREADABLE", esp->uuid, "%s",
			 esp->err.msg);
}

int boot_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings found = {0};
	struct esp_list l = {0};
	int rc = -1;

	if (esp_list_read(&l, &ctx->sys, &ctx->err) == 0) {
		esp_list_open(&l, &ctx->sys);
		for (size_t i = 0; i < l.n; i++)
			check_esp(&l.v[i], &found);
		rc = pve_findings_report(ctx, &found);
	}
	esp_list_done(&l);
	pve_findings_done(&found);
	return rc;
}
