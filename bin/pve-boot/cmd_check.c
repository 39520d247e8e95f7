/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "probe_check.h"

int boot_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings found = {0};
	struct check_facts f = {0};
	int rc = check_facts_read(&f, ctx, &found.unknown);

	if (rc == 0) {
		check_esps(&f, &found);
		check_kernels(&f, &found);
		check_config(&f, &found);
		check_firmware(&f, &found);
		rc = pve_findings_report(ctx, &found);
	}
	check_facts_done(&f);
	pve_findings_done(&found);
	return rc;
}
