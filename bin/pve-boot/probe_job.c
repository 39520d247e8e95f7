/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is on an ESP beside what should be: everything is read, nothing is mounted or written. */
#include <stdlib.h>
#include <string.h>

#include "grub.h"
#include "job.h"
#include "pveio/digest.h"

#define SMALL_FILES 8        /* clusters for files that are replaced, and directories that grow */

struct job_paths boot_job_paths(struct pve_arena *mem, enum esp_mode layout, const char *version)
{
	struct job_paths p = {0};
	const char *slash = "";

	if (layout == ESP_MODE_SYSTEMD) {
		p.dir = pve_arena_printf(mem, "EFI/proxmox/%s", version);
		slash = "/";
	}
	p.image = pve_arena_printf(mem, "%s%svmlinuz-%s", p.dir ? p.dir : "", slash, version);
	p.initrd = pve_arena_printf(mem, "%s%sinitrd.img-%s", p.dir ? p.dir : "", slash, version);
	return p;
}

/* --- reading -------------------------------------------------------------------------------- */

int boot_job_read_small(struct boot_job *j, const char *path, struct pve_buf *text, bool *there)
{
	const struct esp_node *node = esp_find(&j->esp->tree, path);

	*there = node && !node->dir;
	return *there ? esp_read(&j->esp->tree, node, BOOT_TEXT_MAX, text, &j->err) : 0;
}

/* A manifest that is cut or damaged is none: then contents are compared. */
static int read_manifest(struct boot_job *j)
{
	struct pve_diags d = {0};
	PVE_BUF text = {0};
	bool there;

	if (boot_job_read_small(j, MANIFEST_PATH, &text, &there) < 0)
		return -1;
	if (there && manifest_parse(&j->manifest, (struct pve_span){text.data, text.len},
				    MANIFEST_PATH, &d) < 0) {
		manifest_done(&j->manifest);
		j->manifest_changes = true;
	}
	pve_diags_done(&d);
	return 0;
}

static int hash_piece(void *data, struct pve_span piece, struct pve_err *e)
{
	return pve_digest_add(data, piece, e);
}

static int hash_node(struct boot_job *j, const struct esp_node *node, char sha256[MANIFEST_SHA256])
{
	struct pve_digest *d = pve_digest_new(PVE_DIGEST_SHA256, &j->err);
	char text[PVE_DIGEST_TEXT];
	int ret = -1;

	if (d && esp_stream(&j->esp->tree, node, hash_piece, d, &j->err) == 0)
		ret = pve_digest_end(d, text, &j->err);
	if (ret == 0)
		memcpy(sha256, text, MANIFEST_SHA256);
	pve_digest_free(d);
	return ret;
}

/* --- what is there ----------------------------------------------------------------------------- */

/* Reads back what the manifest lists, from the medium.  What cannot be read is not what was
 * written, either. */
static void read_back(struct boot_job *j)
{
	esp_drop_cache(&j->esp->tree);
	for (size_t i = 0; i < j->manifest.n; i++) {
		const struct manifest_file *m = &j->manifest.v[i];
		const struct esp_node *node = esp_find_listed(&j->esp->tree, m->path);
		char sha256[MANIFEST_SHA256];

		if (!node || node->dir || node->size != m->size)
			continue;
		if (hash_node(j, node, sha256) < 0 || strcmp(sha256, m->sha256) != 0)
			pve_strv_add(&j->changed, node->path);
		j->err = (struct pve_err){0};
	}
}

/* Has a file the bytes that were once written?  By its size, unless it was read back: everything
 * that replaces it through the kernel changes source or size. */
static const struct manifest_file *known(const struct boot_job *j, const struct esp_node *node)
{
	const struct manifest_file *m = node ? manifest_find(&j->manifest, node->path) : NULL;

	return m && m->size == node->size && !pve_strv_has(&j->changed, node->path) ? m : NULL;
}

static enum sync_trust trust_of(const struct boot_job *j, const struct esp_kernel *k)
{
	if (!k->image || !k->initrd || !k->image->size || !k->initrd->size)
		return SYNC_BROKEN;
	if (known(j, k->image) && known(j, k->initrd))
		return SYNC_VERIFIED;
	if (manifest_find(&j->manifest, k->image->path) ||
	    manifest_find(&j->manifest, k->initrd->path))
		return SYNC_BROKEN;
	return SYNC_COMPLETE;
}

static void remember(struct boot_job *j, const struct esp_node *node, const struct boot_file *f)
{
	struct manifest_file m = {.size = node->size, .mtime = f->mtime, .ctime = f->ctime,
				  .inode = f->inode, .path = node->path, .source = f->path};

	memcpy(m.sha256, f->sha256, sizeof(m.sha256));
	manifest_put(&j->manifest, &m);
	j->manifest_changes = true;
}

/* Has a file of the ESP the content of that of /boot?  1, 0, -1.  By the manifest when the source
 * has not changed since; else by digest, which the manifest then gets. */
static int is_same(struct boot_job *j, struct boot_host *h, const struct esp_node *node,
		   struct boot_file *f)
{
	const struct manifest_file *m = known(j, node);
	char sha256[MANIFEST_SHA256];

	if (!node || !f->there || node->size != f->size)
		return 0;
	if (boot_file_unchanged(f, m))
		return 1;
	if (pve_strv_has(&j->changed, node->path))
		return 0;
	if (boot_file_digest(h, f, &j->err) < 0)
		return -1;
	if (m)
		memcpy(sha256, m->sha256, sizeof(sha256));
	else if (hash_node(j, node, sha256) < 0)
		return -1;
	if (strcmp(sha256, f->sha256) != 0)
		return 0;
	remember(j, node, f);
	return 1;
}

static int compare(struct boot_job *j, struct boot_host *h, const struct esp_kernel *k,
		   struct sync_have *have)
{
	struct boot_kernel *wanted = boot_kernel_find(h, k->version);
	int image, initrd;

	if (!wanted || have->other_layout)
		return 0;
	image = is_same(j, h, k->image, &wanted->image);
	initrd = image < 0 ? -1 : is_same(j, h, k->initrd, &wanted->initrd);
	if (initrd < 0)
		return -1;
	have->same = (image ? SYNC_IMAGE : 0u) | (initrd ? SYNC_INITRD : 0u);
	if (have->same == SYNC_BOTH && have->trust != SYNC_BROKEN)
		have->trust = SYNC_VERIFIED;
	return 0;
}

static uint64_t allocated(const struct esp_node *node)
{
	return node ? node->allocated : 0;
}

/* A directory with files of others in it stays. */
static bool is_ours_alone(const struct esp_tree *t, const struct esp_node *dir,
			  const struct esp_kernel *k)
{
	for (const struct esp_node *c = esp_child(t, dir, NULL); c; c = esp_child(t, dir, c))
		if (c != k->image && c != k->initrd)
			return false;
	return true;
}

static int look_at_pairs(struct boot_job *j, struct boot_host *h, struct pve_span menu)
{
	struct esp_tree *t = &j->esp->tree;

	esp_kernels_find(&j->kernels, t);
	j->have = pve_calloc(j->kernels.n + 1, sizeof(*j->have));
	for (size_t i = 0; i < j->kernels.n; i++) {
		const struct esp_kernel *k = &j->kernels.v[i];
		const struct esp_node *dir = k->layout == ESP_MODE_SYSTEMD
						     ? esp_findf(t, "EFI/proxmox/%s", k->version)
						     : NULL;

		j->have[i] = (struct sync_have){
			.version = k->version,
			.other_layout = k->layout != j->mode,
			.offered = j->mode == ESP_MODE_GRUB ? boot_grub_has(menu, k->version)
							    : k->entry != NULL,
			.trust = trust_of(j, k),
			.image = allocated(k->image),
			.initrd = allocated(k->initrd),
			.dir = dir && is_ours_alone(t, dir, k) ? dir->allocated : 0,
			.split = dir && !is_ours_alone(t, dir, k),
		};
		if (compare(j, h, k, &j->have[i]) < 0)
			return -1;
	}
	j->in.have = j->have;
	j->in.nhave = j->kernels.n;
	return 0;
}

/* Between two loaders, either of which may be what starts, the kernels of both stay. */
static void keep_both(struct boot_job *j)
{
	if (j->beside || !esp_is_between(&j->esp->tree, &j->kernels))
		return;
	j->in.keep_other = true;
	j->warning = pve_strdup("a change of its loader was interrupted, so the kernels of both loaders "
				"stay: pve-boot reinit, then pve-boot refresh");
}

/* --- what should be there ----------------------------------------------------------------------- */

static uint64_t clusters(const struct boot_job *j, uint64_t bytes)
{
	uint64_t c = j->esp->tree.cluster_size;

	return (bytes + c - 1) / c * c;
}

/* Bytes of a directory of two files: 32 for each 13 characters of a name, for its short name, and
 * for "." and ".." */
static uint64_t dir_bytes(const struct boot_job *j, const char *version)
{
	size_t slots = 2 + 2 * (1 + (strlen(version) + strlen("initrd.img-") + 12) / 13);

	return clusters(j, slots * 32);
}

static void want_kernels(struct boot_job *j, struct boot_host *h)
{
	j->want = pve_calloc(h->nkernels + 1, sizeof(*j->want));
	for (size_t i = 0; i < h->nkernels; i++) {
		struct boot_kernel *k = &h->kernel[i];
		bool needed = true; /* else the pair would do, should that of /boot be no good */

		for (size_t n = 0; n < j->in.nhave; n++)
			needed &= j->have[n].other_layout || j->have[n].same != SYNC_BOTH ||
				  strcmp(j->have[n].version, k->version) != 0;
		/* Only what is to be copied has to be looked into. */
		if (needed)
			boot_kernel_check(h, k);
		j->want[i] = (struct sync_want){
			.version = k->version,
			.image = clusters(j, k->image.size),
			.initrd = clusters(j, k->initrd.size),
			.dir = j->mode == ESP_MODE_SYSTEMD ? dir_bytes(j, k->version) : 0,
			.spare = k->spare || j->beside,
			.unusable = needed && k->bad,
		};
	}
	j->in.want = j->want;
	j->in.nwant = h->nkernels;
	j->in.menu = j->in.split = j->mode == ESP_MODE_GRUB;
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* Free space is counted, which reads the whole table, only when something is to be written.  What
 * is found damaged then may have to go first: no plan is made. */
static int plan_with_space(struct boot_job *j)
{
	uint64_t known_free = j->in.free;

	if (!j->checked) {
		j->in.free = UINT64_MAX / 4;
		if (sync_plan(&j->plan, &j->in, &j->err) < 0)
			return -1;
		if (!j->plan.n)
			return 0;
		sync_plan_done(&j->plan);
		j->in.free = known_free;
		if (boot_job_look_at_damage(j, true) < 0)
			return -1;
	}
	return j->names.n ? 0 : sync_plan(&j->plan, &j->in, &j->err);
}

static int job_plan(struct boot_job *j, struct boot_host *h)
{
	PVE_BUF menu = {0};
	struct pve_span was;
	bool there;

	if (j->esp->err.code) {
		j->err = j->esp->err;
		return -1;
	}
	if (!j->beside)
		j->mode = esp_mode(&j->esp->tree);
	if (j->mode == ESP_MODE_NONE)
		return pve_err_set(&j->err, PVE_FAILED,
				   "no loader is on it yet; pve-boot init %s puts one there",
				   j->esp->tree.path);
	j->err = j->mode == ESP_MODE_GRUB ? h->grub_err : h->cmdline_err;
	if (j->err.code)
		return -1;
	if (boot_job_look_at_leftovers(j) < 0)
		return -1;
	if (j->names.n)
		return 0;
	if (read_manifest(j) < 0 ||
	    (j->mode == ESP_MODE_GRUB && boot_job_read_small(j, BOOT_GRUB_CFG, &menu, &there) < 0))
		return -1;
	was = (struct pve_span){pve_buf_str(&menu), menu.len};
	if (j->verify)
		read_back(j);
	if (look_at_pairs(j, h, was) < 0)
		return -1;
	keep_both(j);
	want_kernels(j, h);
	j->in.reserve = (h->nkernels + SMALL_FILES) * j->esp->tree.cluster_size + clusters(j, 2 * menu.len);
	if (plan_with_space(j) < 0)
		return -1;
	if (j->names.n)
		return 0;
	if (j->mode == ESP_MODE_GRUB)
		return boot_job_make_menu(j, h, was);
	return boot_job_make_entries(j, h);
}

void boot_job_plan(struct boot_job *j, struct boot_host *h, struct esp *esp, bool evict, bool verify)
{
	j->esp = esp;
	j->verify = verify;
	j->in.evict = evict;
	if (job_plan(j, h) < 0)
		sync_plan_done(&j->plan);
}

/* Without one kernel for it the loader must not come. */
static int check_beside(struct boot_job *j)
{
	uint64_t least = UINT64_MAX;

	if (j->names.n)
		return pve_err_set(&j->err, PVE_FAILED,
				   "an interrupted run left %s there: pve-boot refresh first, or "
				   "fsck.vfat -a %s",
				   j->names.v[0], j->esp->tree.device);
	for (size_t i = 0; i < j->in.nwant; i++) {
		const struct sync_want *want = &j->want[i];
		uint64_t bytes = want->image + want->initrd + want->dir + j->in.reserve;

		if (boot_job_will_have(j, want->version))
			return 0;
		if (!want->unusable && bytes < least)
			least = bytes;
	}
	if (least == UINT64_MAX)
		return pve_err_set(&j->err, PVE_FAILED, "no kernel of /boot is good enough to be "
							"copied, so the loader stays as it is");
	return pve_err_set(&j->err, PVE_FAILED,
			   "no room for a kernel beside those of the loader that is in use: %llu bytes "
			   "needed, %llu free; let go of a kernel (pve-boot kernel list) and refresh, "
			   "or make the ESP anew (pve-boot replace --force)",
			   (unsigned long long)least, (unsigned long long)j->in.free);
}

void boot_job_plan_beside(struct boot_job *j, struct boot_host *h, struct esp *esp,
			  enum esp_mode mode)
{
	j->esp = esp;
	j->mode = mode;
	j->beside = j->in.keep_other = j->in.evict = true;
	if (job_plan(j, h) < 0 || check_beside(j) < 0)
		sync_plan_done(&j->plan);
}

bool boot_job_any(const struct boot_job *j)
{
	bool any = j->plan.n || j->manifest_changes || j->loader.changes || j->asides.n || j->names.n;

	for (size_t i = 0; i < j->nentries; i++)
		any |= j->entry[i].changes;
	return any && !j->err.code;
}

uint64_t boot_job_bytes(const struct boot_job *j)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < j->plan.n; i++)
		if (j->plan.v[i].kind == SYNC_COPY)
			bytes += j->plan.v[i].bytes;
	return bytes;
}

static void text_done(struct job_text *t)
{
	free(t->path);
	pve_buf_done(&t->text);
}

void boot_job_done(struct boot_job *j)
{
	esp_kernels_done(&j->kernels);
	manifest_done(&j->manifest);
	sync_plan_done(&j->plan);
	for (size_t i = 0; i < j->nentries; i++)
		text_done(&j->entry[i]);
	free(j->entry);
	text_done(&j->loader);
	free(j->have);
	free(j->want);
	free(j->warning);
	pve_strv_done(&j->changed);
	pve_strv_done(&j->asides);
	pve_strv_done(&j->names);
	pve_arena_done(&j->mem);
	*j = (struct boot_job){0};
}
