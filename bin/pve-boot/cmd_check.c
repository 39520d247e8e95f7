/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "esp.h"

static void check_damage(struct esp *esp, struct pve_findings *found)
{
	struct pve_err e = {0};
	uint64_t bytes;

	if (esp_free(&esp->tree, &bytes, &e) < 0)
		pve_findings_add(found, PVE_F_CRITICAL, "BOOT-ESP-UNREADABLE", esp->uuid, "%s",
				 e.msg);
	for (size_t i = 0; i < esp->tree.damage.n; i++) {
		const struct pve_diag *d = &esp->tree.damage.v[i];
		PVE_FREE char *text = pve_diag_format(d);

		pve_findings_add(found, d->severity == PVE_ERROR ? PVE_F_CRITICAL : PVE_F_WARNING,
				 "BOOT-ESP-DAMAGED", esp->uuid, "%s", text);
	}
}

static void check_esp(struct esp *esp, struct pve_findings *found)
{
	struct pve_finding *f;

	if (!esp->err.code) {
		check_damage(esp, found);
		return;
	}
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
