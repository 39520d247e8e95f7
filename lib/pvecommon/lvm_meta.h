/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_LVM_META_H
#define PVECOMMON_LVM_META_H

#include "pvecommon/mem.h"
#include "pvecommon/span.h"

/*
 * The metadata of a volume group as LVM writes it in text, to /etc/lvm/backup/VG and onto its
 * physical volumes: what belongs to it, without any program and without privilege on a device.
 * The backup is as new as the last change, unless lvm.conf turns it off.
 */
struct pve_lvm_pv {
	const char *name;   /* within the metadata: "pv0" */
	const char *id;     /* with dashes, as ID_FS_UUID */
	const char *device; /* a hint: where it was last seen */
};

struct pve_lvm_lv {
	const char *name;
	const char **tag;   /* ntags */
	size_t ntags, tags_cap;
	const char **pv;    /* npvs names of the physical volumes that its segments lie on; of a
			     * thin pool those of its hidden parts only */
	size_t npvs, pvs_cap;
};

struct pve_lvm_meta {
	const char *vg;     /* "" when the text holds none */
	struct pve_lvm_pv *pv;
	size_t npvs, pvs_cap;
	struct pve_lvm_lv *lv;
	size_t nlvs, lvs_cap;
	struct pve_arena mem;
};

/* Reads any bytes into *m, which must be { 0 }; what is no such metadata is passed over. */
void pve_lvm_meta_parse(struct pve_lvm_meta *m, struct pve_span bytes);
void pve_lvm_meta_done(struct pve_lvm_meta *m);
/* By id; NULL when it is not in this group. */
const struct pve_lvm_pv *pve_lvm_meta_pv(const struct pve_lvm_meta *m, const char *id);

/* The name of the volume group in a name of device mapper: of "my--vg-data" it is "my-vg".
 * Copied to the arena; NULL when there is no single dash. */
const char *pve_lvm_dm_vg(struct pve_arena *mem, const char *dm_name);

#endif
