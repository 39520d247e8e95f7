/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a disk serves: the way up from its partitions over LVM, ZFS, md and dm-crypt to file
 * systems, storages and guests. */
#include "pvecommon/disk.h"

#define DEPTH_MAX 8

struct climb {
	struct pve_disks *disks;
	struct pve_disk *disk;
	const struct pve_disk_facts *f;
	const char *part; /* where on the disk it began */
};

static void add_use(struct climb *c, enum pve_disk_use_kind kind, const char *name,
		    const char *detail)
{
	struct pve_disk *d = c->disk;

	for (size_t i = 0; i < d->nuses; i++)
		if (d->use[i].kind == kind && strcmp(d->use[i].name, name) == 0 &&
		    strcmp(d->use[i].part, c->part) == 0 && strcmp(d->use[i].detail, detail) == 0)
			return;
	d->use = pve_grow(d->use, d->nuses, &d->uses_cap, sizeof(*d->use));
	d->use[d->nuses++] = (struct pve_disk_use){kind, name, detail, c->part};
}

/* --- LVM, and Ceph on it ----------------------------------------------------------- */

static const char *vg_of_holder(struct climb *c, const struct pve_blk_dev *pv)
{
	for (size_t i = 0; i < pv->nholders; i++) {
		const struct pve_blk_dev *lv = pve_blk_find(&c->f->blk, pv->holder[i]);

		if (lv && strncmp(lv->dm_uuid, "LVM-", 4) == 0)
			return pve_lvm_dm_vg(&c->disks->mem, lv->dm_name);
	}
	return NULL;
}

/* The live names first, then what LVM noted when it activated, then its backups. */
static const char *vg_of(struct climb *c, const struct pve_blk_dev *pv,
			 const struct pve_lvm_meta *meta)
{
	const char *vg = vg_of_holder(c, pv);
	PVE_BUF id = {0};

	for (const char *p = pv->uuid; !vg && *p; p++)
		if (*p != '-')
			pve_buf_putc(&id, *p);
	if (!vg && id.len)
		vg = pve_map_get(&c->f->vg_of, (struct pve_span){id.data, id.len});
	return vg || !meta ? vg : meta->vg;
}

static const char *tag_value(const struct pve_lvm_lv *lv, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < lv->ntags; i++)
		if (strncmp(lv->tag[i], name, n) == 0 && lv->tag[i][n] == '=')
			return lv->tag[i] + n + 1;
	return "";
}

static void add_osds(struct climb *c, const struct pve_lvm_meta *meta, const struct pve_lvm_pv *pv)
{
	for (size_t i = 0; i < meta->nlvs; i++) {
		const struct pve_lvm_lv *lv = &meta->lv[i];
		const char *id = tag_value(lv, "ceph.osd_id"), *type = tag_value(lv, "ceph.type");
		bool here = false;

		for (size_t k = 0; k < lv->npvs; k++)
			here |= strcmp(lv->pv[k], pv->name) == 0;
		if (!here || !*id)
			continue;
		if (!*type)
			type = "block";
		if (strcmp(tag_value(lv, "ceph.encrypted"), "1") == 0)
			type = pve_arena_printf(&c->disks->mem, "%s encrypted", type);
		add_use(c, PVE_USE_OSD, id, type);
	}
}

static void use_lvm(struct climb *c, const struct pve_blk_dev *pv)
{
	const struct pve_lvm_meta *meta = pve_map_get(&c->f->meta_of, pve_span(pv->uuid));
	const char *vg = vg_of(c, pv, meta);

	if (vg)
		add_use(c, PVE_USE_VG, vg, "");
	if (meta)
		add_osds(c, meta, pve_lvm_meta_pv(meta, pv->uuid));
}

/* --- ZFS --------------------------------------------------------------------------- */

static void use_zfs(struct climb *c, const struct pve_blk_dev *dev)
{
	const struct pve_zpool_leaf *l = pve_map_get(&c->f->leaf, pve_span(dev->name));

	if (l && *l->role && *l->vdev)
		add_use(c, PVE_USE_POOL, l->pool,
			pve_arena_printf(&c->disks->mem, "%s %s", l->role, l->vdev));
	else if (l)
		add_use(c, PVE_USE_POOL, l->pool, *l->role ? l->role : l->vdev);
	else if (strcmp(dev->fstype, "zfs_member") == 0 && *dev->label)
		add_use(c, PVE_USE_POOL, dev->label, "");
}

/* --- mounts ------------------------------------------------------------------------ */

static void use_mounts(struct climb *c, const struct pve_blk_dev *dev)
{
	static const char osd[] = "/var/lib/ceph/osd/ceph-";

	for (size_t i = 0; i < c->f->nmounts; i++) {
		const struct pve_disk_mount *m = &c->f->mount[i];

		if (m->dev != dev)
			continue;
		if (strcmp(m->type, "swap") == 0)
			add_use(c, PVE_USE_SWAP, "swap", "");
		else if (strncmp(m->target, osd, sizeof(osd) - 1) == 0)
			add_use(c, PVE_USE_OSD, m->target + sizeof(osd) - 1, "");
		else
			add_use(c, PVE_USE_MOUNT, m->target, m->type);
	}
}

/* --- the way up -------------------------------------------------------------------- */

static void climb(struct climb *c, const struct pve_blk_dev *dev, unsigned depth)
{
	size_t before = c->disk->nuses;

	if (depth > DEPTH_MAX)
		return;
	if (strcmp(dev->fstype, "LVM2_member") == 0 || vg_of_holder(c, dev))
		use_lvm(c, dev);
	if (strcmp(dev->fstype, "zfs_member") == 0 || !*dev->fstype)
		use_zfs(c, dev);
	use_mounts(c, dev);
	for (size_t i = 0; i < dev->nholders; i++) {
		const struct pve_blk_dev *up = pve_blk_find(&c->f->blk, dev->holder[i]);

		if (!up)
			continue;
		if (strncmp(up->name, "md", 2) == 0)
			add_use(c, PVE_USE_MD, up->name, up->md_level);
		else if (*up->dm_name && strncmp(up->dm_uuid, "LVM-", 4) != 0)
			add_use(c, PVE_USE_MAP, up->dm_name, "");
		climb(c, up, depth + 1);
	}
	if (c->disk->nuses == before && strcmp(pve_disk_used(c->f, dev), "EFI") == 0)
		add_use(c, PVE_USE_ESP, "ESP", "");
}

/* --- guests ------------------------------------------------------------------------ */

static const struct pve_disk_storage *storage(const struct pve_disk_facts *f, const char *id)
{
	for (size_t i = 0; i < f->nstorages; i++)
		if (strcmp(f->storage[i].id, id) == 0)
			return &f->storage[i];
	return NULL;
}

static bool serves(const struct pve_disk *d, enum pve_disk_use_kind kind, const char *name,
		   size_t len)
{
	for (size_t i = 0; i < d->nuses; i++)
		if (d->use[i].kind == kind && strlen(d->use[i].name) == len &&
		    memcmp(d->use[i].name, name, len) == 0)
			return true;
	return false;
}

/* Is the directory on a file system of this disk?  The longest mount above it decides. */
static bool serves_path(const struct pve_disk *d, const struct pve_disk_facts *f, const char *path)
{
	const struct pve_disk_mount *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < f->nmounts; i++) {
		const char *target = f->mount[i].target;
		size_t n = strlen(target);

		if (n > 1 && (strncmp(path, target, n) != 0 || (path[n] && path[n] != '/')))
			continue;
		/* What was mounted last lies above. */
		if (*target == '/' && n >= longest) {
			longest = n;
			best = &f->mount[i];
		}
	}
	if (best && strcmp(best->type, "zfs") == 0)
		return serves(d, PVE_USE_POOL, best->source, strcspn(best->source, "/"));
	return best && serves(d, PVE_USE_MOUNT, best->target, strlen(best->target));
}

static bool serves_volume(const struct pve_disk *d, const struct pve_disk_facts *f,
			  const struct pve_guest_volume *v)
{
	const struct pve_disk_storage *s;

	if (!*v->storage) {
		const struct pve_blk_dev *dev = pve_blk_find(&f->blk, v->volume);

		if (dev)
			return dev == d->dev ||
			       (dev->partition && strcmp(dev->parent, d->dev->name) == 0);
		return strncmp(v->volume, "/dev/", 5) != 0 && serves_path(d, f, v->volume);
	}
	s = storage(f, v->storage);
	if (!s)
		return false;
	if (strcmp(s->type, "lvm") == 0 || strcmp(s->type, "lvmthin") == 0)
		return serves(d, PVE_USE_VG, s->target, strlen(s->target));
	if (strcmp(s->type, "zfspool") == 0)
		return serves(d, PVE_USE_POOL, s->target, strcspn(s->target, "/"));
	return *s->target == '/' && serves_path(d, f, s->target);
}

static int ascending(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

static void find_guests(struct pve_disk *d, const struct pve_disk_facts *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->guests.n; i++) {
		if (!serves_volume(d, f, &f->guests.v[i]))
			continue;
		d->guest = pve_grow(d->guest, d->nguests, &d->guests_cap, sizeof(*d->guest));
		d->guest[d->nguests++] = f->guests.v[i].guest;
	}
	if (!d->nguests)
		return;
	qsort(d->guest, d->nguests, sizeof(*d->guest), ascending);
	for (size_t i = 0; i < d->nguests; i++)
		if (!n || d->guest[n - 1] != d->guest[i])
			d->guest[n++] = d->guest[i];
	d->nguests = n;
}

void pve_disk_find_uses(struct pve_disks *disks, struct pve_disk *disk,
			const struct pve_disk_facts *f)
{
	struct climb c = {.disks = disks, .disk = disk, .f = f, .part = disk->dev->name};
	const struct pve_blk_dev *part = NULL;

	climb(&c, disk->dev, 0);
	for (size_t i = 0; i < disk->npaths; i++)
		climb(&c, disk->path[i], 0);
	while ((part = pve_disk_part(f, disk->dev, part))) {
		c.part = part->name;
		climb(&c, part, 0);
	}
	find_guests(disk, f);
}

void pve_disk_use_format(const struct pve_disk_use *use, struct pve_buf *out)
{
	pve_buf_printf(out, "%s:", use->part);
	switch (use->kind) {
	case PVE_USE_OSD:
		pve_buf_printf(out, "osd.%s%s%s", use->name, *use->detail ? " " : "", use->detail);
		break;
	case PVE_USE_POOL:
		pve_buf_printf(out, "%s%s%s", use->name, *use->detail ? "/" : "", use->detail);
		break;
	case PVE_USE_MD:
		pve_buf_printf(out, "%s%s%s", use->name, *use->detail ? " " : "", use->detail);
		break;
	case PVE_USE_VG:
	case PVE_USE_MOUNT:
	case PVE_USE_SWAP:
	case PVE_USE_ESP:
	case PVE_USE_MAP:
		pve_buf_puts(out, use->name);
		break;
	}
}
