/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_PROBE_VERIFY_H
#define PVE_BOOT_PROBE_VERIFY_H

#include "pvecommon/cmd.h"
#include "verify.h"

/* An ESP that is read back. */
struct verify_esp {
	struct esp *esp; /* borrowed; one that cannot be opened has no files */
	struct manifest manifest;
	bool has_manifest;
	struct pve_diags manifest_diags; /* why it is not whole */
	struct verify_files files;
};

/* Reads the manifest of an ESP; none is no error.  *v must be { 0 } but for esp. */
void verify_esp_open(struct verify_esp *v);
/* Computes all digests: each ESP in a thread of its own, from the medium and not from what is
 * cached, and beside them each source on the host once.  What cannot be read says so in its file;
 * -1 only when no digest can be made at all. */
int verify_esps_read(struct verify_esp *v, size_t n, struct pve_ctx *ctx);
void verify_esp_done(struct verify_esp *v);

#endif
