/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures on a device or image, over libblkid. */
#include <blkid/blkid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pveio/blk.h"

static void value(blkid_probe pr, const char *name, char *to, size_t size)
{
	const char *text;

	if (blkid_probe_lookup_value(pr, name, &text, NULL) == 0)
		snprintf(to, size, "%s", text);
}

int pve_blk_probe_read(int fd, struct pve_blk_probe *probe, struct pve_err *e)
{
	blkid_probe pr = blkid_new_probe();
	struct pve_blk_probe p = {0};
	int ret;

	if (!pr)
		abort();
	errno = 0;
	ret = blkid_probe_set_device(pr, fd, 0, 0);
	if (ret == 0) {
		blkid_probe_enable_superblocks(pr, 1);
		blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
							      BLKID_SUBLKS_LABEL |
							      BLKID_SUBLKS_USAGE);
		blkid_probe_enable_partitions(pr, 1);
		/* 0 found, 1 nothing there, -2 contradictory signatures (libblkid manual). */
		ret = blkid_do_safeprobe(pr);
	}
	if (ret == -1) {
		int saved = errno ? errno : EIO;

		blkid_free_probe(pr);
		return pve_err_sys(e, saved, "probing for signatures");
	}
	p.ambiguous = ret == -2;
	if (ret == 0) {
		value(pr, "TYPE", p.type, sizeof(p.type));
		value(pr, "USAGE", p.usage, sizeof(p.usage));
		value(pr, "UUID", p.uuid, sizeof(p.uuid));
		value(pr, "LABEL", p.label, sizeof(p.label));
		value(pr, "PTTYPE", p.table, sizeof(p.table));
		value(pr, "PTUUID", p.table_uuid, sizeof(p.table_uuid));
	}
	blkid_free_probe(pr);
	*probe = p;
	return 0;
}
