/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations of a job, one by one, on an ESP that is mounted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grub.h"
#include "job.h"
#include "pvecommon/fs.h"
#include "pveio/digest.h"
#include "pveio/vfat.h"

struct work {
	struct boot_job *j;
	struct boot_host *h;
	struct pve_vfat v;
	struct manifest coming; /* what was copied and is not in place yet */
	struct pve_err *e;
};

/* --- the manifest ------------------------------------------------------------------------------ */

static void forget(struct work *w, const char *path)
{
	manifest_remove(&w->j->manifest, path);
	w->j->manifest_changes = true;
}

static int write_manifest(struct work *w)
{
	PVE_BUF text = {0};

	if (!w->j->manifest_changes)
		return 0;
	manifest_format(&w->j->manifest, &text);
	if (pve_vfat_mkdir(&w->v, "EFI/pve-boot", w->e) < 0 ||
	    pve_vfat_write(&w->v, MANIFEST_PATH, (struct pve_span){text.data, text.len}, w->e) < 0)
		return -1;
	w->j->manifest_changes = false;
	return 0;
}

/* --- kernels ------------------------------------------------------------------------------------ */

struct copying {
	struct pve_digest *digest;
	uint64_t *copied;
};

static int take_piece(void *data, struct pve_span piece, struct pve_err *e)
{
	const struct copying *c = data;

	if (c->copied)
		__atomic_add_fetch(c->copied, piece.len, __ATOMIC_RELAXED);
	return pve_digest_add(c->digest, piece, e);
}

/* Is what was copied still what was looked at before? */
static int check_unchanged(struct work *w, int fd, const struct boot_file *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return pve_err_sys(w->e, errno, "%s", f->path);
	if (st.st_ino != f->inode ||
	    (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec != f->ctime)
		return pve_err_set(w->e, PVE_AGAIN, "%s has changed while it was copied; refresh again",
				   f->path);
	return 0;
}

/* to: where it is written; path: where it will be. */
static int copy(struct work *w, const struct boot_file *f, const char *to, const char *path)
{
	struct manifest_file m = {.size = f->size, .mtime = f->mtime, .ctime = f->ctime,
				  .inode = f->inode, .path = path, .source = f->path};
	PVE_CLOSE int fd = pve_fs_open(w->h->sys, f->path, O_RDONLY, 0, w->e);
	struct copying c = {NULL, w->j->copied};
	char digest[PVE_DIGEST_TEXT];
	int ret;

	if (fd < 0 || !(c.digest = pve_digest_new(PVE_DIGEST_SHA256, w->e)))
		return -1;
	ret = pve_vfat_copy(&w->v, to, fd, f->size, take_piece, &c, w->e);
	if (ret == 0)
		ret = pve_digest_end(c.digest, digest, w->e);
	pve_digest_free(c.digest);
	if (ret < 0 || check_unchanged(w, fd, f) < 0)
		return -1;
	memcpy(m.sha256, digest, sizeof(m.sha256));
	manifest_put(&w->coming, &m);
	return 0;
}

/* A file that was copied is where the manifest says from now on. */
static void arrived(struct work *w, const char *path)
{
	const struct manifest_file *m = manifest_find(&w->coming, path);

	if (!m)
		return;
	manifest_put(&w->j->manifest, m);
	w->j->manifest_changes = true;
}

/* Does a pair change with its directory, in one step? */
static bool by_directory(struct work *w, const struct job_paths *p, unsigned files)
{
	const struct esp_tree *t = &w->j->esp->tree;
	const struct esp_node *dir = p->dir ? esp_find(t, p->dir) : NULL;

	if (!p->dir || files != SYNC_BOTH)
		return false;
	/* What else lies in it would go with the old files. */
	for (const struct esp_node *c = dir ? esp_child(t, dir, NULL) : NULL; c;
	     c = esp_child(t, dir, c))
		if (strcasecmp(c->path, p->image) != 0 && strcasecmp(c->path, p->initrd) != 0)
			return false;
	return true;
}

static int do_copy(struct work *w, const struct sync_op *op)
{
	struct job_paths p = boot_job_paths(&w->j->mem, w->j->mode, op->version);
	struct boot_kernel *k = boot_kernel_find(w->h, op->of ? op->of : op->version);
	PVE_FREE char *image = NULL, *initrd = NULL;

	if (by_directory(w, &p, op->files)) {
		PVE_FREE char *dir = pve_vfat_aside(p.dir);

		if (pve_vfat_mkdir(&w->v, dir, w->e) < 0)
			return -1;
		image = pve_asprintf("%s/vmlinuz-%s", dir, op->version);
		initrd = pve_asprintf("%s/initrd.img-%s", dir, op->version);
	} else {
		if (p.dir && pve_vfat_mkdir(&w->v, p.dir, w->e) < 0)
			return -1;
		image = pve_vfat_aside(p.image);
		initrd = pve_vfat_aside(p.initrd);
	}
	if ((op->files & SYNC_IMAGE) && copy(w, &k->image, image, p.image) < 0)
		return -1;
	return op->files & SYNC_INITRD ? copy(w, &k->initrd, initrd, p.initrd) : 0;
}

static int exchange(struct work *w, const char *path)
{
	int ret = pve_vfat_exists(&w->v, path) ? pve_vfat_swap(&w->v, path, w->e)
					       : pve_vfat_place(&w->v, path, w->e);

	if (ret == 0)
		arrived(w, path);
	return ret;
}

static int remove_aside(struct work *w, const char *path)
{
	PVE_FREE char *aside = pve_vfat_aside(path);

	return pve_vfat_remove(&w->v, aside, w->e);
}

/* File by file the initrd goes first: an old kernel finds its root with a newer initrd of the same
 * version more often than a new kernel with an old one. */
static int do_place(struct work *w, const struct sync_op *op)
{
	struct job_paths p = boot_job_paths(&w->j->mem, w->j->mode, op->version);

	if (by_directory(w, &p, op->files)) {
		if (exchange(w, p.dir) < 0)
			return -1;
		arrived(w, p.image);
		arrived(w, p.initrd);
		/* An empty directory may have been there, whose files went before a power cut. */
		return op->kind == SYNC_PLACE ? remove_aside(w, p.dir) : 0;
	}
	if ((op->files & SYNC_INITRD) && exchange(w, p.initrd) < 0)
		return -1;
	return op->files & SYNC_IMAGE ? exchange(w, p.image) : 0;
}

static int do_drop_old(struct work *w, const struct sync_op *op)
{
	struct job_paths p = boot_job_paths(&w->j->mem, w->j->mode, op->version);

	if (by_directory(w, &p, op->files))
		return remove_aside(w, p.dir);
	if ((op->files & SYNC_INITRD) && remove_aside(w, p.initrd) < 0)
		return -1;
	return op->files & SYNC_IMAGE ? remove_aside(w, p.image) : 0;
}

static int remove_entry(struct work *w, const char *path)
{
	forget(w, path);
	return pve_vfat_remove(&w->v, path, w->e);
}

/* Entries of systemd-boot for a kernel in its layout, where GRUB is in use now. */
static int drop_entries(struct work *w, const char *version)
{
	for (size_t i = 0; i < w->j->kernels.n; i++) {
		const struct esp_kernel *k = &w->j->kernels.v[i];

		if (k->layout != ESP_MODE_SYSTEMD || !k->entry || strcmp(k->version, version) != 0)
			continue;
		if (remove_entry(w, k->entry->path) < 0)
			return -1;
	}
	return 0;
}

static int do_drop(struct work *w, const struct sync_op *op)
{
	enum esp_mode other =
		w->j->mode == ESP_MODE_GRUB ? ESP_MODE_SYSTEMD : ESP_MODE_GRUB;
	struct job_paths p = boot_job_paths(&w->j->mem, op->other_layout ? other : w->j->mode,
					    op->version);

	if (op->other_layout && other == ESP_MODE_SYSTEMD && drop_entries(w, op->version) < 0)
		return -1;
	forget(w, p.image);
	forget(w, p.initrd);
	if (by_directory(w, &p, SYNC_BOTH))
		return pve_vfat_remove(&w->v, p.dir, w->e);
	return pve_vfat_remove(&w->v, p.image, w->e) < 0 ? -1
							  : pve_vfat_remove(&w->v, p.initrd, w->e);
}

/* --- menu ---------------------------------------------------------------------------------------- */

static int write_text(struct work *w, struct job_text *t)
{
	struct pve_span text = {pve_buf_str(&t->text), t->text.len};
	const char *slash = strrchr(t->path, '/');
	PVE_FREE char *dir = pve_strndup(t->path, slash ? (size_t)(slash - t->path) : 0);

	if (!t->changes)
		return 0;
	if ((*dir && pve_vfat_mkdir(&w->v, dir, w->e) < 0) ||
	    pve_vfat_write(&w->v, t->path, text, w->e) < 0)
		return -1;
	t->changes = false;
	/* loader.conf is the administrator's, too. */
	return t->version || w->j->mode == ESP_MODE_GRUB
		       ? boot_job_list_text(w->j, t->path, text, w->e)
		       : 0;
}

static struct job_text *entry_of(struct boot_job *j, const char *version)
{
	for (size_t i = 0; i < j->nentries; i++)
		if (strcmp(j->entry[i].version, version) == 0)
			return &j->entry[i];
	return NULL;
}

static int withdraw(struct work *w, const char *version)
{
	struct job_text *entry = entry_of(w->j, version);
	bool was_there = false;

	for (size_t i = 0; i < w->j->kernels.n; i++) {
		const struct esp_kernel *k = &w->j->kernels.v[i];

		if (!k->entry || strcmp(k->version, version) != 0)
			continue;
		/* It comes back with the pair. */
		if (entry)
			entry->changes = true;
		was_there = true;
		if (remove_entry(w, k->entry->path) < 0)
			return -1;
	}
	/* A twin's, which this run wrote. */
	return entry && !was_there ? remove_entry(w, entry->path) : 0;
}

static int do_menu(struct work *w, size_t i)
{
	const struct sync_op *op = &w->j->plan.v[i];
	struct job_text menu = {.path = (char *)BOOT_GRUB_CFG, .changes = true};
	struct job_text *entry = entry_of(w->j, op->version);
	int ret;

	if (w->j->mode == ESP_MODE_SYSTEMD && op->kind == SYNC_OFFER)
		return entry ? write_text(w, entry) : 0;
	if (w->j->mode == ESP_MODE_SYSTEMD)
		return withdraw(w, op->version);
	ret = boot_job_menu(w->j, w->h, i, &menu.text, w->e);
	if (ret == 0)
		ret = write_text(w, &menu);
	/* What is written last is the menu of the end. */
	if (ret == 0 && menu.text.len == w->j->loader.text.len &&
	    memcmp(menu.text.data, w->j->loader.text.data, menu.text.len) == 0)
		w->j->loader.changes = false;
	pve_buf_done(&menu.text);
	return ret;
}

/* --- the whole ----------------------------------------------------------------------------------- */

static int do_op(struct work *w, size_t i)
{
	const struct sync_op *op = &w->j->plan.v[i];

	switch (op->kind) {
	case SYNC_COPY: return do_copy(w, op);
	case SYNC_PLACE:
	case SYNC_SWAP: return do_place(w, op);
	case SYNC_DROP_OLD: return do_drop_old(w, op);
	case SYNC_OFFER:
	case SYNC_WITHDRAW: return do_menu(w, i);
	case SYNC_DROP: return do_drop(w, op);
	case SYNC_DEFAULT: return w->j->mode == ESP_MODE_SYSTEMD ? write_text(w, &w->j->loader) : 0;
	}
	return 0;
}

/* Files that the manifest lists, and that are not there: their kernel went while no manifest could
 * be written. */
static void prune_manifest(struct boot_job *j)
{
	for (size_t i = j->manifest.n; i-- > 0;)
		if (!esp_find_listed(&j->esp->tree, j->manifest.v[i].path)) {
			manifest_remove(&j->manifest, j->manifest.v[i].path);
			j->manifest_changes = true;
		}
}

/* The manifest on the ESP must not tell of what was there before when something else is there: were
 * the power cut then, and the sizes equal, the next run would take one for the other. */
static int forget_first(struct work *w)
{
	struct boot_job *j = w->j;

	for (size_t i = 0; i < j->nentries; i++)
		if (j->entry[i].changes)
			boot_job_unlist(j, j->entry[i].path);
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct sync_op *op = &j->plan.v[i];
		struct job_paths p;

		if (op->kind == SYNC_OFFER || op->kind == SYNC_WITHDRAW)
			boot_job_unlist(j, j->loader.path);
		if (op->kind != SYNC_PLACE && op->kind != SYNC_SWAP)
			continue;
		p = boot_job_paths(&j->mem, j->mode, op->version);
		if (op->files & SYNC_IMAGE)
			boot_job_unlist(j, p.image);
		if (op->files & SYNC_INITRD)
			boot_job_unlist(j, p.initrd);
	}
	if (j->loader.changes)
		boot_job_unlist(j, j->loader.path);
	return write_manifest(w);
}

static int all_ops(struct work *w)
{
	struct boot_job *j = w->j;

	for (size_t i = 0; i < j->asides.n; i++)
		if (pve_vfat_remove(&w->v, j->asides.v[i], w->e) < 0)
			return -1;
	if (forget_first(w) < 0)
		return -1;
	/* Those of kernels that are there; the others' come with them. */
	for (size_t i = 0; i < j->nentries; i++)
		if (esp_find(&j->esp->tree, j->entry[i].path) && write_text(w, &j->entry[i]) < 0)
			return -1;
	for (size_t i = 0; i < j->plan.n; i++)
		if (do_op(w, i) < 0)
			return -1;
	return write_text(w, &j->loader);
}

int boot_job_apply(struct boot_job *j, struct boot_host *h, int top, struct pve_err *e)
{
	struct work w = {j, h, {h->sys, top, j->esp->uuid}, {0}, e};
	struct pve_err quiet = {0};
	int ret;

	prune_manifest(j);
	ret = all_ops(&w);
	/* What was done is worth to be known also when the rest failed. */
	if (ret < 0)
		w.e = &quiet;
	if (write_manifest(&w) < 0)
		ret = -1;
	manifest_done(&w.coming);
	return ret;
}
