/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures on a device or image, over libblkid. */
#include <blkid/blkid.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pveio/blk.h"
#include "pvecommon/dl.h"

/* What is used of libblkid. */
static struct {
	__typeof__(blkid_probe_lookup_value) *blkid_probe_lookup_value;
	__typeof__(blkid_new_probe) *blkid_new_probe;
	__typeof__(blkid_probe_set_device) *blkid_probe_set_device;
	__typeof__(blkid_probe_enable_superblocks) *blkid_probe_enable_superblocks;
	__typeof__(blkid_probe_set_superblocks_flags) *blkid_probe_set_superblocks_flags;
	__typeof__(blkid_probe_enable_partitions) *blkid_probe_enable_partitions;
	__typeof__(blkid_do_safeprobe) *blkid_do_safeprobe;
	__typeof__(blkid_free_probe) *blkid_free_probe;
} calls;

static int load(struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"blkid_probe_lookup_value", &calls.blkid_probe_lookup_value},
		{"blkid_new_probe", &calls.blkid_new_probe},
		{"blkid_probe_set_device", &calls.blkid_probe_set_device},
		{"blkid_probe_enable_superblocks", &calls.blkid_probe_enable_superblocks},
		{"blkid_probe_set_superblocks_flags", &calls.blkid_probe_set_superblocks_flags},
		{"blkid_probe_enable_partitions", &calls.blkid_probe_enable_partitions},
		{"blkid_do_safeprobe", &calls.blkid_do_safeprobe},
		{"blkid_free_probe", &calls.blkid_free_probe},
	};

	return pve_dl_load("libblkid.so.1", "libblkid", want, sizeof(want) / sizeof(*want), e);
}

static void value(blkid_probe pr, const char *name, char *to, size_t size)
{
	const char *text;

	if (calls.blkid_probe_lookup_value(pr, name, &text, NULL) == 0)
		snprintf(to, size, "%s", text);
}

int pve_blk_probe_read(int fd, struct pve_blk_probe *probe, struct pve_err *e)
{
	struct pve_blk_probe p = {0};
	blkid_probe pr;
	int ret;

	if (load(e) < 0)
		return -1;
	pr = calls.blkid_new_probe();
	if (!pr)
		abort();
	errno = 0;
	ret = calls.blkid_probe_set_device(pr, fd, 0, 0);
	if (ret == 0) {
		calls.blkid_probe_enable_superblocks(pr, 1);
		calls.blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_UUID |
								    BLKID_SUBLKS_LABEL |
								    BLKID_SUBLKS_USAGE);
		calls.blkid_probe_enable_partitions(pr, 1);
		/* 0 found, 1 nothing there, -2 contradictory signatures (libblkid manual). */
		ret = calls.blkid_do_safeprobe(pr);
	}
	if (ret == -1) {
		int saved = errno ? errno : EIO;

		calls.blkid_free_probe(pr);
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
	calls.blkid_free_probe(pr);
	*probe = p;
	return 0;
}
