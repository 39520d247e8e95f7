/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/conf_section.h"
#include "pvecommon/disk.h"

static const char *keep(struct pve_disk_facts *f, struct pve_span s)
{
	return pve_arena_memdup(&f->mem, s.p, s.len);
}

/* Takes the next line, without its end. */
static bool take_line(struct pve_span *text, struct pve_span *line)
{
	const char *nl = text->len ? memchr(text->p, '\n', text->len) : NULL;
	size_t n;

	if (!text->len)
		return false;
	line->p = text->p;
	line->len = nl ? (size_t)(nl - text->p) : text->len;
	n = line->len + (nl != NULL);
	text->p += n;
	text->len -= n;
	return true;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blanks, tabs, newlines and backslashes in /proc/mounts as \ooo. */
static const char *unmangle(struct pve_disk_facts *f, struct pve_span s)
{
	char *text = pve_arena_memdup(&f->mem, s.p, s.len), *to = text;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && i + 3 < s.len && is_octal(s.p[i + 1]) &&
		    is_octal(s.p[i + 2]) && is_octal(s.p[i + 3])) {
			*to++ = (char)((s.p[i + 1] - '0') << 6 | (s.p[i + 2] - '0') << 3 |
				       (s.p[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = s.p[i];
		}
	}
	*to = 0;
	return text;
}

static void add_mount(struct pve_disk_facts *f, const char *source, const char *target,
		      const char *type)
{
	f->mount = pve_grow(f->mount, f->nmounts, &f->mounts_cap, sizeof(*f->mount));
	f->mount[f->nmounts++] = (struct pve_disk_mount){source, target, type, NULL};
}

void pve_disk_read_mounts(struct pve_disk_facts *f, struct pve_span text)
{
	struct pve_span line;

	while (take_line(&text, &line)) {
		struct pve_span source = pve_span_word(&line), target = pve_span_word(&line);
		struct pve_span type = pve_span_word(&line);

		if (!type.len || (source.p[0] != '/' && !pve_span_eq(type, "zfs")))
			continue;
		add_mount(f, unmangle(f, source), unmangle(f, target), keep(f, type));
	}
}

void pve_disk_read_swaps(struct pve_disk_facts *f, struct pve_span text)
{
	struct pve_span line;

	while (take_line(&text, &line)) {
		struct pve_span source = pve_span_word(&line), type = pve_span_word(&line);

		/* A swap file is not told from its file system, which is mounted. */
		if (pve_span_eq(type, "partition"))
			add_mount(f, unmangle(f, source), "swap", "swap");
	}
}

void pve_disk_read_storages(struct pve_disk_facts *f, struct pve_span text)
{
	static const char *const keys[] = {"vgname", "pool", "path"};
	struct pve_conf_section_file file = {0};

	pve_conf_section_parse(&file, text, "storage.cfg", NULL);
	for (size_t i = 0; i < file.n; i++) {
		const struct pve_conf_section_key *key = NULL;

		/* rbd and cephfs have pools and paths, too, but not of this host's disks. */
		if (pve_span_eq(file.v[i].type, "rbd") || pve_span_eq(file.v[i].type, "cephfs"))
			continue;
		for (size_t k = 0; !key && k < sizeof(keys) / sizeof(*keys); k++)
			key = pve_conf_section_get(&file, &file.v[i], keys[k]);
		if (!key || !key->value.len)
			continue;
		f->storage = pve_grow(f->storage, f->nstorages, &f->storages_cap,
				      sizeof(*f->storage));
		f->storage[f->nstorages++] = (struct pve_disk_storage){
			keep(f, file.v[i].id), keep(f, file.v[i].type), keep(f, key->value)};
	}
	pve_conf_section_done(&file);
}

void pve_disk_read_pv(struct pve_disk_facts *f, const char *id, struct pve_span text)
{
	struct pve_span line;
	const char *vg = "";

	while (take_line(&text, &line))
		if (pve_span_starts(line, "vg:"))
			vg = keep(f, (struct pve_span){line.p + 3, line.len - 3});
	f->pv = pve_grow(f->pv, f->npvs, &f->pvs_cap, sizeof(*f->pv));
	f->pv[f->npvs++] = (struct pve_disk_pv){pve_arena_strdup(&f->mem, id), vg};
}

void pve_disk_add_member(struct pve_disk_facts *f, const char *node, const char *type)
{
	for (size_t i = 0; i < f->nmembers; i++)
		if (strcmp(f->member[i].node, node) == 0 && strcmp(f->member[i].type, type) == 0)
			return;
	f->member = pve_grow(f->member, f->nmembers, &f->members_cap, sizeof(*f->member));
	f->member[f->nmembers++] = (struct pve_disk_member){pve_arena_strdup(&f->mem, node),
							    pve_arena_strdup(&f->mem, type)};
}

/* Types of smartctl's option -d that lead to a disk behind a controller. */
static bool is_member_type(struct pve_span type)
{
	static const char *const types[] = {"megaraid,", "cciss,", "areca,", "3ware,",
					    "hpt,",      "aacraid,", "sssraid,", NULL};

	if (pve_span_starts(type, "sat+"))
		type.p += 4, type.len -= 4;
	for (size_t i = 0; types[i]; i++)
		if (pve_span_starts(type, types[i]))
			return true;
	return false;
}

void pve_disk_read_members(struct pve_disk_facts *f, struct pve_span text)
{
	struct pve_span line;

	while (take_line(&text, &line)) {
		struct pve_span node = pve_span_word(&line), word;
		PVE_FREE char *path = NULL, *type = NULL;

		if (!node.len || node.p[0] != '/')
			continue;
		while ((word = pve_span_word(&line)).len && word.p[0] != '#') {
			if (!pve_span_eq(word, "-d"))
				continue;
			word = pve_span_word(&line);
			if (!is_member_type(word))
				continue;
			free(path);
			free(type);
			path = pve_strndup(node.p, node.len);
			type = pve_strndup(word.p, word.len);
		}
		if (path)
			pve_disk_add_member(f, path, type);
	}
}

/* The number of the vdev is on the disk; the path is where the disk was once. */
static void index_leaves(struct pve_disk_facts *f)
{
	struct pve_map by_guid = {0};

	for (size_t i = 0; i < f->pools.n; i++) {
		struct pve_zpool_leaf *l = &f->pools.v[i];
		char *guid = pve_arena_printf(&f->mem, "%llu", (unsigned long long)l->guid);
		const struct pve_blk_dev *dev = pve_blk_find(&f->blk, l->path);

		pve_map_set(&by_guid, pve_span(guid), l);
		if (dev && !*dev->uuid_sub)
			pve_map_set(&f->leaf, pve_span(dev->name), l);
	}
	for (size_t i = 0; i < f->blk.n && f->pools.n; i++) {
		const struct pve_blk_dev *dev = &f->blk.dev[i];
		struct pve_zpool_leaf *l = pve_map_get(&by_guid, pve_span(dev->uuid_sub));

		if (l)
			pve_map_set(&f->leaf, pve_span(dev->name), l);
	}
	pve_map_done(&by_guid);
}

void pve_disk_facts_index(struct pve_disk_facts *f)
{
	for (size_t i = 0; i < f->nmounts; i++)
		if (f->mount[i].source[0] == '/')
			f->mount[i].dev = pve_blk_find(&f->blk, f->mount[i].source);
	index_leaves(f);
	for (size_t i = 0; i < f->npvs; i++)
		if (*f->pv[i].vg)
			pve_map_set(&f->vg_of, pve_span(f->pv[i].id), (void *)f->pv[i].vg);
	for (size_t i = 0; i < f->nvgs; i++)
		for (size_t k = 0; k < f->vg[i].npvs; k++)
			if (*f->vg[i].pv[k].id)
				pve_map_set(&f->meta_of, pve_span(f->vg[i].pv[k].id), &f->vg[i]);
}

/* --- zpool list -------------------------------------------------------------------- */

/* The headings of zpool(8) for disks that hold no usual data; NULL for another word. */
static const char *role_of(struct pve_span heading)
{
	static const char *const roles[][2] = {{"special", "special"}, {"dedup", "dedup"},
					       {"logs", "log"},	       {"cache", "cache"},
					       {"spare", "spare"},     {"spares", "spare"}};

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if (pve_span_eq(heading, roles[i][0]))
			return roles[i][1];
	return NULL;
}

static void add_leaf(struct pve_disk_facts *f, const char *pool, const char *role, const char *path)
{
	const struct pve_blk_dev *dev = pve_blk_find(&f->blk, path);
	struct pve_zpool_leaf *l = dev ? pve_map_get(&f->leaf, pve_span(dev->name)) : NULL;

	if (l && strcmp(l->pool, pool) == 0) {
		if (*role)
			l->role = role;
	} else if (dev) {
		l = pve_arena_alloc(&f->mem, sizeof(*l));
		*l = (struct pve_zpool_leaf){pool, 0, "", role, 0, path};
		pve_map_set(&f->leaf, pve_span(dev->name), l);
	}
}

/* A pool's line begins with its name, which may be that of a heading; those have no size.  What is
 * in the pool has a tab before it. */
void pve_disk_read_zpools(struct pve_disk_facts *f, struct pve_span text)
{
	const char *pool = "", *role = "", *heading;
	struct pve_span line;

	while (take_line(&text, &line)) {
		bool inside = line.len && line.p[0] == '\t';
		struct pve_span name = {line.p + inside, line.len - inside}, rest = line;
		const char *tab = name.len ? memchr(name.p, '\t', name.len) : NULL;

		if (tab)
			name.len = (size_t)(tab - name.p);
		heading = role_of(pve_span_word(&rest));
		if (inside && name.len && name.p[0] == '/') {
			add_leaf(f, pool, role, keep(f, name));
		} else if (!inside && heading && pve_span_eq(pve_span_word(&rest), "-")) {
			role = heading;
		} else if (!inside) {
			pool = keep(f, name);
			role = "";
		}
	}
}

void pve_disk_facts_done(struct pve_disk_facts *f)
{
	pve_blk_list_free(&f->blk);
	for (size_t i = 0; i < f->nvgs; i++)
		pve_lvm_meta_done(&f->vg[i]);
	pve_zpool_cache_done(&f->pools);
	pve_guest_volumes_done(&f->guests);
	free(f->mount);
	free(f->pv);
	free(f->vg);
	free(f->storage);
	free(f->member);
	pve_map_done(&f->leaf);
	pve_map_done(&f->vg_of);
	pve_map_done(&f->meta_of);
	pve_strv_done(&f->notes);
	pve_arena_done(&f->mem);
	*f = (struct pve_disk_facts){0};
}
